"""How many calls may be under way, and how many may begin per second: decided from what calls have met, pure.

Below a number that is given, what is in flight grows and shrinks as in NVIDIA's Data Designer: one decrease per burst
of refusals, additive growth from there. Without one it is looked for by slow start. After a refusal the rate is bounded
too, at what had been accepted until then: where answers are quick, even a few in flight are too many per second. The
bound rises again by CUBIC's curve (RFC 9438, section 4.2): slowly where it was refused, then ever faster, so that a
bound that was too low does not last.
"""

from collections import deque
from dataclasses import dataclass
from math import inf

START = 4
"""Calls in flight before anything is known."""
MOST = 1024
"""In flight at most where the configuration does not say."""
DECREASE = 0.75
SUCCESSES_PER_SLOT = 25
SUCCESSES_PER_SLOT_ABOVE_CEILING = 100
_BURST_S = 1.0
_RATE_BETA = 0.9
_RATE_C = 0.0004
"""CUBIC's C, in parts of the refused rate per cubed window: there again after 6.3 windows, 10 % above it after 12.6."""
_NO_ACCIDENT = 3
"""So many refusals together may speak of a rate."""
_CORRECTION = 0.85
"""The part of a rate that single refusals leave of it."""
_MARGIN, _FIRM_MARGIN = 0.97, 0.99
"""The part of a measured rate that leaves room for calls that arrive closer together than they were sent."""
_NEAR = 0.97
_FIRM_BETA, _FIRM_STRETCH = 0.995, 10.0
"""Of a rate that was refused twice where it stood: little is given up, and it is tried again after a minute, not after
ten seconds, since every refusal costs all calls what the endpoint asks to wait.
"""
_BELOW, _MOST_DOUBTS = 0.995, 3
"""Parts of the highest rate; so many refusals in a row below it, and it doubles."""
_CALLS_PER_TRIP = 8
"""Fewer are no measure."""
_NO_QUEUE_S = 0.05
"""Answers that are quicker have not waited for each other."""
_WORTH_IT = 0.25
"""The part of what more calls in flight could bring at best that is enough to keep them."""
_MUCH_SLOWER = 2.0
_TRIPS_HELD = 10
_OF_TIMEOUT = 0.8
_SHORTEST_ABSENCE_S, _LONGEST_ABSENCE_S = 0.5, 10.0
"""Between two looks at whether somebody is there again."""
_JUDGED_AFTER_S = 0.2
_SHORTEST_WINDOW_S, _LONGEST_WINDOW_S = 1.0, 60.0


@dataclass(frozen=True)
class Observation:
    """A call that was under way, on the clock that all processes of a machine share (`time.monotonic`)."""

    sent_at: float
    ended_at: float
    refused: bool = False
    """HTTP 429, or another answer that asks to come later."""
    late: bool = False
    """No answer in time."""
    retry_after_s: float = 0.0
    away: bool = False
    """Nobody listens, the server is loading its model, or it has answered nobody for a while."""
    silence_s: float | None = None
    """The longest wait for a piece of it, where it came in pieces."""
    tokens: int = 1
    """Completion tokens; 1 when not known."""
    full: bool = True
    """All slots were taken when it was sent: only then do answers show that there could be more."""


@dataclass(frozen=True)
class Permit:
    """What a process may send."""

    slots: int
    """Calls that may be under way at once."""
    per_s: float | None
    """Calls that may begin per second; None: as many as there are slots."""
    not_before: float
    """No call may begin earlier."""


