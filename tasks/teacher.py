"""The teacher over the OpenAI protocol: the only module that imports `openai`."""

import asyncio
import json
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import httpx2
from openai import APIConnectionError, APIStatusError, AsyncOpenAI, DefaultAioHttpClient

from schemas.call import Call, Outcome, Request
from schemas.configuration import Teacher as TeacherSettings
from schemas.errors import Refused, TeacherUnavailable
from tasks.call_end import RULES, Ending
from tasks.capped_body import CappedBody
from tasks.endpoint import TeacherAddress, is_loopback, redact, request_body
from tasks.reply import Ended, failed, read_reply, terminal_call
from warehouse.journal import Journal

_CONNECT_S = 30.0
_CHECK_S = 15.0
_LONGEST_BACKOFF_S = 30.0
_LONGEST_RETRY_AFTER_S = 60.0
"""An endpoint that asks for a longer wait gets it: the call stays pending for a later run."""
_NO_KEY = "none"
"""Sent when no key is configured: else the SDK sends the environment's OPENAI_API_KEY to any endpoint."""
_NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class Teacher:
    """Answers requests through the journal. Plain, for one event loop; Ray makes an actor of it."""

    def __init__(
        self,
        settings: TeacherSettings,
        address: TeacherAddress,
        journal_path: Path,
        max_in_flight: int,
        backoff_s: float = 1.0,
    ) -> None:
        """`backoff_s` bounds the wait before a call's second send; the bound doubles from send to send."""
        self._settings = settings
        self._address = address
        self._backoff_s = backoff_s
        self._wire = _Wire(settings, address)
        self._journal = Journal(journal_path)
        self._slots = asyncio.Semaphore(max_in_flight)
        self._flights: dict[str, asyncio.Task[Outcome]] = {}
        self._unavailable: str | None = None
        self._stopped = asyncio.Event()

    async def answer(self, requests: list[Request]) -> list[Outcome]:
        """One outcome for each request, in their order; every terminal call among them is in the journal.

        A journaled answer is returned without a send, and equal requests are sent once. Raises
        `TeacherUnavailable` when the endpoint refuses every call alike; what was in flight has ended by then.
        """
        flights = [self._flight(request) for request in requests]
        if flights:
            await asyncio.wait(flights)
        if self._unavailable:
            raise TeacherUnavailable(self._unavailable)
        return [flight.result() for flight in flights]

    async def close(self) -> None:
        await self._wire.close()
        self._journal.close()

    def _flight(self, request: Request) -> asyncio.Task[Outcome]:
        call_id = request.call_id
        if call_id not in self._flights:
            self._flights[call_id] = asyncio.create_task(self._answer(call_id, request))
            self._flights[call_id].add_done_callback(lambda _: self._flights.pop(call_id))
        return self._flights[call_id]

    async def _answer(self, call_id: str, request: Request) -> Outcome:
        """Send until the call ends or is given up. Its slot is held until the answer is in the journal."""
        pending: str | None = "not sent: the run is stopping"
        async with self._slots:
            for tries in range(1, self._settings.tries + 1):
                if self._unavailable:
                    break
                found = await self._journal.intend(call_id)
                if isinstance(found, Call):
                    return Outcome(call_id=call_id, call=found, pending=None)
                ended, call = await self._send(call_id, request, found)
                if call:
                    return Outcome(call_id=call_id, call=call, pending=None)
                pending = ended.error
                wait_s = self._wait_s(tries, ended)
                if wait_s is None:
                    break
                await self._pause(wait_s)
        return Outcome(call_id=call_id, call=None, pending=pending)

    async def _send(self, call_id: str, request: Request, n: int) -> tuple[Ended, Call | None]:
        """Send number `n` of a call, settled in the journal before it returns."""
        body = json.dumps(request_body(request)).encode()
        started = time.perf_counter()
        ended = await self._wire.exchange("/chat/completions", body, self._settings.timeout_s)
        latency_s = time.perf_counter() - started
        rule = RULES[ended.ending]
        call = terminal_call(call_id, request, ended, self._settings, latency_s, n)
        await self._journal.settle(call_id, n, rule.send, error=ended.error, call=call)
        if rule.stop and not self._unavailable:
            self._unavailable = _advice(ended, self._settings, self._address)
            self._stopped.set()
        return ended, call

    def _wait_s(self, tries: int, ended: Ended) -> float | None:
        """Full jitter, never less than Retry-After; None when the call is given up for this run."""
        asked_s = ended.retry_after_s or 0.0
        if tries == self._settings.tries or asked_s > _LONGEST_RETRY_AFTER_S:
            return None
        return asked_s + random.uniform(0, min(_LONGEST_BACKOFF_S, self._backoff_s * 2 ** min(tries - 1, 16)))

    async def _pause(self, wait_s: float) -> None:
        """Sleep, but wake when the run stops."""
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._stopped.wait()


