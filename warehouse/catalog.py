"""DuckDB over the warehouse: a connection with every table and view, and the catalog file for other programs."""

import inspect
import os
from pathlib import Path

import duckdb

from schemas.tables import TABLES
from warehouse.arrow_schema import arrow_schema
from warehouse.landing import Warehouse

CATALOG = "warehouse.duckdb"
STORAGE_VERSION = "v1.2.0"
"""Readable by the duckdb 1.x command line and by BI tools that embed it."""
LISTING = f"""
    SELECT view_name AS name, CASE WHEN view_name IN {tuple(TABLES)} THEN 'table' ELSE 'view' END AS kind,
        duckdb_views.comment, string_agg(column_name, ', ' ORDER BY column_index) AS columns
    FROM duckdb_views() JOIN duckdb_columns() ON view_name = table_name
    WHERE NOT duckdb_views.internal
    GROUP BY ALL
    UNION ALL
    SELECT function_name, 'macro', comment, array_to_string(parameters, ', ')
    FROM duckdb_functions()
    WHERE function_type = 'table_macro' AND NOT internal
    ORDER BY kind, name
"""
"""What `reflectory sql --views` says. The columns of a macro are its parameters."""
PAST = ("traces_full", "attempts_full", "fates", "yield_by_source")
"""Views that can be asked as they were."""
_PAST_COMMENT = (
    "How did {view} stand then? {view}_at('run_id') is {view} as that run left it, {view}_at('2026-05-01 12:00') as it was"
    " at that time (UTC): the same query over the rows that had landed. The clock is that of the machine that landed them."
)
_MOMENT = """
    SELECT coalesce(
        (SELECT max(landed_at) FROM main.runs WHERE run_id = version::VARCHAR),
        try_cast(version::VARCHAR AS TIMESTAMPTZ),
        error('version: got ' || version::VARCHAR || '; needs the run_id of a run that has landed, or a time')
    )
"""
_FROM = "FROM (\n{body}\n)"
_HERE = Path(__file__).parent


def view_files() -> list[Path]:
    """The shipped views, in the order that they must be made. The comment that a file begins with is the view's."""
    return sorted((_HERE / "views").glob("*.sql"))


def query_text(name: str) -> str:
    """The SQL of a shipped query; `$plan_id` is its parameter."""
    return (_HERE / "queries" / f"{name}.sql").read_text(encoding="utf-8")


def connect(warehouse: Warehouse) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB in which every table and view of the warehouse has its name.

    It sees the files committed at this moment. Raises `duckdb.Error` for a warehouse that cannot be read.
    """
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    _define(connection, warehouse)
    return connection


def write_catalog(warehouse: Warehouse) -> Path:
    """Replace the views-only catalog file in one step; a reader has the old one or the new one."""
    path = warehouse.folder / CATALOG
    draft = warehouse.folder / f".{CATALOG}.{os.getpid()}"
    draft.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {_quoted(str(draft))} AS catalog (STORAGE_VERSION '{STORAGE_VERSION}')")
        connection.execute("USE catalog")
        _define(connection, warehouse)
        connection.execute("USE memory")
        connection.execute("DETACH catalog")
    draft.replace(path)
    return path


def _define(connection: duckdb.DuckDBPyConnection, warehouse: Warehouse) -> None:
    for table in TABLES:
        connection.execute(f"CREATE VIEW {table} AS {_select(connection, warehouse, table)}")
        connection.execute(f"COMMENT ON VIEW {table} IS {_quoted(inspect.cleandoc(TABLES[table].__doc__ or ''))}")
    define_views(connection)


def define_views(connection: duckdb.DuckDBPyConnection) -> None:
    """The shipped views and macros, over tables or views that have the tables' names."""
    for file in view_files():
        text = file.read_text(encoding="utf-8")
        comment = " ".join(line[2:].strip() for line in text.splitlines() if line.startswith("--"))
        kind = "MACRO TABLE" if "CREATE MACRO" in text else "VIEW"
        connection.execute(text)
        connection.execute(f"COMMENT ON {kind} {file.stem[3:]} IS {_quoted(comment)}")
    for view in PAST:
        connection.execute(past_macro(view))
        connection.execute(f"COMMENT ON MACRO TABLE {view}_at IS {_quoted(_PAST_COMMENT.format(view=view))}")


def past_macro(view: str) -> str:
    """The macro `view_at(version)`: the view's own text and that of the views below it, over tables cut at a moment.

    A table's rows never change, so those that had landed by a moment are the table of that moment. In a query, a name
    in WITH hides a table or view of that name: so no text is written twice.
    """
    cut = [f"{table} AS NOT MATERIALIZED (FROM main.{table} WHERE landed_at <= (FROM moment))" for table in TABLES]
    bodies = {file.stem[3:]: _body(file) for file in view_files()}
    below = list(bodies)[: list(bodies).index(view)]
    views = [f"{name} AS NOT MATERIALIZED ({bodies[name]})" for name in below if bodies[name]]
    parts = ",\n".join([f"moment AS MATERIALIZED ({_MOMENT})", *cut, *views])
    return f"CREATE MACRO {view}_at(version) AS TABLE\nWITH {parts}\n{_FROM.format(body=bodies[view])}"


def _body(file: Path) -> str:
    """The query of a view; nothing of a macro."""
    _, _, body = file.read_text(encoding="utf-8").partition(f"CREATE VIEW {file.stem[3:]} AS\n")
    return body.rstrip().removesuffix(";")


def _select(connection: duckdb.DuckDBPyConnection, warehouse: Warehouse, table: str) -> str:
    """The rows of the table. A column that it lacks, because older code made it, is NULL."""
    files, present = warehouse.files(table)
    empty = connection.from_arrow(arrow_schema(TABLES[table]).empty_table())
    columns = zip(empty.columns, empty.types, strict=True)
    nulls = [f'CAST(NULL AS {type_}) AS "{name}"' for name, type_ in columns if not files or name not in present]
    if not files:
        return f"SELECT {', '.join(nulls)} WHERE false"
    paths = ", ".join(map(_quoted, files))
    return f"SELECT {', '.join(['*', *nulls])} FROM read_parquet([{paths}], union_by_name = true)"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
