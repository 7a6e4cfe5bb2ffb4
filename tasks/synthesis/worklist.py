"""What of a plan is still to be done, by key, from what the warehouse holds."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import repeat, starmap

import numpy as np

from schemas.attempt import Attempt
from schemas.score import StudentIdentity
from schemas.until import Until
from tasks.judging.verify import verdict_id
from tasks.scoring.student_identity import score_id
from tasks.synthesis.plan import OpenShard, Plan, ShardRange
from tasks.tracing.trace import trace_id, trace_key
from warehouse.packed_keys import PackedKeys
from warehouse.reading import Snapshot

_TOGETHER_BYTES = 1 << 21
"""Of questions and recorded answers: a second's work, in the memory of 200 long answers."""
_LEAST_BYTES = 512
"""That a question counts for, however short it is: its objects take more."""
_IN_FLIGHT = 256
"""Calls that an endpoint may bear at once of which nothing is said: as many sequences as vLLM runs by default."""


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
    """A shard of which something is lacking, or neighbours under the first one's id. What is in it is read when it is
    opened.
    """

    plan: Plan
    span: ShardRange
    landed: np.ndarray
    """Of each of its attempts, whether its first call has."""
    lacks: dict[Until, np.ndarray]
    """Of each of its attempts, whether the row of a stage is missing."""

    @property
    def shard_id(self) -> str:
        return self.span.shard_id

    @property
    def call_ids(self) -> list[str]:
        """What its attempts start with."""
        return self.plan.call_ids.texts(self.span.attempts.start, self.span.attempts.stop)

    def count(self, stage: Until) -> int:
        return int(self.lacks[stage].sum())

    @property
    def lacks_without_asking(self) -> bool:
        """Whether a row is missing of an attempt that has its trace."""
        return bool((np.any(list(self.lacks.values()), axis=0) & ~self.lacks[Until.GENERATE]).any())

    @property
    def waits_for_models(self) -> bool:
        """Whether a model may be asked, or a student scores."""
        return self.plan.asks or self.plan.judge is not None or self.count(Until.SCORE) > 0

    def opened(self) -> tuple[OpenShard, tuple[Job, ...]]:
        """Read the shard; with it the jobs, its attempts that lack something."""
        shard = self.plan.opened(self.span)
        flags = np.column_stack([self.landed, *self.lacks.values()]).tolist()
        attempts = zip(shard.shard.attempts, flags, strict=True)
        return shard, tuple(Job(attempt, trace_id(attempt), *each) for attempt, each in attempts if any(each[1:]))


def find_work(
    before: Snapshot, plan: Plan, student: StudentIdentity | None, until: Until, open_at_once: int = 0
) -> list[ShardWork]:
    """Find shards with work left up to and including the stage `until`, in plan order.

    An attempt that has failed has none. Without a student nothing is to be scored. Of shards that ask, neighbours go
    together where so many as are to be `open_at_once` hold fewer calls than the teacher is to be asked at once.
    """
    traces = cache(lambda: PackedKeys(starmap(trace_key, zip(plan.attempt_ids, plan.call_ids, strict=True))))
    left = ~_have(before, "failures", lambda: plan.attempt_ids, len(plan))
    landed = _have(before, "calls", lambda: plan.call_ids, len(plan))
    lacks = {stage: np.zeros(len(plan), bool) for stage in Until}
    lacks[Until.GENERATE] = left & ~_have(before, "traces", traces, len(plan))
    if until is not Until.GENERATE:
        lacks[Until.VERIFY] = left & ~_have(before, "verdicts", partial(_verdict_ids, plan, traces), len(plan))
    if until is Until.SCORE and student:
        lacks[Until.SCORE] = left & ~_have(before, "scores", partial(_score_ids, student, traces), len(plan))
    found = []
    for span in plan.spans:
        here = slice(span.attempts.start, span.attempts.stop)
        work = ShardWork(plan, span, landed[here], {stage: lacking[here] for stage, lacking in lacks.items()})
        if any(work.count(stage) for stage in Until):
            found.append(work)
    if not any(work.waits_for_models for work in found):
        sizes = np.maximum(plan.seeds.sizes, _LEAST_BYTES)
        return list(_together(found, lambda work: sizes[work.span.questions].sum(), _TOGETHER_BYTES))
    if open_at_once and plan.asks:
        each = -(-sum(len(work.span.attempts) for work in found) // open_at_once)
        most = min(plan.teacher.max_in_flight or _IN_FLIGHT, each)
        return list(_together(found, lambda work: len(work.span.attempts), most))
    return found


def _together(found: Sequence[ShardWork], size: Callable[[ShardWork], int], most: int) -> Iterator[ShardWork]:
    """Neighbours as one, up to so much: each costs two tasks of Prefect's and three commits, .2 s of processors."""
    some: list[ShardWork] = []
    total = 0
    for work in found:
        its = size(work)
        if some and (some[-1].span.questions.stop != work.span.questions.start or total + its > most):
            yield _joined(some)
            some, total = [], 0
        some.append(work)
        total += its
    if some:
        yield _joined(some)


def _joined(some: Sequence[ShardWork]) -> ShardWork:
    first, last = some[0], some[-1].span
    span = first.span._replace(
        attempts=range(first.span.attempts.start, last.attempts.stop),
        questions=range(first.span.questions.start, last.questions.stop),
    )
    landed = np.concatenate([work.landed for work in some])
    return ShardWork(first.plan, span, landed, {s: np.concatenate([work.lacks[s] for work in some]) for s in Until})


def _have(before: Snapshot, table: str, keys: Callable[[], PackedKeys], n: int) -> np.ndarray:
    """Which of `n` keys have a row; they are made only where there are rows."""
    return before.has(table, keys()) if before.holds(table) else np.zeros(n, bool)


def _verdict_ids(plan: Plan, traces: Callable[[], PackedKeys]) -> PackedKeys:
    kinds = (kind for kind, n in zip(plan.seeds.kinds, np.diff(plan.starts), strict=True) for _ in range(n))
    keys = zip(traces(), kinds, repeat(plan.judge_identity), strict=False)
    return PackedKeys(starmap(verdict_id, keys))


def _score_ids(student: StudentIdentity, traces: Callable[[], PackedKeys]) -> PackedKeys:
    return PackedKeys(score_id(trace, student) for trace in traces())
