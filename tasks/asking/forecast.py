"""What the calls that are due will probably cost, and what they may cost at most."""

from collections.abc import Iterable
from functools import reduce
from typing import NamedTuple

from schemas.budget import NOTHING, Charge
from schemas.budget import both as added
from schemas.call import Call, Request, Usage
from schemas.teacher import TeacherSettings
from tasks.asking.endpoint import cost_usd, request_bytes, worst_case


class History(NamedTuple):
    """Answered calls whose usage is known, in sums."""

    calls: int
    prompt_tokens: int
    completion_tokens: int
    timed_calls: int = 0
    """Those of them of which is known how long they took together, asked side by side as they were."""
    wall_s: float = 0.0

    @property
    def per_minute(self) -> float | None:
        """Answers per minute on the wall's clock; None where nothing was timed."""
        return 60 * self.timed_calls / self.wall_s if self.timed_calls and self.wall_s > 0 else None


class Forecast(NamedTuple):
    calls: int
    seen: int
    """Answered calls that it follows from; with 0 of them nothing is expected."""
    expected: Charge
    minutes: float | None
    """At the pace of those calls; None where it is not known."""
    per_minute: float | None
    """That pace, in answers."""
    worst: Charge
    batch: bool = False
    """Through batches, which have a day."""

    def __str__(self) -> str:
        most = f"at most {said(self.worst)}"
        if not self.seen:
            return f"forecast: {self.calls} calls, {most}; no call of this teacher has been answered to go by"
        basis = f"as {self.seen} calls before"
        wait = ", at most 24 hours" if self.batch else ""
        if self.minutes is not None and self.per_minute:
            wait = f", {self.minutes:.1f} minutes at {self.per_minute:.3g} answers a minute"
        return f"forecast: {self.calls} calls, about {said(self.expected)}{wait}, {basis}; {most}"


def history_of(calls: Iterable[Call]) -> History:
    known = [c for c in calls if c.usage.prompt_tokens is not None and c.usage.completion_tokens is not None]
    return History(
        len(known),
        sum(call.usage.prompt_tokens or 0 for call in known),
        sum(call.usage.completion_tokens or 0 for call in known),
    )


def forecast(due: Iterable[Request], settings: TeacherSettings, history: History) -> Forecast:
    """Return the mean of `history` for each request, each sent once; the worst case too counts one send."""
    n, endpoint, worst = 0, "", NOTHING
    for request in due:
        n, endpoint = n + 1, request.endpoint
        worst = added(worst, worst_case(request, settings, request_bytes(request)))
    if not n or not history.calls:
        return Forecast(n, 0, Charge(), None, None, worst)
    share = n / history.calls
    usage = Usage(
        prompt_tokens=round(history.prompt_tokens * share), completion_tokens=round(history.completion_tokens * share)
    )
    tokens = (usage.prompt_tokens or 0) + (usage.completion_tokens or 0)
    expected = Charge(tokens=tokens, usd=cost_usd(endpoint, usage, settings))
    pace = None if settings.batch else history.per_minute
    if pace and settings.requests_per_minute:
        pace = min(pace, settings.requests_per_minute)
    if pace and settings.tokens_per_minute:
        pace = min(pace, settings.tokens_per_minute * n / max(tokens, 1))
    minutes = n / pace if pace else None
    return Forecast(n, history.calls, expected, minutes, pace, worst, settings.batch)


def both(first: Forecast, second: Forecast) -> Forecast:
    """Return the forecast of the calls of two models, one after the other; nothing is expected where one has no
    history.
    """
    calls, worst = first.calls + second.calls, total([first.worst, second.worst])
    if not (first.seen and second.seen):
        return Forecast(calls, 0, Charge(), None, None, worst)
    minutes = None if first.minutes is None or second.minutes is None else first.minutes + second.minutes
    pace, expected = calls / minutes if minutes else None, total([first.expected, second.expected])
    return Forecast(calls, first.seen + second.seen, expected, minutes, pace, worst)


def total(charges: Iterable[Charge]) -> Charge:
    """Sum costs; None where any is."""
    return reduce(added, charges, NOTHING)


def said(charge: Charge) -> str:
    tokens = "unbounded tokens" if charge.tokens is None else f"{charge.tokens:,} tokens"
    return f"{tokens} and " + ("unknown cost" if charge.usd is None else f"{charge.usd:.2f} USD")
