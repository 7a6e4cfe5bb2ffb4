"""What a stranger's query cannot do, and that a trusted one can: so that it is the lock which stops it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from tests.unit.test_warehouse import trace
from warehouse.catalog import connect
from warehouse.landing import Warehouse
from warehouse.untrusted import Limits, answer, lock

LIMITS = Limits(rows=3, cell=100, memory_mib=200)
SECRET = "s3cr3t"

FORBIDDEN = {
    "read_csv": "SELECT * FROM read_csv('{secret}', header = false)",
    "read_text": "SELECT content FROM read_text('{secret}')",
    "read_blob": "SELECT content FROM read_blob('{secret}')",
    "read_json": "SELECT * FROM read_json('{folder}/j.json')",
    "read_parquet": "SELECT * FROM read_parquet('{folder}/p.parquet')",
    "parquet_metadata": "SELECT * FROM parquet_metadata('{folder}/p.parquet')",
    "parquet_schema": "SELECT * FROM parquet_schema('{folder}/p.parquet')",
    "sniff_csv": "SELECT * FROM sniff_csv('{secret}')",
    "file by its name": "SELECT * FROM '{folder}/p.parquet'",
    "glob": "SELECT * FROM glob('{folder}/*')",
    "path with dots": "SELECT content FROM read_text('{warehouse}/traces/../../{name}')",
    "in a subquery": "SELECT (SELECT content FROM read_text('{secret}'))",
    "in a CTE": "WITH a AS (FROM read_text('{secret}')) SELECT * FROM a",
    "through query()": "SELECT * FROM query('SELECT content FROM read_text(''{secret}'')')",
    "the journal": "SELECT content FROM read_blob('{warehouse}/journal/*')",
    "the Delta log": "SELECT content FROM read_text('{warehouse}/traces/_delta_log/*.json')",
    "COPY TO": "COPY (SELECT 1) TO '{folder}/written'",
    "COPY over a table's file": "COPY (SELECT 1 AS a) TO '{parquet}' (FORMAT parquet)",
    "EXPORT": "EXPORT DATABASE '{folder}/exported'",
    "ATTACH": "ATTACH '{folder}/other.duckdb' AS other",
    "SET": "SET memory_limit = '10GB'",
    "RESET": "RESET memory_limit",
    "PRAGMA": "PRAGMA threads = 4",
    "PRAGMA of a file": "PRAGMA database_list",
    "CALL": "CALL pragma_version()",
    "CREATE TABLE": "CREATE TABLE made (n INTEGER)",
    "CREATE OR REPLACE VIEW": "CREATE OR REPLACE VIEW traces AS SELECT 1 AS a",
    "CREATE MACRO": "CREATE MACRO one() AS 1",
    "PREPARE": "PREPARE p AS SELECT 1",
    "EXPLAIN ANALYZE": "EXPLAIN ANALYZE SELECT 1",
    "SET VARIABLE": "SET VARIABLE v = 1",
    "BEGIN": "BEGIN TRANSACTION",
    "CHECKPOINT": "CHECKPOINT",
    "USE": "USE memory",
    "two statements": "SELECT 1; SELECT 2",
    "a second statement behind a comment": "SELECT 1 /* ; */; CREATE TABLE hidden (n INTEGER) -- SELECT",
    "a log file": "SELECT * FROM enable_logging(storage = 'file', storage_path = '{folder}/log')",
    "a Python variable": "SELECT * FROM {python}",
}
"""Each is possible for a trusted reader."""
REFUSED_ANYWHERE = (
    "CREATE SECRET s (TYPE s3, KEY_ID 'k', SECRET 's')",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SELECT * FROM read_csv('https://localhost:1/a')",
    "SELECT * FROM sqlite_scan('{warehouse}/journal/calls.sqlite', 'sends')",
    "SELECT getenv('HOME')",
    "WITH a AS (INSERT INTO traces SELECT * FROM traces RETURNING *) SELECT * FROM a",
    "SELECT 1) FROM (SELECT 2",
    "EXECUTE p",
    "-- nothing",
    "",
)


@pytest.fixture(scope="module")
def places(empty_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("place")
    copied = Warehouse(shutil.copytree(empty_warehouse, folder / "warehouse"))
    copied.land("traces", [trace(0), trace(1)], "run", "u")
    (copied.folder / "journal" / "calls.sqlite").write_bytes(b"SQLite")
    (folder / "secret.csv").write_text(SECRET)
    (folder / "j.json").write_text('{"a": 1}')
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 1 AS a) TO '{folder}/p.parquet'")
    return {
        "folder": str(folder),
        "secret": str(folder / "secret.csv"),
        "name": "secret.csv",
        "warehouse": str(copied.folder),
        "parquet": copied.files("traces").paths[0],
        "python": "visible",
    }


@pytest.fixture(scope="module")
def locked(places: dict[str, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    warehouse = Warehouse(Path(places["warehouse"]))
    with connect(warehouse) as connection:
        lock(connection, warehouse, LIMITS)
        yield connection


@pytest.mark.parametrize("query", [*FORBIDDEN.values(), *REFUSED_ANYWHERE], ids=[*FORBIDDEN, *REFUSED_ANYWHERE])
def test_a_stranger_may_not(locked: duckdb.DuckDBPyConnection, places: dict[str, str], query: str) -> None:
    visible = pa.table({"a": [1]})  # noqa: F841  what a replacement scan would find
    with pytest.raises((duckdb.Error, ValueError)):
        answer(locked, query.format(**places), LIMITS)


@pytest.mark.parametrize("query", FORBIDDEN.values(), ids=FORBIDDEN)
def test_the_control_a_trusted_reader_may(places: dict[str, str], query: str, tmp_path: Path) -> None:
    visible = pa.table({"a": [1]})  # noqa: F841
    with duckdb.connect() as connection:
        connection.execute("CREATE VIEW traces AS SELECT 1 AS trace_id")
        connection.execute(query.format(**places | {"parquet": str(tmp_path / "over.parquet")}))


def test_a_stranger_reads_every_table_and_view(locked: duckdb.DuckDBPyConnection) -> None:
    assert answer(locked, "SELECT trace_id FROM traces ORDER BY ALL;", LIMITS).rows == [("t0",), ("t1",)]
    assert answer(locked, "FROM traces_full SELECT count(*) -- a comment", LIMITS).rows == [(2,)]
    assert answer(locked, "WITH a AS (SELECT 1 AS n) SELECT * FROM a UNION ALL VALUES (2)", LIMITS).rows == [(1,), (2,)]


def test_what_is_too_much_is_cut_and_said(locked: duckdb.DuckDBPyConnection) -> None:
    found = answer(locked, "SELECT range AS n, repeat('x', 1000) AS x, range(1000) AS l FROM range(10)", LIMITS)
    assert [(n, len(x), len(text)) for n, x, text in found.rows] == [(n, 100, 100) for n in range(3)]
    assert [note.split(";")[0] for note in found.notes] == [
        "more than 3 rows",
        "values longer than 100 characters are cut",
    ]
    assert answer(locked, "SELECT * FROM range(3)", LIMITS).notes == []
