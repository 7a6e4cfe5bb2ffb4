"""How an attempt ended that gave no trace."""

from enum import StrEnum

from schemas.record import Record


class FailureReason(StrEnum):
    REFUSED = "refused"
    """The endpoint rejected a request of the attempt (`CallEnd.REFUSED`)."""
    UNREADABLE = "unreadable"
    """An answer was paid for that is no chat completion (`CallEnd.UNREADABLE`)."""
    TRUNCATED = "truncated"
    """`finish_reason` length, and teacher.on_truncation is drop."""
    DECLINED = "declined"
    """The model declined in the API's own refusal field, and teacher.on_refusal is drop."""
    CONTENT_FILTER = "content_filter"
    """`finish_reason` content_filter, and teacher.on_content_filter is drop."""
    DRAFT_CORRECT = "draft_correct"
    """The student's draft was right, and not among those that the teacher is to confirm."""
    DRAFT_UNVERIFIED = "draft_unverified"
    """The verifier could not tell whether the student's draft is right, or it was cut off."""
    CHECK_UNCLEAR = "check_unclear"
    """The check of a draft came without words or without a verdict."""


class Failure(Record):
    """An attempt that ended for good without a trace."""

    attempt_id: str
    plan_id: str
    """The plan that first landed it; other plans may share it through `attempt_id`."""
    reason: FailureReason
    call_ids: tuple[str, ...]
    """All calls of the attempt, in order; the last one decided it."""