async def check_endpoint(settings: TeacherSettings, address: TeacherAddress) -> None:
    """Raises `Refused` when GET /models shows that no call can succeed: nobody there, wrong key, moved.

    Nothing else is proof: a server may lack the path (404, 405), a key may lack the right to list (403), and
    a bad moment (429, 5xx) passes.
    """
    wire = _Wire(settings, address)
    try:
        ended = await wire.exchange("/models", None, min(_CHECK_S, settings.timeout_s))
    finally:
        await wire.close()
    hopeless = (Ending.UNREACHABLE, Ending.CUT, Ending.DEADLINE, Ending.REDIRECTED, Ending.REFUSED)
    if ended.ending in hopeless or ended.status == 401:
        raise Refused(_advice(ended, settings, address))


_ADVICE = {
    Ending.DENIED: "Check that {key} is valid there",
    Ending.NO_CREDIT: "Top up the account of {key}",
    Ending.NOT_FOUND: "Check teacher.base_url and teacher.model = {model!r}",
    Ending.REDIRECTED: "Set teacher.base_url to where it answers itself",
    Ending.REFUSED: "Check teacher.base_url, and that {key} is valid there",
}
_CHECK_IT_RUNS = "Check teacher.base_url, and that the server is running"


def _advice(ended: Ended, settings: TeacherSettings, address: TeacherAddress) -> str:
    """What failed, where, and what to do."""
    key = f"teacher.api_key = {settings.api_key}"
    advice = _ADVICE.get(ended.ending, _CHECK_IT_RUNS).format(key=key, model=settings.model)
    if settings.api_key is None and ended.ending is Ending.DENIED:
        advice = "teacher.api_key is not set; give it a reference such as env:OPENAI_API_KEY"
    return f"teacher at {address.base_url}: {ended.error}. {advice}, and give the same command again"


class _Wire:
    """HTTP with nothing done behind our back.

    The SDK's own retries and redirects are off, its time-outs are one total deadline, and no body, be it an
    error's, is read beyond the cap. Loopback addresses are never asked of a proxy. One connection carries one
    call: on a kept one, a response that arrives twice is taken for the answer to the next call, and a server
    that has just hung up cannot be told from one that took the call and died.
    """

    def __init__(self, settings: TeacherSettings, address: TeacherAddress) -> None:
        self._max_bytes = settings.max_response_bytes
        self._key = _key(settings, address)
        self._client = AsyncOpenAI(
            api_key=self._key or _NO_KEY,
            base_url=address.base_url,
            max_retries=0,
            default_headers={"Connection": "close", "Accept-Encoding": "identity"},
            http_client=DefaultAioHttpClient(
                follow_redirects=False,
                trust_env=not is_loopback(address.base_url),
                timeout=httpx2.Timeout(None, connect=min(_CONNECT_S, settings.timeout_s)),
                # 0 is no limit; None becomes the transport's own, 100
                limits=httpx2.Limits(max_connections=0, keepalive_expiry=0),
                event_hooks={"response": [self._cap]},
            ),
        )

    async def exchange(self, path: str, body: bytes | None, timeout_s: float) -> Ended:
        """POST `body`, or GET when there is none. Whatever the endpoint does is an `Ended`."""
        try:
            async with asyncio.timeout(timeout_s):
                response = await self._request(path, body)
        except TimeoutError:
            return failed(Ending.DEADLINE, f"not whole within {timeout_s:g} s")
        except APIStatusError as error:
            response = error.response
        except (APIConnectionError, aiohttp.ClientError) as error:
            return _no_response(error)
        raw = redact(response.content, self._key)
        return read_reply(response.status_code, response.headers, raw, self._max_bytes)

    async def close(self) -> None:
        await self._client.close()

    async def _request(self, path: str, body: bytes | None) -> httpx2.Response:
        if body is None:
            return await self._client.get(path, cast_to=httpx2.Response)
        headers = {"Content-Type": "application/json"}
        return await self._client.post(path, content=body, cast_to=httpx2.Response, options={"headers": headers})

    async def _cap(self, response: httpx2.Response) -> None:
        response.stream = CappedBody(response, self._max_bytes)


def _key(settings: TeacherSettings, address: TeacherAddress) -> str:
    """The key without the white space around it; empty when there is none."""
    key = address.api_key.get_secret_value().strip() if address.api_key else ""
    if not (key.isascii() and key.isprintable()):
        raise Refused(f"teacher.api_key: {settings.api_key} holds characters that no HTTP header can carry")
    return key


def _no_response(error: BaseException) -> Ended:
    """The SDK calls most transport errors a time-out; their causes know whether anything was sent."""
    causes = list(_causes(error))
    unsent = any(isinstance(cause, _NEVER_SENT) for cause in causes)
    root = causes[-1]
    return failed(Ending.UNREACHABLE if unsent else Ending.CUT, f"{type(root).__name__}: {root}")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__
