"""Files of rows that come out byte for byte the same for the same rows, in whatever chunks those arrive.

JSONL is ASCII: every other character is escaped, so that no reader takes U+2028 or U+0085 for the end of a line, and no
encoding can go wrong. Parquet is written with fixed settings, its row groups closed by counts that depend on the rows
alone; its bytes still name the version of the library that wrote them. The manifest names both.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, groupby
from json.encoder import encode_basestring_ascii
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.record import Record
from schemas.release import ReleaseFile
from warehouse.arrow_schema import columns_of

_GROUP_ROWS = 2_000
_GROUP_CHARACTERS = 64 * 2**20
"""Of text, about: a row may hold 16 MiB of text, and the two gigabytes of one Arrow column must never fill up."""
PARQUET_SETTINGS = {"compression": "zstd", "compression_level": 3, "version": "2.6", "store_schema": True}
"""The level is zstd's own default: 6 takes twice the time and saves a twentieth of the bytes."""


class JsonlFile:
    """One JSON object per line, keys in the order of the columns."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._file = path.open("wb")

    def write(self, rows: pa.Table) -> list[int]:
        """Return the characters of each line."""
        self.rows += len(rows)
        lines = json_lines(rows)
        self._file.write(lines.buffers()[-1] or b"")
        characters: list[int] = pc.binary_length(lines).to_pylist()
        return characters

    def close(self) -> None:
        self._file.close()


class ParquetFile:
    """Columns as the record has them. `writer` is a thread of its own, which most of the work is left to."""

    def __init__(self, path: Path, record: type[Record], writer: ThreadPoolExecutor) -> None:
        self.path = path
        self.rows = 0
        self.schema = columns_of(record)
        self._file = pq.ParquetWriter(path, self.schema, **PARQUET_SETTINGS)
        self._writer = writer
        self._under_way: Future[None] | None = None
        self._group: list[pa.Table] = []
        self._in_group = self._characters = 0

    def write(self, rows: pa.Table, characters: Sequence[int]) -> None:
        """Write rows. `characters`: how long each row is, about."""
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


def json_lines(rows: pa.Table) -> pa.StringArray:
    """Return a line of ASCII for each row. Raises `ValueError` for a number that JSON cannot hold."""
    if not len(rows):
        return pa.array([], pa.string())
    objects = rows.to_struct_array()
    # one chunk is taken as it is: Arrow would copy it
    return _joined([*_json(objects.chunk(0) if objects.num_chunks == 1 else objects.combine_chunks()), "\n"])


def _json(values: pa.Array) -> list[str | pa.Array]:
    """What the text of each value, as `json.dumps` spells it, is joined of: a long text is not copied at each depth."""
    if values.null_count == len(values):
        return [pa.repeat("null", len(values))]
    parts = _parts(values)
    return [pc.if_else(values.is_valid(), _joined(parts), "null")] if values.null_count else parts


def _parts(values: pa.Array) -> list[str | pa.Array]:
    kind = values.type
    if pa.types.is_struct(kind):
        names = [f"{', ' if n else '{'}{encode_basestring_ascii(field.name)}: " for n, field in enumerate(kind)]
        return [*chain.from_iterable((name, *_json(values.field(n))) for n, name in enumerate(names)), "}"]
    if pa.types.is_list(kind):
        ends = np.cumsum(values.value_lengths().fill_null(0).to_numpy())
        offsets = pa.array(np.concatenate([[0], ends]), pa.int32())
        items = _joined(_json(values.flatten()))
        return ["[", pc.binary_join(pa.ListArray.from_arrays(offsets, items), ", "), "]"]
    if pa.types.is_string(kind) and _is_plain(values):
        return ['"', values, '"']
    texts: Iterable[str]
    if pa.types.is_string(kind):
        texts = map(encode_basestring_ascii, values.fill_null("").to_pylist())
    elif pa.types.is_integer(kind):
        return [pc.cast(values, pa.string())]
    elif pa.types.is_floating(kind) and pc.all(pc.is_finite(values)).as_py() is not False:
        texts = map(repr, values.to_pylist())
    else:
        texts = (json.dumps(value, allow_nan=False) for value in values.to_pylist())
    return [pa.array(texts, pa.string(), size=len(values))]


def _joined(parts: Iterable[str | pa.Array]) -> pa.StringArray:
    """Of each row; null where a part is."""
    runs = groupby(parts, key=lambda part: isinstance(part, str))
    beside = chain.from_iterable(("".join(run),) if is_text else run for is_text, run in runs)
    return pc.binary_join_element_wise(*beside, "")


def _is_plain(values: pa.StringArray) -> bool:
    """Whether JSON takes all of these texts as they are."""
    _, offsets, characters = values.buffers()
    if not characters:
        return True
    first, last = np.frombuffer(offsets, np.int32)[[values.offset, values.offset + len(values)]]
    codes = np.frombuffer(characters, np.uint8)[first:last]
    in_range = not len(codes) or (codes.min() >= 32 and codes.max() <= 126)
    return bool(in_range and not (codes == 34).any() and not (codes == 92).any())


def listed(folder: Path, rows: dict[str, int]) -> tuple[ReleaseFile, ...]:
    """Return every file below `folder` by its path; `rows` has the counts of those that hold rows."""
    files = dict(sorted((f.relative_to(folder).as_posix(), f) for f in folder.rglob("*") if f.is_file()))
    with ThreadPoolExecutor() as readers:
        hashes = readers.map(sha256_of, files.values())
        return tuple(
            ReleaseFile(path=name, size=file.stat().st_size, sha256=sha256, rows=rows.get(name))
            for (name, file), sha256 in zip(files.items(), hashes, strict=True)
        )


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
