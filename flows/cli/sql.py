"""`reflectory sql`: a query of the warehouse, trusted or not, and the list of what can be asked."""

import re
from collections.abc import Sequence
from textwrap import fill
from typing import Any

import duckdb
from rich.console import Console

from flows.rendering import FORMATS, RowsShown
from schemas.errors import Refused
from warehouse.catalog import LISTING, connect, connect_for
from warehouse.landing import Warehouse
from warehouse.object_store import read_in_a_sentence
from warehouse.spilling import spill_trouble
from warehouse.untrusted import QueryLimits, ask_untrusted

Rows = tuple[list[str], list[tuple[Any, ...]]]
_WIDTH = 100
_LISTS = re.compile(r"\b(show|describe|pragma|information_schema|pg_\w+|sqlite_\w+|duckdb_\w+)\b", re.IGNORECASE)
"""What a query has that asks which tables and views there are."""
_KINDS = {
    "view": "Views, each for a question that people ask",
    "macro": "Macros: FROM name(argument)",
    "table": "Tables, as they landed: landed_by names the run, landed_at the time",
}


def ask(warehouse: Warehouse, query: str) -> Rows:
    """Return column names and rows of a query. Raises `Refused` with what DuckDB says of a query that fails."""
    try:
        with read_in_a_sentence():
            try:
                with connect(warehouse) if _LISTS.search(query) else connect_for(warehouse, query) as connection:
                    return _asked(connection, query)
            except duckdb.CatalogException:
                # a name that it makes up as it goes, or that is none: DuckDB says what is near
                with connect(warehouse) as connection:
                    return _asked(connection, query)
    except duckdb.Error as error:
        raise Refused(f"sql: {spill_trouble(error) or error}") from error


def _asked(connection: duckdb.DuckDBPyConnection, query: str) -> Rows:
    result = connection.execute(query)
    columns = [column[0] for column in result.description or []]
    return columns, result.fetchall() if columns else []


def ask_guarded(warehouse: Warehouse, query: str, limits: QueryLimits, notes: Console) -> Rows:
    """Return column names and rows of a stranger's query; what was cut is said on `notes`. Raises `Refused`."""
    found = ask_untrusted(warehouse, query, limits)
    for note in found.notes:
        notes.print(f"reflectory: {note}", markup=False)
    return found.columns, found.rows


def listing(warehouse: Warehouse, format_: str) -> str | RowsShown:
    """Return every table, view and macro: as a page to read, or as rows for a program."""
    columns, rows = ask(warehouse, LISTING)
    return _page(rows) if format_ == "table" else FORMATS[format_](columns, rows)


def _page(rows: Sequence[tuple[Any, ...]]) -> str:
    page: list[str] = []
    for kind, heading in _KINDS.items():
        page += [heading, "=" * len(heading), ""]
        for name, comment, columns in (row[:1] + row[2:] for row in rows if row[1] == kind):
            page += [name, _indented(comment), _indented(f"[{columns}]"), ""]
    return "\n".join(page)


def _indented(text: str) -> str:
    return fill(text, _WIDTH, initial_indent="    ", subsequent_indent="    ")
