"""Questions with completions that somebody already paid for: no teacher is asked."""

from collections.abc import Iterator

from tasks.questions.parquet import parquet
from tasks.questions.row_source import RowSource
from tasks.questions.rows import Row, jsonl


class RecordedCompletions(RowSource):
    """A Parquet file by its suffix, else a JSONL file."""

    asks = False

    @property
    def name(self) -> str:
        return self.settings.name or f"{self.path.stem.removesuffix('_recorded')}_recorded"

    @property
    def responses(self) -> tuple[str, ...]:
        return self.settings.columns.responses

    def rows(self) -> Iterator[Row]:
        is_parquet = self.path.suffix in (".parquet", ".pq")
        return parquet(self.path, self.wanted) if is_parquet else jsonl(self.path)
