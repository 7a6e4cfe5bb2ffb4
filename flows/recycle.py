"""The flow `recycle`: from an instruction data set to pairs that the student learns more from."""

import uuid
from collections.abc import Callable
from contextlib import closing
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any, cast

from prefect import flow, get_run_logger
from prefect.exceptions import TerminationSignal
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.artifact import publish_fates
from flows.batches import check_batches
from flows.configure import with_prompt_texts
from flows.pair_accounts import read_pair_accounts
from flows.quiet_exit import quiet_exit
from flows.recycle_preparation import RecyclePreparation, check_recycle_inputs, land_originals, prepared_recycling
from flows.run_row import how_ended, land_run
from flows.sending import budget_line, check_answered, send_all
from flows.teacher_address import check_teacher, teacher_address
from schemas.budget import Cap, Charge
from schemas.configuration import MOST_SHARDS_IN_FLIGHT
from schemas.recycling import RecycleConfiguration
from schemas.run import Books, Run, RunEnd
from schemas.until import Until
from tasks.actors import RayStations, ray_session
from tasks.asking.budget import open_account
from tasks.recycling.line import RecycleLine, Step
from tasks.stages import recycling_stages
from warehouse.catalog import write_catalog
from warehouse.reading import Snapshot

Report = Callable[[Step, int], None]
_NO_BOOKS = Books(planned=0, verified=0, unverified=0, failed=0, pending=0, doubled=0)
"""Rows of this line are no attempts: the view `pair_books` has theirs."""


@dataclass(frozen=True)
class HandedOver:
    """What a caller in the same process has prepared already, and how it wants to hear of progress."""

    preparation: RecyclePreparation
    report: Report


_handed_over: ContextVar[HandedOver | None] = ContextVar("handed_over", default=None)


@flow(
    name="recycle",
    flow_run_name="{configuration.pairs.path} {configuration.selection.mode}",
    task_runner=cast(TaskRunner[PrefectFuture[Any]], ThreadPoolTaskRunner(max_workers=2 * MOST_SHARDS_IN_FLIGHT)),
    persist_result=False,
)
def recycle(configuration: RecycleConfiguration, warehouse: str = "data/warehouse", fresh: str = "") -> Run:
    """Reflect on instructions and responses, let the student choose, and land what is missing of the plan.

    Args:
        configuration: which pairs, which teacher and student, and how to select.
        warehouse: folder of the tables, made when missing.
        fresh: a name under which new calls are made although answers exist; the same name continues them.
    """
    quiet_exit()
    if given := _handed_over.get():
        return _execute(given.preparation, given.report)
    configuration = with_prompt_texts(configuration)
    check_recycle_inputs(configuration)
    with prepared_recycling(configuration, Path(warehouse), fresh) as preparation:
        if due := preparation.calls_due:
            check_batches(preparation, due)
            check_teacher(configuration.teacher)
        return _execute(preparation, lambda step, rows: None)


def recycle_prepared(preparation: RecyclePreparation, report: Report) -> Run:
    """Run the flow over a preparation that this process holds, so that nothing is read twice."""
    token = _handed_over.set(HandedOver(preparation, report))
    try:
        return recycle(preparation.configuration, str(preparation.warehouse.folder), preparation.fresh)
    finally:
        _handed_over.reset(token)


def _execute(preparation: RecyclePreparation, report: Report) -> Run:
    run_id, started_at, logger = uuid.uuid4().hex, datetime.now(UTC), get_run_logger()
    plan = preparation.plan
    logger.info("plan %s: %d originals, %d without a fate", plan.plan_id, len(plan.originals), preparation.n_left)
    land_originals(preparation, run_id)
    try:
        if preparation.shards:
            _produce(preparation, run_id, report)
    except BaseException as error:
        ended = RunEnd.STOPPED if isinstance(error, TerminationSignal) else how_ended(error)
        _close(preparation, run_id, started_at, ended, f"{type(error).__name__}: {error}")
        raise
    return _close(preparation, run_id, started_at, RunEnd.DONE, None)


def _produce(preparation: RecyclePreparation, run_id: str, report: Report) -> None:
    """Bring up teacher and actors, send every shard through its stages, and take them down."""
    settings, warehouse, halted = preparation.configuration, preparation.warehouse, Event()
    student = settings.student
    opened = _account(preparation)
    wanted = any(row.bad is None for rows in preparation.shards.values() for row in rows)
    with (
        teacher_address(settings.teacher, wanted) as address,
        ray_session(settings.verifier.actors + student.actors, student.actors * student.num_gpus),
    ):
        cap = opened[0] if opened else None
        stations = RayStations(settings, address, Until.SCORE, warehouse.journal_path, halted, cap)
        stations.expect(preparation.calls_due)
        line = RecycleLine(
            preparation.plan, preparation.shards, warehouse, preparation.before, stations, run_id, halted, report
        )
        with closing(line):
            send_all(line, recycling_stages(line), list(preparation.shards), settings.run.shards_in_flight)
    if line.failure:
        raise line.failure
    check_answered(line.pending, lambda: budget_line(_account(preparation)))


def _account(preparation: RecyclePreparation) -> tuple[Cap, Charge] | None:
    """The cap, and what the plan's calls are charged with so far; None without a budget. Later calls are known only by
    the scores that chose between the earlier ones.
    """
    if not preparation.configuration.budget.is_set:
        return None
    requests = {
        key: request for course in preparation.courses(all_rows=True) for key, request in course.requests.items()
    }
    plan_id, journal_path = preparation.plan.plan_id, preparation.warehouse.journal_path
    return open_account(preparation.configuration, plan_id, requests, journal_path)


def _close(preparation: RecyclePreparation, run_id: str, started_at: datetime, ended: RunEnd, error: str | None) -> Run:
    """Land the run's row and replace the catalog. Raises `BooksDoNotBalance` after that."""
    warehouse, plan = preparation.warehouse, preparation.plan
    with Snapshot(warehouse) as now:
        accounts = read_pair_accounts(now, warehouse, plan)
    run = land_run(
        warehouse,
        preparation.configuration,
        run_id=run_id,
        plan_id=plan.plan_id,
        flow="recycle",
        scored_by=None,
        started_at=started_at,
        ended=RunEnd.FAILED if accounts.problem else ended,
        error=accounts.problem or error,
        books=_NO_BOOKS,
        ledger=accounts.ledger,
        cost_usd=accounts.cost_usd,
    )
    write_catalog(warehouse)
    publish_fates(preparation, accounts, run.ended)
    accounts.check()
    return run
