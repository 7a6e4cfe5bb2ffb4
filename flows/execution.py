"""One execution of a flow, whichever it is: check, land the plan, send shards through their stages, close the books."""

import os
import signal
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, NoReturn
from uuid import UUID

from prefect import get_run_logger
from prefect.exceptions import Pause, TerminationSignal

from flows.accounts import LandedCalls
from flows.artifact import publish_run
from flows.events import RUN_FINISHED, announce
from flows.how_calls_ended import check_answered, check_not_refused
from flows.prepared import PlanAccounts, Prepared
from flows.run_row import begun, how_ended, land_run, run_to_its_row, written
from flows.sending import send_all
from flows.stage_progress import shown_in_prefect
from flows.teacher_address import teacher_address
from flows.unfinished import Started, crashed
from flows.unpublished import keep, publish_kept
from flows.watch import Order, Watch, current_flow_run
from schemas.errors import ReflectoryError, Stopped
from schemas.run import Run, RunEnd
from schemas.teacher import OWN_WEIGHTS, DrafterSettings, JudgeSettings
from schemas.until import Until
from tasks.actors import RayWorkers
from tasks.asking.first_answers import FirstAnswers
from tasks.halt import Halt, halting_on_signals
from tasks.metrics import measured
from tasks.ray_session import ray_session
from tasks.stages import as_task
from tasks.watcher import Watcher, Watchers
from warehouse.catalog import write_catalog
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.reading import FRUGAL, Snapshot

Before = Callable[[], object]
"""What is done once everything stands that the run needs, and before the first call of its plan is sent."""


@dataclass
class Handed:
    """A preparation that the caller in the same process has made, and what becomes of it."""

    preparation: Any
    watcher: Watcher
    before_sending: Before
    flow_run_id: UUID | None = None
    ended: Run | ReflectoryError | None = None
    """The run, or what it ended with; None where neither is known."""


_handed: ContextVar[Handed | None] = ContextVar("handed", default=None)


@contextmanager
def handing_over(preparation: Prepared, watcher: Watcher, before_sending: Before = lambda: None) -> Iterator[Handed]:
    """Let the flow that is called inside take this preparation, so that nothing is read twice."""
    handed = Handed(preparation, watcher, before_sending)
    token = _handed.set(handed)
    try:
        yield handed
    finally:
        _handed.reset(token)


def execute_handed() -> Run | None:
    """Execute what the caller in the same process has prepared; None where it has prepared nothing."""
    given = _handed.get()
    if given is None:
        return None
    given.flow_run_id = current_flow_run()
    try:
        run = execute(given.preparation, given.watcher, given.before_sending)
    except ReflectoryError as error:
        given.ended = error
        raise
    except Pause:
        given.ended = Stopped("suspended in Prefect; the same command continues")
        raise
    given.ended = run
    return run


def execute(preparation: Prepared, watcher: Watcher | None = None, before_sending: Before = lambda: None) -> Run:
    """Do what is left of a plan, and land the run's row, however it ends. Raises `BooksDoNotBalance` after that."""
    with (
        measured(preparation.configuration.run.metrics_port, preparation.totals) as figures,
        shown_in_prefect(preparation.flow, preparation.totals, current_flow_run()) as artifacts,
    ):
        return _execute(preparation, Watchers(watcher or Watcher(), figures, artifacts), before_sending)


def _execute(preparation: Prepared, watcher: Watcher, before_sending: Before) -> Run:
    logger, flow_run_id, bought = get_run_logger(), current_flow_run(), LandedCalls()
    logger.info("plan %s: %s", preparation.plan_id, preparation.summary)
    _land_crashed(preparation, preparation.warehouse)
    started = Started(
        run_id=uuid.uuid4().hex,
        command=preparation.command,
        configuration=written(preparation.configuration),
        started_at=datetime.now(UTC),
        flow_run_id=str(flow_run_id) if flow_run_id else None,
    )
    started.remember(preparation.warehouse)
    preparation.land_plan(started.run_id)
    return run_to_its_row(
        lambda: _work_off(preparation, started.run_id, Watchers(watcher, bought), before_sending),
        partial(_close, preparation, started, bought),
        lambda error: RunEnd.STOPPED if isinstance(error, TerminationSignal | Pause) else how_ended(error),
    )


def _work_off(preparation: Prepared, run_id: str, watcher: Watcher, before_sending: Before) -> None:
    """Produce until nothing is left. A pause ends that early, and frees all that it holds; then wait, and begin again.

    Raises `Stopped`, or what Prefect has for a run that is suspended or whose process is to end.
    """
    watch, lease = Watch(current_flow_run()), preparation.warehouse.lease
    with ExitStack() as kept:
        while preparation.shard_ids:
            halt = Halt(preparation.configuration.run.grace_s)
            with halting_on_signals(halt), watch.halting(halt), lease.halting(halt) if lease else nullcontext():
                _produce(preparation, run_id, watcher, halt, before_sending)
            if not halt.is_set():
                return
            if lease:
                lease.check()
            if halt.signal is None:
                with halting_on_signals(halt := Halt()):
                    order = watch.wait(halt)
                if order is Order.GO_ON:
                    again: AbstractContextManager[Prepared] = preparation.again()
                    preparation = kept.enter_context(again)
                    continue
            _stop(halt, watch)


