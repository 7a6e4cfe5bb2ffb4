"""The teacher's endpoint over HTTP: the only module that imports `openai`.

The SDK says what an endpoint is told with each request, from chat and batches alike: the key, and the organisation and
project of the environment. Our client sends it, for half of the SDK's processor time and with every body capped.
"""

import asyncio
from time import monotonic

from schemas.teacher import TeacherSettings
from tasks.asking.call_outcome import CallOutcome
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.reply import SendResult, failed, read_reply, read_streamed
from tasks.asking.streamed import StreamedCompletion
from tasks.http.client import HttpClient, NoResponse
from tasks.secret import header_value

_NO_KEY = "none"
"""Sent when no key is configured: else the SDK sends the environment's OPENAI_API_KEY to any endpoint."""

_OF_THE_SDK = ("Content-Type", "X-Stainless-")
"""What it tells of a body, which we make, and of itself, which does not ask."""

_LONGEST_STREAM = 10
"""Silences that a stream may last: some endpoints send comments for ever."""


def teacher_client(settings: TeacherSettings, address: TeacherAddress) -> HttpClient:
    """Make a teacher's client. Raises `Refused` where no HTTP header can carry the key."""
    from openai import AsyncOpenAI  # only where a teacher lives: it takes a run's driver most of a second

    key = header_value(f"teacher.api_key: {settings.api_key}", address.api_key)
    sdk = AsyncOpenAI(api_key=key or _NO_KEY, base_url=address.base_url)
    headers = {
        name: value
        for name, value in {**sdk.default_headers, **sdk.auth_headers}.items()
        if isinstance(value, str) and not name.startswith(_OF_THE_SDK)
    }
    return HttpClient(address.base_url, key, settings.timeout_s, settings.max_response_bytes, headers)


async def exchange(
    http: HttpClient, method: str, *path: str, deadline_s: float, body: bytes | None = None
) -> SendResult:
    """Send a request and read the reply: whatever the endpoint does is a `SendResult`."""
    try:
        response = await http.send(method, *path, deadline_s=deadline_s, body=body)
    except NoResponse as error:
        return unanswered(error, f"not whole within {deadline_s:g} s")
    return read_reply(response.status, response.headers, response.body, http.max_bytes)


async def exchange_streamed(http: HttpClient, *path: str, silence_s: float, body: bytes) -> SendResult:
    """Send a request that asks for a stream, and read it, as `exchange` does: `silence_s` bounds the wait for each
    piece. An endpoint that answers in one piece all the same has as long for the whole.
    """
    so_far, broke, longest_s, last = None, None, 0.0, monotonic()
    try:
        async with asyncio.timeout(silence_s) as deadline, http.stream("POST", *path, body=body) as stream:
            if not stream.is_events:
                response = await http.whole(stream)
                return read_reply(response.status, response.headers, response.body, http.max_bytes)
            deadline.reschedule(asyncio.get_running_loop().time() + _LONGEST_STREAM * silence_s)
            so_far = StreamedCompletion(http.max_bytes)
            async for chunk in stream.chunks:
                longest_s, last = max(longest_s, monotonic() - last), monotonic()
                so_far.feed(chunk)
                if so_far.is_too_long:
                    break
    except NoResponse as error:
        broke = unanswered(error, f"nothing came for {silence_s:g} s")
    except TimeoutError:
        ever = f"not whole within {_LONGEST_STREAM * silence_s:g} s" if so_far else f"no answer within {silence_s:g} s"
        broke = failed(CallOutcome.DEADLINE, ever)
    if so_far is None:
        assert broke
        return broke
    ended = read_streamed(so_far, http.redact(so_far.body()), broke, http.max_bytes)
    return ended.model_copy(update={"silence_s": max(longest_s, monotonic() - last)})


def unanswered(error: NoResponse, too_late: str | None = None) -> SendResult:
    """Say how a request without a reply has ended. `too_late`: what to say of a deadline, if not what the
    client says.
    """
    outcome = CallOutcome(error.how)
    return failed(outcome, too_late if too_late and outcome is CallOutcome.DEADLINE else error.said)
