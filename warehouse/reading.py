"""Rows of the warehouse, back as records, and which keys it has."""

from collections.abc import Sequence
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

from schemas.record import Record
from schemas.tables import KEYS, TABLES

R = TypeVar("R", bound=Record)


def read_rows(connection: duckdb.DuckDBPyConnection, record: type[R], column: str, values: Sequence[str]) -> list[R]:
    """The rows of the record's table whose `column` is one of `values`, ordered by that column.

    `connection` is `catalog.connect`'s; several threads may share it.
    """
    table = next(name for name, held in TABLES.items() if held is record)
    columns = ", ".join(f'"{name}"' for name in record.model_fields)
    rows = _semi_join(connection, table, columns, column, values)
    return [record.model_validate(row) for row in rows.sort_by(column).to_pylist()]


def present(connection: duckdb.DuckDBPyConnection, table: str, keys: Sequence[str], where: str = "true") -> set[str]:
    """Those of `keys` (values of the table's last key column) that have a row for which `where` holds."""
    key = KEYS[table][-1]
    return set(_semi_join(connection, f"(FROM {table} WHERE {where})", key, key, keys)[key].to_pylist())


def scalar(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = ()) -> Any:
    """The one value that `sql` selects."""
    with connection.cursor() as cursor:
        row = cursor.execute(sql, list(parameters)).fetchone()
    return row[0] if row else None


def _semi_join(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: str, column: str, values: Sequence[str]
) -> pa.Table:
    wanted = pa.table({"wanted": pa.array(values, pa.string())})
    with connection.cursor() as cursor:
        cursor.register("wanted_values", wanted)
        query = f'SELECT {columns} FROM {relation} SEMI JOIN wanted_values ON "{column}" = wanted'
        return cursor.sql(query).to_arrow_table()
