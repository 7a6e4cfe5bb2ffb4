"""A query has the tables and views that it names, and all where it asks for their list or makes a name up."""

import pytest

from flows.cli.sql import ask
from schemas.errors import Refused
from warehouse.catalog import connect_for
from warehouse.landing import Warehouse


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("SELECT 1", 1),
        ("SELECT count(*) FROM traces", 0),
        ("SELECT count(*) FROM traces_full", 0),
        ("SELECT count(*) FROM Traces_Full", 0),
        ("SELECT count(*) FROM traces_full_at('2026-01-01')", 0),
        ("SELECT count(*) FROM query('FROM trac' || 'es_full')", 0),
        ("SELECT count(*) > 20 FROM duckdb_views() WHERE NOT internal", True),
        ("SELECT count(*) FROM information_schema.tables WHERE table_name = 'traces_full'", 1),
        ("SELECT count(*) > 20 FROM (SHOW TABLES)", True),
        ("SELECT count(*) > 20 FROM (DESCRIBE)", True),
    ],
)
def test_whatever_it_names_is_there(query: str, first: object, warehouse: Warehouse) -> None:
    _, rows = ask(warehouse, query)
    assert rows[0][0] == first


def test_a_name_that_is_none_is_told_with_what_is_near(warehouse: Warehouse) -> None:
    with pytest.raises(Refused, match=r'Table with name traces_ful does not exist!\nDid you mean "traces_full'):
        ask(warehouse, "FROM traces_ful")


def test_what_it_does_not_name_is_not_made(warehouse: Warehouse) -> None:
    """The control: it is quick because it does less."""
    made = "SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1"
    with connect_for(warehouse, "SELECT 1") as connection:
        assert connection.execute(made).fetchall() == []
    with connect_for(warehouse, "FROM traces") as connection:
        assert connection.execute(made).fetchall() == [("traces",)]
