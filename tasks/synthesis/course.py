"""How far attempts have come: each call of one follows from the answers before it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemas.attempt import Attempt
from schemas.call import Call, Request
from schemas.trace import Trace
from tasks.judging.verifiers import VERIFIERS
from tasks.synthesis.plan import Plan
from tasks.tracing.strategy import Step, next_step, request_of
from tasks.tracing.trace import trace_id
from warehouse.journal import Journal
from warehouse.reading import Snapshot

Wanted = dict[str, Request | None]
"""Calls by call_id; None for a recorded completion, which nobody can be asked for."""
Find = Callable[[Wanted], Mapping[str, Call]]
"""Those that have ended among the calls that are wanted."""


@dataclass(frozen=True)
class Course:
    """An attempt, its calls that have ended, in order, and what comes next."""

    attempt: Attempt
    calls: tuple[Call, ...]
    step: Step | None
    """None: its recorded completion has not been looked up."""

    @property
    def wanted(self) -> tuple[str, Request | None] | None:
        """The call that it waits for; None once it has ended."""
        if not self.calls:
            return self.attempt.call_id, self.step if isinstance(self.step, Request) else None
        return (self.step.call_id, self.step) if isinstance(self.step, Request) else None


def follow(plan: Plan, attempts: Iterable[Attempt], find: Find) -> list[Course]:
    """The course of each attempt, as far as `find` finds its calls. It is asked for one call of each at a time."""
    courses = {a.attempt_id: Course(a, (), plan.requests.get(a.call_id)) for a in attempts}
    waiting = {key: wanted for key, course in courses.items() if (wanted := course.wanted)}
    while waiting:
        found = find(dict(waiting.values()))
        on = {key: found[call_id] for key, (call_id, _) in waiting.items() if call_id in found}
        for key, call in on.items():
            courses[key] = _after(courses[key], call, plan)
        waiting = {key: wanted for key in on if (wanted := courses[key].wanted)}
    return list(courses.values())


def landed(now: Snapshot) -> Find:
    """Finds what stands in the warehouse."""
    return lambda wanted: {call.call_id: call for call in now.rows(Call, "call_id", list(wanted))}


def landed_or_journaled(now: Snapshot, journal: Journal) -> Find:
    """Finds every answer that there is."""
    return lambda wanted: {**landed(now)(wanted), **journal.answers(list(wanted))}


def later_calls(plan: Plan, now: Snapshot, journal: Journal) -> set[str]:
    """The calls of a plan, other than those that its attempts start with, that may have been sent so far."""
    judging = judging_requests(plan, now).keys()
    if not plan.goes_on:
        return set(judging)
    ended = _of_ended(plan, now)
    return _without_first(plan, {*_all_of(ended), *_under_way(plan, ended, now, journal), *judging})


def later_requests(plan: Plan, now: Snapshot, journal: Journal) -> dict[str, Request]:
    """As `later_calls`, with what is asked in each, but for those of the model that judges."""
    if not plan.goes_on:
        return {}
    ended = _of_ended(plan, now)
    columns = "endpoint, model_asked AS model, messages, sampling, sample_index, fresh"
    asked = f"SELECT {columns} FROM calls WHERE call_id IN (SELECT unnest(?))"
    names, rows = now.ask(asked, [list(_without_first(plan, _all_of(ended)))])
    requests = [Request.model_validate(dict(zip(names, row, strict=True))) for row in rows]
    of_ended = {request.call_id: request for request in requests}
    under_way = _under_way(plan, ended, now, journal)
    return of_ended | {call_id: under_way[call_id] for call_id in _without_first(plan, under_way)}


def judging_requests(plan: Plan, now: Snapshot) -> dict[str, Request]:
    """What the model that judges has been asked, or will be, about the traces that have landed."""
    attempts = [a for a in plan.attempts if VERIFIERS[plan.questions[a.question_id].kind].asks_model]
    if not plan.bench or not attempts:
        return {}
    traces = now.rows(Trace, "trace_id", [trace_id(attempt) for attempt in attempts])
    return plan.bench.requests([(trace, plan.questions[trace.question_id]) for trace in traces])


def _after(course: Course, call: Call, plan: Plan) -> Course:
    calls = (*course.calls, call)
    return Course(course.attempt, calls, next_step(calls, plan.questions[course.attempt.question_id], plan.teacher))


def _of_ended(plan: Plan, now: Snapshot) -> dict[str, Sequence[str]]:
    """The calls of each attempt that has ended."""
    these = "attempt_id IN (SELECT unnest($ids))"
    of_each = [f"SELECT attempt_id, call_ids FROM {table} WHERE {these}" for table in ("traces", "failures")]
    _, rows = now.ask(" UNION ALL ".join(of_each), {"ids": [attempt.attempt_id for attempt in plan.attempts]})
    return dict(rows)


def _under_way(plan: Plan, ended: Mapping[str, object], now: Snapshot, journal: Journal) -> dict[str, Request]:
    """The calls of the other attempts that have ended, and those that come next."""
    attempts = [attempt for attempt in plan.attempts if attempt.attempt_id not in ended]
    requests: dict[str, Request] = {}
    for course in follow(plan, attempts, landed_or_journaled(now, journal)):
        requests |= {call.call_id: request_of(call) for call in course.calls}
        if isinstance(course.step, Request):
            requests[course.step.call_id] = course.step
    return requests


def _all_of(ended: Mapping[str, Sequence[str]]) -> set[str]:
    return {call_id for call_ids in ended.values() for call_id in call_ids}


def _without_first(plan: Plan, call_ids: Iterable[str]) -> set[str]:
    return set(call_ids) - plan.requests.keys()
