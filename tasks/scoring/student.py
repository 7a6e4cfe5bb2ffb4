"""The student: a causal language model that says how likely it finds a text. The home of torch.

A score is a function of its row alone: one sequence at a time without padding, and one thread on the CPU, so
that its bits depend neither on its neighbours nor on how many cores there are. To use more cores, have more
actors (`student.actors`).
"""

from collections.abc import Sequence
from typing import Any

import jinja2
import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

from schemas import configuration
from schemas.errors import Refused
from schemas.question import Question
from schemas.score import Score
from schemas.trace import Trace
from tasks.scoring.score import score_trace
from tasks.scoring.student_files import StudentFiles, find_student
from tasks.scoring.student_identity import student_identity
from tasks.scoring.template import load_template


class Student:
    """Holds a model and its tokenizer. Needs no network for a folder."""

    def __init__(self, settings: configuration.Student) -> None:
        """`Refused` when the settings do not fit each other, the model or the machine."""
        self.identity = student_identity(settings)
        self.template = load_template(settings.template)
        self.device = _device(settings.device)
        if self.device.type == "cpu":
            torch.set_num_threads(1)
        self.tokenizer, model = _load(find_student(settings.model, settings.revision), settings.dtype)
        self.model = model.to(self.device).eval()
        self.start = _start_token(self.tokenizer, self.identity.student)

    def score_traces(self, jobs: Sequence[tuple[Trace, Question]]) -> list[Score]:
        """One score per job, in order."""
        return [score_trace(self, trace, question) for trace, question in jobs]

    def prompt_tokens(self, prompt: str) -> list[int]:
        """The start token, once, and the prompt's; for `chat` those of a user's message that says it."""
        tokens = self._chat_tokens(prompt) if self.template.is_chat else self._tokens(prompt)
        return tokens if tokens[:1] == [self.start] else [self.start, *tokens]

    def target_tokens(self, target: str) -> list[int]:
        """Tokens of the text alone. A special token spelled out in it counts as the characters it is."""
        return self._tokens(target, split_special_tokens=True)

    @torch.inference_mode()
    def log_probs(self, prompt: Sequence[int], target: Sequence[int]) -> list[float]:
        """Natural-log probability of each target token. The last one is predicted, never read."""
        ids_1T = torch.tensor([[*prompt, *target[:-1]]], device=self.device)
        logits_KV = self.model(input_ids=ids_1T, logits_to_keep=len(target), use_cache=False).logits[0]
        log_probs_KV = logits_KV.float().log_softmax(-1)
        target_K1 = torch.tensor(target, device=self.device)[:, None]
        log_probs: list[float] = log_probs_KV.gather(1, target_K1)[:, 0].tolist()
        return log_probs

    def _tokens(self, text: str, split_special_tokens: bool = False) -> list[int]:
        text.encode()  # a lone surrogate is a ValueError here; the tokenizer would raise a TypeError
        return list(
            self.tokenizer(text, add_special_tokens=False, split_special_tokens=split_special_tokens, verbose=False)[
                "input_ids"
            ]
        )

    def _chat_tokens(self, message: str) -> list[int]:
        message.encode()
        try:
            return list(
                self.tokenizer.apply_chat_template(
                    [{"role": "user", "content": message}],
                    add_generation_prompt=True,
                    sanitize_control_tokens=True,  # `<|im_start|>` inside a question is text
                    return_dict=False,
                )
            )
        except jinja2.TemplateError as error:
            raise ValueError(f"the tokenizer's chat template refuses this message: {error}") from error


def _load(files: StudentFiles, dtype: str) -> tuple[Any, Any]:
    """Tokenizer and model. `Refused` also where weights are missing: transformers would make them up."""
    where = {
        "pretrained_model_name_or_path": str(files.folder or files.name),
        "revision": None if files.folder else files.revision,
        "local_files_only": files.folder is not None,
    }
    disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(**where)
        model, found = AutoModelForCausalLM.from_pretrained(
            **where, dtype=getattr(torch, dtype), output_loading_info=True
        )
    except (OSError, ValueError, SafetensorError) as error:
        raise Refused(f"student.model: {files.name} cannot be loaded ({error})") from error
    if missing := sorted(found["missing_keys"]):
        raise Refused(f"student.model: {files.name} lacks {len(missing)} weights, such as {missing[0]}")
    return tokenizer, model


def _device(name: str) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise Refused(f"student.device: got {name!r}; give auto, cpu, cuda or cuda:1") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise Refused(f"student.device: got {name!r}, but there is no CUDA device here; give auto or cpu")
    return device


def _start_token(tokenizer: object, model: str) -> int:
    """The token before every sequence: BOS, else EOS."""
    for name in ("bos_token_id", "eos_token_id"):
        token = getattr(tokenizer, name)
        if isinstance(token, int):
            return token
    raise Refused(
        f"student.model: the tokenizer of {model} has neither a BOS nor an EOS token; one has to start a text"
    )
