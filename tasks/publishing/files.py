"""Files of rows that come out byte for byte the same for the same rows, in whatever chunks those arrive.

JSONL is ASCII: every other character is escaped, so that no reader takes U+2028 or U+0085 for the end of a line, and no
encoding can go wrong. Parquet is written with fixed settings, its row groups closed by counts that depend on the rows
alone; its bytes still name the version of the library that wrote them, which the manifest names, too.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.record import Record
from schemas.release import ReleaseFile
from warehouse.arrow_schema import arrow_type

_GROUP_ROWS = 2_000
_GROUP_CHARACTERS = 64 * 2**20
"""Of text, about: a row may hold 16 MiB of text, and the two gigabytes of one Arrow column must never fill up."""
_PARQUET = {"compression": "zstd", "compression_level": 6, "version": "2.6", "store_schema": True}


class JsonlFile:
    """One JSON object per line, keys in the order of the row."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._file = path.open("w", encoding="ascii", newline="\n")

    def write(self, row: dict[str, Any]) -> int:
        """Returns the characters of its line."""
        self.rows += 1
        return self._file.write(json.dumps(row, allow_nan=False) + "\n")

    def close(self) -> None:
        self._file.close()


class ParquetFile:
    """Columns as the record has them."""

    def __init__(self, path: Path, record: type[Record]) -> None:
        self.path = path
        self.rows = 0
        self._schema = pa.schema([pa.field(n, arrow_type(f.annotation)) for n, f in record.model_fields.items()])
        self._writer = pq.ParquetWriter(path, self._schema, **_PARQUET)
        self._group: list[dict[str, Any]] = []
        self._characters = 0

    def write(self, row: dict[str, Any], characters: int) -> None:
        """`characters`: how long the row is, about."""
        self._group.append(row)
        self._characters += characters
        self.rows += 1
        if len(self._group) == _GROUP_ROWS or self._characters >= _GROUP_CHARACTERS:
            self._flush()

    def close(self) -> None:
        if self._group or not self.rows:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        table = pa.Table.from_pylist(self._group, schema=self._schema)
        self._writer.write_table(table, row_group_size=_GROUP_ROWS)
        self._group, self._characters = [], 0


def listed(folder: Path, rows: dict[str, int]) -> tuple[ReleaseFile, ...]:
    """Every file below `folder` by its path; `rows` has the counts of those that hold rows."""
    return tuple(
        ReleaseFile(path=name, size=file.stat().st_size, sha256=sha256_of(file), rows=rows.get(name))
        for name, file in sorted((f.relative_to(folder).as_posix(), f) for f in folder.rglob("*") if f.is_file())
    )


def sha256_of(file: Path) -> str:
    """Of its bytes, in hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
