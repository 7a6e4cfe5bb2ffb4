"""The teacher over the OpenAI protocol."""

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from schemas.budget import NOTHING, Cap, Charge
from schemas.call import Call, Outcome, Request, SendEnd
from schemas.errors import Refused, TeacherUnavailable
from schemas.teacher import TeacherSettings
from tasks.asking.advice import advice
from tasks.asking.aimd import Observation
from tasks.asking.call_outcome import OUTCOMES, CallOutcome
from tasks.asking.driver_gone import Driver, when_gone
from tasks.asking.endpoint import TeacherAddress, as_stream, request_bytes, tokens_of, worst_case
from tasks.asking.rate_limiter import RateLimiter
from tasks.asking.reply import SendResult, read_reply, terminal_call
from tasks.asking.reservations import Reservations
from tasks.asking.state import TeacherState
from tasks.asking.wire import exchange, exchange_streamed, teacher_client
from tasks.halt import NOT_SENT
from warehouse.journal import Journal

Complete = Callable[[bytes], bytes]
"""Makes the body of a chat completion out of the body of its request."""

_CHECK_S = 15.0
_LONGEST_BACKOFF_S = 30.0
_RATE_PATIENCE = 4
"""Times the usual wait after a refusal that does not say how long: the tries then outlast most of a minute."""
_LONGEST_RETRY_AFTER_S = 60.0
"""An endpoint that asks for a longer wait gets it: the call stays pending for a later run, and after some in a row all
others do.
"""
_USUAL_COMPLETION = 1000
_BYTES_PER_TOKEN = 4
"""In ordinary text, to keep to a rate; no bound."""
_DENIED_IN_A_ROW = 16
"""Calls that an endpoint denies or puts off, as it may all, and answers none between them, before the run stops."""
_FAILED_IN_A_ROW = 16
"""Sends that cost nothing and brought nothing, without an answer between, before one call at a time looks again."""
_OF_ANOTHER_HEADER = re.compile(r"HTTP 401: (?:Invalid bearer token|x-api-key header is required)\Z")
"""What Anthropic says of a key that is good for chat where its models are asked for."""
_OF_THE_STREAM = re.compile(r"\bstream(?:ing|ed|_options)?\b", re.IGNORECASE)


