"""A chat completion as it comes: the pieces of its text, then the whole of it."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import Any, NamedTuple

from schemas.call import Request, Usage
from schemas.configuration import TeacherSettings
from schemas.errors import TeacherUnavailable
from tasks.asking.advice import advice
from tasks.asking.call_outcome import CallOutcome
from tasks.asking.completion import Completion, NotACompletionError, interruption, read_completion, read_usage
from tasks.asking.compose import compose
from tasks.asking.endpoint import TeacherAddress, request_body
from tasks.asking.reply import SendResult, failed, read_reply
from tasks.asking.wire import exchange, teacher_client, unanswered
from tasks.http.client import NoResponse, Stream

_THINKING, _THOUGHT = "<thinking>", "</thinking>\n"


class Streamed(NamedTuple):
    """How a stream ended."""

    text: str
    """All of it, in the form of a trace."""
    finish_reason: str | None
    usage: Usage


async def stream_answer(
    settings: TeacherSettings, address: TeacherAddress, request: Request
) -> AsyncGenerator[str | Streamed]:
    """Yield the pieces of the answer's text, and how it ended. What an endpoint says in a field for reasoning comes
    first, between tags of ours. An endpoint that does not stream gives one piece.

    Raises `TeacherUnavailable` in the endpoint's words where it gives no whole answer.
    """
    http = teacher_client(settings, address)
    body = json.dumps({**request_body(request), "stream": True, "stream_options": {"include_usage": True}}).encode()
    whole = _Whole()
    try:
        async with http.stream("POST", "chat", "completions", body=body) as stream:
            if not 200 <= stream.status < 300 or "event-stream" not in stream.headers.get("content-type", ""):
                response = await http.whole(stream)
                ended = read_reply(response.status, response.headers, response.body, http.max_bytes)
                if ended.outcome is not CallOutcome.ANSWERED:
                    raise _unavailable(ended, settings, address)
                for piece in whole.take(ended.completion):
                    yield piece
            else:
                async for event in _events(stream, http.max_bytes):
                    for piece in whole.take(_read(event, settings, address)):
                        yield piece
    except NoResponse as error:
        raise _unavailable(unanswered(error), settings, address) from None
    finally:
        await http.close()
    if not whole.text and whole.finish_reason is None:
        raise _unavailable(failed(CallOutcome.CUT, "the stream ended before an answer began"), settings, address)
    for piece in whole.end():
        yield piece
    yield Streamed(whole.text, whole.finish_reason, whole.usage)


async def first_model(settings: TeacherSettings, address: TeacherAddress) -> str:
    """The name of the first model that an endpoint lists. Raises `TeacherUnavailable` where it lists none."""
    http = teacher_client(settings, address)
    try:
        ended = await exchange(http, "GET", "models", deadline_s=settings.timeout_s)
    finally:
        await http.close()
    if ended.status is None or ended.status in (401, 403):
        raise _unavailable(ended, settings, address)
    try:
        named = json.loads(ended.body)["data"][0]["id"]
    except (ValueError, LookupError, TypeError):
        named = None
    if not isinstance(named, str):
        raise TeacherUnavailable(f"{address.base_url}/models lists no model; name one with --set teacher.model=NAME")
    return named


class _Whole:
    """What the pieces come to; they are told in the form of a trace, too, as far as they can be while they come."""

    def __init__(self) -> None:
        self.finish_reason: str | None = None
        self.usage = Usage()
        self._content, self._reasoning = "", ""
        self._thinks = False
        self._is_output: bool | None = None
        """Whether the content is told between tags of output; None until it begins."""

    @property
    def text(self) -> str:
        return compose(self._content, self._reasoning)

    def take(self, said: Completion) -> Iterator[str]:
        self.finish_reason = said.finish_reason or self.finish_reason
        if said.usage != Usage():
            self.usage = said.usage
        if said.reasoning:
            yield said.reasoning if self._thinks else _THINKING + said.reasoning
            self._thinks = True
            self._reasoning += said.reasoning
        if content := said.content or said.refusal:
            yield from self._thought()
            yield from self._told(content)

    def end(self) -> Iterator[str]:
        yield from self._thought()
        if self._is_output:
            yield "</output>"

    def _told(self, content: str) -> Iterator[str]:
        self._content += content
        if self._is_output is not None or not self._reasoning:
            yield content
        elif begun := self._content.lstrip():
            self._is_output = not begun.startswith("<")
            yield ("<output>" if self._is_output else "") + self._content

    def _thought(self) -> Iterator[str]:
        if self._thinks:
            self._thinks = False
            yield _THOUGHT


async def _events(stream: Stream, max_bytes: int) -> AsyncIterator[Any]:
    """The JSON of each server-sent event, up to `[DONE]`, the end, or the cap; comments that keep a line open are
    passed over."""
    held, n = b"", 0
    async for chunk in stream.chunks:
        n += len(chunk)
        *lines, held = (held + chunk).split(b"\n")
        for line in lines:
            field, _, value = line.strip().partition(b":")
            if field != b"data" or not value.strip():
                continue
            if value.strip() == b"[DONE]":
                return
            if n > max_bytes:
                raise NoResponse("cut", f"more than {max_bytes} bytes (teacher.max_response_bytes)")
            try:
                yield json.loads(value)
            except (ValueError, RecursionError) as error:
                raise NoResponse("cut", f"an event that is not JSON: {error}") from None


def _read(event: Any, settings: TeacherSettings, address: TeacherAddress) -> Completion:
    """What an event adds. One without a choice, such as the last, adds the usage."""
    if broken := interruption(event):
        said = broken.get("message") if isinstance(broken, dict) else broken
        raise _unavailable(failed(CallOutcome.CUT, f"the answer broke off: {said}"), settings, address)
    choices = event.get("choices") if isinstance(event, dict) else None
    if not choices:
        return Completion(usage=read_usage(event))
    first = choices[0] if isinstance(choices[0], dict) else {}
    try:
        return read_completion({**event, "choices": [{**first, "message": first.get("delta") or {}}]})
    except NotACompletionError as error:
        raise _unavailable(failed(CallOutcome.CUT, f"an event that is none: {error}"), settings, address) from None


def _unavailable(ended: SendResult, settings: TeacherSettings, address: TeacherAddress) -> TeacherUnavailable:
    return TeacherUnavailable(advice(ended, settings, address))
