"""The end of a run: its books, its bill, its row in `runs`, and the catalog for everybody else."""

import importlib.metadata
from contextlib import closing
from datetime import UTC, datetime

import duckdb

from flows.preparation import Preparation
from schemas.errors import BooksDoNotBalance
from schemas.record import canonical_json
from schemas.run import Books, Run, RunEnd
from warehouse.catalog import connect, write_catalog
from warehouse.journal import Journal
from warehouse.reading import scalar

CODE_VERSION = importlib.metadata.version("reflectory")


def close_run(preparation: Preparation, run_id: str, started_at: datetime, ended: RunEnd, error: str | None) -> Run:
    """Land the run's row and replace the catalog. Raises `BooksDoNotBalance`, after landing it."""
    warehouse, plan = preparation.warehouse, preparation.plan
    with closing(connect(warehouse)) as now:
        run = Run(
            run_id=run_id,
            plan_id=plan.plan_id,
            flow="synthesize",
            configuration=canonical_json(preparation.configuration.model_dump(mode="json")),
            code_version=CODE_VERSION,
            scored_by=preparation.student,
            started_at=started_at,
            ended_at=datetime.now(UTC),
            ended=ended,
            error=error,
            books=read_books(now, plan.plan_id),
            ledger=Journal(warehouse.journal_path).ledger(list(plan.requests)),
            cost_usd=read_cost(now, plan.plan_id),
            table_versions=warehouse.versions(),
        )
    problem = books_problem(run, len(plan))
    if problem:
        run = run.model_copy(update={"ended": RunEnd.FAILED, "error": problem})
    warehouse.land("runs", [run], run_id, run_id)
    write_catalog(warehouse)
    if problem:
        raise BooksDoNotBalance(problem)
    return run


def read_books(connection: duckdb.DuckDBPyConnection, plan_id: str) -> Books:
    """The plan's line in the view `books`; zeros when nothing was planned."""
    columns = list(Books.model_fields)
    with connection.cursor() as cursor:
        row = cursor.execute(f"SELECT {', '.join(columns)} FROM books WHERE plan_id = ?", [plan_id]).fetchone()
    return Books(**dict(zip(columns, row or [0] * len(columns), strict=True)))


def read_cost(connection: duckdb.DuckDBPyConnection, plan_id: str) -> float | None:
    """Dollars that the plan's calls have cost over all runs; None when one of them has no known cost."""
    cost: float | None = scalar(
        connection,
        "SELECT CASE WHEN bool_and(cost_usd IS NOT NULL) THEN sum(cost_usd) END"
        " FROM calls SEMI JOIN (FROM attempts WHERE plan_id = ?) USING (call_id)",
        [plan_id],
    )
    return cost


def books_problem(run: Run, planned: int) -> str | None:
    """None when every planned attempt and every request sent is accounted for once; else what is wrong."""
    books, ledger = run.books, run.ledger
    if books.planned != planned or not books.balanced:
        return (
            f"books: planned {planned}, of which landed {books.planned} = verified {books.verified} + unverified"
            f" {books.unverified} + failed {books.failed} + pending {books.pending}, with {books.doubled} keys doubled."
            f" A row was lost or doubled; see the views `books` and `doubled_keys`"
        )
    if not ledger.balanced:
        return (
            f"ledger: sent {ledger.sent} is not answered {ledger.answered} + failed {ledger.failed}"
            f" + unknown {ledger.unknown}"
        )
    return None
