"""A student's weights, and the fastest way of reading with them that is right for this model on this device."""

from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM
from transformers.utils.logging import disable_progress_bar

from schemas import configuration
from schemas.errors import Refused
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


def load_model(files: StudentFiles, settings: configuration.Student, device: torch.device) -> Any:
    """In evaluation mode. `Refused` also where weights are missing: transformers would make them up."""
    disable_progress_bar()
    try:
        model, found = AutoModelForCausalLM.from_pretrained(
            **files.where(), dtype=getattr(torch, settings.dtype), output_loading_info=True
        )
    except (OSError, ValueError, SafetensorError) as error:
        raise Refused(f"student.model: {files.name} cannot be loaded ({error})") from error
    if missing := sorted(found["missing_keys"]):
        raise Refused(f"student.model: {files.name} lacks {len(missing)} weights, such as {missing[0]}")
    return model.to(device).eval()


def way_of_reading(model: Any, batch_tokens: int, window: int) -> Forward | Plain:
    """`Forward` where it is found to agree with the model's own pass, else that: a head that is more than a matrix
    (logits that are scaled or capped), a state that cannot be shared, attention that sees into its neighbours.
    """
    plain, head = Plain(model), model.get_output_embeddings()
    if type(head) is not torch.nn.Linear or head.weight.is_meta:
        return plain
    forward = Forward(model, Head(head), batch_tokens, packed="flash" in str(model.config._attn_implementation))
    vocabulary = min(model.get_input_embeddings().num_embeddings, head.out_features)
    return forward if agree(forward, plain, vocabulary, window, _ROUNDING[model.dtype]) else plain
