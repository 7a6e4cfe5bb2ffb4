"""Where calls wait for their turn: the slots of one process and its token buckets, as the controller permits them."""

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import Protocol

from tasks.asking.aimd import AIMDController, Observation, Permit

_CATCH_UP_S = 0.02
"""A call that the event loop lets begin late does not delay those after it."""


@dataclass(frozen=True)
class Observations:
    """What one process has met since it last told."""

    sent: tuple[float, ...]
    ended: tuple[Observation, ...]


class Controller(Protocol):
    """Decides for all processes that send to one endpoint."""

    async def allow(self, who: int, observations: Observations) -> Permit: ...


class SharedController:
    """Shares one controller equally among `parts` processes. Plain; Ray makes an actor of it."""

    def __init__(
        self, max_in_flight: int | None, per_minute: int | None, parts: int = 1, timeout_s: float = inf
    ) -> None:
        self._controller = AIMDController(max_in_flight, per_minute, parts, timeout_s)
        self._parts = parts

    async def allow(self, who: int, observations: Observations) -> Permit:
        """Return the share of process number `who`, in the light of its observations."""
        for at in observations.sent:
            self._controller.sent(at)
        for observation in observations.ended:
            self._controller.ended(observation)
        whole = self._controller.permit(monotonic())
        slots = whole.slots // self._parts + (who < whole.slots % self._parts)
        per_s = None if whole.per_s is None else whole.per_s / self._parts
        return Permit(slots, per_s, whole.not_before)


class RateLimiter:
    """Lets calls in: those that were refused before first, else in the order in which they came."""

    def __init__(self, controller: Controller, who: int = 0, tokens_per_s: float | None = None) -> None:
        """`tokens_per_s`: this process's part of a fixed limit."""
        self._controller, self._who = controller, who
        self._allowed = Permit(0, None, 0.0)
        self._waiting: deque[tuple[asyncio.Future[None], int]] = deque()
        self._taken = 0
        self._calls, self._sends, self._tokens = _TokenBucket(), _TokenBucket(), _TokenBucket()
        self._tokens_per_s = tokens_per_s
        self._sent: list[float] = []
        self._ended: list[Observation] = []
        self._told = self._telling = False
        self._opened = asyncio.Event()
        self._told_at = 0.0
        self._asking: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def acquire(self, tokens: int = 0, again: bool = False) -> bool:
        """Wait for a slot and for its time; whether that was the last slot. Followed by `release`, whatever happens.

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
        if (wait_s := due - monotonic()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._opened.wait(), wait_s)
        now = monotonic()
        self._sent.append(now)
        return now

    async def release(self, observation: Observation | None, more_tokens: int = 0) -> None:
        """Give the slot back; `observation` when something was sent, `more_tokens` than were expected."""
        self._taken -= 1
        if self._tokens_per_s:
            self._tokens.take(more_tokens, self._tokens_per_s)
        if observation:
            self._ended.append(observation)
            await self._tell()  # lets in
        else:
            self._let_in()

    def open(self) -> None:
        """Let everybody in, now and from now on: nothing more will be sent."""
        self._opened.set()
        self._let_in()

    async def _tell(self) -> None:
        """Tell the controller what happened; its permit is in force before a slot is given away. One at a time."""
        if self._telling:
            return
        self._telling = True
        try:
            while self._ended or not self._told:
                observations, self._told_at = Observations(tuple(self._sent), tuple(self._ended)), monotonic()
                self._sent, self._ended = [], []
                self._allowed, self._told = await self._controller.allow(self._who, observations), True
                self._let_in()
        finally:
            self._telling = False

    def _let_in(self) -> None:
        while self._waiting and (self._opened.is_set() or self._taken < self._allowed.slots):
            turn, tokens = self._waiting[0]
            if turn.done():  # cancelled
                self._waiting.popleft()
                continue
            now = monotonic()
            if self._told_at < self._allowed.not_before <= now:  # what is permitted now that all have waited?
                self._told = False
                self._asking = asyncio.get_running_loop().create_task(self._tell())
                return
            ready = max(self._allowed.not_before, self._calls.next_at, self._tokens.next_at)
            if ready > now and not self._opened.is_set():
                if self._timer:
                    self._timer.cancel()
                self._timer = asyncio.get_running_loop().call_later(ready - now, self._let_in)
                return
            self._waiting.popleft()
            self._taken += 1
            if self._allowed.per_s:
                self._calls.take(1, self._allowed.per_s)
            if self._tokens_per_s:
                self._tokens.take(tokens, self._tokens_per_s)
            turn.set_result(None)


class _TokenBucket:
    """When the next unit of something is due at a given rate."""

    def __init__(self) -> None:
        self.next_at = 0.0

    def take(self, units: float, per_s: float) -> float:
        """When these units are due; the next ones follow at that rate."""
        due = max(self.next_at, monotonic() - _CATCH_UP_S)
        self.next_at = due + units / per_s
        return due
