"""Rows to JSONL, for the workers that work on files: rows in their order, the output whole or not at all."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO

from schemas.errors import Refused
from tasks.rows.data_set import DataSet
from tasks.rows.jsonl import json_text
from warehouse.disk import replacing

Write = Callable[[dict[str, Any]], object]
_SHOWN = 5
"""Complaints that are told one by one."""
_TEXTS = ("response",)
"""What is no answer where its cell is empty: a model said nothing."""


def unit(path: Path) -> str:
    """Return what the number of a row counts: lines of a file that has a row on each, else rows. Raises `Refused`."""
    return "line" if DataSet(str(path), "IN", on_hub=False).is_lines else "row"


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

    def __init__(self, path: Path, numbered: str | None = None) -> None:
        """What numbers count is looked up in the file where `numbered` does not say it: a line, or a row."""
        self._path, self._numbered = path, numbered
        self._first: list[tuple[int, str]] = []
        self._broken: dict[str, tuple[int, str, int]] = {}
        self.n = 0

    @cached_property
    def unit(self) -> str:
        """What the number of a row counts."""
        return self._numbered or unit(self._path)

    def add(self, number: int, complaint: str, kind: str | None = None) -> None:
        """Note a complaint. `complaint` names the field of the row on this line: `response: got null; needs text`. With
        `kind`, the row was used, and the complaint is of what judged it.
        """
        if kind:
            at, first, n = self._broken.get(kind, (number, f"{self._path}, {self.unit} {number}, {complaint}", 0))
            self._broken[kind] = at, first, n + 1
            return
        self.n += 1
        if self.n <= _SHOWN:
            self._first.append((number, f"{self._path}, {self.unit} {number}, {complaint}"))

    def lines(self) -> list[str]:
        """Return a line for each of the first ones and for each kind, in the order of the rows; then one for the
        others.
        """
        more = [f"{self._path}: {self.n - _SHOWN} more such rows"] if self.n > _SHOWN else []
        broken = [(at, f"{row}{f' (so {n} rows of this kind)' * (n > 1)}") for at, row, n in self._broken.values()]
        return [line for _, line in sorted(self._first + broken, key=itemgetter(0))] + more

    def refuse_all(self, n_rows: int) -> None:
        """Raise `Refused` where no row of `n_rows` could be used; what each needs is told beside it."""
        if self.n >= n_rows:
            wrong = f"none of its {n_rows} rows can be used"
            raise Refused(f"{self._path}: {wrong if n_rows else 'it holds no rows; needs a JSON object on each line'}")


@contextmanager
def rewriting(in_path: Path, out_path: Path) -> Iterator[tuple[Lines, Write]]:
    """Yield the rows of `in_path`, as lines that are not blank, and a function that takes the rows of `out_path`.

    `out_path` appears when the block ends without an exception. Raises `Refused` when the input cannot be read or there
    is no folder for the output.
    """
    with rewriting_bytes(in_path, out_path) as (file, write):
        yield Lines(file), lambda row: write(json_text(row).encode() + b"\n")


@contextmanager
def rewriting_bytes(in_path: Path, out_path: Path) -> Iterator[tuple[BinaryIO, Callable[[bytes], object]]]:
    """Replace a file line by line: yields a file of the lines, and a function that takes whole lines of `out_path`, one
    or many.

    Where to write is as `whole_file` says.
    """
    data = DataSet(str(in_path), "IN", on_hub=False)
    with whole_file(out_path) as draft, data.as_lines(_TEXTS) as file, draft.open("wb") as out:
        yield file, out.write


@contextmanager
def whole_file(out_path: Path) -> Iterator[Path]:
    """Yield where to write what `out_path` holds once the block ends without an exception, whole or not at all.

    What a link leads to is replaced, and not the link; a device or a pipe is written to as it is, and so is the file
    that a shell has this process's output go to: it may hold more. Raises `Refused` for a folder, and where there is
    none for the file.
    """
    if (stream := _stream(out_path)) is not None:
        with NamedTemporaryFile() as copied:
            yield Path(copied.name)
            with open(os.dup(stream), "wb") as out, open(copied.name, "rb") as whole:  # noqa: PTH123  a descriptor
                shutil.copyfileobj(whole, out)
        return
    target = out_path.resolve()
    if not target.parent.is_dir():
        raise Refused(f"--out: got {out_path}, but there is no folder {out_path.parent}; make it first")
    if out_path.is_dir():
        raise Refused(f"--out: got the folder {out_path}; needs a file")
    if out_path.exists() and not out_path.is_file():
        yield out_path
        return
    if not os.access(target.parent, os.W_OK):
        raise Refused(f"--out: got {out_path}, but nothing can be written in {target.parent}; give another folder")
    with replacing(target) as draft:
        yield draft


def _stream(path: Path) -> int | None:
    """Which of standard output and standard error is this file, as /dev/stdout is where it is redirected."""
    for stream in (1, 2):
        with suppress(OSError):
            if path.is_file() and os.path.samestat(path.stat(), os.fstat(stream)):
                return stream
    return None
