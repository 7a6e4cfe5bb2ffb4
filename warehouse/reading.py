"""The warehouse at one moment: rows back as records, and which keys it has."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any, Self, TypeVar

import duckdb
import numpy as np
import pyarrow as pa

from schemas.record import Record
from schemas.tables import KEYS, TABLES, table_of
from warehouse.catalog import connect_empty, define_tables
from warehouse.defining import define_views, named_in, quoted, tables_in
from warehouse.landing import Warehouse
from warehouse.newest import known_whole, note_whole
from warehouse.object_store import read_in_a_sentence
from warehouse.packed_keys import PackedKeys

R = TypeVar("R", bound=Record)
_AT_ONCE = 1_000
"""Rows that a stream holds in memory."""
FRUGAL = "500MB"
"""What the queries about a plan have of memory, beside a run that goes on and however many attempts it has."""
_FEW = 20_000
"""Values that DuckDB takes as a parameter. With more pyarrow is quicker, once it has imported pandas (.4 s)."""

_KEPT = "kept"


class Snapshot:
    """Sees what was committed when it was opened. Several threads may share it.

    A table or view is made when a query first names it: making all takes longer than most queries.
    """

    def __init__(self, warehouse: Warehouse, at_most: str | None = None) -> None:
        """`at_most`, such as `500MB`: of memory that what is asked takes. It goes on on disk as far as DuckDB can, and
        takes more only where that cannot.
        """
        self._warehouse = warehouse
        self._files = warehouse.all_files(TABLES.keys())
        self._connection: duckdb.DuckDBPyConnection | None = connect_empty(warehouse)
        self._is_frugal = at_most is not None
        if at_most:
            self._connection.execute(f"SET memory_limit = {quoted(at_most)}")
        self._defined: set[str] = set()
        self._keeps = False
        self._defining = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection, whoever still holds the snapshot: DuckDB complains of one that outlives Python."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def rows(self, record: type[R], column: str, values: Sequence[str]) -> list[R]:
        """Return the rows of the record's table whose `column` is one of `values`, ordered by that column."""
        if not values:
            return []
        table = table_of(record)
        columns = ", ".join(f'"{name}"' for name in record.model_fields)
        rows = self._semi_join(table, columns, column, values)
        return [record.model_validate(row) for row in rows.sort_by(column).to_pylist()]

    def present(self, table: str, keys: Sequence[str], where: str = "true") -> set[str]:
        """Return those of `keys` (values of the table's last key column) that have a row for which `where` holds."""
        key = KEYS[table][-1]
        return set(self._semi_join(f"(FROM {table} WHERE {where})", key, key, keys)[key].to_pylist())

    def holds(self, table: str) -> bool:
        """Return whether the table has rows."""
        return bool(self.ask(f"FROM {table} SELECT 1 LIMIT 1")[1])

    def has(self, table: str, keys: PackedKeys, where: str = "true") -> np.ndarray:
        """Return whether each of the keys, as for `present`, has a row: booleans, in their order."""
        found = np.zeros(len(keys), bool)
        if len(keys) <= _FEW:
            present = self.present(table, list(keys), where)
            found[:] = [key in present for key in keys]
            return found
        wanted = pa.table({"place": np.arange(len(keys), dtype=np.int32), "wanted": keys.arrow()})
        query = f'SELECT place FROM wanted_keys SEMI JOIN (FROM {table} WHERE {where}) ON "{KEYS[table][-1]}" = wanted'
        with self._cursor(table) as cursor:
            cursor.register("wanted_keys", wanted)
            for batch in cursor.sql(query).to_arrow_reader(_FEW):
                found[batch["place"].to_numpy()] = True
        return found

    def missing(self, table: str, rows: Sequence[R]) -> list[R]:
        """Return those of the rows whose key, the last of the table's key columns, has no row yet."""
        key = KEYS[table][-1]
        known = self.present(table, [getattr(row, key) for row in rows])
        return [row for row in rows if getattr(row, key) not in known]

    def ask(
        self, sql: str, parameters: object = None, wanted: PackedKeys | None = None
    ) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Return column names and rows of a query; both empty for a statement without a result. Raises `duckdb.Error`.

        The query knows the keys that are `wanted` as the one column, `wanted`, of a table `wanted_keys`.
        """
        with self._cursor(sql) as cursor:
            if wanted is not None:
                cursor.register("wanted_keys", pa.table({"wanted": wanted.arrow()}))
            if self._is_frugal:
                with suppress(duckdb.OutOfMemoryException):
                    return _answer(cursor, sql, parameters)
                cursor.execute("RESET memory_limit")
            return _answer(cursor, sql, parameters)

    def note_newest(self) -> None:
        """Note which views of newest rows leave none out; who reads these files from then on need not look."""
        note_whole(self._warehouse, self._files, lambda query: bool(self.ask(query)[1][0][0]))

    def keep(self, view: str, sql: str, parameters: object = None) -> None:
        """Ask a query once, whose rows are from then on all that queries see of a view; views above it see it whole."""
        self.ask(f"CREATE SCHEMA IF NOT EXISTS {_KEPT}")
        self.ask(f"CREATE TABLE {_KEPT}.{view} AS {sql}", parameters)
        self._keeps = True

    def stream(self, sql: str, parameters: object = None) -> Iterator[dict[str, Any]]:
        """Yield the rows of a query one by one, however many there are."""
        for batch in self.batches(sql, parameters, _AT_ONCE):
            yield from batch.to_pylist()

    def batches(self, sql: str, parameters: object, at_once: int) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a query, about `at_once` of them at a time. Raises `duckdb.OutOfMemoryException`, at any of
        them.
        """
        with self._cursor(sql) as cursor:
            try:
                yield from cursor.sql(sql, params=parameters).to_arrow_reader(at_once)
            except OSError as error:  # Arrow's, for whatever DuckDB raises once the first rows are out
                if str(error).startswith("Out of Memory Error"):
                    raise duckdb.OutOfMemoryException(str(error)) from error
                raise

    def copy_to_parquet(self, sql: str, path: Path) -> None:
        """Write the rows of a query to a file."""
        with self._cursor(sql) as cursor:
            cursor.execute(f"COPY ({sql}) TO {quoted(str(path))} (FORMAT parquet)")

    def _semi_join(self, relation: str, columns: str, column: str, values: Sequence[str]) -> pa.Table:
        query = f'SELECT {columns} FROM {relation} SEMI JOIN wanted_values ON "{column}" = wanted'
        with self._cursor(relation) as cursor:
            if len(values) > _FEW:
                cursor.register("wanted_values", pa.table({"wanted": pa.array(values, pa.string())}))
                return cursor.sql(query).to_arrow_table()
            given = "WITH wanted_values AS (SELECT unnest($values::VARCHAR[]) AS wanted)"
            return cursor.sql(f"{given} {query}", params={"values": list(values)}).to_arrow_table()

    @contextmanager
    def _cursor(self, sql: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """For a query that names what `sql` names. Raises `DiskTrouble` where a store takes part no more."""
        with read_in_a_sentence(), self._defined_for(sql) as cursor:
            yield cursor

    def _defined_for(self, sql: str) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            raise ValueError("the snapshot is closed")
        with self._defining:
            views = set(named_in(sql)) - self._defined
            tables = set(tables_in(sql, views)) - self._defined
            define_tables(self._connection, {table: self._files[table] for table in tables})
            if views:
                define_views(self._connection, views, known_whole(self._warehouse, self._files, views))
            self._defined |= views | tables
        cursor = self._connection.cursor()
        if self._keeps:
            cursor.execute(f"SET search_path = '{_KEPT},main'")
        return cursor


def _answer(cursor: duckdb.DuckDBPyConnection, sql: str, parameters: object) -> tuple[list[str], list[tuple[Any, ...]]]:
    result = cursor.execute(sql, parameters)
    columns = [column[0] for column in result.description or []]
    return columns, result.fetchall() if columns else []
