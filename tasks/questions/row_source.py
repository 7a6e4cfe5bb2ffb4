"""Questions that stand in rows, one in each."""

from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path

from schemas.errors import Refused
from schemas.question import Question
from tasks.questions.columns import RowReader
from tasks.questions.rows import Row
from tasks.questions.seed import Loaded, Recorded, Seed
from tasks.questions.source import Source


class RowSource(Source):
    """Rows that stand at `questions.path`, read by `questions.columns`."""

    @property
    def path(self) -> Path:
        return Path(self.settings.path or "")

    @property
    def name(self) -> str:
        """`questions.name`, else what the path says."""
        return self.settings.name or self.path.stem

    @property
    def responses(self) -> tuple[str, ...]:
        """The columns that hold completions recorded with the question."""
        return ()

    @property
    def wanted(self) -> tuple[str, ...]:
        """Every column that may be read; that of the question comes first."""
        columns = self.settings.columns
        named = (columns.question, columns.gold, columns.kind, columns.spec, columns.id, columns.tags)
        return named + self.responses

    @abstractmethod
    def rows(self) -> Iterator[Row]:
        """All of them, in order. Raises `Refused` for what cannot be read."""

    def lacking(self) -> str | None:
        said = f"questions.path: got none; source {self.settings.source!r} needs a file, folder or name"
        return None if self.settings.path else said

    def missing(self) -> Iterator[str]:
        if not self.path.is_file():
            yield f"questions.path: got {self.settings.path!r}; no such file (from {Path.cwd()})"

    def load(self, seed: int) -> Loaded:
        reader = RowReader(self.settings, self.name, self.responses)
        questions: dict[str, Question] = {}
        places: dict[str, str] = {}
        recorded: dict[str, list[Recorded]] = {}
        n_rows = n_missing = 0
        for place, row in self.rows():
            question = reader.question(place, row)
            key = question.question_id
            if key not in questions and len(questions) == self.settings.limit:
                if not self.responses:
                    break
                continue  # a later row may hold another response to a question that is in
            n_rows += 1
            questions.setdefault(key, question)
            places.setdefault(key, place)
            found = reader.recorded(place, row)
            recorded.setdefault(key, []).extend(found)
            n_missing += len(self.responses) - len(found)
        if not questions:
            raise Refused(f"questions.path: {self.settings.path} holds no questions")
        reader.check_columns_met()
        seeds = tuple(Seed(question, tuple(recorded[key]), places[key]) for key, question in questions.items())
        return Loaded(seeds, n_rows=n_rows, n_duplicates=n_rows - len(seeds), n_missing=n_missing)
