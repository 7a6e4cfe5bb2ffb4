"""What a person says of a question whose gold is in doubt."""

from enum import StrEnum

from schemas.record import Record


class OnGold(StrEnum):
    """What a person may say of a gold."""

    GOLD_STANDS = "gold_stands"
    """The samples are wrong: their verdicts are in force again."""
    GOLD_REPLACED = "gold_replaced"
    """By another gold, which makes another question; its calls are those of the old one."""
    QUESTION_DROPPED = "question_dropped"
    """It is asked no more."""
    OPEN = "open"
    """Takes back whatever was said before."""


class GoldRuling(Record):
    """What a person ruled on a question's gold, as a run obeyed it. The newest one on a question is in force."""

    ruling_id: str
    """Key over what it says and the ruling that it follows: a person may change their mind, and change it back."""
    question_id: str
    ruling: OnGold
    gold: str | None
    """The one that replaces the question's; None for every other ruling."""
    replaced_by: str | None
    """The question_id with that gold."""
    ruled_by: str | None
    note: str | None
    follows: str | None
    """The ruling_id of the newest one before; None for the first."""
