"""The rows of a data set, one at a time, each with its place for messages: JSON, JSONL, CSV, Parquet, or by `datasets`.

What a file begins with says what it is, not its name, but for CSV. A folder is one that `save_to_disk` wrote, or one of
data files: `datasets` finds those of the split, and JSON and CSV among them are read here, because it would make
doubles of their numbers, and 7 of a CSV's 007.
"""

import codecs
import csv
import json
import logging
import re
import shutil
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from schemas.errors import Refused
from schemas.record import clean_text
from tasks.rows.cells import DELIMITERS, cell_rows, text_of
from tasks.rows.json_text import JsonText, held_rows, is_spread
from tasks.rows.jsonl import UNREADABLE, JsonNumber, RowDecoder, Unreadable, json_text, object_text
from tasks.rows.packed import packed_by, packer_of, plain_path, unpacked
from tasks.rows.values import plain_text
from warehouse.spilling import kept_aside


class _Form(Enum):
    """How the rows of a data set stand there."""

    BY_DATASETS = "a folder, or a name of the hub"
    PARQUET = "Parquet"
    CELLS = "CSV"
    ARRAY = "one list of JSON"
    OBJECTS = "objects of JSON on several lines, or one that holds the rows"
    LINES = "JSON on each line"


Row = tuple[str, dict[str, Any] | Unreadable]
"""Where the row stands, such as `data.jsonl, line 3`, and what it holds."""

_HUB_NAME = re.compile(r"(?![.\-])[\w.\-]{1,96}(/[\w.\-]{1,96})?")
_PATTERN = re.compile(r"[*?[]")
_FILE_NAME = re.compile(r"\.(jsonl?|ndjson|parquet|pq|csv|tsv|txt|arrow|gz|zst|zip|xz|bz2)$", re.IGNORECASE)
_POINTER = b"version https://git-lfs.github.com/spec/"
_TAR = slice(257, 262)
_OF_LINES = (".json", ".jsonl", ".ndjson")
_NEEDS = "a list of JSON objects, one JSON object on each line, CSV, or Parquet"


