"""What the factory starts from: questions, and completions that were recorded with them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from schemas.question import Question


@dataclass(frozen=True, slots=True)
class Recorded:
    """A completion that somebody already paid for. It may be empty: the model said nothing."""

    column: str
    """The column that held it, as `questions.columns.responses` names it."""
    text: str


@dataclass(frozen=True, slots=True)
class Seed:
    question: Question
    recorded: tuple[Recorded, ...] = ()
    """In the order of the file; empty unless the source is `recorded`."""
    place: str | None = field(default=None, compare=False)
    """Where the question stands first, such as `data.jsonl, line 3`; None where it came from no row."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """`n_rows == len(seeds) + n_duplicates`."""

    seeds: tuple[Seed, ...]
    """Distinct questions, in the order in which they first occur."""
    n_rows: int
    """Rows that hold these questions; rows past `questions.limit` are not among them."""
    n_duplicates: int
    """Rows whose question was there before. Of recorded ones the responses are kept."""
    n_missing: int
    """Responses that are absent or null: no completion was recorded."""


def made(questions: Iterable[Question]) -> Loaded:
    """Return questions that came from no rows, each once."""
    given = [*questions]
    seeds = {question.question_id: Seed(question) for question in given}
    return Loaded(tuple(seeds.values()), n_rows=len(given), n_duplicates=len(given) - len(seeds), n_missing=0)
