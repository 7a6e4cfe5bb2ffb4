"""The pipeline of a run: what each stage does with one shard. Plain Python; Prefect and Ray only call it."""

from collections.abc import Callable, Sequence
from threading import Event
from typing import Protocol

from schemas.attempt import Attempt
from schemas.call import Call, Outcome, Request
from schemas.failure import FailureReason
from schemas.question import Question
from schemas.score import Score
from schemas.trace import Trace
from schemas.until import Until
from schemas.verdict import Verdict
from tasks.judging.reading import KillableReader
from tasks.replay.engine import Engine
from tasks.replay.lookup import Lookup
from tasks.replay.procedure import Progress, Verify
from tasks.shards import ShardPipeline, Tick, silent
from tasks.synthesis.plan import OpenShard, Plan
from tasks.synthesis.worklist import Job, ShardWork
from tasks.tracing.strategy import Answer
from tasks.tracing.trace import make_failure, make_trace
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

TracesAndQuestions = list[tuple[Trace, Question]]
TakeScores = Callable[[Sequence[Score]], None]


class Workers(Protocol):
    """Where the work is done: actors in a run, plain objects in a test."""

    def answer(self, requests: list[Request], tick: Tick) -> list[Outcome]: ...

    def rule(self, requests: list[Request]) -> list[Outcome]:
        """Have requests answered by the model that judges."""

    def draft(self, requests: list[Request]) -> list[Outcome]:
        """Have requests answered by who writes the drafts where the teacher does not."""

    def verify_drafts(self, needs: list[Verify]) -> list[Verdict]: ...

    def verify(self, jobs: TracesAndQuestions, tick: Tick) -> list[Verdict]: ...

    def score(self, jobs: TracesAndQuestions, tick: Tick, take: TakeScores) -> int:
        """Hand scores on as they come, in any order; how many."""


