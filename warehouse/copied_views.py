"""Views that are bound once. DuckDB binds a view when it is made, with all the views below it: most of the time of a
query. One that is copied from another database is bound when it is asked.
"""

import os
from collections.abc import Sequence
from functools import cache
from itertools import count, groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

import duckdb

from warehouse.defining import quoted

_COLUMNS = """
SELECT table_name, column_name, data_type
FROM duckdb_columns()
WHERE NOT internal AND schema_name = 'main'
ORDER BY table_name, column_index
"""
Column = tuple[str, str, str]
_LOCK, _NUMBERS = Lock(), count()


def copy_views(connection: duckdb.DuckDBPyConnection, statements: Sequence[str]) -> None:
    """Make the views and macros of the statements, which read only what stands in schema main of an in-memory database.

    Those over tables of the same columns are made once in a process, in a file; where none can be written, each time.
    """
    below = tuple(connection.execute(_COLUMNS).fetchall())
    try:
        with _LOCK:
            made = _made(tuple(statements), below, os.getpid())
        connection.execute(f"ATTACH {quoted(str(made))} AS made (READ_ONLY)")
    except (OSError, duckdb.IOException):
        for statement in statements:
            connection.execute(statement)
        return
    connection.execute("COPY FROM DATABASE made TO memory (SCHEMA)")
    connection.execute("DETACH made")


@cache
def _made(statements: tuple[str, ...], below: tuple[Column, ...], pid: int) -> Path:
    """A database with the views alone: made over empty tables, which then go."""
    file = Path(_folder(pid).name) / f"{next(_NUMBERS)}.duckdb"
    tables = {name: [*columns] for name, columns in groupby(below, itemgetter(0))}
    with duckdb.connect(str(file)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, columns in tables.items():
            listed = ", ".join(f'"{column}" {type_}' for _, column, type_ in columns)
            connection.execute(f'CREATE TABLE "{name}" ({listed})')
        for statement in statements:
            connection.execute(statement)
        for name in tables:
            connection.execute(f'DROP TABLE "{name}"')
    return file


@cache
def _folder(pid: int) -> TemporaryDirectory[str]:
    """For as long as the process lives, and no fork of it."""
    return TemporaryDirectory(prefix="reflectory-views-")
