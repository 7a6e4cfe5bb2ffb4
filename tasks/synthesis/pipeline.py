"""The pipeline of a run: what each stage does with one shard. Plain Python; Prefect and Ray only call it."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Protocol

from schemas.attempt import Attempt
from schemas.call import Outcome, Request
from schemas.errors import Stopped
from schemas.failure import FailureReason
from schemas.question import Question
from schemas.record import Record
from schemas.score import Score
from schemas.trace import Trace
from schemas.until import Until
from schemas.verdict import Verdict
from tasks.judging.reading import KillableReader
from tasks.replay.engine import Engine
from tasks.replay.lookup import Lookup
from tasks.replay.procedure import Progress
from tasks.synthesis.plan import Plan
from tasks.synthesis.worklist import Job, ShardWork
from tasks.tracing.strategy import Answer
from tasks.tracing.trace import make_failure, make_trace
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

TracesAndQuestions = list[tuple[Trace, Question]]
Tick = Callable[[int], None]
"""Told how many more rows a stage has finished."""


class Workers(Protocol):
    """Where the work is done: actors in a run, plain objects in a test."""

    def answer(self, requests: list[Request], tick: Tick) -> list[Outcome]: ...

    def rule(self, requests: list[Request]) -> list[Outcome]:
        """By the model that judges."""
        ...

    def verify(self, jobs: TracesAndQuestions, tick: Tick) -> list[Verdict]: ...

    def score(self, jobs: TracesAndQuestions, tick: Tick) -> list[Score]: ...


class SynthesizePipeline:
    """Carries shards through the workers and lands what they learn. Safe to call from several threads."""

    def __init__(
        self,
        plan: Plan,
        work: Sequence[ShardWork],
        warehouse: Warehouse,
        before: Snapshot,
        workers: Workers,
        run_id: str,
        halted: Event,
        report: Callable[[Until, int], None] = lambda stage, rows: None,
        until: Until = Until.SCORE,
    ) -> None:
        """`before` shows the warehouse as `work` was found in it. While `halted` is set no stage begins; a failure sets
        it. `report` hears of rows done, stage by stage.
        """
        self._plan = plan
        self._jobs = {shard_work.shard.shard_id: shard_work.jobs for shard_work in work}
        self._warehouse = warehouse
        self._before = before
        self._workers = workers
        self._run_id = run_id
        self._until = until
        self._report = report
        self._journal = Journal(warehouse.journal_path)
        absent = {job.attempt.call_id for w in work for job in w.jobs if not job.call_landed}
        self._engine = Engine(Lookup(before, self._journal, plan.recorded, absent), self._journal, self._land_rows)
        self._read = KillableReader()
        self._traces: dict[str, dict[str, Trace]] = {}
        self._shared = _shared_calls(work)
        self._halted = halted
        self.failure: BaseException | None = None
        """The first thing that went wrong."""
        self.pending = self._engine.pending
        """call_id to why it has no end yet."""

    def stages(self) -> list[tuple[str, Callable[[str], int]]]:
        """The stages up to the last one that is wanted, in the order in which a shard passes them."""
        every = {Until.GENERATE: self.generate, Until.VERIFY: self.verify, Until.SCORE: self.score}
        return [(name.value, every[name]) for name in list(Until)[: list(Until).index(self._until) + 1]]

    def halt(self) -> None:
        """Let no further stage begin, and end the waits of those under way."""
        self._halted.set()

    def generate(self, shard_id: str) -> int:
        """Get the shard's missing calls answered, land them, then the traces; returns the traces landed."""
        with self._stage(shard_id) as jobs:
            attempts = [job.attempt for job in jobs if job.generate]
            progress = self._rollouts(shard_id, attempts)
            traces, failures = [], []
            for attempt, made in zip(attempts, progress.values(), strict=True):
                if isinstance(made.result, Answer):
                    question = self._plan.questions[attempt.question_id]
                    traces.append(make_trace(attempt, made.calls, made.result, question, self._read))
                elif made.result:
                    failures.append(make_failure(attempt, made.calls, made.result))
            self._land("traces", shard_id, Until.GENERATE, traces)
            self._land("failures", shard_id, Until.GENERATE, failures)
            landed_before = self._before.rows(Trace, "trace_id", [job.trace_id for job in jobs if not job.generate])
            self._traces[shard_id] = {trace.trace_id: trace for trace in [*landed_before, *traces]}
        return len(traces)

    def verify(self, shard_id: str) -> int:
        """Judge the shard's traces that have no verdict of the verifier in force; returns the verdicts landed."""
        with self._stage(shard_id) as jobs:
            due = self._due(shard_id, [job for job in jobs if job.verify])
            others = [job for job in due if not self._plan.asks_judge(job[1])]
            verdicts = self._workers.verify(others, self._tick(Until.VERIFY))
            verdicts += self._judge(shard_id, [job for job in due if self._plan.asks_judge(job[1])])
            return self._land("verdicts", shard_id, Until.VERIFY, verdicts)

    def _judge(self, shard_id: str, jobs: TracesAndQuestions) -> list[Verdict]:
        """The verdicts of the model that judges; the calls that they took have landed."""
        judge = self._plan.judge
        if not judge or not jobs:
            return []
        judging = {trace.trace_id: judge.verdict(trace, question) for trace, question in jobs}
        progress = self._engine.run(judging, self._unit(shard_id, Until.VERIFY), self._workers.rule)
        self._report(Until.VERIFY, len(jobs))
        return [each.result for each in progress.values() if each.result]

    def score(self, shard_id: str) -> int:
        """Score the shard's traces that the student in force has not scored; returns the scores landed."""
        with self._stage(shard_id) as jobs:
            due = self._due(shard_id, [job for job in jobs if job.score])
            return self._land("scores", shard_id, Until.SCORE, self._workers.score(due, self._tick(Until.SCORE)))

    def leave(self, shard_id: str) -> None:
        """Forget the shard's traces: every stage that wants them is over."""
        self._traces.pop(shard_id, None)

    def close(self) -> None:
        """Let the journal forget what other shards may have waited for, and close it."""
        self._engine.close()
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

    def _rollouts(self, shard_id: str, attempts: Sequence[Attempt]) -> dict[str, Progress[Answer | FailureReason]]:
        """How far the attempts get, by attempt_id; the calls that they took have landed."""
        tick = _silent if self._plan.goes_on else self._tick(Until.GENERATE)
        asked: list[Request] = []

        def ask(requests: list[Request]) -> list[Outcome]:
            asked.extend(requests)
            return self._workers.answer(requests, tick)

        unit = self._unit(shard_id, Until.GENERATE)
        progress = self._engine.run(self._plan.rollouts(attempts), unit, ask, one_commit=True)
        self._report(Until.GENERATE, len(attempts) if self._plan.goes_on else len(attempts) - len(asked))
        mine = [progress[a.attempt_id].needs for a in attempts if a.call_id not in self._shared]
        self._engine.forget(key for needs in mine for key in needs)
        return progress

    def _due(self, shard_id: str, jobs: Sequence[Job]) -> TracesAndQuestions:
        traces = self._traces[shard_id]
        return [
            (traces[job.trace_id], self._plan.questions[job.attempt.question_id])
            for job in jobs
            if job.trace_id in traces
        ]

    def _unit(self, shard_id: str, stage: Until) -> str:
        return f"{self._plan.plan_id}/{shard_id}/{stage}"

    def _land(self, table: str, shard_id: str, stage: Until, rows: Sequence[Record]) -> int:
        return self._land_rows(table, rows, self._unit(shard_id, stage))

    def _land_rows(self, table: str, rows: Sequence[Record], unit: str) -> int:
        return self._warehouse.land(table, rows, self._run_id, unit)


def _shared_calls(work: Sequence[ShardWork]) -> set[str]:
    """The calls that more than one shard starts with."""
    shards = Counter(call_id for w in work for call_id in {job.attempt.call_id for job in w.jobs})
    return {call_id for call_id, n in shards.items() if n > 1}


def _silent(rows: int) -> None:
    """For the calls of attempts that take several: the row is not done with one of them."""
