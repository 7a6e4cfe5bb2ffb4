"""Questions of a Parquet file, one in each row."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from schemas.errors import Refused
from tasks.questions.row_source import RowSource
from tasks.questions.rows import Row, top_level


class Parquet(RowSource):
    def rows(self) -> Iterator[Row]:
        return parquet(self.path, self.wanted)


def parquet(path: Path, wanted: Sequence[str]) -> Iterator[Row]:
    """The rows of one file, a batch in memory at a time, with only the columns that are wanted."""
    import pyarrow
    import pyarrow.parquet

    from tasks.questions.narrow import shortest

    number = 0
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            columns = top_level(file.schema_arrow.names, wanted)
            kind = pyarrow.struct([field for field in file.schema_arrow if field.name in columns])
            for batch in file.iter_batches(batch_size=1024, columns=columns):
                for row in batch.to_pylist():
                    number += 1
                    yield f"{path}, row {number}", shortest(row, kind)
    except (OSError, ValueError, pyarrow.ArrowException) as error:  # ValueError: text that is not UTF-8
        raise Refused(f"questions.path: cannot read {str(path)!r} after row {number}: {error}") from error
