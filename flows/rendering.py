"""Query results and text for a terminal or a pipe. What a teacher wrote cannot act on its reader."""

import csv
import io
import json
import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def printable(text: str) -> str:
    """`text` with the control characters that a terminal obeys replaced, one for one; newlines and tabs stay."""
    return _CONTROL.sub("\ufffd", text)


def rich_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], title: str | None = None) -> Table:
    """Numbers to the right, NULL dimmed."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    for index, column in enumerate(columns):
        numeric = any(isinstance(row[index], int | float) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    return table


def records(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    """Objects for JSON. Times are ISO 8601, bytes are text, what JSON has no number for is null."""
    return [dict(zip(columns, map(_json_value, row), strict=True)) for row in rows]


def as_json(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    return json.dumps(records(columns, rows), ensure_ascii=False)


def as_csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A text that a spreadsheet would run as a formula gets a leading apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_csv_value(value) for value in row] for row in rows)
    return out.getvalue().rstrip("\n")


FORMATS: dict[str, Callable[[Sequence[str], Sequence[Sequence[Any]]], str | Table]] = {
    "table": rich_table,
    "json": as_json,
    "csv": as_csv,
}


def _cell(value: Any) -> Text:
    if value is None:
        return Text("NULL", style="dim")
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return Text(printable(str(value)))


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
    return "'" + plain if isinstance(plain, str) and plain.startswith(_FORMULA) else plain
