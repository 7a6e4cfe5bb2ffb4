"""The row that every execution leaves in `runs`."""

import importlib.metadata
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

from flows.unfinished import forget
from schemas.configuration import LineConfiguration
from schemas.errors import Broken, BudgetReached, DiskTrouble, Incomplete, Refused, Stopped
from schemas.record import canonical_json
from schemas.run import NO_BOOKS, Ledger, Run, RunEnd
from warehouse.landing import Warehouse


def written(configuration: LineConfiguration) -> str:
    """Return a configuration as it stands in the row of a run."""
    return canonical_json(configuration.model_dump(mode="json"))


def land_run(warehouse: Warehouse, **fields: Any) -> Run:
    """Land the row of a run that ends now; `fields` are those that only its caller knows."""
    run = Run(
        **fields,
        code_version=importlib.metadata.version("reflectory"),
        ended_at=max(datetime.now(UTC), fields["started_at"]),  # the clock may have been set back meanwhile
        table_versions=warehouse.versions(),
    )
    warehouse.land("runs", [run], run.run_id, run.run_id)
    forget(warehouse, run.run_id)
    return run


def run_to_its_row(
    work: Callable[[], object],
    close: Callable[[RunEnd, str | None], Run],
    how: Callable[[BaseException], RunEnd] | None = None,
) -> Run:
    """Do `work` and return what `close` makes of its end; it is called however that is. Raises what `work` does.

    `how` says what an exception means for the run; by default as `how_ended` does.
    """
    try:
        work()
    except BaseException as error:
        try:
            close((how or how_ended)(error), f"{type(error).__name__}: {error}")
        except (Broken, DiskTrouble):
            if not isinstance(error, DiskTrouble):
                raise
        raise
    return close(RunEnd.DONE, None)


def run_beside_plans(
    warehouse: Warehouse,
    configuration: LineConfiguration,
    flow: str,
    plan_id: str,
    work: Callable[[str], object],
    bill: Callable[[], tuple[Ledger, float | None]],
) -> None:
    """Do `work`, which is given the run's id, to a row without books: it makes no attempts."""
    run_id, started_at = uuid.uuid4().hex, datetime.now(UTC)

    def close(ended: RunEnd, error: str | None) -> Run:
        ledger, cost_usd = bill()
        given = {"configuration": written(configuration), "run_id": run_id, "plan_id": plan_id, "flow": flow}
        said = {"scored_by": None, "started_at": started_at, "ended": ended, "error": error, "books": NO_BOOKS}
        return land_run(warehouse, **given, **said, ledger=ledger, cost_usd=cost_usd)

    run_to_its_row(partial(work, run_id), close)


@contextmanager
def begun() -> Iterator[None]:
    """Make `Broken` of what would be refused before the start: the run has begun, and may have paid."""
    try:
        yield
    except Refused as error:
        raise Broken(str(error)) from error


def how_ended(error: BaseException) -> RunEnd:
    if isinstance(error, BudgetReached):
        return RunEnd.BUDGET_REACHED
    if isinstance(error, Stopped | KeyboardInterrupt):
        return RunEnd.STOPPED
    return RunEnd.INCOMPLETE if isinstance(error, Incomplete) else RunEnd.FAILED
