"""Where calls wait for their turn: the slots and the rhythm of one process, as a pace allows them."""

import asyncio
from collections import deque
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from tasks.asking.pace import Allowance, Beat, Pace

_CATCH_UP_S = 0.02
"""A call that the event loop lets begin late does not delay those after it."""


@dataclass(frozen=True)
class News:
    """What one process has met since it last told."""

    sent: tuple[float, ...]
    ended: tuple[Beat, ...]


class Pacer(Protocol):
    """Decides for all processes that send to one endpoint."""

    async def allow(self, who: int, news: News) -> Allowance: ...


class SharedPace:
    """One pace for `parts` processes, which get equal shares of it. Plain; Ray makes an actor of it."""

    def __init__(self, max_in_flight: int | None, per_minute: int | None, parts: int = 1) -> None:
        self._pace = Pace(max_in_flight, per_minute, floor=parts)
        self._parts = parts

    async def allow(self, who: int, news: News) -> Allowance:
        """The share of process number `who`, in the light of its news."""
        for at in news.sent:
            self._pace.sent(at)
        for beat in news.ended:
            self._pace.ended(beat)
        whole = self._pace.allowance(monotonic())
        slots = whole.slots // self._parts + (who < whole.slots % self._parts)
        per_s = None if whole.per_s is None else whole.per_s / self._parts
        return Allowance(slots, per_s, whole.not_before)


class Gate:
    """Lets calls in: those that were refused before first, else in the order in which they came."""

    def __init__(self, pacer: Pacer, who: int = 0, tokens_per_s: float | None = None) -> None:
        """`tokens_per_s`: this process's part of a fixed limit."""
        self._pacer, self._who = pacer, who
        self._allowed = Allowance(0, None, 0.0)
        self._waiting: deque[tuple[asyncio.Future[None], int]] = deque()
        self._taken = 0
        self._calls, self._sends, self._tokens = _Rhythm(), _Rhythm(), _Rhythm()
        self._tokens_per_s = tokens_per_s
        self._sent: list[float] = []
        self._ended: list[Beat] = []
        self._told = self._telling = self._open = False
        self._told_at = 0.0
        self._asking: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def enter(self, tokens: int = 0, again: bool = False) -> bool:
        """Wait for a slot and for its time; whether that was the last slot. Followed by `leave`, whatever happens.

        `tokens`: what the call will probably cost.
        """
        if not self._told:
            await self._tell()
        turn = asyncio.get_running_loop().create_future()
        (self._waiting.appendleft if again else self._waiting.append)((turn, tokens))
        self._let_in()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._taken -= 1
            raise
        return self._taken >= self._allowed.slots

    async def sends(self) -> float:
        """Note that a call goes out now; the time. What had to wait since it was let in does not go out all at once."""
        due = self._allowed.not_before
        if per_s := self._allowed.per_s:
            due = max(due, self._sends.take(1, per_s))
        if due > monotonic() and not self._open:
            await asyncio.sleep(due - monotonic())
        now = monotonic()
        self._sent.append(now)
        return now

    async def leave(self, beat: Beat | None, more_tokens: int = 0) -> None:
        """Give the slot back; `beat` when something was sent, `more_tokens` than were expected."""
        self._taken -= 1
        if self._tokens_per_s:
            self._tokens.take(more_tokens, self._tokens_per_s)
        if beat:
            self._ended.append(beat)
            await self._tell()  # lets in
        else:
            self._let_in()

    def open(self) -> None:
        """Let everybody in, now and from now on: nothing more will be sent."""
        self._open = True
        self._let_in()

    async def _tell(self) -> None:
        """What happened goes to the pacer, and its answer is in force before a slot is given away. One at a time."""
        if self._telling:
            return
        self._telling = True
        try:
            while self._ended or not self._told:
                news, self._told_at = News(tuple(self._sent), tuple(self._ended)), monotonic()
                self._sent, self._ended = [], []
                self._allowed, self._told = await self._pacer.allow(self._who, news), True
                self._let_in()
        finally:
            self._telling = False

    def _let_in(self) -> None:
        while self._waiting and (self._open or self._taken < self._allowed.slots):
            turn, tokens = self._waiting[0]
            if turn.done():  # cancelled
                self._waiting.popleft()
                continue
            now = monotonic()
            if self._told_at < self._allowed.not_before <= now:  # what has become of the pace while all waited?
                self._told = False
                self._asking = asyncio.get_running_loop().create_task(self._tell())
                return
            ready = max(self._allowed.not_before, self._calls.next_at, self._tokens.next_at)
            if ready > now and not self._open:
                self._wake_at(ready - now)
                return
            self._waiting.popleft()
            self._taken += 1
            if self._allowed.per_s:
                self._calls.take(1, self._allowed.per_s)
            if self._tokens_per_s:
                self._tokens.take(tokens, self._tokens_per_s)
            turn.set_result(None)

    def _wake_at(self, wait_s: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(wait_s, self._let_in)


class _Rhythm:
    """When the next unit of something is due at a given rate."""

    def __init__(self) -> None:
        self.next_at = 0.0

    def take(self, units: float, per_s: float) -> float:
        """When these units are due; the next ones follow at that rate."""
        due = max(self.next_at, monotonic() - _CATCH_UP_S)
        self.next_at = due + units / per_s
        return due
