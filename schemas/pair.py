"""An (instruction, response) of the recycle line."""

from enum import StrEnum

from schemas.record import Record


class PairStage(StrEnum):
    ORIGINAL = "original"
    INSTRUCTION = "Q*"
    RESPONSE = "A*"
    BOTH = "QA*"


class Pair(Record):
    """An (instruction, response) of the recycle line, and whether it was chosen."""

    pair_id: str
    parent_id: str | None
    """The pair that was reflected on; None for an original."""
    stage: PairStage
    instruction: str
    input: str
    response: str
    critique: str | None
    """What the teacher said of the parent."""
    call_id: str | None
    chosen: bool
    reason: str
