"""The flow `synthesize`: from questions to verified, scored traces."""

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

from flows.artifact import publish
from flows.batches import check_batches
from flows.configure import check_inputs, with_prompt_texts
from flows.ending import close_run
from flows.preparation import Preparation, land_plan, prepared
from flows.quiet_exit import quiet_exit
from flows.run_row import how_ended
from flows.sending import budget_line, check_answered, send_all
from flows.teacher_address import check_teacher, teacher_address
from schemas.configuration import MOST_SHARDS_IN_FLIGHT, Judge, RunConfiguration
from schemas.run import Run, RunEnd
from schemas.until import Until
from tasks.actors import RayStations, ray_session
from tasks.stages import stages_of
from tasks.synthesis.budget import open_budget
from tasks.synthesis.line import Line

Report = Callable[[Until, int], None]


@dataclass(frozen=True)
class HandedOver:
    """What a caller in the same process has prepared already, and how it wants to hear of progress."""

    preparation: Preparation
    report: Report


_handed_over: ContextVar[HandedOver | None] = ContextVar("handed_over", default=None)


@flow(
    name="synthesize",
    flow_run_name="{configuration.questions.source} until {until}",
    task_runner=cast(TaskRunner[PrefectFuture[Any]], ThreadPoolTaskRunner(max_workers=3 * MOST_SHARDS_IN_FLIGHT)),
    persist_result=False,
)
def synthesize(
    configuration: RunConfiguration,
    warehouse: str = "data/warehouse",
    until: Until = Until.SCORE,
    fresh: str = "",
) -> Run:
    """Generate, verify and score what is missing of the plan that `configuration` asks for, and land it.

    Args:
        configuration: what to ask, of whom, and how to judge and score it.
        warehouse: folder of the tables, made when missing.
        until: the last stage: generate, verify or score.
        fresh: a name under which new calls are made although answers exist; the same name continues them.
    """
    quiet_exit()
    if given := _handed_over.get():
        return _execute(given.preparation, given.report)
    configuration = with_prompt_texts(configuration)
    check_inputs(configuration)
    with prepared(configuration, Path(warehouse), until, fresh, get_run_logger().info) as preparation:
        if due := preparation.calls_due():
            check_batches(preparation, due)
            check_teacher(configuration.teacher)
        if configuration.judge and preparation.rulings_wanted:
            check_teacher(configuration.judge)
        return _execute(preparation, lambda stage, rows: None)


def synthesize_prepared(preparation: Preparation, report: Report) -> Run:
    """Run the flow over a preparation that this process holds, so that nothing is read twice."""
    token = _handed_over.set(HandedOver(preparation, report))
    try:
        warehouse = str(preparation.warehouse.folder)
        return synthesize(preparation.configuration, warehouse, preparation.until, preparation.fresh)
    finally:
        _handed_over.reset(token)


def _execute(preparation: Preparation, report: Report) -> Run:
    run_id, started_at, logger = uuid.uuid4().hex, datetime.now(UTC), get_run_logger()
    logger.info(
        "plan %s: %d attempts, %d shards with work",
        preparation.plan.plan_id,
        len(preparation.plan),
        len(preparation.work),
    )
    land_plan(preparation, run_id)
    try:
        if preparation.work:
            _produce(preparation, run_id, report)
    except BaseException as error:
        _end(preparation, run_id, started_at, _how_ended(error), f"{type(error).__name__}: {error}")
        raise
    run = _end(preparation, run_id, started_at, RunEnd.DONE, None)
    logger.info("books: %s; calls: %s", run.books, run.ledger)
    return run


def _end(preparation: Preparation, run_id: str, started_at: datetime, ended: RunEnd, error: str | None) -> Run:
    try:
        return close_run(preparation, run_id, started_at, ended, error)
    finally:
        publish(preparation, ended)


def _how_ended(error: BaseException) -> RunEnd:
    return RunEnd.STOPPED if isinstance(error, TerminationSignal) else how_ended(error)


def _produce(preparation: Preparation, run_id: str, report: Report) -> None:
    """Bring up teacher and actors, send every shard through its stages, and take them down."""
    settings, until, halted = preparation.configuration, preparation.until, Event()
    warehouse, student = preparation.warehouse, settings.student
    cpus = settings.verifier.actors + student.actors
    gpus = student.actors * student.num_gpus if until is Until.SCORE else 0
    opened = open_budget(settings, preparation.plan, warehouse)
    cap = opened[0] if opened else None
    with (
        teacher_address(settings.teacher, wanted=bool(preparation.calls_missing())) as address,
        teacher_address(settings.judge or Judge(), wanted=preparation.rulings_wanted) as judge,
        ray_session(cpus, gpus),
    ):
        stations = RayStations(settings, address, until, warehouse.journal_path, halted, cap, judge)
        stations.expect(preparation.calls_missing())
        line = Line(preparation.plan, preparation.work, warehouse, preparation.before, stations, run_id, halted, report)
        with closing(line):
            shard_ids = [shard_work.shard.shard_id for shard_work in preparation.work]
            send_all(line, stages_of(line, until), shard_ids, settings.run.shards_in_flight)
    if line.failure:
        raise line.failure
    check_answered(line.pending, lambda: budget_line(open_budget(settings, preparation.plan, warehouse)))
