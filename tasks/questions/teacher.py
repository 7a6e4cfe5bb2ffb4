"""Questions that the teacher writes, on topics and after examples."""

from pathlib import Path

from schemas.configuration import RunConfiguration
from schemas.errors import Refused
from tasks.questions.asking import WritingSpec
from tasks.questions.columns import RowReader
from tasks.questions.seed import Loaded
from tasks.questions.source import Source
from tasks.rows.data_set import jsonl
from tasks.rows.exchange import FieldError


class WrittenByTeacher(Source):
    """They are there once their order is written (`tasks/questions/writer.py`)."""

    def lacking(self) -> str | None:
        said = "questions.topics: got none; source 'teacher' needs at least one to write about"
        return None if self.settings.topics else said

    def order(self, run: RunConfiguration, endpoint: str, fresh: str) -> WritingSpec:
        return WritingSpec.of(run, endpoint, fresh, self._examples())

    def load(self, seed: int) -> Loaded:
        raise NotImplementedError("a teacher has to be asked for these questions")

    def _examples(self) -> tuple[str, ...]:
        """The texts in `questions.examples`; none without it."""
        if self.settings.examples is None:
            return ()
        reader = RowReader(self.settings, "examples")
        rows = jsonl(Path(self.settings.examples))
        texts: dict[str, None] = {}
        for place, row in rows:
            try:
                texts[reader.question(row).text] = None
            except FieldError as error:
                raise Refused(f"{place}, {error}" if error.field else f"{place}: {error}") from error
        if not texts:
            raise Refused(f"questions.examples: {self.settings.examples} holds no questions")
        return tuple(texts)
