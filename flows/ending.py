"""The end of a run: its row in `runs`, and the catalog for everybody else."""

from datetime import datetime

from flows.accounts import read_accounts
from flows.preparation import Preparation
from flows.run_row import land_run
from schemas.run import Run, RunEnd
from warehouse.catalog import write_catalog
from warehouse.reading import Snapshot


def close_run(preparation: Preparation, run_id: str, started_at: datetime, ended: RunEnd, error: str | None) -> Run:
    """Land the run's row and replace the catalog. Raises `BooksDoNotBalance` after that."""
    warehouse = preparation.warehouse
    with Snapshot(warehouse) as now:
        accounts = read_accounts(now, warehouse, preparation.plan)
    run = land_run(
        warehouse,
        preparation.configuration,
        run_id=run_id,
        plan_id=preparation.plan.plan_id,
        flow="synthesize",
        scored_by=preparation.student,
        started_at=started_at,
        ended=RunEnd.FAILED if accounts.problem else ended,
        error=accounts.problem or error,
        books=accounts.books,
        ledger=accounts.ledger,
        cost_usd=accounts.cost_usd,
    )
    write_catalog(warehouse)
    accounts.check()
    return run
