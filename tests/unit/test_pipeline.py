"""The line without Prefect or Ray: what it asks of its workers, what it lands, and what it does again."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from threading import Event

import pytest

from schemas.call import CallEnd, Outcome, Request
from schemas.configuration import RunConfiguration
from schemas.errors import Stopped, TeacherUnavailable
from schemas.question import AnswerKind, Question
from schemas.until import Until
from tasks.questions import Recorded, Seed
from tasks.synthesis.pipeline import SynthesizePipeline, Tick
from tasks.synthesis.plan import Plan, make_plan
from tasks.synthesis.worklist import ShardWork, find_work
from tests.scripted import REFUSED, Reply, ScriptedWorkers, said
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

WHOLE = said("<thinking>easy</thinking><output>Answer: 2</output>")


def workers_that(ends: Mapping[str, Reply | str] | None = None) -> ScriptedWorkers:
    """Who answers 2, but for the questions of these texts: how the call ends, or why it stays pending."""
    given = ends or {}
    return ScriptedWorkers(lambda request: given.get(request.messages[-1].content, WHOLE))


def seeds(n: int = 6, **changes: object) -> list[Seed]:
    """Golds alternate between right (2) and wrong (3) for a teacher that always answers 2."""
    fields = {"kind": AnswerKind.NUMBER, "source": "s"} | changes
    return [Seed(Question.of(text=f"q{i}", gold=str(2 + i % 2), **fields)) for i in range(n)]


def recorded(n: int) -> list[Seed]:
    return [Seed(each.question, (Recorded("response", "Answer: 2"),)) for each in seeds(n)]


def configuration(**sections: object) -> RunConfiguration:
    return RunConfiguration.model_validate(
        {"questions": {"source": "jsonl", "path": "x"}, "run": {"shard_size": 4}, **sections}
    )


@contextmanager
def on_the_line(
    warehouse: Warehouse, workers: ScriptedWorkers, given: list[Seed], until: Until = Until.VERIFY
) -> Iterator[tuple[SynthesizePipeline, list[ShardWork], Plan]]:
    plan = make_plan(configuration(), given, "http://127.0.0.1:1")
    with Snapshot(warehouse) as before:
        work = find_work(before, plan, None, until)
        with (
            closing(SynthesizePipeline(plan, work, warehouse, before, workers, "run", Event())) as line,
            closing(Journal(warehouse.journal_path)) as workers.journal,
        ):
            yield line, work, plan


def carry(
    warehouse: Warehouse, workers: ScriptedWorkers, given: list[Seed], until: Until = Until.VERIFY
) -> SynthesizePipeline:
    """Every shard through its stages, as the flow does it, one after the other."""
    with on_the_line(warehouse, workers, given, until) as (line, work, plan):
        warehouse.land("attempts", list(plan.attempts), "run", f"{plan.plan_id}/plan")
        for shard_work in work:
            line.generate(shard_work.shard_id)
            if until is Until.VERIFY:
                line.verify(shard_work.shard_id)
            line.leave(shard_work.shard_id)
    return line


def count(warehouse: Warehouse, table: str, where: str = "true") -> int:
    with Snapshot(warehouse) as now:
        _, [(n,)] = now.ask(f"SELECT count(*) FROM {table} WHERE {where}")
    return int(n)


def test_everything_asked_for_lands_once_and_a_second_run_asks_nothing(warehouse: Warehouse) -> None:
    workers = workers_that()
    carry(warehouse, workers, seeds())
    assert [count(warehouse, table) for table in ("calls", "traces", "verdicts")] == [6, 6, 6]
    assert count(warehouse, "verdicts", "verdict = 'correct'") == 3
    asked = list(workers.asked)
    carry(warehouse, workers, seeds())
    assert workers.asked == asked
    assert count(warehouse, "doubled_keys") == 0


def test_two_more_questions_are_two_more_calls(warehouse: Warehouse) -> None:
    workers = workers_that()
    carry(warehouse, workers, seeds(6))
    carry(warehouse, workers, seeds(8))
    assert len(workers.asked) == len({request.call_id for request in workers.asked}) == 8
    assert count(warehouse, "traces") == 8


def test_a_refused_call_is_data_and_its_neighbours_live(warehouse: Warehouse) -> None:
    workers = workers_that({"q1": REFUSED, "q2": REFUSED | {"ended": CallEnd.UNREADABLE}})
    carry(warehouse, workers, seeds())
    assert (count(warehouse, "calls"), count(warehouse, "traces")) == (6, 4)
    carry(warehouse, workers, seeds())
    assert len(workers.asked) == 6, "an ended call is never asked for again"
    assert count(warehouse, "books", "failed = 2 AND verified = 4 AND balanced") == 1


def test_a_call_that_failed_for_now_is_pending_and_is_asked_again(warehouse: Warehouse) -> None:
    line = carry(warehouse, workers_that({"q1": "HTTP 503"}), seeds())
    assert list(line.pending.values()) == ["HTTP 503"]
    assert count(warehouse, "books", "pending = 1 AND verified = 5 AND balanced") == 1
    later = workers_that()
    carry(warehouse, later, seeds())
    assert [request.call_id for request in later.asked] == list(line.pending)
    assert count(warehouse, "books", "pending = 0 AND verified = 6 AND balanced") == 1


def test_verdicts_missing_after_a_kill_are_made_from_landed_traces(warehouse: Warehouse) -> None:
    workers = workers_that()
    carry(warehouse, workers, seeds(), until=Until.GENERATE)
    assert (count(warehouse, "traces"), count(warehouse, "verdicts")) == (6, 0)
    carry(warehouse, workers, seeds())
    assert (len(workers.asked), count(warehouse, "verdicts")) == (6, 6)


def test_questions_that_differ_by_a_tag_share_a_call_that_lands_once(warehouse: Warehouse) -> None:
    workers = workers_that()
    carry(warehouse, workers, [*seeds(6), *seeds(6, tags=("again",))])
    assert (len(workers.asked), count(warehouse, "calls")) == (6, 6)
    assert (count(warehouse, "traces"), count(warehouse, "doubled_keys")) == (12, 0)


def test_a_pattern_of_exponential_time_costs_its_answer_and_holds_nothing_up(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bug: it was searched in the driver, which then stood still."""
    monkeypatch.setattr("tasks.judging.reading.PATTERN_TIMEOUT_S", 0.2)
    slow, quick = ({"spec": f'{{"answer_pattern": "{pattern}"}}'} for pattern in ("((?:[a-z<>/]+)+)!", "(2)"))
    carry(warehouse, workers_that(), [*seeds(1, **slow), *seeds(1, **quick)])
    assert count(warehouse, "traces", "answer IS NULL") == count(warehouse, "traces", "answer = '2'") == 1
    assert count(warehouse, "verdicts", "reason = 'no_answer'") == 1


