"""The row that every execution leaves in `runs`."""

import importlib.metadata
from datetime import UTC, datetime
from typing import Any

from schemas.configuration import LineConfiguration
from schemas.errors import BudgetReached, Incomplete, Stopped
from schemas.record import canonical_json
from schemas.run import Run, RunEnd
from warehouse.landing import Warehouse


def land_run(warehouse: Warehouse, configuration: LineConfiguration, **fields: Any) -> Run:
    """Land the row of a run that ends now; `fields` are those that only its caller knows."""
    run = Run(
        **fields,
        configuration=canonical_json(configuration.model_dump(mode="json")),
        code_version=importlib.metadata.version("reflectory"),
        ended_at=datetime.now(UTC),
        table_versions=warehouse.versions(),
    )
    warehouse.land("runs", [run], run.run_id, run.run_id)
    return run


def how_ended(error: BaseException) -> RunEnd:
    if isinstance(error, BudgetReached):
        return RunEnd.BUDGET_REACHED
    if isinstance(error, Stopped | KeyboardInterrupt):
        return RunEnd.STOPPED
    return RunEnd.INCOMPLETE if isinstance(error, Incomplete) else RunEnd.FAILED
