"""Files of rows that come out byte for byte the same for the same rows, in whatever chunks those arrive.

JSONL is ASCII: every other character is escaped, so that no reader takes U+2028 or U+0085 for the end of a line, and no
encoding can go wrong. Parquet is written with fixed settings, its row groups closed by counts that depend on the rows
alone; its bytes still name the version of the library that wrote them, which the manifest names, too.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from schemas.record import Record
from schemas.release import ReleaseFile
from warehouse.arrow_schema import columns_of

_GROUP_ROWS = 2_000
_GROUP_CHARACTERS = 64 * 2**20
"""Of text, about: a row may hold 16 MiB of text, and the two gigabytes of one Arrow column must never fill up."""
_PARQUET = {"compression": "zstd", "compression_level": 6, "version": "2.6", "store_schema": True}


class JsonlFile:
    """One JSON object per line, keys in the order of the columns."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._file = path.open("w", encoding="ascii", newline="\n")

    def write(self, rows: pa.Table) -> list[int]:
        """Returns the characters of each line."""
        self.rows += len(rows)
        lines = json_lines(rows)
        self._file.writelines(lines)
        return [*map(len, lines)]

    def close(self) -> None:
        self._file.close()


class ParquetFile:
    """Columns as the record has them. `writer` is a thread of its own, which most of the work is left to."""

    def __init__(self, path: Path, record: type[Record], writer: ThreadPoolExecutor) -> None:
        self.path = path
        self.rows = 0
        self.schema = columns_of(record)
        self._file = pq.ParquetWriter(path, self.schema, **_PARQUET)
        self._writer = writer
        self._under_way: Future[None] | None = None
        self._group: list[pa.Table] = []
        self._in_group = self._characters = 0

    def write(self, rows: pa.Table, characters: Sequence[int]) -> None:
        """`characters`: how long each row is, about."""
        first = 0
        for number, size in enumerate(characters, start=1):
            self._in_group += 1
            self._characters += size
            if self._in_group == _GROUP_ROWS or self._characters >= _GROUP_CHARACTERS:
                self._group.append(rows.slice(first, number - first))
                self._flush()
                first = number
        self._group.append(rows.slice(first))
        self.rows += len(rows)

    def close(self) -> None:
        if self._in_group or not self.rows:
            self._flush()
        self._settle()
        self._file.close()

    def _flush(self) -> None:
        table = pa.concat_tables([self.schema.empty_table(), *self._group]).combine_chunks()
        self._settle()
        self._under_way = self._writer.submit(self._file.write_table, table, row_group_size=_GROUP_ROWS)
        self._group, self._in_group, self._characters = [], 0, 0

    def _settle(self) -> None:
        """One group at a time waits in memory. Raises what kept the last one from being written."""
        if self._under_way:
            self._under_way.result()
            self._under_way = None


def json_lines(rows: pa.Table) -> list[str]:
    """A line of ASCII for each row. Raises `ValueError` for a number that JSON cannot hold."""
    if not len(rows):
        return []
    return [f"{text}\n" for text in _json(pa.concat_arrays(rows.to_struct_array().chunks))]


def _json(values: pa.Array) -> list[str]:
    """The text of each value, as `json.dumps` spells it."""
    kind = values.type
    if pa.types.is_struct(kind):
        names = [encode_basestring_ascii(field.name).replace("%", "%%") for field in kind]
        form = "{" + ", ".join(f"{name}: %s" for name in names) + "}"
        texts = [form % parts for parts in zip(*(_json(values.field(n)) for n in range(len(names))), strict=True)]
    elif pa.types.is_list(kind):
        items, ends = _json(values.flatten()), np.cumsum(values.value_lengths().fill_null(0).to_numpy()).tolist()
        texts = [f"[{', '.join(items[a:b])}]" for a, b in zip([0, *ends], ends, strict=False)]
    else:
        return [*map(_text if pa.types.is_string(kind) else _scalar, values.to_pylist())]
    if not values.null_count:
        return texts
    return [text if there else "null" for there, text in zip(values.is_valid().to_pylist(), texts, strict=True)]


def _text(value: str | None) -> str:
    return "null" if value is None else encode_basestring_ascii(value)


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    plain = type(value) is int or (type(value) is float and math.isfinite(value))
    return repr(value) if plain else json.dumps(value, allow_nan=False)


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
