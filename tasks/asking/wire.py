"""The teacher's endpoint over HTTP: the only module that imports `openai`.

The SDK says what an endpoint is told with each request, from chat and batches alike: the key, and the organisation and
project of the environment. Our client sends it, for half of the SDK's processor time and with every body capped.
"""

from schemas.configuration import TeacherSettings
from tasks.asking.call_outcome import CallOutcome
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.reply import SendResult, failed, read_reply
from tasks.http.client import HttpClient, NoResponse
from tasks.secret import header_value

_NO_KEY = "none"
"""Sent when no key is configured: else the SDK sends the environment's OPENAI_API_KEY to any endpoint."""


def teacher_client(settings: TeacherSettings, address: TeacherAddress) -> HttpClient:
    """`Refused` where no HTTP header can carry the key."""
    from openai import AsyncOpenAI  # only where a teacher lives: it takes a run's driver most of a second

    key = header_value(f"teacher.api_key: {settings.api_key}", address.api_key)
    sdk = AsyncOpenAI(api_key=key or _NO_KEY, base_url=address.base_url)
    told = {
        name: value
        for name, value in {**sdk.default_headers, **sdk.auth_headers}.items()
        if isinstance(value, str) and name != "Content-Type"  # which follows from the body
    }
    return HttpClient(address.base_url, key, settings.timeout_s, settings.max_response_bytes, told)


async def exchange(
    http: HttpClient, method: str, *path: str, deadline_s: float, body: bytes | None = None
) -> SendResult:
    """Whatever the endpoint does is a `SendResult`."""
    try:
        response = await http.send(method, *path, deadline_s=deadline_s, body=body)
    except NoResponse as error:
        return unanswered(error, f"not whole within {deadline_s:g} s")
    return read_reply(response.status, response.headers, response.body, http.max_bytes)


def unanswered(error: NoResponse, too_late: str | None = None) -> SendResult:
    """`too_late`: what to say of a deadline, if not what the client says."""
    outcome = CallOutcome(error.how)
    return failed(outcome, too_late if too_late and outcome is CallOutcome.DEADLINE else error.said)