@dataclass(frozen=True)
class DataSet:
    """Rows at a path, or of a name of the Hugging Face hub."""

    path: str
    setting: str = "questions.path"
    """What named it, for messages."""
    split: str = "train"
    """Like `subset` and `revision` of no account for a file."""
    subset: str | None = None
    revision: str | None = None
    on_hub: bool = True
    """Whether a name that is no path may be one of the hub."""

    @property
    def name(self) -> str:
        """The file's or folder's, without a suffix; or the one on the hub."""
        path = Path(self.path)
        return path.resolve().name if path.is_dir() else plain_path(path).stem if path.is_file() else self.path

    def missing(self) -> Iterator[str]:
        """Yield a line for a person where there is nothing to read."""
        named = self.on_hub and _HUB_NAME.fullmatch(self.path) and not _FILE_NAME.search(self.path)
        if not (Path(self.path).exists() or named):
            none = "file or folder, and no name of the hub" if self.on_hub else "file"
            pattern = "; a pattern is not looked up, a folder is read" if _PATTERN.search(self.path) else ""
            yield f"{self.setting}: got {self.path!r}; no such {none} (from {Path.cwd()}){pattern}"

    def rows(self, wanted: Sequence[str] = ()) -> Iterator[Row]:
        """Yield all of them, in order; where columns are stored apart, only those that a path in `wanted` starts in,
        unless the first one's is not there. Raises `Refused` for what cannot be read at all.
        """
        match self._form():
            case _Form.BY_DATASETS:
                return self._by_datasets(wanted)
            case _Form.PARQUET:
                return self._parquet(wanted)
            case _Form.CELLS:
                return self._cells()
            case _Form.ARRAY:
                return self._array()
            case _Form.OBJECTS:
                return self._objects()
            case _Form.LINES:
                return self._lines()

    @property
    def is_lines(self) -> bool:
        """Whether it is a file of lines, or a pipe, which is taken for one. Raises `Refused` where there is none."""
        path = Path(self.path)
        return (path.exists() and not path.is_file() and not path.is_dir()) or self._form() is _Form.LINES

    def as_lines(self, texts: Collection[str] = ()) -> BinaryIO:
        """Open a file that has each row as JSON on a line of its own: this one where it has; else one that is made of
        it, where the number of a row is that of its line. An empty cell of CSV is null, or in a column of `texts` the
        empty text. Raises `Refused`.
        """
        path, are_lines = Path(self.path), self.is_lines
        if are_lines and not (path.is_file() and packer_of(path)):
            return path.open("rb")
        file: BinaryIO = TemporaryFile()  # noqa: SIM115
        with kept_aside(self.setting):
            if are_lines:
                with self._opened() as lines:
                    shutil.copyfileobj(lines, file)
            else:
                self._write_lines(file, texts)
            file.seek(0)
        return file

    def _write_lines(self, file: BinaryIO, texts: Collection[str]) -> None:
        empty = dict.fromkeys(texts, "") if self._form() is _Form.CELLS else {}
        for _, row in self.rows():
            if isinstance(row, dict):
                row |= {name: text for name, text in empty.items() if name in row and row[name] is None}
            text = json_text(UNREADABLE + row.complaint) if isinstance(row, Unreadable) else object_text(row, _as_json)
            file.write(text.encode() + b"\n")

    def _form(self) -> "_Form":
        path = Path(self.path)
        if path.is_dir() or (self.on_hub and not path.exists()):
            return _Form.BY_DATASETS
        with self._opened() as file:
            head, suffix = file.read(512), plain_path(path).suffix.lower()
            if head.startswith(_POINTER):
                raise Refused(f"{self.setting}: {self.path!r} is a pointer of Git LFS; `git lfs pull` brings the file")
            is_parquet = head.startswith(b"PAR1") or suffix in (".parquet", ".pq")
            if holder := _holder(head) or (is_parquet and packer_of(path)):
                raise Refused(f"{self.setting}: cannot read {self.path!r}: packed by {holder}; unpack it first")
            if is_parquet:
                return _Form.PARQUET
            if suffix in DELIMITERS:
                return _Form.CELLS
            begins = b"".join(head.removeprefix(codecs.BOM_UTF8).split())[:2]
            if begins.startswith(b"[") and begins != b"[[" and not _is_line(path):
                return _Form.ARRAY
            return _Form.OBJECTS if begins.startswith(b"{") and is_spread(path) else _Form.LINES

    def _lines(self) -> Iterator[Row]:
        name, decode = Path(self.path).name, RowDecoder()
        with self._opened() as lines:
            for number, line in enumerate(lines, start=1):
                text = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
                if text.strip():
                    yield f"{name}, line {number}", decode.whole(text)

    def _array(self) -> Iterator[Row]:
        """Element by element, so that one that is no object does not cost the others."""
        with self._json() as text:
            yield from self._numbered(text.elements(RowDecoder().next))

    def _objects(self) -> Iterator[Row]:
        """One after the other; of one alone the rows that it holds."""
        with self._json() as text:
            objects = text.values(RowDecoder().next)
            first = next(objects)
            yield from self._numbered(chain([first], objects) if text.behind_space() else self._held(first))

    def _numbered(self, rows: Iterable[dict[str, Any] | Unreadable]) -> Iterator[Row]:
        name = Path(self.path).name
        return ((f"{name}, row {number}", row) for number, row in enumerate(rows, start=1))

    def _held(self, alone: dict[str, Any] | Unreadable) -> list[Any]:
        held = {} if isinstance(alone, Unreadable) else held_rows(alone, self.split)
        if len(held) > 1:
            names = ", ".join(map(repr, held))
            section = self.setting.rpartition(".")[0]
            raise Refused(f"{self.setting}: {self.path!r} holds {names}; needs {section}.split to name one of them")
        return next(iter(held.values()), [alone])

    @contextmanager
    def _json(self) -> Iterator[JsonText]:
        """The text of a file of JSON. Raises `Refused` for what is none."""
        with self._opened() as file:
            text = JsonText(file)
            try:
                yield text
            except (ValueError, RecursionError) as error:
                said = f"not JSON in UTF-8 at row {text.n} ({text.described(error)})"
                raise Refused(f"{self.setting}: cannot read {self.path!r}: {said}; needs {_NEEDS}") from error

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        """Raises `Refused` for what cannot be opened, or read."""
        try:
            with unpacked(Path(self.path)) as file:
                yield file
        except OSError as error:
            raise Refused(f"{self.setting}: cannot read {self.path!r}: {error.strerror}") from error

    def _cells(self) -> Iterator[Row]:
        """Every cell is text, an empty one null: no type is guessed."""
        path, number = Path(self.path), 0
        lines: Any = None
        csv.field_size_limit(sys.maxsize)
        try:
            with text_of(path) as file:
                lines = cell_rows(path, file)
                names: list[str] = next(lines, [])
                if twice := {name for name in names if names.count(name) > 1}:
                    raise csv.Error(f"two columns have the name {sorted(twice)[0]!r}; the first line names each column")
                for number, cells in enumerate(filter(None, lines), start=1):
                    row: dict[str, Any] | Unreadable = {
                        name: clean_text(cell) if cell else None for name, cell in zip(names, cells, strict=False)
                    }
                    if len(cells) != len(names):
                        said = f"got {len(cells)} cells; needs {len(names)}, as many as the first line has names"
                        row = Unreadable(said, clean_text(lines.dialect.delimiter.join(cells)))
                    yield f"{path.name}, row {number}", row
        except (OSError, ValueError, csv.Error) as error:
            said = f"no CSV in UTF-8 after row {number}, line {lines.line_num if lines else 0} ({error})"
            said += "; save it as UTF-8 (Excel: CSV UTF-8)" if isinstance(error, UnicodeError) else ""
            raise Refused(f"{self.setting}: cannot read {self.path!r}: {said}") from error

    def _parquet(self, wanted: Sequence[str]) -> Iterator[Row]:
        """A batch in memory at a time."""
        import pyarrow
        import pyarrow.parquet

        from tasks.rows.narrow import shortest

        path, number = Path(self.path), 0
        try:
            with pyarrow.parquet.ParquetFile(path) as file:
                columns = top_level(file.schema_arrow.names, wanted)
                kind = pyarrow.struct([field for field in file.schema_arrow if field.name in columns])
                for batch in file.iter_batches(batch_size=1024, columns=columns):
                    for row in batch.to_pylist():
                        number += 1
                        yield f"{path.name}, row {number}", shortest(row, kind)
        except (OSError, ValueError, pyarrow.ArrowException) as error:  # ValueError: text that is not UTF-8
            raise Refused(f"{self.setting}: cannot read {self.path!r} after row {number}: {error}") from error

    def _by_datasets(self, wanted: Sequence[str]) -> Iterator[Row]:
        """Of a local folder without any network."""
        import pyarrow

        from tasks.rows.narrow import shortest

        if files := self._written_files():
            for file in files:
                yield from replace(self, path=file, on_hub=False).rows(wanted)
            return
        data = self._loaded()
        data = data.select_columns(top_level(data.column_names, wanted))
        kind = pyarrow.struct(list(data.features.arrow_schema))
        for number, row in enumerate(data, start=1):
            yield f"{self.name}, {self.split} row {number}", shortest(row, kind)

    def _loaded(self) -> Any:
        import datasets

        folder = Path(self.path)
        with self._asking_datasets():
            if (folder / "state.json").is_file():
                return datasets.load_from_disk(self.path)
            if (folder / "dataset_dict.json").is_file():
                splits = datasets.load_from_disk(self.path)
                if self.split not in splits:
                    raise ValueError(f'Unknown split "{self.split}". Should be one of {list(splits)}.')
                return splits[self.split]
            return datasets.load_dataset(self.path, name=self.subset, split=self.split, revision=self.revision)

    def _written_files(self) -> list[str]:
        """The files of the split in a local folder whose numbers are text; none where `datasets` has to read them:
        those with features or settings of their own, a share of a split.
        """
        import datasets

        folder = Path(self.path)
        if not folder.is_dir() or any((folder / name).is_file() for name in ("state.json", "dataset_dict.json")):
            return []
        with self._asking_datasets():
            builder = datasets.load_dataset_builder(self.path, name=self.subset, revision=self.revision)
        config = builder.config
        files = list((config.data_files or {}).get(self.split, []))
        if builder.info.features is not None or getattr(config, "field", None):
            return []
        return files if all(_is_written(Path(file), getattr(config, "sep", None)) for file in files) else []

    @contextmanager
    def _asking_datasets(self) -> Iterator[None]:
        import datasets

        datasets.disable_progress_bars()
        logging.getLogger("huggingface_hub.repocard").setLevel(logging.ERROR)  # a README needs no head to be read
        section = self.setting.rpartition(".")[0]
        several = f" ({section}.subset names one of several configurations)" if section else ""
        try:
            yield
        except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
            raise Refused(
                f"{self.setting}: cannot read {self.path!r}, split {self.split!r}: `datasets` cannot load it; needs a "
                "file, a local folder of data files or of save_to_disk, or a data set's name on a machine that reaches "
                f"the hub{several}; datasets said: "
                f"{' '.join(str(error).split())[:400]}"
            ) from error


