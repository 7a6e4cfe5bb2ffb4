"""DuckDB over the warehouse: a connection with every table and view, and the catalog file for other programs."""

import inspect
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple
from functools import cache
from pathlib import Path

import duckdb

from schemas.record import content_key
from schemas.tables import TABLES
from warehouse.catalog_paths import CATALOG, CatalogPaths
from warehouse.defining import define_views, definitions, named_in, quoted, tables_in
from warehouse.disk import private_files, replacing
from warehouse.landing import Files, Warehouse
from warehouse.newest import known_whole
from warehouse.spilling import spill_folder

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
_HERE = Path(__file__).parent
_NULLS: dict[str, dict[str, str]] = {}
"""By table and column, the column as NULL of its type. They are the same in every connection."""
_MADE_BY = "made_by"
"""A macro of a catalog, which says what its views and macros were made from, and what they were then."""
_STANDING = f"""
    SELECT md5(string_agg(concat_ws(' ', name, words, comment), chr(0) ORDER BY name))
    FROM (
        SELECT view_name AS name, list_sort(regexp_extract_all(sql, '\\w+')) AS words, comment
        FROM duckdb_views() WHERE NOT internal AND view_name NOT IN {tuple(TABLES)}
        UNION ALL
        SELECT function_name, list_sort(regexp_extract_all(macro_definition, '\\w+')), comment
        FROM duckdb_functions() WHERE database_name = 'catalog' AND function_name <> '{_MADE_BY}'
    )
"""
"""Their words, since DuckDB writes the names that a star excludes in any order."""
_TABLE_COLUMNS = f"""
    SELECT table_name, column_name, data_type FROM duckdb_columns()
    WHERE table_name IN {tuple(TABLES)} ORDER BY table_name, column_index
"""


def query_text(name: str, **names: str) -> str:
    """Return the SQL of a shipped query, whose parameters, such as `$plan_id`, are to be bound.

    `names` stand for what cannot be bound: `{column}` in the file becomes the identifier of that name.
    """
    text = (_HERE / "queries" / f"{name}.sql").read_text(encoding="utf-8").removesuffix("\n")
    for placeholder, identifier in names.items():
        text = text.replace(f"{{{placeholder}}}", identifier)
    return text


def query_texts(folder: str) -> str:
    """Return the SQL of all the shipped queries in a folder, for a connection in which each can be asked."""
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted((_HERE / "queries" / folder).glob("*.sql")))


def connect(warehouse: Warehouse, spills: bool = True) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB in which every table and view of the warehouse has its name; whether it `spills` to
    disk.

    It sees the files committed at this moment. Raises `duckdb.Error` for a warehouse that cannot be read.
    """
    connection = connect_empty(warehouse, spills)
    _define(connection, warehouse, TABLES.keys(), definitions().keys())
    return connection


def connect_for(warehouse: Warehouse, query: str) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB with the tables, views and macros that the query names: making all takes longer than
    most queries.
    """
    connection = connect_empty(warehouse)
    names = named_in(query)
    _define(connection, warehouse, tables_in(query, names), names)
    return connection


def connect_empty(warehouse: Warehouse, spills: bool = True) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB without any table or view, but able to read what is in its place."""
    connection = duckdb.connect()
    warehouse.place.let_read(connection)
    connection.execute("SET GLOBAL TimeZone = 'UTC'")  # of its cursors, too
    if spills:
        connection.execute(f"SET temp_directory = {quoted(spill_folder())}")
    return connection


def write_catalog(warehouse: Warehouse) -> None:
    """Replace the views-only catalog in one step; a reader has the old one or the new one."""
    with private_files(), warehouse.place.in_a_sentence():
        with replacing(warehouse.folder / CATALOG) as draft:
            if not _renew_catalog(warehouse, draft):
                draft.unlink(missing_ok=True)
                _make_catalog(warehouse, draft)
        warehouse.place.publish_catalog()


def _make_catalog(warehouse: Warehouse, draft: Path) -> None:
    with _attached(warehouse, draft) as catalog:
        whole = _define(catalog, warehouse, TABLES.keys(), definitions().keys(), CatalogPaths(warehouse.place.catalogs))
    with _attached(warehouse, draft) as catalog:  # as DuckDB writes views once they have been in a file
        catalog.execute(f"CREATE MACRO {_MADE_BY}() AS {quoted(_made_by(catalog, whole))}")


def _renew_catalog(warehouse: Warehouse, draft: Path) -> bool:
    """Make the draft a copy of the catalog that is there, with the files that its tables have now.

    That takes a third of the time. False where there is none, or its views are not ours over tables of these columns.
    """
    try:
        shutil.copyfile(warehouse.folder / CATALOG, draft)
        with _attached(warehouse, draft) as catalog:
            files = warehouse.all_files(TABLES.keys())
            made_by = catalog.execute(f"SELECT {_MADE_BY}()").fetchall()
            if made_by != [(_made_by(catalog, known_whole(warehouse, files)),)]:
                return False
            before = catalog.execute(_TABLE_COLUMNS).fetchall()
            catalog.begin()
            for table in TABLES:
                catalog.execute(f"DROP VIEW {table}")
            define_tables(catalog, files, CatalogPaths(warehouse.place.catalogs))
            catalog.commit()
            return bool(catalog.execute(_TABLE_COLUMNS).fetchall() == before)
    except (FileNotFoundError, duckdb.Error):
        return False


@contextmanager
def _attached(warehouse: Warehouse, file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the catalog in a file; without an error, all is in the file in the end."""
    with duckdb.connect() as connection:
        warehouse.place.let_read(connection)
        connection.execute(f"ATTACH {quoted(str(file))} AS catalog (STORAGE_VERSION '{STORAGE_VERSION}')")
        connection.execute("USE catalog")
        yield connection
        connection.execute("USE memory")
        connection.execute("DETACH catalog")