class SynthesizePipeline(ShardPipeline):
    """Carries shards of attempts through the workers."""

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
        """`before` shows the warehouse as `work` was found in it. `report` hears of rows done, stage by stage."""
        super().__init__(warehouse, run_id, halted)
        self._plan = plan
        self._work = {shard_work.shard_id: shard_work for shard_work in work}
        self._open: dict[str, tuple[OpenShard, tuple[Job, ...]]] = {}
        self._before, self._workers, self._until, self._report = before, workers, until, report
        self._journal = Journal(warehouse.journal_path)
        self._recorded: dict[str, Call] = {}
        self._absent: set[str] = set()
        """Calls of the shards that are open, which have not landed."""
        lookup = Lookup(before, self._journal, self._recorded, self._absent)
        self._engine = Engine(lookup, self._journal, self._land)
        self._read = KillableReader()
        self._traces: dict[str, dict[str, Trace]] = {}
        self._shared = plan.call_ids.repeated() if plan.first else set()
        """Calls that more than one attempt starts with."""
        self.pending, self.ended = self._engine.pending, self._engine.ended

    def stages(self) -> list[tuple[str, Callable[[str], int]]]:
        """Return the stages up to the last one that is wanted, in the order in which a shard passes them."""
        every = {Until.GENERATE: self.generate, Until.VERIFY: self.verify, Until.SCORE: self.score}
        return [(name.value, every[name]) for name in list(Until)[: list(Until).index(self._until) + 1]]

    def generate(self, shard_id: str) -> int:
        """Get the shard's missing calls answered, land them, then the traces; returns the traces landed."""
        with self._stage():
            shard, jobs = self._enter(shard_id)
            attempts = [job.attempt for job in jobs if job.generate]
            progress = self._rollouts(shard, attempts)
            traces, failures = [], []
            for attempt, made in zip(attempts, progress.values(), strict=True):
                if isinstance(made.result, Answer):
                    question = shard.questions[attempt.question_id]
                    traces.append(make_trace(attempt, made.calls, made.result, question, self._read))
                elif made.result:
                    failures.append(make_failure(attempt, made.calls, made.result))
            self._land("traces", traces, self._unit(shard_id, Until.GENERATE))
            self._land("failures", failures, self._unit(shard_id, Until.GENERATE))
            landed_before = self._before.rows(Trace, "trace_id", [job.trace_id for job in jobs if not job.generate])
            self._traces[shard_id] = {trace.trace_id: trace for trace in [*landed_before, *traces]}
        return len(traces)

    def verify(self, shard_id: str) -> int:
        """Judge the shard's traces that have no verdict of the verifier in force; returns the verdicts landed."""
        with self._stage():
            due = self._due(shard_id, Until.VERIFY)
            others = [job for job in due if not self._plan.asks_judge(job[1])]
            verdicts = self._workers.verify(others, self._tick(Until.VERIFY))
            verdicts += self._judge(shard_id, [job for job in due if self._plan.asks_judge(job[1])])
            return self._land("verdicts", verdicts, self._unit(shard_id, Until.VERIFY))

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
        with self._stage():
            due = self._due(shard_id, Until.SCORE)
            with self._landing("scores", self._unit(shard_id, Until.SCORE)) as take:
                return self._workers.score(due, self._tick(Until.SCORE), take)

    def leave(self, shard_id: str) -> None:
        self._traces.pop(shard_id, None)
        shard, jobs = self._open.pop(shard_id, (None, ()))
        self._absent.difference_update([job.attempt.call_id for job in jobs])
        for call_id in shard.recorded if shard else ():
            self._recorded.pop(call_id, None)

    def _enter(self, shard_id: str) -> tuple[OpenShard, tuple[Job, ...]]:
        """Read the shard; it stays until it is left."""
        shard, jobs = self._open[shard_id] = self._work[shard_id].opened()
        self._absent.update(job.attempt.call_id for job in jobs if not job.call_landed)
        self._recorded.update(shard.recorded)
        return shard, jobs

    def close(self) -> None:
        """Let the journal forget what other shards may have waited for, and close it."""
        self._engine.close()
        self._journal.close()
        self._read.close()

    def _tick(self, stage: Until) -> Tick:
        return lambda rows: self._report(stage, rows)

    def _rollouts(self, shard: OpenShard, attempts: Sequence[Attempt]) -> dict[str, Progress[Answer | FailureReason]]:
        """How far the attempts get, by attempt_id; the calls that they took have landed."""
        tick = silent if self._plan.goes_on else self._tick(Until.GENERATE)
        asked: list[Request] = []

        def ask(requests: list[Request]) -> list[Outcome]:
            asked.extend(requests)
            drafts = [request for request in requests if self._plan.is_draft(request)]
            others = [request for request in requests if not self._plan.is_draft(request)]
            drafted = self._workers.draft(drafts) if drafts else []
            return [*drafted, *(self._workers.answer(others, tick) if others else [])]

        unit = self._unit(shard.shard.shard_id, Until.GENERATE)
        progress = self._engine.run(shard.rollouts(attempts), unit, ask, self._workers.verify_drafts, one_commit=True)
        left = sum(bool(each.due) for each in progress.values()) if self._plan.goes_on else len(asked)
        self._report(Until.GENERATE, len(attempts) - left)
        mine = [progress[a.attempt_id].needs for a in attempts if a.call_id not in self._shared]
        self._engine.forget(key for needs in mine for key in needs)
        return progress

    def _due(self, shard_id: str, stage: Until) -> TracesAndQuestions:
        """The shard's traces that lack the stage's row."""
        traces, (shard, jobs) = self._traces[shard_id], self._open[shard_id]
        return [
            (traces[job.trace_id], shard.questions[job.attempt.question_id])
            for job in jobs
            if job.lacks(stage) and job.trace_id in traces
        ]

    def _unit(self, shard_id: str, stage: Until) -> str:
        return f"{self._plan.plan_id}/{shard_id}/{stage}"
