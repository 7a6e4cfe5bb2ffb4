"""What came back from one send, pure: read into an outcome, an error line and a completion."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from schemas.call import CUT, Call, CallEnd, Request, SendEnd
from schemas.record import Record, clean_text
from schemas.teacher import TeacherSettings
from tasks.asking.call_outcome import (
    OUTCOMES,
    CallOutcome,
    of_error,
    of_numeric_code,
    of_status,
    of_words,
    says_loading,
    says_moderated,
    says_too_large,
)
from tasks.asking.completion import (
    Completion,
    NotACompletionError,
    interruption,
    mapping,
    parsed,
    read_completion,
    read_usage,
    stated_error,
)
from tasks.asking.endpoint import cost_usd
from tasks.asking.retry_after import asked_wait_s, retry_after_s
from tasks.asking.streamed import StreamedCompletion
from tasks.secret import mask

_KEPT_OF_TOO_LONG = 64 * 1024
_KEPT_OF_AN_ERROR = 4 * 1024
_LONGEST_MESSAGE = 300


class SendResult(Record):
    """How one send ended, and what it brought."""

    outcome: CallOutcome
    status: int | None = None
    """HTTP; None when no response came."""
    error: str | None = None
    """One printable line; None when answered."""
    body: bytes = b""
    completion: Completion = Completion()
    retry_after_s: float | None = None
    """What the endpoint asks to wait, at least."""
    silence_s: float | None = None
    """The longest wait for a piece of an answer that came as a stream."""

    @property
    def has_text(self) -> bool:
        """Whether anything of an answer came."""
        return bool(self.completion.content or self.completion.reasoning)

    @property
    def counts_as(self) -> SendEnd:
        """What the ledger counts: once anything of an answer has come it may be paid for, whatever broke it off."""
        end = OUTCOMES[self.outcome].send
        came = self.has_text or self.completion.usage.completion_tokens
        return SendEnd.UNKNOWN if end is SendEnd.FAILED and came else end


def read_reply(status: int, headers: Mapping[str, str], body: bytes, max_bytes: int) -> SendResult:
    """Return how a send ended that brought a whole response. `headers` with lower-case names."""
    if not 200 <= status < 300:
        return _read_error(status, headers, body)
    if len(body) > max_bytes:
        return failed(CallOutcome.TOO_LONG, f"more than {max_bytes} bytes", body[:_KEPT_OF_TOO_LONG], status=status)
    value = _parsed(body)
    if not isinstance(value, dict):
        start = body.decode(errors="replace").strip()
        outcome = CallOutcome.CUT_JSON if start[:1] in ("", "{") else CallOutcome.NOT_JSON
        return failed(outcome, start or "nothing", body, status=status)
    if not value.get("choices") and (error := _error(value)) is not None:
        outcome = of_error(error) or of_numeric_code(error) or CallOutcome.ERROR_OBJECT
        return failed(outcome, _message(error) or "no message", body, status=status)
    if (broken := interruption(value)) is not None:
        return _broken_off(broken, value, status, body)
    try:
        said = read_completion(value)
    except NotACompletionError as error:
        usage = Completion(usage=read_usage(value))
        return failed(CallOutcome.NOT_A_COMPLETION, str(error), body, usage, status)
    return SendResult(outcome=CallOutcome.ANSWERED, status=status, body=body, completion=said)


def read_streamed(so_far: StreamedCompletion, body: bytes, broke: SendResult | None, max_bytes: int) -> SendResult:
    """Return how a send ended that brought a stream, put together in `body`. `broke`: how its connection ended too
    early.

    Where it is no answer, the completion is what had come of one.
    """
    if so_far.is_too_long:
        return failed(CallOutcome.TOO_LONG, f"more than {max_bytes} bytes", body[:_KEPT_OF_TOO_LONG])
    if so_far.is_whole:
        ended = read_reply(200, {}, body, max_bytes)
    else:
        ended = broke or failed(CallOutcome.CUT, "the stream stops short")
    if ended.outcome is CallOutcome.ANSWERED:
        return ended
    with suppress(NotACompletionError):
        ended = ended.model_copy(update={"body": body, "completion": read_completion(_parsed(body))})
    return ended


def failed(
    outcome: CallOutcome, said: str, body: bytes = b"", completion: Completion | None = None, status: int | None = None
) -> SendResult:
    """Return an outcome that is no answer, with what was said of it."""
    line = one_line(mask(said[:_KEPT_OF_AN_ERROR]))
    return SendResult(
        outcome=outcome, status=status, error=f"{outcome}: {line}", body=body, completion=completion or Completion()
    )


def terminal_call(
    call_id: str,
    request: Request,
    ended: SendResult,
    settings: TeacherSettings,
    latency_s: float,
    tries: int,
    broken_off: bool = False,
) -> Call | None:
    """Return the call's row; None where its outcome is not terminal. A refusal costs nothing. One that is `broken_off`
    and not sent again has what came of its answer before that.
    """
    end = CallEnd.ANSWERED if broken_off else OUTCOMES[ended.outcome].ended
    if end is None:
        return None
    said = ended.completion.model_copy(update={"finish_reason": CUT}) if broken_off else ended.completion
    return Call(
        call_id=call_id,
        endpoint=request.endpoint,
        model_asked=request.model,
        model_answered=said.model,
        messages=request.messages,
        sampling=request.sampling,
        sample_index=request.sample_index,
        fresh=request.fresh,
        ended=end,
        error=ended.error,
        raw_response=ended.body,
        content=said.content,
        reasoning=said.reasoning,
        finish_reason=said.finish_reason,
        usage=said.usage,
        refusal=said.refusal,
        extra_body=request.extra_body,
        cost_usd=0.0 if end is CallEnd.REFUSED else cost_usd(request.endpoint, said.usage, settings),
        latency_s=latency_s,
        tries=tries,
    )


def _read_error(status: int, headers: Mapping[str, str], body: bytes) -> SendResult:
    error = _error(_parsed(body[:_KEPT_OF_TOO_LONG]))
    body = mask(body[:_KEPT_OF_AN_ERROR].decode(errors="replace")).encode()
    said = _message(error) or body.decode(errors="replace")
    outcome = (error and of_error(error)) or of_words(status, said) or of_status(status)
    if says_loading(status, said):
        outcome = CallOutcome.LOADING
    if says_moderated(status, said) or says_too_large(said):
        outcome = CallOutcome.REFUSED
    if outcome is CallOutcome.REDIRECTED:
        said = "not followed"
        with suppress(ValueError):  # of an address that is none
            to = urlsplit(headers.get("location", ""))
            said = f"to {to.scheme}://{to.hostname}, which is not followed" if to.hostname else said
    now = datetime.now(UTC)
    is_early = outcome is CallOutcome.RATE_LIMITED
    wait_s = asked_wait_s(headers, error, said, now) if is_early else retry_after_s(headers, now)
    ended = failed(outcome, f"HTTP {status}: {said}", body, status=status)
    return ended.model_copy(update={"retry_after_s": wait_s})


def _broken_off(broken: object, value: object, status: int, body: bytes) -> SendResult:
    """Of an answer that is none: sent again, unless it is the request's own fault. The endpoint took the request, so
    what it says of keys and models is about a host behind it, and stops nothing. The completion is what came of one.
    """
    error = (
        broken if isinstance(broken, dict) else {"message": broken if isinstance(broken, str) else json.dumps(broken)}
    )
    outcome = of_error(error) or of_numeric_code(error) or CallOutcome.ERROR_OBJECT
    outcome = CallOutcome.ERROR_OBJECT if OUTCOMES[outcome].stop else outcome
    ended = failed(outcome, _message(error) or "no message", body, status=status)
    with suppress(NotACompletionError):
        ended = ended.model_copy(update={"completion": read_completion(value)})
    return ended


def _parsed(body: bytes) -> object:
    """None for what is no JSON. Google puts the object of an error into a list."""
    value = parsed(body)
    in_a_list = isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict) and "error" in value[0]
    return value[0] if in_a_list else value


def _error(value: object) -> Mapping[str, Any] | None:
    """The error that a JSON body is or holds; the body itself when it has no `choices` and counts nothing, as Google's
    does of an answer without any; else None.
    """
    if not isinstance(value, dict):
        return None
    error = stated_error(value)
    if isinstance(error, dict):
        return error
    if isinstance(error, str):
        return {"message": error}
    return value if "choices" not in value and not value.get("usage") else None


def _message(error: Mapping[str, Any] | None) -> str:
    """With the words of the host behind a gateway, where it hands them on: OpenRouter's own are always the same."""
    said = next((error[name] for name in ("message", "detail") if error.get(name)), "") if error else ""
    message = said if isinstance(said, str) else json.dumps(said)
    raw = mapping(mapping(error).get("metadata")).get("raw")
    return f"{message}: {raw}" if isinstance(raw, str) and raw else message


def one_line(text: str) -> str:
    """Return `text` as a table, a log and a terminal can show it: one printable line that is not too long."""
    start = clean_text(text[: 10 * _LONGEST_MESSAGE])
    line = " ".join("".join(c if c.isprintable() else " " for c in start).split())
    return line if len(line) <= _LONGEST_MESSAGE else f"{line[:_LONGEST_MESSAGE]}…"
