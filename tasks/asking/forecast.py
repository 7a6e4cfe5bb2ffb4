"""What the calls that are due will probably cost, and what they may cost at most."""

from collections.abc import Iterable
from typing import NamedTuple

from schemas.budget import Charge
from schemas.call import Call, Request, Usage
from schemas.configuration import TeacherSettings
from tasks.asking.aimd import START
from tasks.asking.endpoint import cost_usd, request_bytes, worst_case


class History(NamedTuple):
    """Answered calls whose usage is known, in sums."""

    calls: int
    prompt_tokens: int
    completion_tokens: int
    latency_s: float


class Forecast(NamedTuple):
    calls: int
    seen: int
    """Answered calls that it follows from; with 0 of them nothing is expected."""
    expected: Charge
    minutes: float | None
    """None through batches, which have a day."""
    worst: Charge

    def __str__(self) -> str:
        most = f"at most {said(self.worst)}"
        if not self.seen:
            return f"forecast: {self.calls} calls, {most}; no call of this teacher has been answered to go by"
        basis = f"as {self.seen} calls before"
        wait = "at most 24 hours" if self.minutes is None else f"{self.minutes:.1f} minutes"
        return f"forecast: {self.calls} calls, about {said(self.expected)}, {wait} {basis}; {most}"


def history_of(calls: Iterable[Call]) -> History:
    known = [c for c in calls if c.usage.prompt_tokens is not None and c.usage.completion_tokens is not None]
    return History(
        len(known),
        sum(call.usage.prompt_tokens or 0 for call in known),
        sum(call.usage.completion_tokens or 0 for call in known),
        sum(call.latency_s for call in known),
    )


def forecast(due: list[Request], settings: TeacherSettings, history: History) -> Forecast:
    """The mean of `history` for each request, each sent once; the worst case too counts one send."""
    worst = total(worst_case(request, settings, request_bytes(request)) for request in due)
    if not due or not history.calls:
        return Forecast(len(due), 0, Charge(), None, worst)
    share = len(due) / history.calls
    usage = Usage(
        prompt_tokens=round(history.prompt_tokens * share), completion_tokens=round(history.completion_tokens * share)
    )
    tokens = (usage.prompt_tokens or 0) + (usage.completion_tokens or 0)
    seconds = history.latency_s * share / min(settings.max_in_flight or START, len(due))
    if settings.requests_per_minute:
        seconds = max(seconds, 60 * len(due) / settings.requests_per_minute)
    if settings.tokens_per_minute:
        seconds = max(seconds, 60 * tokens / settings.tokens_per_minute)
    expected = Charge(tokens=tokens, usd=cost_usd(due[0].endpoint, usage, settings))
    return Forecast(len(due), history.calls, expected, None if settings.batch else seconds / 60, worst)


def both(first: Forecast, second: Forecast) -> Forecast:
    """Return that of the calls of two models, one after the other; nothing is expected where one has no history."""
    calls, worst = first.calls + second.calls, total([first.worst, second.worst])
    if not (first.seen and second.seen):
        return Forecast(calls, 0, Charge(), None, worst)
    minutes = None if first.minutes is None or second.minutes is None else first.minutes + second.minutes
    return Forecast(calls, first.seen + second.seen, total([first.expected, second.expected]), minutes, worst)


def total(charges: Iterable[Charge]) -> Charge:
    """None where any is."""
    tokens, usd = 0, 0.0
    all_tokens, all_usd = True, True
    for charge in charges:
        all_tokens &= charge.tokens is not None
        all_usd &= charge.usd is not None
        tokens, usd = tokens + (charge.tokens or 0), usd + (charge.usd or 0.0)
    return Charge(tokens=tokens if all_tokens else None, usd=usd if all_usd else None)


def said(charge: Charge) -> str:
    tokens = "unbounded tokens" if charge.tokens is None else f"{charge.tokens:,} tokens"
    return f"{tokens} and " + ("unknown cost" if charge.usd is None else f"{charge.usd:.2f} USD")
