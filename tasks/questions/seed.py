"""What the factory starts from: questions, and completions that were recorded with them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from schemas.exchange import RejectedRow
from schemas.question import Question
from tasks.rows.tally import RowCounts


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
    rejected: tuple[RejectedRow, ...] = ()
    """Rows that could not be read; they are not among `n_rows`."""
    of_rows: bool = False
    """Whether somebody's rows were read."""
    notes: Counter[str] = field(default_factory=Counter)
    """What of rows is left out, and of how many."""

    @property
    def tally(self) -> RowCounts:
        """What there was in the rows, to be told before anything is asked."""
        questions = [seed.question for seed in self.seeds]
        is_recorded = any(seed.recorded for seed in self.seeds)
        return RowCounts(
            what="questions",
            n_rows=self.n_rows + len(self.rejected),
            n_equal=0 if is_recorded else self.n_duplicates,
            n_more=self.n_duplicates if is_recorded else 0,
            ids=tuple(question.external_id for question in questions if question.external_id),
            n_without_gold=sum(question.gold is None for question in questions),
            rejected=self.rejected,
            n_missing=self.n_missing,
            notes=self.notes,
        )


def made(questions: Iterable[Question]) -> Loaded:
    """Return questions that came from no rows, each once."""
    given = [*questions]
    seeds = {question.question_id: Seed(question) for question in given}
    return Loaded(tuple(seeds.values()), n_rows=len(given), n_duplicates=len(given) - len(seeds), n_missing=0)
