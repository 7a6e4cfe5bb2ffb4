"""What an untrusted query must not learn: where on its host the warehouse and the rest of its files are."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from warehouse.catalog import table_select
from warehouse.landing import Warehouse

TABLE_FUNCTIONS = frozenset(
    {
        "duckdb_columns",
        "duckdb_functions",
        "duckdb_keywords",
        "duckdb_types",
        "generate_series",
        "generate_subscripts",
        "icu_calendar_names",
        "json_each",
        "json_tree",
        "pg_timezone_names",
        "pragma_version",
        "range",
        "regexp_split_to_table",
        "repeat",
        "repeat_row",
        "unnest",
    }
)
"""Those of DuckDB that may be asked, beside our own macros. The others read files, settings or SQL, or run a text."""
CATALOG_VIEWS = frozenset(
    {
        *("columns", "schemata", "tables"),
        *("duckdb_columns", "duckdb_constraints", "duckdb_indexes", "duckdb_schemas", "duckdb_tables", "duckdb_types"),
        *("pg_attribute", "pg_class", "pg_description", "pg_namespace", "pg_tables", "pg_type"),
    }
)
"""Of the views that DuckDB brings; the others show settings, or SQL, which names files."""
DENIED_FUNCTIONS = frozenset(
    {
        "current_setting",
        "json_execute_serialized_sql",
        "json_serialize_plan",
        "pg_get_expr",
        "pg_get_viewdef",
        "write_log",
    }
)
HIDDEN = {"runs": ("configuration", "error"), "releases": ("configuration",)}
"""The columns that may name files of the host."""
_NAMES_IN = """
    SELECT lower(schema_name) || '.' || lower(view_name) FROM duckdb_views() WHERE internal
    UNION ALL
    SELECT 'macro ' || lower(function_name) FROM duckdb_functions() WHERE function_type = 'table_macro' AND NOT internal
"""
_SEARCHED = ("main", "pg_catalog")
"""The schemas in which DuckDB looks for a view that is named without one."""
_SCHEMAS = (*_SEARCHED, "information_schema")
_QUOTED_PATH = r"""(["''])~?/(?:[^"''/]+/)*"""
_BARE_PATH = r"""(^|[\s(=:,])~?/(?:[^\s"'/]+/)+"""


def check_names(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """Raise `ValueError` unless all that the query, one SELECT, names tells of the warehouse and not of its host."""
    (text,) = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [query]).fetchone() or ("{}",)
    tree = json.loads(text)
    if tree.get("error"):
        raise ValueError(f"{tree.get('error_message')}; an untrusted query is one SELECT")
    known = {name for (name,) in connection.execute(_NAMES_IN).fetchall()}
    for node in _nodes(tree):
        if (name := _denied(node, known)) is not None:
            raise ValueError(
                f"{name} may tell of the machine; an untrusted query has the tables, views and macros of the warehouse "
                "(information_schema.columns lists them)"
            )


def hide_paths(connection: duckdb.DuckDBPyConnection, warehouse: Warehouse) -> None:
    """Hide paths: from now on the tables show the last part of a path that names a file of the host."""
    for table, columns in HIDDEN.items():
        hidden = ", ".join(f"{shortened(column)} AS {column}" for column in columns)
        rows = table_select(connection, table, warehouse.files(table))
        connection.execute(f"CREATE OR REPLACE VIEW {table} AS SELECT * REPLACE ({hidden}) FROM ({rows})")


def scrubbed(message: str, warehouse: Warehouse, query: str) -> str:
    """Return an error message without the folders of this machine, but for what the query says itself."""
    for folder in (warehouse.folder, warehouse.folder.resolve(), Path(sys.prefix), Path.home()):
        if len(folder.parts) > 1 and str(folder) not in query:
            message = message.replace(str(folder), "…")
    return message


def shortened(column: str) -> str:
    """Return SQL that cuts every absolute path in a text to its last part."""

    def replaced(text: str, pattern: str) -> str:
        quoted = pattern.replace("'", "''")
        return rf"regexp_replace({text}, '{quoted}', '\1…/', 'g')"

    return replaced(replaced(column, _QUOTED_PATH), _BARE_PATH)


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of the syntax tree."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _denied(node: dict[str, Any], known: set[str]) -> str | None:
    """What the node names, where it must not."""
    if node.get("type") == "TABLE_FUNCTION":
        name = str(node["function"].get("function_name")).lower()
        return None if name in TABLE_FUNCTIONS or f"macro {name}" in known else name
    if node.get("type") == "BASE_TABLE":
        name = str(node.get("table_name")).lower()
        internal = any(f"{schema}.{name}" in known for schema in (_SCHEMAS if node.get("schema_name") else _SEARCHED))
        return name if internal and name not in CATALOG_VIEWS else None
    name = str(node.get("function_name")).lower()
    return name if node.get("class") == "FUNCTION" and name in DENIED_FUNCTIONS else None
