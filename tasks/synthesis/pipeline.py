"""The pipeline of a run: what each stage does with one shard. Plain Python; Prefect and Ray only call it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Event, Lock
from typing import Protocol

from schemas.call import Call, Outcome, Request
from schemas.errors import Stopped
from schemas.failure import FailureReason
from schemas.question import Question
from schemas.record import Record
from schemas.score import Score
from schemas.trace import Trace
from schemas.until import Until
from schemas.verdict import Verdict
from tasks.judging.bench import parted
from tasks.judging.reading import KillableReader
from tasks.synthesis.answers import Answers
from tasks.synthesis.course import Course, follow, landed
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
            courses = self._courses(shard_id, [job for job in jobs if job.generate])
            traces = [
                make_trace(course.attempt, course.calls, course.step, self._question(course), self._read)
                for course in courses
                if isinstance(course.step, Answer)
            ]
            failures = [
                make_failure(course.attempt, course.calls, course.step)
                for course in courses
                if isinstance(course.step, FailureReason)
            ]
            self._land("traces", shard_id, Until.GENERATE, traces)
            self._land("failures", shard_id, Until.GENERATE, failures)
            landed_before = self._before.rows(Trace, "trace_id", [job.trace_id for job in jobs if not job.generate])
            self._traces[shard_id] = {trace.trace_id: trace for trace in [*landed_before, *traces]}
        return len(traces)

    def _question(self, course: Course) -> Question:
        return self._plan.questions[course.attempt.question_id]

    def verify(self, shard_id: str) -> int:
        """Judge the shard's traces that have no verdict of the verifier in force; returns the verdicts landed."""
        with self._stage(shard_id) as jobs:
            due = self._due(shard_id, [job for job in jobs if job.verify])
            heard, others = parted(due) if self._plan.bench else ([], due)
            verdicts = self._workers.verify(others, self._tick(Until.VERIFY)) + self._hear(shard_id, heard)
            return self._land("verdicts", shard_id, Until.VERIFY, verdicts)

    def _hear(self, shard_id: str, jobs: TracesAndQuestions) -> list[Verdict]:
        """The verdicts of the model that judges; the calls that they took have landed."""
        bench = self._plan.bench
        if not bench or not jobs:
            return []
        asked = bench.requests(jobs)
        calls = dict(landed(self._before)(dict(asked)))
        outcomes = self._workers.rule([request for call_id, request in asked.items() if call_id not in calls])
        new = {outcome.call_id: outcome.call for outcome in outcomes if outcome.call}
        self.pending |= {outcome.call_id: outcome.pending for outcome in outcomes if outcome.pending}
        with self._claiming:  # equal answers to equal questions may stand in several shards
            mine = [call for call_id, call in new.items() if call_id not in self._claimed]
            self._claimed |= {call.call_id for call in mine}
            self._shared |= new.keys()
        self._land("calls", shard_id, Until.VERIFY, mine)
        self._report(Until.VERIFY, len(jobs))
        return bench.verdicts(jobs, calls | new)

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

    def _courses(self, shard_id: str, jobs: Sequence[Job]) -> list[Course]:
        """How far the attempts of `jobs` get; the calls that they took have landed."""
        tick = _silent if self._plan.goes_on else self._tick(Until.GENERATE)
        absent = {job.attempt.call_id for job in jobs if not job.call_landed}
        answers = Answers(self._plan, landed(self._before), absent, lambda asked: self._workers.answer(asked, tick))
        courses = follow(self._plan, [job.attempt for job in jobs], answers)
        self._report(Until.GENERATE, len(jobs) if self._plan.goes_on else len(jobs) - answers.asked)
        self.pending |= answers.pending
        self._land_calls(shard_id, courses, answers.new)
        return courses

    def _land_calls(self, shard_id: str, courses: Sequence[Course], calls: Mapping[str, Call]) -> None:
        """Shards may share a call (equal questions with other tags), and then all that follow from it. The first to
        come lands it, and it stays in the journal, where the teacher finds it for the others.
        """
        with self._claiming:
            shared = [course for course in courses if course.attempt.call_id in self._shared]
            self._shared |= {call.call_id for course in shared for call in course.calls}
            mine = [call for call_id, call in calls.items() if call_id not in self._claimed]
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


def _silent(rows: int) -> None:
    """For the calls of attempts that take several: the row is not done with one of them."""
