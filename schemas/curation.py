"""What a policy decided of every planned attempt, and rule by rule how many remained."""

from enum import StrEnum

from schemas.record import Record
from schemas.release import TableVersion
from schemas.score import StudentIdentity


class Fate(StrEnum):
    """The one outcome of a planned attempt."""

    KEPT = "kept"
    DROPPED = "dropped"
    FAILED = "failed"
    """It ended for good without a trace."""
    PENDING = "pending"
    """It has no trace, or its trace no verdict, yet."""


class Line(StrEnum):
    """What a policy decides on."""

    TRACES = "traces"
    """Attempts at questions, by their traces."""
    PAIRS = "pairs"
    """Originals of recycle plans, by the pair that was chosen."""


class ReasonCount(Record):
    reason: str
    n: int


class SourceCount(Record):
    source: str
    n: int


class FunnelStep(Record):
    """What one rule left. The first step, `judged`, drops nothing: it is what the rules begin with. Where
    pairs are decided on, `selection` comes next: what recycling did not keep."""

    rule: str
    dropped: tuple[ReasonCount, ...]
    """The most frequent reason first."""
    remaining: int
    by_source: tuple[SourceCount, ...]
    """What remains of each family that the first step has, zeros included; in order of their names."""


class Curation(Record):
    """The decisions of one policy over a warehouse at one moment, summed up. planned = kept + dropped + failed +
    pending."""

    curation_id: str
    """Key over the policy, its name included, the scorer and all decisions; not over versions or times. Whoever curates
    the same traces by the same policy, anywhere, gets the same curation."""
    name: str
    policy: str
    """Canonical JSON (`tasks.curation.policy.Policy`)."""
    table_versions: tuple[TableVersion, ...]
    """From which it was decided."""
    code_version: str
    checks: tuple[str, ...] | None
    """Whose rows in `contaminations` were in force, by check_id. None: decided before these were kept."""
    scorer: StudentIdentity | None
    """Whose IFD and r-IFD the rules saw, and the release shows. None: nobody had scored, or it was not kept yet."""
    planned: int
    """Distinct attempts and originals of the plans in its scope; plans share attempts."""
    kept: int
    dropped: int
    failed: int
    pending: int
    funnel: tuple[FunnelStep, ...]
    """One per rule that was on, in the order in which they were applied."""

    def __repr__(self) -> str:
        """Its books, for a notebook; all of it is `model_dump()`."""
        books = f"planned={self.planned}, kept={self.kept}, dropped={self.dropped}, failed={self.failed}"
        return f"Curation({self.name} {self.curation_id}: {books}, pending={self.pending})"

    __str__ = __repr__


class Decision(Record):
    """What became of one attempt in one curation."""

    curation_id: str
    attempt_id: str
    """Of an original that was recycled: a key over its plan and itself (view `recycled_full`)."""
    trace_id: str | None
    """The trace, or the chosen pair, that was decided on; None when there is none."""
    question_id: str
    source: str
    fate: Fate
    rule: str | None
    """The rule that dropped it; None for every other fate."""
    reason: str | None
    """Why it was dropped, why it failed or what it waits for; None when it is kept."""
    duplicate_of: str | None
    """The trace that stays instead of it, when it was dropped as a duplicate."""
    line: Line | None
    """None: a trace, decided before pairs were."""
    rank: int | None
    """Its place among the kept, 0-based, shuffled by the policy's seed; None for every other fate."""
    span: str | None = None
    """Where in it the reason stands, such as `question 3:17` or `text 40:52`: characters, half-open; None where it
    stands nowhere in particular."""
