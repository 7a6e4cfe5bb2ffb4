"""Questions of a JSONL file, one on each line."""

from collections.abc import Iterator

from tasks.questions.row_source import RowSource
from tasks.questions.rows import Row, jsonl


class Jsonl(RowSource):
    def rows(self) -> Iterator[Row]:
        return jsonl(self.path)
