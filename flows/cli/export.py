"""`reflectory export`: all rows of a table or view in one file."""

import json
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from flows.cli.sql import ask
from flows.rendering import as_csv, records
from schemas.closest import hint
from schemas.errors import Refused
from tasks.rows.rewriting import whole_file
from warehouse.catalog import LISTING
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

_AT_ONCE = 10_000
"""Rows in memory."""


def export(warehouse: Warehouse, table: str, out: Path) -> int:
    """Write the rows to `out`, whole or not at all; how many. The suffix of `out` says the format.

    Raises `Refused` for a name, a suffix or a place that cannot be.
    """
    write = WRITERS.get(out.suffix)
    if write is None:
        raise Refused(f"--out: got {str(out)!r}; needs a name that ends in {', '.join(WRITERS)}")
    with whole_file(out) as draft:
        names = [name for name, kind, *_ in ask(warehouse, LISTING)[1] if kind != "macro"]
        if table not in names:
            known = hint(table, names, n=3) or "; `reflectory sql --views` lists them"
            raise Refused(f"export: got {table!r}; there is no such table or view{known}")
        with Snapshot(warehouse) as now:
            write(now, table, draft)
            _, [(n,)] = now.ask(f"SELECT count(*) FROM {table}")
    return int(n)


def _parquet(now: Snapshot, table: str, path: Path) -> None:
    now.copy_to_parquet(f"FROM {table}", path)


def _jsonl(now: Snapshot, table: str, path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        for columns, rows in _chunks(now, table):
            file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records(columns, rows))


def _csv(now: Snapshot, table: str, path: Path) -> None:
    """As `reflectory sql --format csv` has it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        for number, (columns, rows) in enumerate(_chunks(now, table)):
            text = as_csv(columns, rows)
            file.write((text.partition("\n")[2] if number else text) + "\n")


def _chunks(now: Snapshot, table: str) -> Iterator[tuple[list[str], list[tuple[Any, ...]]]]:
    """The columns with some rows each time; with none, once."""
    columns, _ = now.ask(f"FROM {table} LIMIT 0")
    rows = now.stream(f"FROM {table}")
    chunk = [tuple(row.values()) for row in islice(rows, _AT_ONCE)]
    yield columns, chunk
    while chunk := [tuple(row.values()) for row in islice(rows, _AT_ONCE)]:
        yield columns, chunk


WRITERS: dict[str, Callable[[Snapshot, str, Path], None]] = {".parquet": _parquet, ".jsonl": _jsonl, ".csv": _csv}
"""By the suffix of the file."""