def test_a_failure_ends_the_run_and_is_remembered(warehouse: Warehouse) -> None:
    class Unavailable(ScriptedWorkers):
        def answer(self, requests: list[Request], tick: Tick) -> list[Outcome]:
            raise TeacherUnavailable("wrong key")

    with on_the_line(warehouse, Unavailable(lambda request: WHOLE), seeds()) as (line, work, _):
        with pytest.raises(TeacherUnavailable):
            line.generate(work[0].shard_id)
        with pytest.raises(Stopped):
            line.generate(work[1].shard_id)
        assert str(line.failure) == "wrong key"
    assert count(warehouse, "calls") == 0


def test_of_a_shard_that_is_left_nothing_stays_in_memory(warehouse: Warehouse) -> None:
    for given in (seeds(12), recorded(12)):
        line = carry(warehouse, workers_that(), given)
        held = (line._open, line._traces, line._recorded, line._absent, line._engine._claimed, line._engine._kept)
        assert not any(held), held


@pytest.mark.parametrize(
    ("given", "most_bytes", "attempts"),
    [
        (recorded(20), 1 << 21, [20]),
        (recorded(20), 8 * 512, [8, 8, 4]),
        (recorded(20), 0, [4, 4, 4, 4, 4]),
        (seeds(20), 1 << 21, [4, 4, 4, 4, 4]),
        ([*recorded(19), *seeds(20)[19:]], 1 << 21, [4, 4, 4, 4, 4]),
    ],
    ids=["recorded", "as many as have room", "room for none", "asked", "one is asked"],
)
def test_shards_that_wait_for_nobody_go_together(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, given: list[Seed], most_bytes: int, attempts: list[int]
) -> None:
    """Five commits of one table took longer than the work of the five shards; a model's answers land as they come."""
    monkeypatch.setattr("tasks.synthesis.worklist._TOGETHER_BYTES", most_bytes)
    with on_the_line(warehouse, workers_that(), given) as (_, work, plan):
        assert [len(each.span.attempts) for each in work] == attempts
        assert len(plan.spans) == 5, "what lands of the plan has its own shards"
    carry(warehouse, workers_that(), given)
    assert warehouse.open("traces").version() == len(attempts)
    assert (count(warehouse, "traces"), count(warehouse, "verdicts"), count(warehouse, "doubled_keys")) == (20, 20, 0)


@pytest.mark.parametrize(
    ("max_in_flight", "open_at_once", "attempts"),
    [(8, 2, [8, 8, 4]), (64, 2, [8, 8, 4]), (None, 1, [20]), (2, 2, [4] * 5), (64, 5, [4] * 5), (64, 0, [4] * 5)],
    ids=["as asked", "of a small plan a part", "nothing said", "few in flight", "many open", "a size that was chosen"],
)
def test_shards_under_way_hold_what_is_in_flight(
    warehouse: Warehouse, max_in_flight: int | None, open_at_once: int, attempts: list[int]
) -> None:
    """Four shards of 100 held 400 calls, however many the teacher bore."""
    asks = configuration(teacher={"max_in_flight": max_in_flight})
    plan = make_plan(asks, seeds(20), "http://127.0.0.1:1")
    with Snapshot(warehouse) as before:
        work = find_work(before, plan, None, Until.VERIFY, open_at_once)
    assert [len(each.span.attempts) for each in work] == attempts


def test_what_is_left_around_a_shard_that_is_done_goes_apart_and_no_row_is_made_twice(warehouse: Warehouse) -> None:
    """As after a kill. What is joined is read from its first question to its last."""
    plan_size = 20
    with on_the_line(warehouse, workers_that(), recorded(plan_size)) as (line, [whole], plan):
        done = ShardWork(plan, plan.spans[1], whole.landed[4:8], {s: lacks[4:8] for s, lacks in whole.lacks.items()})
        line._work[done.shard_id] = done
        line.generate(done.shard_id)
        line.verify(done.shard_id)
    with on_the_line(warehouse, workers_that(), recorded(plan_size)) as (_, work, _):
        assert [(each.span.attempts.start, each.span.attempts.stop) for each in work] == [(0, 4), (8, 20)]
    carry(warehouse, workers_that(), recorded(plan_size), until=Until.GENERATE)
    carry(warehouse, workers_that(), recorded(plan_size))
    assert [count(warehouse, table) for table in ("calls", "traces", "verdicts")] == [plan_size] * 3
    assert count(warehouse, "doubled_keys") == 0
    assert count(warehouse, "books", "planned = 20 AND verified = 20 AND balanced") == 1
