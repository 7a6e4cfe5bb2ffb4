"""A chat completion as it comes: the pieces of its text, then the whole of it."""

import json
from collections.abc import AsyncGenerator, Iterator
from typing import NamedTuple

from schemas.call import Request, Usage
from schemas.errors import TeacherUnavailable
from schemas.teacher import TeacherSettings
from tasks.asking.advice import advice
from tasks.asking.call_outcome import CallOutcome
from tasks.asking.completion import Completion, NotACompletionError, interruption, parsed, read_completion
from tasks.asking.compose import compose
from tasks.asking.endpoint import TeacherAddress, as_stream, request_bytes
from tasks.asking.reply import SendResult, failed, read_reply
from tasks.asking.streamed import StreamedCompletion
from tasks.asking.wire import exchange, teacher_client, unanswered
from tasks.http.client import NoResponse

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
    so_far, whole = StreamedCompletion(http.max_bytes), _Whole()
    try:
        async with http.stream("POST", "chat", "completions", body=as_stream(request_bytes(request))) as stream:
            if not stream.is_events:
                response = await http.whole(stream)
                ended = read_reply(response.status, response.headers, response.body, http.max_bytes)
                if ended.outcome is not CallOutcome.ANSWERED:
                    raise _unavailable(ended, settings, address)
                for piece in whole.grow(ended.completion):
                    yield piece
            else:
                async for chunk in stream.chunks:
                    so_far.feed(chunk)
                    if so_far.is_too_long:
                        raise NoResponse("cut", f"more than {http.max_bytes} bytes (teacher.max_response_bytes)")
                    for piece in whole.grow(_read(so_far, settings, address)):
                        yield piece
                if not so_far.is_whole:
                    raise NoResponse("cut", "the stream ended before the answer did")
    except NoResponse as error:
        raise _unavailable(unanswered(error), settings, address) from None
    finally:
        await http.close()
    for piece in whole.end():
        yield piece
    yield Streamed(whole.text, whole.said.finish_reason, whole.said.usage)


async def first_model(settings: TeacherSettings, address: TeacherAddress) -> str:
    """Return the name of the first model that an endpoint lists. Raises `TeacherUnavailable` where it lists none."""
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
        self.said = Completion()
        """What has come so far."""
        self._thinks = False
        self._is_output: bool | None = None
        """Whether the content is told between tags of output; None until it begins."""

    @property
    def text(self) -> str:
        return compose(self.said.content or self.said.refusal, self.said.reasoning)

    def grow(self, said: Completion) -> Iterator[str]:
        """Take all that has come by now, and tell what is new of it."""
        known, self.said = self.said, said
        if thought := (said.reasoning or "")[len(known.reasoning or "") :]:
            yield thought if self._thinks else _THINKING + thought
            self._thinks = True
        before = known.content or known.refusal or ""
        if (said.content or said.refusal or "")[len(before) :]:
            yield from self._thought()
            yield from self._tagged_content(before)

    def end(self) -> Iterator[str]:
        yield from self._thought()
        if self._is_output:
            yield "</output>"

    def _tagged_content(self, before: str) -> Iterator[str]:
        content = self.said.content or self.said.refusal or ""
        if self._is_output is not None or not self.said.reasoning:
            yield content[len(before) :]
        elif begun := content.lstrip():
            self._is_output = not begun.startswith("<")
            yield ("<output>" if self._is_output else "") + content

    def _thought(self) -> Iterator[str]:
        if self._thinks:
            self._thinks = False
            yield _THOUGHT


def _read(so_far: StreamedCompletion, settings: TeacherSettings, address: TeacherAddress) -> Completion:
    """What has come by now; nothing before the first choice."""
    body = parsed(so_far.body())
    if broken := interruption(body):
        said = broken.get("message") if isinstance(broken, dict) else broken
        raise _unavailable(failed(CallOutcome.CUT, f"the answer broke off: {said}"), settings, address)
    if not body.get("choices"):
        return Completion()
    try:
        return read_completion(body)
    except NotACompletionError as error:
        raise _unavailable(failed(CallOutcome.CUT, f"a stream that is none: {error}"), settings, address) from None


def _unavailable(ended: SendResult, settings: TeacherSettings, address: TeacherAddress) -> TeacherUnavailable:
    return TeacherUnavailable(advice(ended, settings, address))