class Teacher:
    """Answers requests through the journal. Plain, for one event loop; Ray makes an actor of it."""

    def __init__(
        self,
        settings: TeacherSettings,
        address: TeacherAddress,
        journal_path: Path,
        limiter: RateLimiter,
        cap: Cap | None = None,
        backoff_s: float = 1.0,
        load: Callable[[], Complete] | None = None,
        driver: Driver | None = None,
    ) -> None:
        """`backoff_s` bounds the wait before a call's second send; the bound doubles from send to send. `load` gives
        what answers in this process, where nothing is to be sent. Once the `driver` is gone nothing more is sent: Ray
        takes seconds to end what it has left.
        """
        self._settings, self._address, self._backoff_s = settings, address, backoff_s
        self._complete = load() if load else None
        self._http = None if load else teacher_client(settings, address)
        self._journal = Journal(journal_path, cap)
        self._reservations = Reservations(self._journal)
        self._limiter = limiter
        self._flights: dict[str, asyncio.Task[Outcome]] = {}
        self._mean_completion = float(settings.max_tokens or _USUAL_COMPLETION)
        self._unavailable: str | None = None
        self._streams = settings.streams
        self._may_switch = True
        """Until the endpoint has refused that once."""
        self._denied = 0
        """Calls denied since the last answer."""
        self._denial: SendResult | None = None
        """The last of them."""
        self._has_answered = False
        self._failed = 0
        """Sends since the last answer that may be made again for nothing."""
        self._away_since: float | None = None
        self._put_off = 0
        """Sends since the last answer that are to wait for longer than a run does."""
        self._gone: str | None = None
        """Why nothing more is sent, where the endpoint was away for too long, or puts off every call."""
        self._stopped = asyncio.Event()
        self._state = TeacherState()
        self._driver = driver
        """Who is still to be watched."""

    async def answer(self, requests: list[Request]) -> list[Outcome]:
        """Return one outcome for each request, in their order; every terminal call among them is in the journal.

        A journaled answer is returned without a send, and equal requests are sent once. Raises
        `TeacherUnavailable` when the endpoint refuses every call alike; what was in flight has ended by then.
        """
        if driver := self._driver:
            self._driver = None
            when_gone(driver, self._stop)
        keyed = [(request.call_id, request) for request in requests]
        found = await self._journal.find([call_id for call_id, _ in keyed])
        flights = {call_id: self._flight(call_id, request) for call_id, request in keyed if call_id not in found}
        self._state.done += len(keyed) - len(flights)
        if flights:
            await asyncio.wait(flights.values())
        if self._denial and not self._has_answered and not self._flights:
            self._deny(self._denial)
        if self._unavailable:
            raise TeacherUnavailable(self._unavailable)
        return [flights[call_id].result() if call_id in flights else _ended(found[call_id]) for call_id, _ in keyed]

    async def check(self) -> None:
        """Raise `DiskTrouble` where the journal could not take an answer."""
        await asyncio.to_thread(self._journal.check)

    async def state(self) -> TeacherState:
        """Return how far it is."""
        return self._state

    async def drain(self) -> None:
        """Send nothing any more; what is in flight still lands, and calls that were not sent are left pending."""
        self._stop()

    def _stop(self) -> None:
        self._stopped.set()
        self._limiter.open()

    async def close(self) -> None:
        if self._http:
            await self._http.close()
        self._journal.close()

    def _flight(self, call_id: str, request: Request) -> asyncio.Task[Outcome]:
        if call_id not in self._flights:
            self._flights[call_id] = asyncio.create_task(self._answer(call_id, request))
            self._flights[call_id].add_done_callback(lambda _: self._landed(call_id))
        return self._flights[call_id]

    def _landed(self, call_id: str) -> None:
        flight = self._flights.pop(call_id)
        if not flight.cancelled() and not flight.exception() and flight.result().call:
            self._state.done += 1

    async def _answer(self, call_id: str, request: Request) -> Outcome:
        """Send until the call ends or is given up. It has no slot while it waits to be sent again."""
        body = request_bytes(request)
        pending: str | None = NOT_SENT
        tries, again = 0, False
        while True:
            sent = await self._try(call_id, request, body, again, last=tries + 1 >= self._settings.tries)
            again = True
            if isinstance(sent, Call):
                return _ended(sent)
            if isinstance(sent, str):
                pending = sent
            if not isinstance(sent, SendResult):
                break
            pending = sent.error
            if OUTCOMES[sent.outcome].stop:
                break
            if OUTCOMES[sent.outcome].is_free:
                continue
            tries += 1
            wait_s = self._wait_s(tries, sent)
            if wait_s is None:
                break
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._stopped.wait()
        return Outcome(call_id=call_id, call=None, pending=self._gone or pending)

    async def _try(
        self, call_id: str, request: Request, body: bytes, again: bool, last: bool
    ) -> Call | SendResult | str | None:
        """One send, in a slot: the call it ended, or how it failed; why it was not made, or None when stopping.

        What has come of an answer that broke off ends the call only with its `last` send.

        The slot is given on as soon as the answer is there. Whoever takes it announces itself in the journal before
        it sends, which is not before this answer is written: one commit for both.
        """
        tokens = len(body) // _BYTES_PER_TOKEN + int(self._mean_completion)
        full = await self._limiter.acquire(tokens, again)
        observation: Observation | None = None
        more = -tokens
        try:
            if self._stopped.is_set():
                return None
            found = await self._reservations.reserve(call_id, worst_case(request, self._settings, body))
            if self._reservations.reached:
                self._limiter.open()
            if not isinstance(found, int):
                return found
            sent_at = await self._limiter.sends()
            if self._stopped.is_set():
                await self._reservations.settle(call_id, found, SendEnd.FAILED, NOT_SENT, None, NOTHING)
                return None
            self._state.in_flight += 1
            try:
                ended = self._or_down(await self._exchange(body))
            except BaseException:
                self._reservations.abandon(call_id, found)
                raise
            finally:
                self._state.in_flight -= 1
            self._look_after(ended)
            observation = _observation(ended, sent_at, full)
            more = self._learn(ended, tokens)
            latency_s = observation.ended_at - sent_at
            call = terminal_call(call_id, request, ended, self._settings, latency_s, found)
            if call is None and last and ended.has_text:
                call = terminal_call(call_id, request, ended, self._settings, latency_s, found, broken_off=True)
            settled = self._settle(call_id, found, ended, call)
        finally:
            await self._limiter.release(observation, more)
        await settled
        return call or ended

    async def _exchange(self, body: bytes) -> SendResult:
        """Where the endpoint refuses to stream, or to do without, nobody asks it again to."""
        if self._complete:
            return read_reply(200, {}, await asyncio.to_thread(self._complete, body), self._settings.max_response_bytes)
        assert self._http
        path, within_s = ("chat", "completions"), self._settings.timeout_s
        streams = self._streams
        if streams:
            ended = await exchange_streamed(self._http, *path, silence_s=within_s, body=as_stream(body))
        else:
            ended = await exchange(self._http, "POST", *path, deadline_s=within_s, body=body)
        if ended.outcome is CallOutcome.REFUSED and _OF_THE_STREAM.search(ended.error or ""):
            if self._may_switch:
                self._streams, self._may_switch = not streams, False
            if self._streams is not streams:
                return ended.model_copy(update={"outcome": CallOutcome.NO_STREAM})
        return ended

    def _or_down(self, ended: SendResult) -> SendResult:
        """How a send ended. Where many in a row have failed (a spent quota, a gateway without its server), it says
        nothing of its call.
        """
        rule = OUTCOMES[ended.outcome]
        if rule.is_away:
            return ended
        may_pass = not (rule.ended or rule.stop or rule.is_free) and ended.counts_as is SendEnd.FAILED
        self._failed = self._failed + 1 if may_pass else 0
        if self._failed < _FAILED_IN_A_ROW or (ended.retry_after_s or 0.0) > _LONGEST_RETRY_AFTER_S:
            return ended
        return ended.model_copy(update={"outcome": CallOutcome.DOWN})

    def _look_after(self, ended: SendResult) -> None:
        """Give up an endpoint that is away for too long, or that has calls come again when the run is over."""
        asked_s = ended.retry_after_s or 0.0
        answered = OUTCOMES[ended.outcome].send is SendEnd.ANSWERED
        self._put_off = 0 if answered else self._put_off + (asked_s > _LONGEST_RETRY_AFTER_S)
        if self._put_off >= _DENIED_IN_A_ROW:
            self._gone = f"{ended.error}; it asks to wait for {asked_s:g} s"
            self._stop()
        if not OUTCOMES[ended.outcome].is_away:
            self._away_since = None
            return
        now = time.monotonic()
        self._away_since = now if self._away_since is None else self._away_since
        if now - self._away_since >= self._settings.patience_s:
            self._gone = f"{ended.error}, for teacher.patience_s = {self._settings.patience_s:g}"
            self._stop()

    def _settle(self, call_id: str, n: int, ended: SendResult, call: Call | None) -> Awaitable[None]:
        """What was counted of an answer that broke off is not the last word: the endpoint may have gone on."""
        self._state.hear(ended, call)
        tokens, usd = tokens_of(ended.completion.usage), call.cost_usd if call else None
        spent = Charge() if ended.counts_as is SendEnd.UNKNOWN else Charge(tokens=tokens, usd=usd)
        # one may be a firewall's word on its prompt, or about one host of several; many in a row are about the endpoint
        rule = OUTCOMES[ended.outcome]
        if rule.send is SendEnd.ANSWERED:
            self._has_answered, self._denied = True, 0
        if rule.stop:
            self._denied, self._denial = self._denied + 1, ended
            if self._denied >= _DENIED_IN_A_ROW:
                self._deny(ended)
        return self._reservations.settle(call_id, n, ended.counts_as, ended.error, call, spent)

    def _deny(self, ended: SendResult) -> None:
        if not self._unavailable:
            self._unavailable = advice(ended, self._settings, self._address)
            self._stop()

    def _learn(self, ended: SendResult, expected: int) -> int:
        """How many tokens more than expected a send has cost."""
        usage = ended.completion.usage
        if usage.completion_tokens is not None:
            self._mean_completion += 0.05 * (usage.completion_tokens - self._mean_completion)
        actual = tokens_of(usage) if OUTCOMES[ended.outcome].send is SendEnd.ANSWERED else 0
        return 0 if actual is None else actual - expected

    def _wait_s(self, tries: int, ended: SendResult) -> float | None:
        """Full jitter, never less than Retry-After; None when the call is given up for this run."""
        asked_s = ended.retry_after_s or 0.0
        if tries == self._settings.tries or asked_s > _LONGEST_RETRY_AFTER_S:
            return None
        most_s = min(_LONGEST_BACKOFF_S, self._backoff_s * 2 ** min(tries - 1, 16))
        too_many = ended.outcome is CallOutcome.RATE_LIMITED or _is_full(ended)
        if too_many and not asked_s:  # perhaps for the rest of a minute
            most_s = min(_LONGEST_BACKOFF_S, _RATE_PATIENCE * most_s)
            return random.uniform(most_s / 2, most_s)
        return asked_s + random.uniform(0, most_s)


