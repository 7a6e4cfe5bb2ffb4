"""How the cells of CSV and TSV are told apart."""

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

DELIMITERS = {".csv": ",", ".tsv": "\t"}
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


def encoding_of(path: Path) -> str:
    """UTF-8, or the UTF-16 that Excel writes as Unicode Text, by the mark that it begins with."""
    with path.open("rb") as file:
        return "utf-16" if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"


def cell_rows(path: Path, file: TextIO) -> Any:
    """Return a `csv.reader` of an open file, which is at its beginning."""
    delimiter = delimiter_of(path.suffix.lower(), file.readline())
    file.seek(0)
    is_plain = delimiter == "\t" and _is_unquoted(file)
    file.seek(0)
    return csv.reader(file, delimiter=delimiter, strict=True, quoting=csv.QUOTE_NONE if is_plain else csv.QUOTE_MINIMAL)


def delimiter_of(suffix: str, names: str) -> str:
    """What stands between cells: a semicolon where Windows writes CSV so, with commas in numbers."""
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