class AIMDController:
    """Decides how many calls to one endpoint and model may be under way, and how many may begin per second."""

    def __init__(
        self, max_in_flight: int | None, per_minute: int | None = None, floor: int = 1, timeout_s: float = inf
    ) -> None:
        """Starts at `max_in_flight` and never exceeds it; without it, starts at START and looks for what the server
        answers at once, so that none waits for `timeout_s`. Never below `floor`.
        """
        self._most = max_in_flight or MOST
        self._limit = max(max_in_flight or START, floor)
        self._floor = floor
        self._search = None if max_in_flight else _SlowStart(self._limit, floor, timeout_s)
        self._ceiling = self._most
        self._successes = 0
        self._cut_at = float("-inf")
        self._not_before = self._look_at = 0.0
        self._absences = 0
        """Sends in a row that met nobody."""
        self._rate = _Rate()
        self._fixed = per_minute / 60 if per_minute else None
        self._trips = _RoundTrips()

    def sent(self, at: float) -> None:
        self._rate.sent(at)

    def ended(self, observation: Observation) -> None:
        if observation.away:
            self._missed(observation)
            return
        self._absences = 0
        if observation.refused:
            self._refused(observation)
        if observation.late or observation.refused:
            self._congested(observation)
        else:
            self._succeeded(observation)

    def permit(self, now: float) -> Permit:
        """Return how much may be sent; while a server is away, one call alone looks whether it is back."""
        rates = [rate for rate in (self._fixed, self._rate.at(now)) if rate is not None]
        slots, not_before = self._limit, self._not_before
        if self._absences:
            slots, not_before = self._floor, max(not_before, self._look_at)
        return Permit(slots, min(rates, default=None), not_before)

    def _missed(self, observation: Observation) -> None:
        if not self._absences or observation.ended_at >= self._look_at:  # else it was sent beside one that met nobody
            wait_s = min(_LONGEST_ABSENCE_S, _SHORTEST_ABSENCE_S * 2**self._absences)
            self._absences = min(self._absences + 1, 16)
            self._look_at = observation.ended_at + max(wait_s, observation.retry_after_s)

    def _refused(self, observation: Observation) -> None:
        self._not_before = max(self._not_before, observation.ended_at + observation.retry_after_s)
        self._rate.refused(observation)

    def _congested(self, observation: Observation) -> None:
        """One decrease per burst: what was sent before the last decrease says nothing about what came of it."""
        if self._same_burst(observation):
            return
        if (
            observation.full or not observation.refused
        ):  # else it was the rate that was too high, not the number in flight
            self._ceiling = self._limit
            self._limit, self._successes = max(self._floor, int(self._limit * DECREASE)), 0
            if self._search:
                self._search.fall(self._limit, observation.ended_at)
        self._cut_at = observation.ended_at

    def _same_burst(self, observation: Observation) -> bool:
        return observation.sent_at <= self._cut_at or observation.ended_at < self._cut_at + _BURST_S

    def _succeeded(self, observation: Observation) -> None:
        if self._search:
            self._limit = self._search.limit_after(observation)
        elif self._trips.has_doubled(observation, self._limit):
            self._congested(observation)
        elif observation.full:
            self._grow()

    def _grow(self) -> None:
        needed = SUCCESSES_PER_SLOT_ABOVE_CEILING if self._limit >= self._ceiling else SUCCESSES_PER_SLOT
        self._successes += 1
        if self._successes >= needed:
            self._limit, self._successes = min(self._limit + 1, self._most), 0


@dataclass(frozen=True)
class _Trip:
    """What the answers of one round trip were like."""

    limit: int
    """Calls in flight."""
    per_call_s: float
    per_token_s: float

    def slower(self, before: "_Trip") -> float:
        """How many times longer an answer takes, both per call and per token: longer answers are not slower."""
        return min(self.per_call_s / before.per_call_s, self.per_token_s / before.per_token_s)

    def is_worth_it(self, before: "_Trip") -> bool:
        """Whether enough more is answered per second: by Little's law, calls in flight over the time that one takes."""
        more = self.limit / before.limit
        return more / self.slower(before) >= 1 + _WORTH_IT * (more - 1)


class _SlowStart:
    """Looks for how many calls a server answers at once: doubles them per round trip for as long as that makes it
    answer more per second. Where it does not, they only queue, so the number goes back. Some trips after that, or
    after a refusal, it is tried again.
    """

    def __init__(self, start: int, floor: int, timeout_s: float) -> None:
        self._limit, self._floor, self._timeout_s = start, floor, timeout_s
        self._changed_at = -inf
        self._before: _Trip | None = None
        """At the last number that was worth its queue."""
        self._trying = True
        self._held = 0
        """Trips at the same number."""
        self._calls = 0
        self._seconds = self._tokens = self._slowest_s = 0.0

    def limit_after(self, observation: Observation) -> int:
        """How many may be in flight, now that this call has been answered."""
        if not observation.full or observation.sent_at < self._changed_at:
            return self._limit
        took_s = observation.ended_at - observation.sent_at
        self._calls += 1
        self._seconds += max(took_s, _NO_QUEUE_S)
        self._tokens += max(observation.tokens, 1)
        self._slowest_s = max(self._slowest_s, took_s if observation.silence_s is None else observation.silence_s)
        if self._calls >= max(self._limit, _CALLS_PER_TRIP):
            trip = _Trip(self._limit, self._seconds / self._calls, self._seconds / self._tokens)
            self._set(self._next(trip), observation.ended_at)
        return self._limit

    def fall(self, limit: int, now: float) -> None:
        """Take a number that something has shown to be enough for now."""
        self._before, self._trying, self._held = None, False, 0
        self._set(limit, now)

    def _next(self, trip: _Trip) -> int:
        before = self._before
        if before and self._trying and not trip.is_worth_it(before):
            self._trying, self._held = False, 0
            return before.limit
        if before and not self._trying and trip.slower(before) >= _MUCH_SLOWER:
            self._before, self._held = None, 0
            return max(self._floor, int(trip.limit * DECREASE))
        self._before, self._held = trip, self._held + 1
        self._trying |= self._held > _TRIPS_HELD
        return self._grown(trip.limit) if self._trying else trip.limit

    def _grown(self, limit: int) -> int:
        """Twice as many, but no more than a server can answer in time that answers no faster for it."""
        in_time = min(2.0, _OF_TIMEOUT * self._timeout_s / max(self._slowest_s, _NO_QUEUE_S))
        return max(limit, min(int(in_time * limit), MOST))

    def _set(self, limit: int, now: float) -> None:
        if limit != self._limit:
            self._limit, self._changed_at = limit, now
        self._calls, self._seconds, self._tokens, self._slowest_s = 0, 0.0, 0.0, 0.0