def _as_json(value: Any) -> Any:
    """A value of Parquet or Arrow as JSON has it. Raises `ValueError` for what JSON cannot hold."""
    if isinstance(value, dict):
        return {name: _as_json(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_as_json(item) for item in value]
    if value is None or isinstance(value, str | bool | JsonNumber):
        return value
    text = plain_text(value)
    if text is None:
        raise ValueError(value)
    return JsonNumber(text) if isinstance(value, float | Decimal) else value if isinstance(value, int) else text


def jsonl(path: Path, setting: str = "questions.path") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the rows of a file of our own form. Raises `Refused` for the first that is no object, naming its place."""
    for place, row in DataSet(str(path), setting, on_hub=False).rows():
        if isinstance(row, Unreadable):
            raise Refused(f"{place}: {row.complaint}")
        yield place, row


def top_level(names: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Return the columns that the wanted paths start in; all when the first one's is not there, or none is named."""

    def holds(name: str, path: str) -> bool:
        return path == name or path.startswith(f"{name}.")

    if not wanted or not any(holds(name, wanted[0]) for name in names):
        return list(names)
    return [name for name in names if any(holds(name, path) for path in wanted)]


def _is_written(path: Path, delimiter: str | None) -> bool:
    """Whether it is a file of JSON rows, or of CSV with the `delimiter` that its name promises."""
    suffix = plain_path(path).suffix.lower()
    if not path.is_file() or suffix not in (*_OF_LINES, *DELIMITERS):
        return False
    if suffix in DELIMITERS:
        return delimiter == DELIMITERS[suffix]
    try:
        with unpacked(path) as lines:
            first = next((line for line in lines if line.strip()), b"").removeprefix(codecs.BOM_UTF8).strip()
        return first.startswith(b"[") or isinstance(json.loads(first, parse_int=str), dict)
    except (ValueError, RecursionError):
        return False  # such as one object of columns on several lines
    except OSError:
        return True  # cut off or damaged, which is said when it is read


def _holder(head: bytes) -> str | None:
    """What files that begin so hold others by, and is not read here: a zip, a tar, a file that was packed twice."""
    return "tar" if head[_TAR] == b"ustar" else "zip" if head.startswith(b"PK\x03\x04") else packed_by(head)


def _is_line(path: Path) -> bool:
    """Whether the list that the file begins with is but the first of its lines."""
    with unpacked(path) as lines:
        first = next((line for line in lines if line.strip()), b"")
        if not any(line.strip() for line in lines):
            return False
    try:
        json.loads(first.removeprefix(codecs.BOM_UTF8), parse_int=str)
    except (ValueError, RecursionError):
        return False
    return True
