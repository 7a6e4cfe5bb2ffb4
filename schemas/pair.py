"""The recycle line: originals as they are planned, the pairs that a teacher makes of them, and what is chosen."""

from enum import StrEnum

from schemas.exchange import BadPair
from schemas.record import Record, content_key


class PairStage(StrEnum):
    ORIGINAL = "original"
    INSTRUCTION = "Q*"
    """Another instruction with its response, instead of the original."""
    RESPONSE = "A*"
    """Another response to the original instruction."""
    BOTH = "QA*"
    """Another response to the other instruction."""


class Change(StrEnum):
    """What came of one reflection, on the instruction or on the response. All but `accepted` keep the earlier pair."""

    ACCEPTED = "accepted"
    WORSE = "worse"
    """Its IFD is lower, or its r-IFD higher, than the earlier pair's."""
    TIE = "tie"
    NULL = "null"
    """One of the two numbers does not exist: `scores` says why."""
    INCORRECT = "incorrect"
    """A verdict says so."""
    GOOD_ALREADY = "good_already"
    """The teacher says that the pair is good as it is."""
    UNCHANGED = "unchanged"
    """What it writes is what it was given."""
    MARKER_MISSING = "marker_missing"
    """The reply lacks a section, or a section its end."""
    PLACEHOLDER = "placeholder"
    """A section holds what the prompt has in its place."""
    EMPTY = "empty"
    """A section, or the reply, holds nothing."""
    TRUNCATED = "truncated"
    """The reply was cut off at the token limit."""
    MULTIPLE = "multiple"
    """A section stands twice."""
    CONTRADICTORY = "contradictory"
    """It calls the pair good, and writes another one."""
    DECLINED = "declined"
    """In the API's own refusal field, or by its content filter."""
    REFUSED = "refused"
    """The endpoint rejected the request."""
    UNREADABLE = "unreadable"
    """What came back is no chat completion."""


class PairFate(StrEnum):
    """The one outcome of each original. One that has none yet is pending (view `pair_fates`)."""

    KEPT = "kept"
    DROPPED = "dropped"
    FAILED = "failed"


class Original(Record):
    """One row of the input, as it is planned. Landed before a token is bought."""

    plan_id: str
    original_id: str
    """The `pair_id` of the original."""
    shard_id: str
    source: str
    external_id: str | None
    """The row's own id."""
    place: str
    """Where it stands, such as `data.jsonl, line 3`."""
    instruction: str
    input: str
    response: str
    gold: str | None
    difficulty: str | None
    """As the row names it."""
    call_id: str | None
    """The request that it starts with; None for one that is no pair."""
    bad: BadPair | None
    """Why it is no pair."""


class Pair(Record):
    """One version of an original: itself, or what a teacher made of it. Lands when its plan has decided on it."""

    pair_id: str
    """Key over its stage, its parent and its texts; plans share it, and so the scores and verdicts on it."""
    plan_id: str
    original_id: str
    parent_id: str | None
    """The pair that was reflected on; None for an original."""
    stage: PairStage
    instruction: str
    input: str
    response: str
    critique: str | None
    """What the teacher said of the parent."""
    call_id: str | None
    """The reply that it was read from."""
    score_id: str | None
    verdict_id: str | None
    """The score and the verdict that decided."""
    chosen: bool
    """This is what its original contributes; at most one version of each is."""
    reason: str
    """Of an original the fate's reason; of the others the `Change`."""

    @classmethod
    def key(cls, stage: PairStage, parent_id: str | None, *texts: str) -> str:
        return content_key("pair", stage, parent_id, *texts)


class Selected(Record):
    """How one original ended in one plan."""

    plan_id: str
    original_id: str
    fate: PairFate
    reason: str
    chosen_id: str | None
    """The `pair_id` of what is kept."""
    stage: PairStage | None
    """The version that was in force when selection ended, kept or not; None for a row that is no pair."""
    on_instruction: Change | None
    """What came of reflecting on the instruction."""
    on_response: Change | None
    call_ids: tuple[str, ...]
    """All calls of the row, in order."""
    difficulty: str | None
    """As the row names it, else by IFD; None without a quota."""
