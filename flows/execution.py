"""One execution of a flow, whichever it is: check, land the plan, send shards through their stages, close the books."""

import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event
from typing import Any

from prefect import get_run_logger
from prefect.exceptions import TerminationSignal

from flows.artifact import publish
from flows.prepared import Prepared, Report
from flows.run_row import how_ended, land_run
from flows.sending import budget_line, check_answered, check_not_refused, send_all
from flows.teacher_address import teacher_address
from schemas.configuration import JudgeSettings
from schemas.run import Run, RunEnd
from schemas.until import Until
from tasks.actors import RayWorkers, ray_session
from tasks.asking.first_answers import FirstAnswers
from tasks.stages import as_task
from warehouse.catalog import write_catalog
from warehouse.reading import Snapshot


@dataclass(frozen=True)
class _Handed:
    preparation: Any
    report: Report


_handed: ContextVar[_Handed | None] = ContextVar("handed", default=None)


@contextmanager
def handing_over(preparation: Prepared, report: Report) -> Iterator[None]:
    """Let the flow that is called inside take this preparation, so that nothing is read twice."""
    token = _handed.set(_Handed(preparation, report))
    try:
        yield
    finally:
        _handed.reset(token)


def execute_handed() -> Run | None:
    """Execute what the caller in the same process has prepared; None where it has prepared nothing."""
    given = _handed.get()
    return execute(given.preparation, given.report) if given else None


def execute(preparation: Prepared, report: Report = lambda stage, rows: None) -> Run:
    """Do what is left of a plan, and land the run's row, however it ends. Raises `BooksDoNotBalance` after that."""
    run_id, started_at, logger = uuid.uuid4().hex, datetime.now(UTC), get_run_logger()
    logger.info("plan %s: %s", preparation.plan_id, preparation.summary)
    preparation.land_plan(run_id)
    try:
        if preparation.shard_ids:
            _produce(preparation, run_id, report)
    except BaseException as error:
        ended = RunEnd.STOPPED if isinstance(error, TerminationSignal) else how_ended(error)
        _close(preparation, run_id, started_at, ended, f"{type(error).__name__}: {error}")
        raise
    run = _close(preparation, run_id, started_at, RunEnd.DONE, None)
    logger.info("books: %s; calls: %s", run.books, run.ledger)
    return run


def _produce(preparation: Prepared, run_id: str, report: Report) -> None:
    """Bring up teacher and actors, send every shard through its stages, and take them down."""
    settings, until, halted = preparation.configuration, preparation.until, Event()
    student, journal = settings.student, preparation.warehouse.journal_path
    cpus = student.actors + (settings.verifier.actors if preparation.verifies else 0)
    gpus = student.actors * student.num_gpus if until is Until.SCORE else 0
    opened = preparation.open_budget()
    cap = opened[0] if opened else None
    with (
        teacher_address(settings.teacher, preparation.wants_teacher, preparation.golds) as address,
        teacher_address(settings.judge or JudgeSettings(), preparation.wants_judge, preparation.golds) as judge,
        ray_session(cpus, gpus),
    ):
        first = FirstAnswers(settings.teacher, preparation.tagged_calls)
        workers = RayWorkers(settings, address, until, journal, halted, cap, judge, preparation.verifies, first.hear)
        workers.expect(preparation.calls_missing())
        pipeline = preparation.pipeline(workers, run_id, halted, report)
        with closing(pipeline), closing(first):
            send_all(
                pipeline,
                [as_task(*stage) for stage in pipeline.stages()],
                preparation.shard_ids,
                settings.run.shards_in_flight,
            )
    if pipeline.failure:
        raise pipeline.failure
    check_answered(pipeline.pending, lambda: budget_line(preparation.open_budget()))
    check_not_refused(pipeline.ended, settings.teacher)


def _close(preparation: Prepared, run_id: str, started_at: datetime, ended: RunEnd, error: str | None) -> Run:
    """Land the run's row, the catalog and the table for Prefect. Raises `BooksDoNotBalance` after that."""
    warehouse = preparation.warehouse
    with Snapshot(warehouse) as now:
        accounts = preparation.accounts(now)
    run = land_run(
        warehouse,
        preparation.configuration,
        run_id=run_id,
        plan_id=preparation.plan_id,
        flow=preparation.flow,
        scored_by=preparation.scored_by,
        started_at=started_at,
        ended=RunEnd.FAILED if accounts.problem else ended,
        error=accounts.problem or error,
        books=accounts.books,
        ledger=accounts.ledger,
        cost_usd=accounts.cost_usd,
    )
    write_catalog(warehouse)
    if preparation.table:
        publish(warehouse, *preparation.table, preparation.plan_id, run.ended, accounts.lines)
    accounts.check()
    return run
