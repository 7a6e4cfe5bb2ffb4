"""The production line: what each station does with one shard. Plain Python; Prefect and Ray only call it."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Lock
from typing import Protocol, TypeGuard

from schemas.call import Call, CallEnd, Outcome, Request
from schemas.configuration import Until
from schemas.errors import Stopped
from schemas.question import Question
from schemas.record import Record
from schemas.score import Score
from schemas.trace import Trace
from schemas.verdict import Verdict
from tasks.plan import Plan
from tasks.reading import KillableReader
from tasks.trace import make_trace
from tasks.worklist import Job, ShardWork
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

TracesAndQuestions = list[tuple[Trace, Question]]
Tick = Callable[[int], None]
"""Told how many more rows a station has finished."""


class Stations(Protocol):
    """Where the work is done: actors in a run, plain objects in a test."""

    def answer(self, requests: list[Request], tick: Tick) -> list[Outcome]: ...

    def verify(self, jobs: TracesAndQuestions, tick: Tick) -> list[Verdict]: ...

    def score(self, jobs: TracesAndQuestions, tick: Tick) -> list[Score]: ...


class Line:
    """Carries shards through the stations and lands what they learn. Safe to call from several threads."""

    def __init__(
        self,
        plan: Plan,
        work: Sequence[ShardWork],
        warehouse: Warehouse,
        before: Snapshot,
        stations: Stations,
        run_id: str,
        halted: Event,
        report: Callable[[Until, int], None] = lambda stage, rows: None,
    ) -> None:
        """`before` shows the warehouse as `work` was found in it. While `halted` is set no stage begins; a failure sets
        it. `report` hears of rows done, stage by stage.
        """
        self._plan = plan
        self._jobs = {shard_work.shard.shard_id: shard_work.jobs for shard_work in work}
        self._warehouse = warehouse
        self._before = before
        self._stations = stations
        self._run_id = run_id
        self._report = report
        self._journal = Journal(warehouse.journal_path)
        self._read = KillableReader()
        self._traces: dict[str, dict[str, Trace]] = {}
        self._shared = _shared_calls(work)
        self._claimed: set[str] = set()
        self._claiming = Lock()
        self._halted = halted
        self.failure: BaseException | None = None
        """The first thing that went wrong."""
        self.pending: dict[str, str] = {}
        """call_id to why it has no end yet."""

    def halt(self) -> None:
        """Let no further stage begin, and end the waits of those under way."""
        self._halted.set()

    def generate(self, shard_id: str) -> int:
        """Get the shard's missing calls answered, land them, then the traces; returns the traces landed."""
        with self._stage(shard_id) as jobs:
            calls = self._calls(shard_id, [job for job in jobs if job.generate])
            traces = [
                make_trace(job.attempt, call, self._plan.questions[job.attempt.question_id], self._read)
                for job in jobs
                if job.generate and _answered(call := calls.get(job.attempt.call_id))
            ]
            self._land("traces", shard_id, Until.GENERATE, traces)
            landed_before = self._before.rows(Trace, "trace_id", [job.trace_id for job in jobs if not job.generate])
            self._traces[shard_id] = {trace.trace_id: trace for trace in [*landed_before, *traces]}
        return len(traces)

    def verify(self, shard_id: str) -> int:
        """Judge the shard's traces that have no verdict of the verifier in force; returns the verdicts landed."""
        with self._stage(shard_id) as jobs:
            due = self._due(shard_id, [job for job in jobs if job.verify])
            return self._land("verdicts", shard_id, Until.VERIFY, self._stations.verify(due, self._tick(Until.VERIFY)))

    def score(self, shard_id: str) -> int:
        """Score the shard's traces that the student in force has not scored; returns the scores landed."""
        with self._stage(shard_id) as jobs:
            due = self._due(shard_id, [job for job in jobs if job.score])
            return self._land("scores", shard_id, Until.SCORE, self._stations.score(due, self._tick(Until.SCORE)))

    def leave(self, shard_id: str) -> None:
        """Forget the shard's traces: every stage that wants them is over."""
        self._traces.pop(shard_id, None)

    def close(self) -> None:
        """Let the journal forget what other shards may have waited for, and close it."""
        self._journal.forget(sorted(self._shared & self._claimed))
        self._journal.close()
        self._read.close()

    @contextmanager
    def _stage(self, shard_id: str) -> Iterator[tuple[Job, ...]]:
        if self._halted.is_set():
            raise Stopped("not begun, because the run is stopping")
        try:
            yield self._jobs[shard_id]
        except BaseException as error:
            self.failure = self.failure or error
            self.halt()
            raise

    def _tick(self, stage: Until) -> Tick:
        return lambda rows: self._report(stage, rows)

    def _calls(self, shard_id: str, jobs: Sequence[Job]) -> dict[str, Call]:
        """The ended calls that `jobs` start with, by call_id: landed before, recorded, or asked for now and landed."""
        landed = {job.attempt.call_id for job in jobs if job.call_landed}
        due = {job.attempt.call_id: None for job in jobs if not job.call_landed}
        new = [self._plan.recorded[call_id] for call_id in due if call_id in self._plan.recorded]
        self._report(Until.GENERATE, len(landed) + len(new))
        requests = [self._plan.requests[call_id] for call_id in due if call_id in self._plan.requests]
        for outcome in self._stations.answer(requests, self._tick(Until.GENERATE)) if requests else []:
            if outcome.call is None:
                self.pending[outcome.call_id] = outcome.pending or "no reason given"
            else:
                new.append(outcome.call)
        self._land_calls(shard_id, new)
        return {call.call_id: call for call in [*self._before.rows(Call, "call_id", sorted(landed)), *new]}

    def _land_calls(self, shard_id: str, calls: Sequence[Call]) -> None:
        """Shards may share a call (equal questions with other tags). The first to come lands it, and it stays in the
        journal, where the teacher finds it for the others.
        """
        with self._claiming:
            mine = [call for call in calls if call.call_id not in self._claimed]
            self._claimed |= {call.call_id for call in mine}
        self._land("calls", shard_id, Until.GENERATE, mine)
        self._journal.forget([call.call_id for call in mine if call.tries and call.call_id not in self._shared])

    def _due(self, shard_id: str, jobs: Sequence[Job]) -> TracesAndQuestions:
        traces = self._traces[shard_id]
        return [
            (traces[job.trace_id], self._plan.questions[job.attempt.question_id])
            for job in jobs
            if job.trace_id in traces
        ]

    def _land(self, table: str, shard_id: str, stage: Until, rows: Sequence[Record]) -> int:
        return self._warehouse.land(table, rows, self._run_id, f"{self._plan.plan_id}/{shard_id}/{stage}")


def _shared_calls(work: Sequence[ShardWork]) -> set[str]:
    """The calls that more than one shard starts with."""
    shards = Counter(call_id for w in work for call_id in {job.attempt.call_id for job in w.jobs})
    return {call_id for call_id, n in shards.items() if n > 1}


def _answered(call: Call | None) -> TypeGuard[Call]:
    return call is not None and call.ended is CallEnd.ANSWERED
