"""Views that are copied are those that are made."""

import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pytest

from schemas.tables import TABLES
from tests.released_world import build, question
from warehouse.catalog import connect, connect_empty, define_tables
from warehouse.copied_views import _folder, _made, copy_views
from warehouse.defining import define_views, definitions
from warehouse.landing import Warehouse

STANDING = """
SELECT view_name, comment FROM duckdb_views() WHERE NOT internal
UNION ALL SELECT function_name, comment FROM duckdb_functions() WHERE NOT internal
ORDER BY ALL
"""


def standing(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return connection.execute(STANDING).fetchall()


def rows(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    views = [name for name, each in definitions().items() if each.kind == "VIEW"]
    return {view: connection.execute(f"SELECT count(*) FROM {view}").fetchall()[0][0] for view in views}


@pytest.fixture
def filled(warehouse: Warehouse) -> Warehouse:
    build(warehouse, [question(n) for n in range(2)])
    return warehouse


def test_they_are_those_that_are_made(filled: Warehouse) -> None:
    """The control: one that is left out is seen."""
    made = connect_empty(filled)
    define_tables(made, filled.all_files(TABLES.keys()))
    define_views(made)
    copied = connect(filled)
    assert standing(copied) == standing(made)
    assert (found := rows(copied)) == rows(made)
    assert found["traces_full"] == 6
    copied.execute("DROP VIEW fates")
    assert standing(copied) != standing(made)


def test_where_no_file_can_be_written_they_are_made_each_time(
    filled: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for cached in (_made, _folder):
        cached.cache_clear()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    assert rows(connect(filled))["traces_full"] == 6
    assert _folder.cache_info().currsize == 0


def test_other_columns_are_other_views() -> None:
    """Else a view of all columns of a table would be bound to those that another warehouse has."""
    for columns in ("1 AS a", "1 AS a, 2 AS b", "'x' AS a"):
        with duckdb.connect() as connection:
            connection.execute(f"CREATE VIEW one AS SELECT {columns}")
            copy_views(connection, ["CREATE VIEW two AS SELECT * FROM one"])
            assert connection.execute("FROM two").fetchall() == connection.execute("FROM one").fetchall()
