"""What was taught, writing: a student's weights answer a conversation, token by token.

One answer at a time: a server that has many at once on a GPU is vLLM's (docs/how-to/talk.md has the line). On a CPU
equal requests with a seed get equal answers.
"""

from collections.abc import Generator, Iterator
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any

import torch
from transformers import StoppingCriteria
from transformers.generation import BaseStreamer

from schemas.errors import Refused
from schemas.student import StudentSettings
from tasks.http.chat_request import ChatRequest, RequestError
from tasks.publishing.tokenizer import TAGS, end_tokens
from tasks.scoring.student_files import find_student
from tasks.scoring.student_identity import DTYPES, window_of
from tasks.scoring.template import Template, load_template
from tasks.scoring.text_tokens import load_tokenizer
from tasks.scoring.weights import device_of, load_model
from tasks.serving.text import TextOf, UntilStop, Written, opened_by_prompt

_LONGEST_OPENING = 12
"""Tokens that a tag at the end of a prompt may take."""


class StudentWriter:
    """Holds a tokenizer and a model. Needs no network for a folder."""

    def __init__(self, settings: StudentSettings) -> None:
        """`Refused` when the settings do not fit each other, the model or the machine."""
        if settings.dtype not in DTYPES:
            raise Refused(f"student.dtype: got {settings.dtype!r}; allowed are {', '.join(DTYPES)}")
        files = find_student(settings.model, settings.revision)
        self.name = settings.served_as or files.name
        self._window = window_of(files, settings.max_length)
        self._tokenizer = load_tokenizer(files)
        self._template = _template_of(settings, self._tokenizer)
        self._model = load_model(files, settings, device_of(settings.device))
        self._ends = end_tokens(self._model, self._tokenizer)
        hidden = set(self._tokenizer.all_special_tokens) - set(TAGS)
        self._hidden = set(self._tokenizer.convert_tokens_to_ids(sorted(hidden)))

    def write(self, asked: ChatRequest, index: int, cancelled: Event) -> Generator[str | Written]:
        """Yield pieces of the answer as they come, and how it ended. A text of `asked.stop` ends it, and is left out.

        Raises `RequestError` for a conversation that the window has no room for or the template refuses.
        """
        prompt = self._prompt(asked)
        room = self._window - len(prompt)
        if room < 1:
            raise RequestError(
                f"messages: {len(prompt)} tokens, and the model sees {self._window}; leave room for an answer",
                code="context_length_exceeded",
            )
        tokens = _TokenQueue(len(prompt))
        stopped = Event()
        limit = min(asked.max_tokens or room, room)
        thread = Thread(
            target=self._generate, args=(prompt, limit, asked, index, tokens, (cancelled, stopped)), daemon=True
        )
        thread.start()
        text, n, ended = TextOf(self._tokenizer, self._hidden), 0, "length"
        cut = UntilStop(asked.stop)
        try:
            if opened := opened_by_prompt(self._tokenizer.decode(prompt[-_LONGEST_OPENING:])):
                yield opened
            for token in tokens:
                n += 1
                if token in self._ends:
                    ended = "stop"
                    break
                if piece := cut.take(text.add(token)):
                    yield piece
                if cut.found:
                    ended = "stop"
                    break
            if piece := cut.rest(text.rest()):
                yield piece
            ended = "stop" if cut.found else ended
        finally:
            stopped.set()
            thread.join()
        tokens.raise_failure()
        yield Written(ended, len(prompt), n)

    def _prompt(self, asked: ChatRequest) -> list[int]:
        messages = [{"role": role, "content": content} for role, content in asked.messages]
        try:
            for message in messages:
                message["content"].encode()
            if self._template is not None:
                said = "\n\n".join(message["content"] for message in messages)
                start = [token] if isinstance(token := self._tokenizer.bos_token_id, int) else []
                read = self._tokenizer(
                    self._template.prompt(said, ""),
                    add_special_tokens=False,
                    split_special_tokens=not self._template.has_any(self._tokenizer.all_special_tokens),
                )
                return [*start, *read["input_ids"]]
            return list(
                self._tokenizer.apply_chat_template(
                    messages, add_generation_prompt=True, sanitize_control_tokens=True, return_dict=False
                )
            )
        except Exception as error:  # a template is a program of somebody else's, and may raise anything
            raise RequestError(f"messages: the chat template refuses them: {type(error).__name__}: {error}") from error

    def _generate(
        self,
        prompt: list[int],
        limit: int,
        asked: ChatRequest,
        index: int,
        tokens: "_TokenQueue",
        ends: tuple[Event, ...],
    ) -> None:
        warm = {"do_sample": True, "temperature": asked.temperature, "top_p": asked.top_p, "top_k": 0}
        try:
            if asked.seed is not None:
                torch.manual_seed((asked.seed + index) % 2**63)
            with torch.inference_mode():
                ids_1T = torch.tensor([prompt], device=self._model.get_input_embeddings().weight.device)
                self._model.generate(
                    input_ids=ids_1T,
                    attention_mask=torch.ones_like(ids_1T),
                    max_new_tokens=limit,
                    pad_token_id=self._ends[0] if self._ends else 0,
                    eos_token_id=self._ends or None,
                    streamer=tokens,
                    stopping_criteria=[_Ended(ends)],
                    **(warm if asked.temperature else {"do_sample": False}),
                )
        except Exception as error:  # noqa: BLE001  raised where it is waited for
            tokens.fail(error)
        finally:
            tokens.end()


class _TokenQueue(BaseStreamer):  # type: ignore[misc]
    """Tokens from the thread that generates to the one that reads; what it is told first is the prompt."""

    def __init__(self, prompt_tokens: int) -> None:
        self._queue: SimpleQueue[int | None] = SimpleQueue()
        self._ahead = prompt_tokens
        self._failure: Exception | None = None

    def put(self, value: torch.Tensor) -> None:
        for token in value.flatten().tolist():
            if self._ahead:
                self._ahead -= 1
            else:
                self._queue.put(token)

    def fail(self, error: Exception) -> None:
        self._failure = error

    def end(self) -> None:
        self._queue.put(None)

    def raise_failure(self) -> None:
        if self._failure:
            raise self._failure

    def __iter__(self) -> Iterator[int]:
        return iter(self._queue.get, None)


class _Ended(StoppingCriteria):  # type: ignore[misc]
    def __init__(self, events: tuple[Event, ...]) -> None:
        self._events = events

    def __call__(self, input_ids: torch.Tensor, scores: object, **more: object) -> torch.Tensor:
        ended = any(event.is_set() for event in self._events)
        return torch.full((len(input_ids),), ended, dtype=torch.bool, device=input_ids.device)


def _template_of(settings: StudentSettings, tokenizer: Any) -> Template | None:
    """None: the tokenizer's own chat template, which is taken wherever there is one and no file is named."""
    if settings.template in ("plain", "chat") and tokenizer.chat_template:
        return None
    if settings.template == "chat":
        raise Refused("student.template: got chat; the tokenizer has no chat template; give plain or a file")
    return load_template(settings.template)
