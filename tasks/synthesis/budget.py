"""What a plan has asked beside that which its attempts start with, and the budget of all its calls."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import chain

from schemas.call import Request
from schemas.configuration import RunConfiguration
from schemas.teacher import TeacherSettings
from schemas.trace import Trace
from tasks.asking.budget import Account, open_account
from tasks.replay.lookup import Lookup
from tasks.replay.procedure import replay
from tasks.synthesis.plan import Plan
from tasks.tracing.trace import trace_id
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot


def open_budget(configuration: RunConfiguration, plan: Plan, warehouse: Warehouse) -> Account | None:
    """Return the budget of a plan; None without one.

    It belongs to the plan and counts all its calls in every run, those that wrote its questions among them, and also
    those that another plan has paid for: a file that asks for a data set says what that set may cost. What a kill left
    without an outcome counts at its worst case.
    """
    if not configuration.budget.is_set:
        return None
    with Snapshot(warehouse) as now, closing(Journal(warehouse.journal_path)) as journal:
        later = plan.written | later_requests(plan, now, journal)
        judging = judging_requests(plan, now)

    def asked() -> Iterator[tuple[str, Request, TeacherSettings | None]]:
        for call_id, request in chain(plan.first_requests(), later.items()):
            yield call_id, request, configuration.drafter if plan.is_draft(request) else configuration.teacher
        for call_id, request in judging.items():
            yield call_id, request, configuration.judge

    return open_account(configuration.budget, plan.plan_id, asked(), warehouse.journal_path)


def later_calls(plan: Plan, now: Snapshot, journal: Journal) -> set[str]:
    """Return the calls of a plan, other than those that its attempts start with, that may have been sent so far."""
    judging = judging_requests(plan, now).keys()
    if not plan.goes_on:
        return set(judging)
    ended = _of_ended(plan, now)
    return _without_first(plan, {*_all_of(ended), *_under_way(plan, ended, now, journal), *judging})


def later_requests(plan: Plan, now: Snapshot, journal: Journal) -> dict[str, Request]:
    """Return the calls that may come later, with what is asked in each, but for those of the model that judges."""
    if not plan.goes_on:
        return {}
    ended = _of_ended(plan, now)
    columns = "endpoint, model_asked AS model, messages, sampling, sample_index, fresh, extra_body"
    asked = f"SELECT {columns} FROM calls WHERE call_id IN (SELECT unnest(?))"
    names, rows = now.ask(asked, [list(_without_first(plan, _all_of(ended)))])
    requests = [Request.model_validate(dict(zip(names, row, strict=True))) for row in rows]
    of_ended = {request.call_id: request for request in requests}
    under_way = _under_way(plan, ended, now, journal)
    return of_ended | {call_id: under_way[call_id] for call_id in _without_first(plan, under_way)}


def judging_requests(plan: Plan, now: Snapshot) -> dict[str, Request]:
    """Return what the model that judges has been asked, or will be, about the traces that have landed."""
    if not plan.judge:
        return {}
    asked: dict[str, Request] = {}
    for shard in map(plan.opened, plan.spans):
        questions = {key: question for key, question in shard.questions.items() if plan.asks_judge(question)}
        ids = [trace_id(attempt) for attempt in shard.shard.attempts if attempt.question_id in questions]
        traces = now.rows(Trace, "trace_id", ids)
        verdicts = replay({t.trace_id: plan.judge.verdict(t, questions[t.question_id]) for t in traces})
        asked |= {call_id: request for each in verdicts.values() for call_id, request in each.requests.items()}
    return asked


def _of_ended(plan: Plan, now: Snapshot) -> dict[str, Sequence[str]]:
    """The calls of each attempt that has ended."""
    these = "attempt_id IN (SELECT unnest($ids))"
    of_each = [f"SELECT attempt_id, call_ids FROM {table} WHERE {these}" for table in ("traces", "failures")]
    _, rows = now.ask(" UNION ALL ".join(of_each), {"ids": list(plan.attempt_ids)})
    return dict(rows)


def _under_way(plan: Plan, ended: Mapping[str, object], now: Snapshot, journal: Journal) -> dict[str, Request]:
    """The calls of the other attempts that have ended, and those that come next."""
    asked: dict[str, Request] = {}
    for shard in map(plan.opened, plan.spans):
        rollouts = shard.rollouts(each for each in shard.shard.attempts if each.attempt_id not in ended)
        progress = replay(rollouts, *Lookup(now, journal).finds)
        asked |= {call_id: request for each in progress.values() for call_id, request in each.requests.items()}
    return asked


def _all_of(ended: Mapping[str, Sequence[str]]) -> set[str]:
    return {call_id for call_ids in ended.values() for call_id in call_ids}


def _without_first(plan: Plan, call_ids: Iterable[str]) -> set[str]:
    return set(call_ids).difference(plan.asked)
