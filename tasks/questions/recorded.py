"""A question, and completions that were recorded with it."""

from dataclasses import dataclass, field

from schemas.question import Question


@dataclass(frozen=True, slots=True)
class Recorded:
    """A completion that somebody already paid for. It may be empty: the model said nothing."""

    column: str
    """The column that held it, as `questions.columns.responses` names it."""
    text: str
    reasoning: str | None = None
    """Where the row has it apart from the text."""
    system: str | None = None
    """The system message that it answers under."""


@dataclass(frozen=True, slots=True)
class Seed:
    question: Question
    recorded: tuple[Recorded, ...] = ()
    """In the order of the file; empty unless the source is `recorded`."""
    place: str | None = field(default=None, compare=False)
    """Where the question stands first, such as `data.jsonl, line 3`; None where it came from no row."""
