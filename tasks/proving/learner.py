"""A student that learns: its weights, its tokenizer, what it was taught and what it answers."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

import torch
from transformers import AutoTokenizer

from schemas.proving import Asking, Mask, Method, Training
from schemas.student import StudentSettings
from tasks.proving.case import HeldOutAnswer
from tasks.proving.labels import REJECTED, preference_pairs, token_rows
from tasks.proving.trainer import Learnt, learn, prefer
from tasks.publishing.tokenizer import end_tokens
from tasks.scoring.student_files import find_student
from tasks.scoring.weights import device_of, load_model

PLAIN = (
    "{{ bos_token or '' }}{% for message in messages %}{% if message['role'] == 'assistant' %}{{ message['content'] +"
    " eos_token }}{% else %}{{ message['content'] + '\n\n### Answer\n' }}{% endif %}{% endfor %}"
)
"""For a tokenizer that has no chat template of its own: the template `plain`."""


class Taught(NamedTuple):
    learnt: Learnt
    n_left_out: int


class Learner:
    """Loads the student that the settings name. Raises `Refused` as a student that scores does."""

    def __init__(self, settings: StudentSettings) -> None:
        files = find_student(settings.model, settings.revision)
        self.revision = files.revision
        self.tokenizer = AutoTokenizer.from_pretrained(**files.where())
        if self.tokenizer.chat_template is None:
            self.tokenizer.chat_template = PLAIN
        if self.tokenizer.pad_token_id is None:
            self.tokenizer.pad_token = self.tokenizer.eos_token
        self._model = load_model(files, settings, device_of(settings.device))
        for said in (self._model.config, self._model.generation_config):
            said.pad_token_id = self.tokenizer.pad_token_id  # else transformers says that it does so
        self._model.generation_config.eos_token_id = end_tokens(self._model, self.tokenizer)

    def learn(
        self,
        rows: Sequence[Mapping[str, Any]],
        mask: Mask,
        settings: Training,
        steps: int,
        seed: int,
        folder: Path,
    ) -> Taught:
        """Train on chat rows of a release, or by DPO on rows of preferences; `folder` is for checkpoints."""
        torch.manual_seed(seed)
        if settings.method is Method.FULL:
            self._model.train()
        way = (settings, steps, seed, folder)
        if all(REJECTED in row for row in rows):
            self._model, learnt, n = prefer(self._model, self.tokenizer, preference_pairs(rows), *way)
            return Taught(learnt, len(rows) - n)
        made, n_left_out = token_rows(rows, self.tokenizer, settings.max_length, mask)
        self._model, learnt = learn(self._model, self.tokenizer, made, *way)
        return Taught(learnt, n_left_out)

    def answer(
        self, asked: Sequence[tuple[str, list[dict[str, str]]]], asking: Asking, seed: int
    ) -> tuple[list[HeldOutAnswer], float]:
        """Return (greedy answers and then the sampled ones, seconds)."""
        began = monotonic()
        items, conversations = [item for item, _ in asked], [conversation for _, conversation in asked]
        sampling = {"temperature": asking.temperature, "top_p": asking.top_p, "top_k": 0}
        found: list[HeldOutAnswer] = []
        for index in (None, *range(asking.samples)):
            drawn = seed * 1_000_003 + (index or 0)
            how = None if index is None else sampling
            said = answers(self._model, self.tokenizer, conversations, asking.max_tokens, asking.batch, how, drawn)
            found += [HeldOutAnswer(item, index, *each) for item, each in zip(items, said, strict=True)]
        return found, monotonic() - began

    def save(self, folder: Path) -> None:
        """Save the model as transformers, vLLM and `reflectory ask` read it."""
        self._model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)


def answers(
    model: Any,
    tokenizer: Any,
    conversations: Sequence[list[dict[str, str]]],
    max_tokens: int,
    batch: int,
    sampling: dict[str, float] | None = None,
    seed: int = 0,
) -> list[tuple[str, int]]:
    """Return (text without special tokens, tokens) for each conversation, in order. `sampling`: temperature, top_p and
    top_k; None is greedy. Those of a batch are about as long as each other.
    """
    prompts = [
        tokenizer(
            tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True),
            add_special_tokens=False,
        )["input_ids"]
        for asked in conversations
    ]
    order = sorted(range(len(prompts)), key=lambda at: (len(prompts[at]), at))
    found: dict[int, tuple[str, int]] = {}
    torch.manual_seed(seed)
    for start in range(0, len(order), batch):
        places = order[start : start + batch]
        made = _generate(model, tokenizer, [prompts[at] for at in places], max_tokens, sampling)
        found |= zip(places, made, strict=True)
    return [found[at] for at in range(len(prompts))]


@torch.inference_mode()
def _generate(
    model: Any, tokenizer: Any, prompts: Sequence[list[int]], max_tokens: int, sampling: dict[str, float] | None
) -> Iterator[tuple[str, int]]:
    pad, longest = tokenizer.pad_token_id, max(map(len, prompts))
    ids_BT = torch.tensor([[pad] * (longest - len(each)) + each for each in prompts], device=model.device)
    mask_BT = torch.tensor([[0] * (longest - len(each)) + [1] * len(each) for each in prompts], device=model.device)
    how: dict[str, Any] = {"do_sample": True, **sampling} if sampling else {"do_sample": False}
    made_BT = model.generate(
        input_ids=ids_BT,
        attention_mask=mask_BT,
        max_new_tokens=max_tokens,
        pad_token_id=pad,
        **how,
    )
    said_BT = made_BT[:, longest:]
    counts_B = (said_BT != pad).sum(1).tolist()
    return zip(tokenizer.batch_decode(said_BT, skip_special_tokens=True), counts_B, strict=True)
