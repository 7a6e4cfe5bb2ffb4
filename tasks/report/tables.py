"""Answers of the warehouse as tables of the page: texts, classes, sums, and the check that fates add up. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schemas.errors import BooksDoNotBalance
from tasks.report.queries import FATES, LEVELS, Query

_LONG = ("question", "benchmark_item", "evidence", "agreed_answer", "gold", "sha256", "reasons")
_SHARES = ("kept_share", "pass_rate", "share")
_ALL = ("planned", "attempts", "reflections")
"""Columns that say over how many rows a table counts; only such a table has a sum."""
_NARROW = 3
"""Columns that fit a phone side by side."""


@dataclass(frozen=True)
class Cell:
    label: str
    text: str
    kind: str
    """Classes of style.css."""
    share: float | None = None
    """0 to 100: drawn as a bar beside the text."""


@dataclass(frozen=True)
class Table:
    query: Query
    heads: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] | None

    @property
    def wide(self) -> bool:
        """On a phone every row of it becomes a list."""
        return len(self.heads) > _NARROW


def shaped(query: Query, columns: Sequence[str], rows: Sequence[Sequence[Any]], planned: int) -> Table:
    """Raise `BooksDoNotBalance` where fates do not add up, row by row and over the table, to what was planned."""
    _check(query, columns, rows, planned)
    numeric = [any(_is_number(row[at]) for row in rows) for at in range(len(columns))]
    heads = [Cell(_label(c), _label(c), "number" if n else "") for c, n in zip(columns, numeric, strict=True)]
    cells = [[cell(*each) for each in zip(columns, row, numeric, strict=True)] for row in rows]
    return Table(query, heads, cells, _total(columns, rows))


def cell(column: str, value: Any, is_number: bool = True) -> Cell:
    """Lay out a value: NULL is a dash, to the right in a column of numbers; shares are percentages with a bar."""
    label = _label(column)
    if value is None:
        return Cell(label, "—", "number none" if is_number else "none")
    if value == "":
        return Cell(label, "", "blank")
    if isinstance(value, bool):
        return Cell(label, "yes" if value else "no", "")
    if not _is_number(value):
        return Cell(label, str(value), "code" if column == "policy" else "long" if column in _LONG else "")
    if column in _SHARES:
        return Cell(label, f"{value:.1%}", "number", round(100 * value, 1))
    fate = f" is-{column if value else 'zero'}" if column in FATES else ""
    return Cell(label, number(column, value), "number" + fate)


def number(column: str, value: float) -> str:
    """Spell counts with commas; money to six figures, and a price to three; scores to three decimals."""
    if isinstance(value, int):
        return f"{value:,}"
    if "usd_per" in column and value < 100:
        return f"{value:.3g}"
    return f"{value:,.6g}" if "usd" in column or abs(value) >= 10 else f"{value:.3f}"


def _total(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[Cell] | None:
    if len(rows) < 2 or not set(columns) & set(_ALL):
        return None
    sums = [None if c in LEVELS else _sum(c, [row[at] for row in rows]) for at, c in enumerate(columns)]
    cells = [Cell(_label(c), "", "blank") if n is None else cell(c, n) for c, n in zip(columns, sums, strict=True)]
    return [Cell(_label(columns[0]), "all", ""), *cells[1:]]


def _sum(column: str, values: Sequence[Any]) -> float | None:
    """Of counts, and of money where all of it is known; None for everything else."""
    if column == "cost_usd":
        return None if None in values else math.fsum(values)
    known = [value for value in values if value is not None]
    return sum(known) if known and all(type(value) is int for value in known) else None


def _check(query: Query, columns: Sequence[str], rows: Sequence[Sequence[Any]], planned: int) -> None:
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    if set(FATES) <= set(columns):
        for row in found:
            if row["planned"] != sum(row[fate] for fate in FATES):
                raise BooksDoNotBalance(f"report: {query.name}: fates do not add up in the row {row}")
    counted = next((name for name in ("planned", "attempts") if name in columns and "plan_id" not in columns), None)
    if counted and (total := sum(row[counted] for row in found)) != planned:
        raise BooksDoNotBalance(f"report: {query.name}: planned {planned}, and {total} in the table")


def _label(column: str) -> str:
    return (
        column.removeprefix("n_").replace("_", " ").replace("usd", "USD").replace("rifd", "r-IFD").replace("ifd", "IFD")
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
