"""Questions that stand in rows, one in each."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import shorten
from typing import ClassVar

from schemas.errors import Refused
from schemas.exchange import RejectedRow
from tasks.questions.columns import BESIDE, CHOICES, LETTERS, RowReader
from tasks.questions.forms import dump_columns
from tasks.questions.gold_column import GoldColumn
from tasks.questions.seed import Loaded, Seed
from tasks.questions.seed_file import SeedWriter
from tasks.questions.source import Source
from tasks.rows.data_set import DataSet, Row
from tasks.rows.exchange import FieldError
from tasks.rows.jsonl import Unreadable

_SHOWN = 3
"""Complaints that are told where no row can be used."""
_LONGEST = 60
"""Characters of a question in a line."""


class RowSource(Source):
    """Rows that stand at `questions.path`, read by `questions.columns`, or by the form that is seen in them."""

    on_hub: ClassVar[bool] = False
    """Whether the path may be a name of the Hugging Face hub."""

    @property
    def path(self) -> Path:
        return Path(self.settings.path or "")

    @property
    def data_set(self) -> DataSet:
        settings = self.settings
        where = (settings.split, settings.subset, settings.revision)
        return DataSet(settings.path or "", "questions.path", *where, on_hub=self.on_hub)

    @property
    def name(self) -> str:
        """`questions.name`, else what the path says."""
        return self.settings.name or self.data_set.name

    @property
    def responses(self) -> tuple[str, ...]:
        """The columns that hold completions recorded with the question."""
        return ()

    @property
    def wanted(self) -> tuple[str, ...]:
        """Every column that may be read; that of the question comes first."""
        columns = self.settings.columns
        named = (columns.question, columns.context, columns.gold, columns.kind, columns.spec, columns.id, columns.tags)
        return named + CHOICES + LETTERS + BESIDE + self.responses + (tuple(dump_columns()) if self.responses else ())

    def rows(self) -> Iterator[Row]:
        """Yield all of them, in order. Raises `Refused` for what cannot be read."""
        return self.data_set.rows(self.wanted)

    def lacking(self) -> str | None:
        said = f"questions.path: got none; source {self.settings.source!r} needs a file, folder or name"
        return None if self.settings.path else said

    def missing(self) -> Iterator[str]:
        return self.data_set.missing()

    def load(self, seed: int) -> Loaded:
        reader = RowReader(self.settings, self.name, self.responses)
        seeds, rejected = SeedWriter(), list[RejectedRow]()
        n_rows = n_missing = 0
        golds = GoldColumn()
        for found in self._read(reader, rejected):
            if len(seeds) == self.settings.limit and found.question not in seeds:
                if not self.responses:
                    break
                continue  # a later row may hold another response to a question that is in
            n_rows += 1
            seeds.add(found)
            if reader.inferred:
                golds.add(*reader.inferred)
            n_missing += max(0, len(self.responses) - len(found.recorded))
        if not seeds:
            raise self._without_questions(rejected)
        reader.check_columns_met()
        counts = (n_rows, n_rows - len(seeds), n_missing)
        return Loaded(seeds.finish(), *counts, tuple(rejected), True, reader.notes, golds)

    def glance(self) -> str:
        """Read rows up to the first question. A name of the hub is left alone. Raises `Refused`."""
        if missing := "\n".join(self.missing()):
            raise Refused(missing)
        if not self.path.exists():
            return f"{self.settings.path} is taken for a name of the hub; nothing is downloaded for a look"
        rejected: list[RejectedRow] = []
        seed = next(self._read(RowReader(self.settings, self.name, self.responses), rejected), None)
        if seed is None:
            raise self._without_questions(rejected)
        return f"{seed.place}: {shorten(seed.question.text, _LONGEST, placeholder='…')!r}, kind {seed.question.kind}"

    def _read(self, reader: RowReader, rejected: list[RejectedRow]) -> Iterator[Seed]:
        """The question of each row, with its place; a row that cannot be read goes to the `rejected`."""
        for place, row in self.rows():
            try:
                if isinstance(row, Unreadable):
                    raise FieldError(None, row.complaint)
                found = reader.read(row)
            except FieldError as error:
                rejected.append(RejectedRow.of(self.name, place, error.field, error.complaint))
                continue
            yield Seed(found.question, found.recorded, place)

    def _without_questions(self, rejected: Sequence[RejectedRow]) -> Refused:
        shown = [str(row) for row in rejected[:_SHOWN]]
        none = f"questions.path: {self.settings.path} holds no questions"
        return Refused("\n".join([*shown, none + (" that can be read" if shown else "")]))


class Jsonl(RowSource):
    """JSON objects, one on each line or all in one list; or what else the file turns out to be."""


class Parquet(RowSource):
    """A Parquet file."""


class HuggingFace(RowSource):
    """A split of a data set of the hub, or of a local folder."""

    on_hub = True


class RecordedCompletions(RowSource):
    """Completions that somebody already paid for: no teacher is asked."""

    asks = False
    on_hub = True

    @property
    def name(self) -> str:
        return self.settings.name or f"{self.data_set.name.removesuffix('_recorded')}_recorded"

    @property
    def responses(self) -> tuple[str, ...]:
        return self.settings.columns.responses
