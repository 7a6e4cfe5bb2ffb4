"""How the cells of CSV and TSV are told apart."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from tasks.rows.packed import plain_path, unpacked

DELIMITERS = {".csv": ",", ".tsv": "\t"}
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


def text_of(path: Path) -> TextIO:
    """Open the text of a file in UTF-8, or in the UTF-16 that Excel writes as Unicode Text, by its mark."""
    with unpacked(path) as file:
        is_utf_16 = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return io.TextIOWrapper(unpacked(path), "utf-16" if is_utf_16 else "utf-8-sig", newline="")


def cell_rows(path: Path, file: TextIO) -> Any:
    """Return a `csv.reader` of the open `file` at `path`, which is at its beginning."""
    with text_of(path) as lines:
        delimiter = delimiter_of(plain_path(path).suffix.lower(), lines.readline())
    with text_of(path) as lines:
        is_plain = delimiter == "\t" and _is_unquoted(lines)
    return csv.reader(file, delimiter=delimiter, strict=True, quoting=csv.QUOTE_NONE if is_plain else csv.QUOTE_MINIMAL)


def delimiter_of(suffix: str, names: str) -> str:
    """Return what stands between cells: a semicolon where Windows writes CSV so, with commas in numbers."""
    return ";" if suffix == ".csv" and ";" in names and "," not in names else DELIMITERS[suffix]


def _is_unquoted(lines: Iterator[str]) -> bool:
    """Whether a quote is but a character, as in the files of FLAN: each line has as many tabs as the first, and a cell
    begins with a quote that does not enclose it.
    """
    width, is_plain = None, False
    for line in filter(str.strip, lines):
        cells = line.rstrip("\r\n").split("\t")
        width = width or len(cells)
        if len(cells) != width:
            return False
        is_plain = is_plain or any(cell.startswith('"') and not _QUOTED.fullmatch(cell) for cell in cells)
    return is_plain
