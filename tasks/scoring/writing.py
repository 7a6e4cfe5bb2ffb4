"""The student as one who writes: chat completions by transformers, with the weights that are to be trained."""

import json
from threading import Lock
from typing import Any

import torch

from schemas.configuration import StudentSettings
from tasks.scoring.student_files import find_student
from tasks.scoring.student_identity import student_identity
from tasks.scoring.text_tokens import chat_tokens, load_tokenizer
from tasks.scoring.weights import device_of, load_model

_MOST_TOKENS = 2048
"""Of a completion whose request sets no limit."""


class StudentWriter:
    """Answers one request at a time, so that an answer depends on its request alone, but for a GPU's rounding."""

    def __init__(self, settings: StudentSettings) -> None:
        """`Refused` when the settings do not fit the model or the machine."""
        files = find_student(settings.model, settings.revision)
        device = device_of(settings.device)
        if device.type == "cpu":
            torch.set_num_threads(1)
        self._tokenizer = load_tokenizer(files)
        self._model = load_model(files, settings, device)
        self._window = student_identity(settings).max_length
        self._name = files.name
        self._one_at_a_time = Lock()

    def complete(self, body: bytes) -> bytes:
        """Return the chat completion for the body of a request, in OpenAI's form. A prompt that fills the window,
        or that the chat template refuses, gets an error object.
        """
        asked = json.loads(body)
        try:
            prompt = self._prompt(asked["messages"])
        except ValueError as error:
            return _refused(str(error))
        limit = asked.get("max_tokens") or asked.get("max_completion_tokens") or _MOST_TOKENS
        room = self._window - len(prompt)
        if room < 1:
            return _refused(f"the prompt has {len(prompt)} tokens; the window of {self._name} has {self._window}")
        with self._one_at_a_time, torch.inference_mode():
            written = self._write(prompt, min(limit, room), asked)
        stopped = bool(written) and written[-1] in self._ends()
        text = self._tokenizer.decode(written[:-1] if stopped else written, skip_special_tokens=True)
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": text},
            "finish_reason": "stop" if stopped else "length",
        }
        usage = {"prompt_tokens": len(prompt), "completion_tokens": len(written)}
        return json.dumps({"model": self._name, "choices": [choice], "usage": usage}).encode()

    def _write(self, prompt: list[int], limit: int, asked: dict[str, Any]) -> list[int]:
        temperature = asked.get("temperature", 1.0)
        sampling: dict[str, Any] = {"do_sample": False}
        if temperature > 0:
            sampling = {"do_sample": True, "temperature": temperature, "top_p": asked.get("top_p", 1.0), "top_k": 0}
        torch.manual_seed(asked.get("seed", 0))
        tokens = torch.tensor([prompt], device=self._model.device)
        pad = self._tokenizer.pad_token_id
        found = self._model.generate(
            input_ids=tokens,
            attention_mask=torch.ones_like(tokens),
            max_new_tokens=limit,
            pad_token_id=self._tokenizer.eos_token_id if pad is None else pad,
            **sampling,
        )
        return list(map(int, found[0, len(prompt) :]))

    def _prompt(self, messages: list[dict[str, str]]) -> list[int]:
        """By the tokenizer's chat template; without one, the texts with blank lines between."""
        if self._tokenizer.chat_template:
            return chat_tokens(self._tokenizer, messages)
        text = "".join(f"{message['content']}\n\n" for message in messages)
        tokens = list(self._tokenizer(text, split_special_tokens=True, verbose=False)["input_ids"])
        start = self._tokenizer.bos_token_id
        return tokens if start is None or tokens[:1] == [start] else [start, *tokens]

    def _ends(self) -> set[int | None]:
        ends = self._model.generation_config.eos_token_id
        return {self._tokenizer.eos_token_id, *(ends if isinstance(ends, list) else [ends])}


def _refused(said: str) -> bytes:
    return json.dumps({"error": {"message": said, "code": 400, "type": "invalid_request_error"}}).encode()
