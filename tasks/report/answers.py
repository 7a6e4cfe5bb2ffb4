"""Answers to the queries of the page, all of one moment."""

from typing import Any

import duckdb

from tasks.report.queries import Query

_TEXTS = "text, thinking, output, question, gold, answer, answer_key, evidence, tags"
"""What no table of the page shows, and would not fit into memory."""


class CurationAnswers:
    """Asks about one curation. Its rows of `decided_full` are gathered once, under that name, so that two dozen queries
    over a million attempts do not each join them anew; the SQL of the page runs as it stands all the same."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, curation_id: str) -> None:
        """`connection` is one to a warehouse, and nobody else's from now on."""
        self._untouched = connection.cursor()
        self._connection = connection
        connection.execute("CREATE SCHEMA gathered")
        connection.execute(
            f"CREATE TABLE gathered.decided_full AS SELECT * EXCLUDE ({_TEXTS}) FROM main.decided_full"
            " WHERE curation_id = $curation_id",
            {"curation_id": curation_id},
        )
        connection.execute("SET search_path = 'gathered,main'")

    def ask(self, query: Query) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Return column names and rows of a query that needs no texts of traces. Raises `duckdb.Error`."""
        result = self._connection.execute(query.statement, query.parameters)
        return [column[0] for column in result.description or []], result.fetchall()

    def records(self, query: Query) -> list[dict[str, Any]]:
        """Return the rows of any query."""
        rows: list[dict[str, Any]] = (
            self._untouched.sql(query.statement, params=query.parameters).to_arrow_table().to_pylist()
        )
        return rows
