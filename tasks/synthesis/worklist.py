"""What of a plan is still to be done, by key, from what the warehouse holds."""

from dataclasses import dataclass

from schemas.attempt import Attempt, Shard
from schemas.score import StudentIdentity
from schemas.until import Until
from tasks.judging.verify import verdict_id
from tasks.scoring.student_identity import score_id
from tasks.synthesis.plan import Plan
from tasks.tracing.trace import trace_id
from warehouse.reading import Snapshot


@dataclass(frozen=True)
class Job:
    """One attempt with the key of its trace, and which of its rows are missing."""

    attempt: Attempt
    trace_id: str
    call_landed: bool
    generate: bool
    verify: bool
    score: bool

    def lacks(self, stage: Until) -> bool:
        return bool(getattr(self, stage.value))


@dataclass(frozen=True)
class ShardWork:
    """The jobs of a shard that lack something."""

    shard: Shard
    jobs: tuple[Job, ...]

    def count(self, stage: Until) -> int:
        return sum(job.lacks(stage) for job in self.jobs)


def find_work(before: Snapshot, plan: Plan, student: StudentIdentity | None, until: Until) -> list[ShardWork]:
    """Shards with work left up to and including the stage `until`, in plan order.

    An attempt that has failed has none. Without a student nothing is to be scored.
    """
    attempts = list(plan.attempts)
    calls = [attempt.call_id for attempt in attempts]
    traces = [trace_id(attempt) for attempt in attempts]
    kinds = [plan.questions[attempt.question_id].kind for attempt in attempts]
    verdicts = [verdict_id(trace, kind, plan.judge_identity) for trace, kind in zip(traces, kinds, strict=True)]
    scores = [score_id(t, student) if student else "" for t in traces]
    landed = before.present("calls", calls)
    failed = before.present("failures", [attempt.attempt_id for attempt in attempts])
    have_trace = before.present("traces", traces)
    have_verdict = before.present("verdicts", verdicts)
    have_score = before.present("scores", scores)
    work: dict[str, list[Job]] = {}
    for attempt, trace, verdict, score in zip(attempts, traces, verdicts, scores, strict=True):
        job = Job(
            attempt,
            trace,
            call_landed=attempt.call_id in landed,
            generate=trace not in have_trace,
            verify=until is not Until.GENERATE and verdict not in have_verdict,
            score=until is Until.SCORE and score not in have_score,
        )
        if attempt.attempt_id not in failed and (job.generate or job.verify or job.score):
            work.setdefault(attempt.shard_id, []).append(job)
    return [ShardWork(shard, tuple(work[shard.shard_id])) for shard in plan.shards if shard.shard_id in work]
