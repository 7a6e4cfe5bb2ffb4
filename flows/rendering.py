"""Query results and text for a terminal or a pipe. What a teacher wrote cannot act on its reader."""

import csv
import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

_ACTS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""Escapes and other controls but tab and newline, what turns the direction of text, and what cannot be seen."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What spreadsheets take for the beginning of one; the last four are the full-width forms of the first four."""


Rows = tuple[Sequence[str], Sequence[Sequence[Any]]]
"""Names of columns, and rows."""
_DIGITS = 4
"""Of a float, for a person; JSON and CSV have all."""
_WIDEST = 100_000
"""Columns of a console that any table fits."""


def printable(text: str) -> str:
    """Return `text` with each character that a terminal obeys, or that hides or turns others, as one mark; newlines and
    tabs stay.
    """
    return _ACTS.sub("\ufffd", text)


@dataclass(frozen=True)
class RowsShown:
    """Rows for a person: a table where it fits the width of the console, else a record for each row."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    title: str | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = self._table()
        if (
            not self.rows
            or Measurement.get(console, options.update(max_width=_WIDEST), table).maximum <= options.max_width
        ):
            yield table
            return
        if self.title:
            yield Text(self.title, style="bold")
        for number, row in enumerate(self.rows, start=1):
            yield Text(f"row {number} of {len(self.rows)}", style="dim")
            yield self._record(row)

    def _table(self) -> Table:
        """Numbers to the right, NULL dimmed."""
        table = Table(title=self.title, title_justify="left", title_style="bold", header_style="bold")
        for index, column in enumerate(self.columns):
            numeric = any(isinstance(row[index], int | float) for row in self.rows)
            table.add_column(Text(printable(column)), justify="right" if numeric else "left", overflow="fold")
        for row in self.rows:
            table.add_row(*(_cell(value) for value in row))
        return table

    def _record(self, row: Sequence[Any]) -> Table:
        record = Table.grid(padding=(0, 2))
        record.add_column(style="bold", overflow="fold")
        record.add_column(overflow="fold")
        for column, value in zip(self.columns, row, strict=True):
            record.add_row(Text(printable(column)), _cell(value))
        return record


def rich_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], title: str | None = None) -> RowsShown:
    """Return rows as a table for a person, however wide their console."""
    return RowsShown(columns, rows, title)


def records(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    """Return rows as objects for JSON. Times are ISO 8601, bytes are text, what JSON has no number for is null.

    Columns of one name are kept apart as DuckDB does in a subquery: `a`, `a_1`.
    """
    names = distinct(columns)
    return [dict(zip(names, map(_json_value, row), strict=True)) for row in rows]


def distinct(columns: Sequence[str]) -> list[str]:
    """Return the names, each that stands a second time with a number behind it that makes it another."""
    names: list[str] = []
    taken = set(columns)
    for column in columns:
        name, n = column, 0
        while name in names or (n and name in taken):
            n += 1
            name = f"{column}_{n}"
        names.append(name)
    return names


def as_json(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Write rows as JSON, where what acts on a terminal is an escape of JSON, which loses nothing."""
    return _ACTS.sub(lambda found: json.dumps(found[0])[1:-1], json.dumps(records(columns, rows), ensure_ascii=False))


def as_csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Write rows as CSV, where a text, or a column's name, that a spreadsheet would run as a formula has a leading
    apostrophe.
    """
    lines: list[str] = []
    writer = csv.writer(SimpleNamespace(write=lines.append), lineterminator="\r\n")  # so that a lone \r is quoted, too
    writer.writerow([_csv_value(column) for column in columns])
    writer.writerows([_csv_value(value) for value in row] for row in rows)
    return "\n".join(line.removesuffix("\r\n") for line in lines)


FORMATS: dict[str, Callable[[Sequence[str], Sequence[Sequence[Any]]], str | RowsShown]] = {
    "table": rich_table,
    "json": as_json,
    "csv": as_csv,
}


def cell_text(value: Any) -> str:
    """Return a value for a person."""
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return printable(str(_rounded(value)))


def _cell(value: Any) -> Text:
    return Text(cell_text(value), style="dim" if value is None else "")


def _rounded(value: Any) -> Any:
    """Floats to 4 digits behind the point, those below 1 to their first 4."""
    if isinstance(value, float) and math.isfinite(value):
        return round(value, _DIGITS) if abs(value) >= 1 else float(f"{value:.{_DIGITS}g}")
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list) else value


def _json_value(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _json_value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_json_value(inner) for inner in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if value is None or isinstance(value, str | int | bool):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _csv_value(value: Any) -> Any:
    plain = _json_value(value)
    if isinstance(plain, dict | list):
        return json.dumps(plain, ensure_ascii=False)
    runs = isinstance(value, str | bytes) and str(plain).startswith(_FORMULA)
    return f"'{plain}" if runs else plain
