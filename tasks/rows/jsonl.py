"""JSONL to JSONL, for the workers that work on files: rows in their order, the output whole or not at all."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from schemas.errors import Refused

Write = Callable[[dict[str, Any]], object]
_SHOWN = 5
"""Complaints that are told one by one."""


class JsonNumber(float):
    """A number with a fraction or an exponent as it stands in JSON: a double, and the text, which may hold more."""

    text: str

    def __new__(cls, text: str) -> "JsonNumber":
        number = super().__new__(cls, text)
        number.text = text
        return number


class Lines:
    """The lines of a file that are not blank; `number` is that of the line read last, blank ones counted."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.number = 0

    def __iter__(self) -> Iterator[bytes]:
        for self.number, line in enumerate(self._file, start=1):  # noqa: B020
            if line.strip():
                yield line


class Complaints:
    """What is wrong with the rows of a file that cannot be used: the first few, and how many there are. And of each
    kind whose verifier broke on a row, the first such row, and how many there are.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._first: list[str] = []
        self._broken: dict[str, tuple[str, int]] = {}
        self.n = 0

    def add(self, number: int, complaint: str, kind: str | None = None) -> None:
        """`complaint` names the field of the row on this line: `response: got null; needs text`. With `kind`, the row
        was used, and the complaint is of what judged it.
        """
        if kind:
            first, n = self._broken.get(kind, (f"{self._path}, line {number}, {complaint}", 0))
            self._broken[kind] = first, n + 1
            return
        self.n += 1
        if self.n <= _SHOWN:
            self._first.append(f"{self._path}, line {number}, {complaint}")

    def told(self) -> list[str]:
        """A line for each of the first ones, and one for the others; then one for each kind."""
        more = [f"{self._path}: {self.n - _SHOWN} more such rows"] if self.n > _SHOWN else []
        broken = [f"{row}{f' (so {n} rows of this kind)' * (n > 1)}" for row, n in self._broken.values()]
        return self._first + more + broken

    def refuse_all(self, n_rows: int) -> None:
        """Raises `Refused` where no row of `n_rows` could be used; what each needs is told beside it."""
        if self.n >= n_rows:
            told = f"none of its {n_rows} rows can be used"
            raise Refused(f"{self._path}: {told if n_rows else 'it holds no rows; needs a JSON object on each line'}")


@contextmanager
def rewriting(in_path: Path, out_path: Path) -> Iterator[tuple[Lines, Write]]:
    """The lines of `in_path` that are not blank, and a function that takes the rows of `out_path`.

    `out_path` appears when the block ends without an exception. Raises `Refused` when the input cannot be read or there
    is no folder for the output.
    """
    with rewriting_bytes(in_path, out_path) as (file, write):
        yield Lines(file), lambda row: write(json_text(row).encode() + b"\n")


@contextmanager
def rewriting_bytes(in_path: Path, out_path: Path) -> Iterator[tuple[BinaryIO, Callable[[bytes], object]]]:
    """Likewise, with the file itself, and a function that takes whole lines of `out_path`, one or many.

    Where to write is as `whole_file` says.
    """
    with whole_file(out_path) as draft:
        try:
            file = in_path.open("rb")
        except OSError as error:
            raise Refused(f"cannot read {in_path} ({error.strerror}); give a JSONL file of rows") from error
        with file, draft.open("wb") as out:
            yield file, out.write


@contextmanager
def whole_file(out_path: Path) -> Iterator[Path]:
    """Where to write what `out_path` holds once the block ends without an exception, whole or not at all.

    What a link leads to is replaced, and not the link; a device or a pipe is written to as it is. Raises `Refused` for
    a folder, and where there is none for the file.
    """
    target = out_path.resolve()
    if not target.parent.is_dir():
        raise Refused(f"--out: got {out_path}, but there is no folder {out_path.parent}; make it first")
    if out_path.is_dir():
        raise Refused(f"--out: got the folder {out_path}; needs a file")
    replaces = out_path.is_file() or not out_path.exists()
    draft = target.with_name(f".{target.name}.{os.getpid()}") if replaces else out_path
    try:
        yield draft
        if replaces:
            draft.replace(target)
    finally:
        if replaces:
            draft.unlink(missing_ok=True)


def read_object(line: bytes) -> dict[str, Any]:
    """The JSON object on a line. Raises `ValueError` for anything else; its message says what it is not."""
    try:
        row = _DECODER.decode(line.decode("utf-8", "surrogatepass").removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        raise ValueError("no JSON") from None
    if not isinstance(row, dict):
        raise ValueError("no JSON object")
    return row


def json_text(value: Any) -> str:
    """A JSON value in ASCII, its `JsonNumber`s as they were written. Raises `ValueError` for what JSON cannot hold."""
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if type(value) is int:
        return str(value)
    if isinstance(value, JsonNumber):
        return value.text
    if isinstance(value, dict):
        return "{" + ", ".join([f"{json_text(name)}: {json_text(item)}" for name, item in value.items()]) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(json_text, value)) + "]"
    return _ENCODER.encode(value)


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


_ENCODER = json.JSONEncoder(allow_nan=False)
_DECODER = json.JSONDecoder(parse_constant=_not_json, parse_float=JsonNumber)
