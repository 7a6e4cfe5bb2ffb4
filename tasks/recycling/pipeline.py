"""The pipeline of recycling: what is done with one shard of originals. Plain Python; Prefect and Ray only call it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from threading import Event, Lock
from typing import Protocol

from schemas.call import Call, Outcome, Request
from schemas.errors import Stopped
from schemas.pair import Original
from schemas.record import Record
from schemas.score import Score
from schemas.verdict import Verdict
from tasks.recycling.course import Course
from tasks.recycling.decision import decide
from tasks.recycling.memory import Memory
from tasks.recycling.plan import RecyclePlan
from tasks.recycling.verification import Job
from tasks.scoring.score import ScoredText
from tasks.synthesis.pipeline import Tick
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot


class Stage(StrEnum):
    """What is reflected on."""

    INSTRUCTION = "instruction"
    RESPONSE = "response"


class RecycleWorkers(Protocol):
    """Where the work is done: actors in a run, plain objects in a test."""

    def answer(self, requests: list[Request], tick: Tick) -> list[Outcome]: ...

    def score_texts(self, subjects: list[ScoredText], tick: Tick) -> list[Score]: ...

    def verify_pairs(self, jobs: list[Job], tick: Tick) -> list[Verdict]: ...


class RecyclePipeline:
    """Carries shards through both reflections and lands what they learn. Safe to call from several threads."""

    def __init__(
        self,
        plan: RecyclePlan,
        shards: dict[str, list[Original]],
        warehouse: Warehouse,
        before: Snapshot,
        workers: RecycleWorkers,
        run_id: str,
        halted: Event,
        report: Callable[[Stage, int], None] = lambda step, rows: None,
    ) -> None:
        """`before` shows the warehouse as it was when `shards` had these rows left. While `halted` is set no stage
        begins; a failure sets it. `report` hears of rows done, step by step.
        """
        self._plan, self._shards = plan, shards
        self._warehouse, self._before, self._workers = warehouse, before, workers
        self._run_id, self._halted, self._report = run_id, halted, report
        self._memories: dict[str, Memory] = {}
        self._claimed: set[str] = set()
        self._claiming = Lock()
        self._waiting: list[Course] = []
        """Rows that are over, and that a quota keeps from being decided before the others."""
        self.failure: BaseException | None = None
        """The first thing that went wrong."""
        self.pending: dict[str, str] = {}
        """call_id to why it has no end yet."""

    def stages(self) -> list[tuple[str, Callable[[str], int]]]:
        """Both, in their order."""
        return [(Stage.INSTRUCTION.value, self.instruction), (Stage.RESPONSE.value, self.response)]

    def halt(self) -> None:
        """Let no further stage begin, and end the waits of those under way."""
        self._halted.set()

    def instruction(self, shard_id: str) -> int:
        """Reflect on the shard's instructions, and see which the student prefers; returns the rows."""
        with self._stage(shard_id) as rows:
            self._memories[shard_id] = Memory(self._plan.order, self._before, self._warehouse.journal_path)
            self._work(shard_id, rows, Stage.INSTRUCTION)
        return len(rows)

    def response(self, shard_id: str) -> int:
        """Reflect on the responses of the pairs in force, see which the student prefers, and decide on the rows;
        returns those that are over.
        """
        with self._stage(shard_id) as rows:
            over = [course for course in self._work(shard_id, rows, Stage.RESPONSE) if course.is_over]
            if self._plan.order.selection.per_difficulty:
                with self._claiming:
                    self._waiting += over
            else:
                self._land_decisions(over, shard_id)
        return len(over)

    def leave(self, shard_id: str) -> None:
        """Forget what was known of the shard: every stage that wants it is over."""
        self._memories.pop(shard_id, None)

    def close(self) -> None:
        """Decide what waited for all rows, if all are there; and let the journal forget what has landed."""
        rows = sum(map(len, self._shards.values()))
        if self._waiting and len(self._waiting) == rows == len(self._plan.originals):
            self._land_decisions(self._waiting, "all")
        journal = Journal(self._warehouse.journal_path)
        try:
            journal.forget(sorted(self._claimed))
        finally:
            journal.close()

    @contextmanager
    def _stage(self, shard_id: str) -> Iterator[list[Original]]:
        if self._halted.is_set():
            raise Stopped("not begun, because the run is stopping")
        try:
            yield self._shards[shard_id]
        except BaseException as error:
            self.failure = self.failure or error
            self.halt()
            raise

    def _work(self, shard_id: str, rows: Sequence[Original], step: Stage) -> list[Course]:
        """Do what is due until nothing is, but for calls that have no answer for now."""
        memory, unit = self._memories[shard_id], f"{shard_id}/{step}"
        while True:
            courses = memory.courses(rows, step is Stage.INSTRUCTION)
            self._land_calls(unit, memory)
            calls = self._answer(unit, courses)
            scores = self._score(unit, courses)
            verdicts = self._verify(unit, courses)
            if not calls and not scores and not verdicts:
                self._report(step, len(rows))
                return courses
            memory.learn(calls, scores, verdicts)

    def _answer(self, unit: str, courses: Sequence[Course]) -> list[Call]:
        due = {call_id: course.requests[call_id] for course in courses for call_id in course.due_calls}
        requests = [request for call_id, request in due.items() if call_id not in self.pending]
        outcomes = self._workers.answer(requests, _silent) if requests else []
        self.pending |= {o.call_id: o.pending or "no reason given" for o in outcomes if o.call is None}
        calls = [outcome.call for outcome in outcomes if outcome.call]
        self._land_new_calls(unit, calls)
        return calls

    def _score(self, unit: str, courses: Sequence[Course]) -> list[Score]:
        due = [
            ScoredText(v.pair_id, v.instruction, v.input, v.response) for course in courses for v in course.due_scores
        ]
        scores = self._workers.score_texts(due, _silent) if due else []
        self._land("scores", unit, scores)
        return scores

    def _verify(self, unit: str, courses: Sequence[Course]) -> list[Verdict]:
        due = [job for course in courses for job in course.due_verdicts]
        verdicts = self._workers.verify_pairs(due, _silent) if due else []
        self._land("verdicts", unit, verdicts)
        return verdicts

    def _land_calls(self, unit: str, memory: Memory) -> None:
        """What a run before has left in the journal."""
        self._land_new_calls(unit, list(memory.journaled.values()))
        memory.journaled.clear()

    def _land_new_calls(self, unit: str, calls: Sequence[Call]) -> None:
        """Rows may share a call, also across shards. The first to come lands it, and it stays in the journal, where
        the teacher finds it for the others.
        """
        with self._claiming:
            mine = [call for call in calls if call.call_id not in self._claimed]
            self._claimed |= {call.call_id for call in mine}
        self._land("calls", unit, mine)

    def _land_decisions(self, courses: Sequence[Course], unit: str) -> None:
        """The pairs first: a row that has a fate has all its pairs."""
        decided = decide(courses, self._plan.order)
        pairs = [pair for _, pairs in decided for pair in pairs]
        ids = [pair.pair_id for pair in pairs]
        known = self._before.present("pairs", ids, where=f"plan_id = '{self._plan.plan_id}'")
        self._land("pairs", unit, [pair for pair in pairs if pair.pair_id not in known])
        self._land("selections", unit, [selected for selected, _ in decided])

    def _land(self, table: str, unit: str, rows: Sequence[Record]) -> int:
        return self._warehouse.land(table, rows, self._run_id, f"{self._plan.plan_id}/{unit}")


def _silent(rows: int) -> None:
    """A row is not done with one call."""
