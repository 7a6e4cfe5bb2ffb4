"""A student that learns: its weights, its tokenizer, what it was taught and what it answers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

import torch
from transformers import AutoTokenizer

from schemas import configuration
from schemas.proving import Asking, Mask, Method, Training
from tasks.proving.answers import answers
from tasks.proving.held_out_answer import HeldOutAnswer
from tasks.proving.labels import REJECTED, preference_pairs, token_rows
from tasks.proving.trainer import Learnt, learn, prefer
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

    def __init__(self, settings: configuration.StudentSettings) -> None:
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
        """(greedy answers and then the sampled ones, seconds)."""
        began = monotonic()
        items, conversations = [item for item, _ in asked], [conversation for _, conversation in asked]
        sampling = {"temperature": asking.temperature, "top_p": asking.top_p}
        found: list[HeldOutAnswer] = []
        for index in (None, *range(asking.samples)):
            drawn = seed * 1_000_003 + (index or 0)
            how = None if index is None else sampling
            said = answers(self._model, self.tokenizer, conversations, asking.max_tokens, asking.batch, how, drawn)
            found += [HeldOutAnswer(item, index, *each) for item, each in zip(items, said, strict=True)]
        return found, monotonic() - began

    def save(self, folder: Path) -> None:
        """As transformers, vLLM and `reflectory ask` read it."""
        self._model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)
