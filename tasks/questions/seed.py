"""What the factory starts from: the questions that were read, and what there was in their rows."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from schemas.exchange import RejectedRow
from schemas.question import Question
from tasks.questions.gold_column import GoldColumn, format_gold
from tasks.questions.recorded import Recorded, Seed
from tasks.questions.seed_file import SeedWriter, in_file
from tasks.rows.tally import RowCounts

_WITHOUT_GOLDS = (
    "no row has a gold, so no answer will be judged: questions.columns.gold names its column, and kind consensus or"
    " judge needs none"
)
__all__ = ["Loaded", "Recorded", "Seed", "made"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """`n_rows == len(seeds) + n_duplicates`."""

    seeds: Sequence[Seed]
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
    golds: GoldColumn = field(default_factory=GoldColumn)
    """Those for which nothing gives a kind."""

    @property
    def kinds_line(self) -> str:
        """How many questions there are of each kind, a gold of each that nobody gave, and what to set, for a person."""
        counts = Counter(in_file(self.seeds).kinds)
        examples = {kind: f" (such as {format_gold(gold)})" for kind, gold in self.golds.examples.items()}
        line = "kinds: " + ", ".join(f"{n} {kind}{examples.get(kind, '')}" for kind, n in counts.most_common())
        advice = _WITHOUT_GOLDS if self._is_without_golds else self.golds.advice
        return f"{line}; {advice}" if advice else line

    @property
    def _is_without_golds(self) -> bool:
        """Whether no answer can be judged for want of a gold."""
        from tasks.judging.verifiers import VERIFIERS  # who only reads rows needs none

        seeds = in_file(self.seeds)
        return 0 < len(seeds) == seeds.n_without_gold and all(VERIFIERS[kind].needs_gold for kind in seeds.kinds)

    @property
    def tally(self) -> RowCounts:
        """What there was in the rows, to be told before anything is asked."""
        seeds = in_file(self.seeds)
        return RowCounts(
            what="questions",
            n_rows=self.n_rows + len(self.rejected),
            n_equal=0 if seeds.is_recorded else self.n_duplicates,
            n_more=self.n_duplicates if seeds.is_recorded else 0,
            n_equal_ids=seeds.n_equal_ids,
            n_without_gold=seeds.n_without_gold,
            rejected=self.rejected,
            n_missing=self.n_missing,
            notes=self.notes,
        )


def made(questions: Iterable[Question]) -> Loaded:
    """Return questions that came from no rows, each once."""
    n_rows, seeds = 0, SeedWriter()
    for n_rows, question in enumerate(questions, start=1):  # noqa: B007
        seeds.add(Seed(question))
    return Loaded(seeds.finish(), n_rows=n_rows, n_duplicates=n_rows - len(seeds), n_missing=0)