def _ended(call: Call) -> Outcome:
    return Outcome(call_id=call.call_id, call=call, pending=None)


def _is_full(ended: SendResult) -> bool:
    """Whether a server says that it has more to do than it takes: vLLM, SGLang, TGI by a 503, Anthropic by a 529."""
    return ended.outcome is CallOutcome.SERVER_ERROR and ended.status in (503, 529)


def _observation(ended: SendResult, sent_at: float, full: bool) -> Observation:
    """A wait that is too long to be kept by all is kept by its own call alone."""
    asked_s = ended.retry_after_s or 0.0
    refused = ended.outcome is CallOutcome.RATE_LIMITED or asked_s > 0
    return Observation(
        sent_at,
        time.monotonic(),
        refused=refused,
        late=ended.outcome in (CallOutcome.DEADLINE, CallOutcome.GATEWAY_TIMEOUT) or _is_full(ended),
        retry_after_s=asked_s if asked_s <= _LONGEST_RETRY_AFTER_S else 0.0,
        away=OUTCOMES[ended.outcome].is_away,
        silence_s=ended.silence_s,
        tokens=ended.completion.usage.completion_tokens or 1,
        full=full and (refused or OUTCOMES[ended.outcome].send is not SendEnd.FAILED),
    )


async def check_endpoint(settings: TeacherSettings, address: TeacherAddress) -> None:
    """Raise `Refused` when GET /models shows that no call can succeed: nobody there, wrong key, moved.

    Nothing else is proof: a server may lack the path (404, 405), a key may lack the right to list (403) or be wanted in
    another header there (Anthropic), and a bad moment (429, 5xx) passes.
    """
    http = teacher_client(settings, address)
    try:
        ended = await exchange(http, "GET", "models", deadline_s=min(_CHECK_S, settings.timeout_s))
    finally:
        await http.close()
    hopeless = (
        CallOutcome.UNREACHABLE,
        CallOutcome.CUT,
        CallOutcome.DEADLINE,
        CallOutcome.REDIRECTED,
        CallOutcome.REFUSED,
    )
    of_chat = _OF_ANOTHER_HEADER.search(ended.error or "") is None
    if ended.outcome in hopeless or (ended.status in (400, 401) and of_chat):
        raise Refused(advice(ended, settings, address))
