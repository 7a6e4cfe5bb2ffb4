"""A student's weights, and the fastest way of reading with them that is right for this model on this device."""

import importlib.util
import os
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, GgufConfig
from transformers.utils.logging import disable_progress_bar

from schemas.errors import Refused
from schemas.student import StudentSettings
from tasks.scoring.forward import Forward, Plain, agree
from tasks.scoring.head import Head
from tasks.scoring.student_files import StudentFiles

_ROUNDING = {torch.float32: 2e-3, torch.bfloat16: 0.1, torch.float16: 0.02}
"""Nats by which a mean loss may differ between two ways that mean the same; what is wrong differs by more."""


def device_of(name: str) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise Refused(f"student.device: got {name!r}; give auto, cpu, cuda or cuda:1") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise Refused(f"student.device: got {name!r}, but there is no CUDA device here; give auto or cpu")
    return device


def load_model(files: StudentFiles, settings: StudentSettings, device: torch.device) -> Any:
    """Load the model in evaluation mode. `Refused` also where weights are missing: transformers would make them up."""
    disable_progress_bar()
    try:
        model, found = AutoModelForCausalLM.from_pretrained(
            **files.where(), **_how_held(files, settings, device), output_loading_info=True
        )
    except (OSError, ValueError, ImportError, SafetensorError) as error:
        raise Refused(f"student.model: {files.name} cannot be loaded ({error})") from error
    if missing := sorted(found["missing_keys"]):
        raise Refused(f"student.model: {files.name} lacks {len(missing)} weights, such as {missing[0]}")
    placed = settings.device_map or settings.quantisation
    return (model if placed else model.to(device)).eval()


def _how_held(files: StudentFiles, settings: StudentSettings, device: torch.device) -> dict[str, Any]:
    """transformers' own options for type, place and size. `Refused` where a package or a GPU is missing."""
    dtype = getattr(torch, settings.dtype)
    held: dict[str, Any] = {"dtype": dtype, "attn_implementation": settings.attention}
    if files.gguf:
        held |= {"quantization_config": GgufConfig(dequantize=True)}  # as the head has to be a plain matrix
    if settings.quantisation:
        if files.gguf:
            raise Refused(f"student.quantisation: got {settings.quantisation!r}, but {files.gguf} is quantised already")
        _needs("student.quantisation", settings.quantisation, "bitsandbytes", "accelerate")
        if device.type != "cuda":
            raise Refused(f"student.quantisation: got {settings.quantisation!r}, which needs a GPU; leave it out here")
        four_bit = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype)
        held |= {"quantization_config": four_bit, "device_map": {"": device}}
    if settings.device_map:
        _needs("student.device_map", settings.device_map, "accelerate")
        held |= {"device_map": settings.device_map, "offload_folder": settings.offload_folder}
    return held


def _needs(key: str, value: str, *packages: str) -> None:
    if missing := [name for name in packages if importlib.util.find_spec(name) is None]:
        raise Refused(f"{key}: got {str(value)!r}, which needs the package {missing[0]}: pip install {missing[0]}")


def threads_of(model: Any, actors: int) -> int:
    """Return how many threads may read at once on a CPU with the weights of `model`: the cores, shared by `actors`.

    One where a pass changes the model: rotary frequencies that follow the longest sequence so far.
    """
    if _rotates(model, "dynamic") or _rotates(model, "longrope"):
        return 1
    return max(1, len(os.sched_getaffinity(0)) // actors)


def way_of_reading(model: Any, batch_tokens: int, window: int, threads: int = 1) -> Forward | Plain:
    """Return `Forward` where it is found to agree with the model's own pass, else that: a head that is more than a
    matrix (logits that are scaled or capped), a state that cannot be shared, attention that sees into its neighbours.
    Where rotary frequencies follow the length of what is read (Phi's longrope) each text is read by itself.
    """
    if _rotates(model, "longrope") and window > model.config.rope_parameters["original_max_position_embeddings"]:
        return Plain(model, apart=True)
    plain, head = Plain(model), model.get_output_embeddings()
    if type(head) is not torch.nn.Linear or head.weight.is_meta:  # quantised, or offloaded to a disk
        return plain
    packed = "flash" in str(model.config._attn_implementation)
    forward = Forward(model, Head(head), batch_tokens, packed, threads)
    vocabulary = min(model.get_input_embeddings().num_embeddings, head.out_features)
    return forward if agree(forward, plain, vocabulary, window, _ROUNDING[model.dtype]) else plain


def _rotates(model: Any, way: str) -> bool:
    """Whether some of its layers do: they have a way of their own each, or one for all."""
    return any(way in str(getattr(part, "rope_type", "")) for part in model.modules())