class _Rate:
    """Calls per second that an endpoint has shown to accept, and how many to try now.

    Not every refusal speaks of a rate: some come at random, or because too many are in flight. A rate is learned from
    several that come together, where the endpoint says how long to wait, or refuses all that is sent from some moment
    on. Later refusals correct it a little; those that go on below it show that it was too low.
    """

    def __init__(self) -> None:
        self._accepted: deque[float] = deque()
        """Send times; what is not refused yet counts as accepted."""
        self._refused: deque[float] = deque()
        self._highest: float | None = None
        self._lowest = 0.0
        self._window_s = _SHORTEST_WINDOW_S
        self._burst: tuple[float, float] | None = None
        """When the first and the last call was sent that a burst refused which is not judged yet."""
        self._resume_at = 0.0
        self._tried: float | None = None
        self._told_to_wait = False
        self._doubts = 0
        """Bursts of refusals in a row that came below the highest rate."""
        self._is_firm = False
        """Whether it was refused again where it had been before."""

    def sent(self, at: float) -> None:
        self._accepted.append(at)
        for sent in (self._accepted, self._refused):
            while sent and sent[0] < at - _LONGEST_WINDOW_S:
                sent.popleft()

    def refused(self, observation: Observation) -> None:
        if observation.sent_at in self._accepted:
            self._accepted.remove(observation.sent_at)
        self._refused.append(observation.sent_at)
        if self._burst is None:
            self._tried = self.at(observation.ended_at)
            self._told_to_wait = False
            self._burst = (observation.sent_at, observation.sent_at)
            self._window_s = min(max(observation.retry_after_s, _SHORTEST_WINDOW_S), _LONGEST_WINDOW_S)
        self._told_to_wait |= observation.retry_after_s > 0
        first, last = self._burst
        self._burst = (min(first, observation.sent_at), max(last, observation.sent_at))
        self._resume_at = max(self._resume_at, observation.ended_at + max(observation.retry_after_s, _JUDGED_AFTER_S))

    def at(self, now: float) -> float | None:
        """CUBIC: W(t) = C (t - K)^3 + W_max, with t in windows since the refusal and W in parts of W_max."""
        if self._burst and now >= self._resume_at:
            self._judge(*self._burst)
            self._burst = None
        if self._highest is None:
            return None
        beta, stretch = (_FIRM_BETA, _FIRM_STRETCH) if self._is_firm else (_RATE_BETA, 1.0)
        k: float = ((1 - beta) / _RATE_C) ** (1 / 3)
        t = max(now - self._resume_at, 0.0) / (self._window_s * stretch)
        return self._highest * (_RATE_C * (t - k) ** 3 + 1)

    def _judge(self, first: float, last: float) -> None:
        """The burst is over: what was refused of it is known."""
        refused = sum(first <= sent <= last for sent in self._refused)
        accepted = sum(last - self._window_s <= sent <= last for sent in self._accepted)
        if self._highest is not None and self._tried is not None:
            self._is_firm = self._told_to_wait and self._tried >= _NEAR * self._highest
        measured = (_FIRM_MARGIN if self._is_firm else _MARGIN) * max(accepted, 1) / self._window_s
        in_a_row = refused >= sum(first <= sent <= last for sent in self._accepted)
        if refused >= _NO_ACCIDENT and (self._told_to_wait or in_a_row):
            self._highest = min(measured, self._tried or measured)
            self._lowest, self._doubts = _CORRECTION * self._highest, 0
        elif self._highest is not None and self._tried is not None:
            below = self._tried < _BELOW * self._highest
            self._doubts = self._doubts + 1 if below else 0
            if not below:
                self._highest = max(min(measured, self._tried), self._lowest)
            elif self._doubts == _MOST_DOUBTS:
                self._highest, self._lowest, self._doubts = 2 * self._highest, 2 * self._lowest, 0


class _RoundTrips:
    """Whether answers take twice as long as they did, per call and per token: longer answers are no congestion."""

    def __init__(self) -> None:
        self._seconds = self._tokens = 0.0
        self._calls = 0
        self._usual: tuple[float, float] | None = None

    def has_doubled(self, observation: Observation, limit: int) -> bool:
        """Looks once per round trip, at the mean of its answers."""
        self._calls += 1
        self._seconds += observation.ended_at - observation.sent_at
        self._tokens += max(observation.tokens, 1)
        if self._calls < max(SUCCESSES_PER_SLOT, limit):
            return False
        per_call, per_token = self._seconds / self._calls, self._seconds / self._tokens
        self._calls, self._seconds, self._tokens = 0, 0.0, 0.0
        before = self._usual or (per_call, per_token)
        doubled = per_call >= 2 * before[0] and per_token >= 2 * before[1]
        share = 1.0 if doubled else 0.1  # what is slow for good is soon what is usual
        self._usual = (before[0] + share * (per_call - before[0]), before[1] + share * (per_token - before[1]))
        return doubled
