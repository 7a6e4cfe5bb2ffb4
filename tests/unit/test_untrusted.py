"""What a stranger's query cannot do, and that a trusted one can: so that it is the lock which stops it."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from tests.unit.test_warehouse import trace
from warehouse.catalog import connect
from warehouse.landing import Warehouse
from warehouse.undisclosed import scrubbed, shortened
from warehouse.untrusted import QueryLimits, answer, lock

LIMITS = QueryLimits(rows=3, cell=100, memory_mib=200)
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


TELLS_OF_THE_HOST = (
    "FROM duckdb_settings()",
    "SELECT value FROM duckdb_settings() WHERE name = 'allowed_paths'",
    "SELECT hex(value) FROM Duckdb_Settings()",
    "SELECT current_setting('allowed_paths')",
    "SELECT 'allowed_paths'.current_setting()",
    "SELECT system.main.current_setting('home_directory')",
    "SELECT list_transform(['allowed_paths'], lambda x: current_setting(x))",
    "SELECT count(*) FROM traces WHERE current_setting('allowed_paths')[1] < 'm'",
    "FROM pg_settings",
    "FROM pg_catalog.pg_settings",
    "SELECT sql FROM duckdb_views()",
    "SELECT sql FROM duckdb_views",
    "FROM system.duckdb_views",
    "TABLE system.main.duckdb_views",
    "SUMMARIZE duckdb_views",
    "SELECT (SELECT min(sql) FROM sqlite_master)",
    "WITH r AS (FROM sqlite_temp_schema) FROM r",
    "SELECT view_definition FROM information_schema.views",
    "SELECT definition FROM pg_views",
    "SELECT pg_get_viewdef(view_oid) FROM pg_class",
    "SELECT * FROM traces WHERE text IN (SELECT sql FROM duckdb_views())",
    "SELECT 1 ORDER BY (SELECT max(sql) FROM duckdb_views())",
    "FROM query('FROM duckdb_' || 'settings()')",
    "FROM query_table('duckdb_views')",
    "SELECT json_serialize_plan('FROM traces')",
    "FROM json_execute_serialized_sql(json_serialize_sql('FROM duckdb_settings()'))",
    "FROM duckdb_external_file_cache()",
    "FROM duckdb_extensions()",
    "FROM duckdb_secrets()",
    "FROM duckdb_databases()",
    "FROM duckdb_logs",
    "PIVOT duckdb_views ON view_name USING min(sql)",
    "FROM (PIVOT duckdb_views ON view_name IN ('traces') USING min(sql))",
)


@pytest.mark.parametrize("query", TELLS_OF_THE_HOST)
def test_nothing_tells_a_stranger_of_the_host(locked: duckdb.DuckDBPyConnection, query: str) -> None:
    with pytest.raises(ValueError, match=r"may tell of the machine|one SELECT"):
        answer(locked, query, LIMITS)


def test_nor_does_anything_else_that_duckdb_brings(locked: duckdb.DuckDBPyConnection, places: dict[str, str]) -> None:
    """Of whatever version: all that may be asked without an argument, once every file has been read."""
    answer(locked, "SELECT count(*) FROM traces_full", LIMITS)
    find_functions = "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'table'"
    find_views = "SELECT schema_name, view_name FROM duckdb_views() WHERE internal"
    functions = [f'"{name}"()' for (name,) in locked.execute(find_functions).fetchall()]
    views = [f'"{schema}"."{name}"' for schema, name in locked.execute(find_views).fetchall()]
    limits, told = QueryLimits(rows=10_000, cell=10**6), 0
    for each in functions + views:
        try:
            shown = str(answer(locked, f"FROM {each}", limits).rows)
        except (duckdb.Error, ValueError) as error:
            shown = str(error)
        else:
            told += 1
        assert not any(path in shown for path in (places["folder"], str(Path.home()) + "/", sys.prefix)), each
    assert told > 15, "the control: some may be asked"
    shown = str(locked.execute("SELECT sql FROM duckdb_views()").fetchall())
    assert places["folder"] in shown, "the control: there is something to tell"


def test_a_stranger_finds_his_way(locked: duckdb.DuckDBPyConnection) -> None:
    rich = QueryLimits(rows=10_000)
    assert ("traces",) in answer(locked, "SELECT table_name FROM information_schema.tables", rich).rows
    assert ("traces",) in answer(locked, "SHOW TABLES", rich).rows
    assert ("trace_id",) in answer(locked, "SELECT column_name FROM (DESCRIBE traces)", rich).rows
    assert answer(locked, "WITH views AS (SELECT 1 AS n) FROM views", rich).rows == [(1,)]
    assert answer(locked, "SELECT 'current_setting(1) duckdb_views'", rich).rows
    assert len(answer(locked, "FROM generate_series(1, 5), unnest([1, 2])", rich).rows) == 10
    assert answer(locked, "FROM traces_full_at('2000-01-01')", rich).rows == []


CONFIGURATION = (
    '{"path":"/home/ada/my data/q.jsonl","out":"~/x/y","url":"http://127.0.0.1:8000/v1/","kind":"a/b","root":"/data"}'
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            CONFIGURATION,
            '{"path":"…/q.jsonl","out":"…/y","url":"http://127.0.0.1:8000/v1/","kind":"a/b","root":"…/data"}',
        ),
        (
            "[Errno 2] No such file or directory: '/home/ada/q.jsonl'",
            "[Errno 2] No such file or directory: '…/q.jsonl'",
        ),
        ("cannot read /srv/it/q.jsonl: 1/2 done", "cannot read …/q.jsonl: 1/2 done"),
        ("3/4 of a/b; n/a", "3/4 of a/b; n/a"),
    ],
)
def test_paths_in_the_tables_are_cut_to_their_last_part(text: str, shown: str) -> None:
    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT {shortened('t')} FROM (SELECT ? AS t)", [text]).fetchall() == [(shown,)]


def test_the_runs_of_a_stranger_name_no_folder(places: dict[str, str], locked: duckdb.DuckDBPyConnection) -> None:
    assert answer(locked, "SELECT configuration, error FROM runs", LIMITS).rows == []
    assert answer(locked, "SELECT configuration FROM releases", LIMITS).rows == []


def test_an_error_names_no_folder_but_those_of_the_query(places: dict[str, str]) -> None:
    warehouse = Warehouse(Path(places["warehouse"]))
    message = f'IO Error: Cannot open file "{warehouse.folder}/traces/part-0.parquet"'
    assert scrubbed(message, warehouse, "FROM traces") == 'IO Error: Cannot open file "…/traces/part-0.parquet"'
    assert scrubbed(message, warehouse, f"SELECT error('{warehouse.folder}')") == message


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