def _made_by(catalog: duckdb.DuckDBPyConnection, whole: Collection[str]) -> str:
    """What the views and macros of a catalog are made from, and how they stand in it."""
    return " ".join([_definitions_hash(), *sorted(whole), str(catalog.execute(_STANDING).fetchall()[0][0])])


@cache
def _definitions_hash() -> str:
    """Of all that views and macros are made from but for their tables' columns."""
    return content_key(
        "catalog", duckdb.__version__, STORAGE_VERSION, [astuple(each) for each in definitions().values()]
    )


def _define(
    connection: duckdb.DuckDBPyConnection,
    warehouse: Warehouse,
    tables: Collection[str],
    views: Collection[str],
    paths: CatalogPaths | None = None,
) -> set[str]:
    """These tables and views; returns those of newest rows that are known to leave none out.

    Each view is bound when it is made, and that takes half the time over empty tables, which the tables' own views then
    replace.
    """
    files = warehouse.all_files(tables)
    whole = known_whole(warehouse, files, views)
    connection.begin()
    over = tables if views else ()
    for table in over:
        connection.execute(f"CREATE TABLE {table} AS {table_select(connection, table, files[table])} WITH NO DATA")
    define_views(connection, views, whole)
    for table in over:
        connection.execute(f"DROP TABLE {table}")
    define_tables(connection, files, paths)
    connection.commit()
    return whole


def define_tables(
    connection: duckdb.DuckDBPyConnection, files: Mapping[str, Files], paths: CatalogPaths | None = None
) -> None:
    """Make a view for each table, over these files."""
    for table, these in files.items():
        selected = table_select(connection, table, these, paths)
        connection.execute(f"CREATE VIEW {table} AS {paths.only_here(selected) if paths else selected}")
        connection.execute(f"COMMENT ON VIEW {table} IS {quoted(inspect.cleandoc(TABLES[table].__doc__ or ''))}")


def table_select(
    connection: duckdb.DuckDBPyConnection, table: str, files: Files, paths: CatalogPaths | None = None
) -> str:
    """Return the rows of the table in these files. A column that it lacks, because older code made it, is NULL."""
    if table not in _NULLS:
        _NULLS[table] = _nulls(connection, table)
    known = files.columns if files.paths else set()
    nulls = [null for name, null in _NULLS[table].items() if name not in known]
    if not files.paths:
        return f"SELECT {', '.join(nulls)} WHERE false"
    listed = paths.files(files.paths) if paths else f"[{', '.join(map(quoted, files.paths))}]"
    by_name = "" if files.alike else ", union_by_name = true"  # reads the footer of each, for each view that names it
    return f"SELECT {', '.join(['*', *nulls])} FROM read_parquet({listed}{by_name})"


def _nulls(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    import pyarrow as pa

    from warehouse.arrow_schema import arrow_schema  # here: a query that names no table needs neither

    # not an empty table: to make one, pyarrow imports pandas
    empty = connection.from_arrow(pa.RecordBatchReader.from_batches(arrow_schema(TABLES[table]), []))
    columns = zip(empty.columns, empty.types, strict=True)
    return {name: f'CAST(NULL AS {type_}) AS "{name}"' for name, type_ in columns}