def _stop(halt: Halt, watch: Watch) -> NoReturn:
    """End a run as it is ordered in Prefect, or by a signal."""
    order = watch.order()
    if order is Order.SUSPEND:
        raise Pause(state=watch.state)
    if halt.signal == signal.SIGTERM and order is not Order.CANCEL and "PREFECT__FLOW_RUN_ID" in os.environ:
        raise TerminationSignal(signal.SIGTERM)  # its worker ends: Prefect knows what becomes of the run
    raise Stopped(f"{'cancelled in Prefect' if order is Order.CANCEL else 'stopped'}; the same command continues")


def _produce(preparation: Prepared, run_id: str, watcher: Watcher, halt: Halt, before_sending: Before) -> None:
    """Bring up teacher and actors, send every shard through its stages, and take them down. Raises what went wrong;
    an end that was ordered by `halt` is nothing wrong.
    """
    settings, until = preparation.configuration, preparation.until
    student, journal = settings.student, preparation.warehouse.journal_path
    cpus = student.actors + (settings.verifier.actors if preparation.verifies else 0)
    gpus = student.actors * student.num_gpus if until is Until.SCORE else 0
    drafts = preparation.drafter
    if drafts and drafts.base_url == OWN_WEIGHTS:
        gpus += drafts.actors * student.num_gpus
    opened, golds = preparation.open_budget(), lambda: preparation.golds
    cap = opened.cap if opened else None
    with (
        teacher_address(settings.teacher, preparation.wants_teacher, golds) as address,
        teacher_address(settings.judge or JudgeSettings(), preparation.wants_judge, golds) as judge,
        teacher_address(drafts or DrafterSettings(), drafts is not None, golds) as drafter,
        ray_session(cpus, gpus, settings.run.ship_code),
    ):
        first = FirstAnswers(settings.teacher, preparation.tagged_calls)
        workers = RayWorkers(
            *(settings, address, until, journal, halt, cap, judge, preparation.verifies, first.hear, watcher),
            drafter=(drafts, drafter) if drafts and drafter else None,
        )
        with suppress(Stopped):
            workers.check()
        if halt.is_set():
            return
        with begun(), closing(first):
            before_sending()
            workers.expect(preparation.calls_missing)
            pipeline = preparation.pipeline(workers, run_id, halt, watcher.rows)
            pipeline.watcher = watcher
            with closing(pipeline):
                send_all(
                    pipeline,
                    [as_task(*stage, preparation.subject) for stage in pipeline.stages()],
                    preparation.shard_ids,
                    settings.run.shards_in_flight,
                    settings.run.most_in_flight,
                    workers.is_hungry,
                )
            if pipeline.failure and not isinstance(pipeline.failure, Stopped):
                raise pipeline.failure
    if not halt.is_set():
        check_answered(pipeline.pending, preparation.open_budget)
        check_not_refused(pipeline.ended, settings.teacher)


def _land_crashed(preparation: Prepared, warehouse: Warehouse) -> None:
    """Land the rows of those runs that this one continues and that could not: the books are as they left them."""
    for started in crashed(warehouse, preparation.command):
        with closing(Journal(warehouse.journal_path)) as journal:
            journal.forget_landed(partial(preparation.before.present, "calls"))
        said = "its process was gone before it could say how it ended"
        _land_row(preparation, started, preparation.accounts(preparation.before), RunEnd.CRASHED, said)
        if started.flow_run_id:
            keep(warehouse, UUID(started.flow_run_id), crashed=True)


def _land_row(preparation: Prepared, started: Started, accounts: PlanAccounts, ended: RunEnd, error: str | None) -> Run:
    return land_run(
        preparation.warehouse,
        configuration=started.configuration,
        run_id=started.run_id,
        plan_id=preparation.plan_id,
        flow=preparation.flow,
        scored_by=None if ended is RunEnd.CRASHED else preparation.scored_by,
        started_at=started.started_at,
        ended=ended,
        error=error,
        books=accounts.books,
        ledger=accounts.ledger,
        cost_usd=accounts.cost_usd,
    )


def _close(preparation: Prepared, started: Started, bought: LandedCalls, ended: RunEnd, error: str | None) -> Run:
    """Land the run's row, the catalog and the table for Prefect. Raises `BooksDoNotBalance` after that."""
    warehouse = preparation.warehouse
    with begun(), Snapshot(warehouse, FRUGAL) as now:
        now.note_newest()
        accounts = preparation.accounts(now)
    ended = RunEnd.FAILED if accounts.problem else ended
    run = _land_row(preparation, started, accounts, ended, accounts.problem or error)
    if ended is RunEnd.DONE and (given := _handed.get()):
        given.ended = run  # which holds, whatever becomes of the rest
    write_catalog(warehouse)
    published = publish_kept(warehouse, current_flow_run())
    lines = [*accounts.lines, *bought.lines(accounts.ledger)]
    for line in lines:
        get_run_logger().info(line)
    publish_run(warehouse, preparation.shown, preparation.subject, run, lines, current_flow_run())
    worked = bool(preparation.shard_ids or published)  # what follows a run has not followed one that was not heard of
    labels = {"flow": run.flow, "ended": run.ended.value, "worked": str(worked).lower()}
    announce(RUN_FINISHED, warehouse.address, {"plan_id": run.plan_id, "run_id": run.run_id}, **labels)
    accounts.check()
    return run
