"""The flow `rescore`: the student of a configuration over all that has landed, whichever run it came from."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any, cast

from prefect import flow, get_run_logger
from prefect.exceptions import TerminationSignal
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.quiet_exit import quiet_exit
from flows.run_row import how_ended, land_run
from flows.sending import send_all
from schemas.configuration import MOST_SHARDS_IN_FLIGHT, RunConfiguration
from schemas.errors import BooksDoNotBalance, Refused
from schemas.record import content_key
from schemas.run import Books, Ledger, Run, RunEnd
from schemas.score import StudentIdentity
from schemas.until import Until
from tasks.actors import RayStations, ray_session
from tasks.scoring.rescoring import Due, Rescoring, find_due
from tasks.scoring.student_identity import student_identity
from tasks.stages import as_task
from warehouse.catalog import write_catalog
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

_NO_CALLS = Ledger(sent=0, answered=0, failed=0, unknown=0)
Report = Callable[[Until, int], None]


@dataclass(frozen=True)
class _Setting:
    """What one execution is about."""

    configuration: RunConfiguration
    warehouse: Warehouse
    before: Snapshot
    student: StudentIdentity
    due: Due
    run_id: str


@flow(
    name="rescore",
    flow_run_name="{configuration.student.model} {configuration.student.template}",
    task_runner=cast(TaskRunner[PrefectFuture[Any]], ThreadPoolTaskRunner(max_workers=MOST_SHARDS_IN_FLIGHT)),
    persist_result=False,
)
def rescore(configuration: RunConfiguration, warehouse: str = "data/warehouse") -> Run:
    """Score every trace and pair of the warehouse that the configuration's student has not scored; nothing is bought.

    Its row in `runs` names the student: `traces_full` shows it from then on, and `scores` keeps them all.

    Args:
        configuration: of which the sections `student` and `run` count.
        warehouse: folder of the tables.
    """
    quiet_exit()
    found, started_at = Warehouse(Path(warehouse)), datetime.now(UTC)
    if not found.exists():
        raise Refused(f"warehouse: none at {warehouse}; run a configuration first, or name another folder")
    with found.sole_writer(), Snapshot(found) as before:
        student = student_identity(configuration.student)
        due = find_due(before, student, configuration.run.shard_size)
        setting = _Setting(configuration, found, before, student, due, uuid.uuid4().hex)
        get_run_logger().info("%d of %d subjects to score", due.n_subjects, due.n_landed)
        try:
            if due.n_subjects:
                _score(setting)
        except BaseException as error:
            stopped = isinstance(error, TerminationSignal)
            ended = RunEnd.STOPPED if stopped else how_ended(error)
            _close(setting, started_at, ended, f"{type(error).__name__}: {error}")
            raise
        return _close(setting, started_at, RunEnd.DONE, None)


def _score(setting: _Setting) -> None:
    """Bring up the students, send every shard to them, and take them down."""
    told, halted = setting.configuration, Event()
    with ray_session(told.student.actors, told.student.actors * told.student.num_gpus):
        journal = setting.warehouse.journal_path
        students = RayStations(told, None, Until.SCORE, journal, halted, verifies=False)
        line = Rescoring(
            setting.due, setting.student, setting.warehouse, setting.before, students, setting.run_id, halted
        )
        send_all(line, [as_task(Until.SCORE, line.score)], list(setting.due.shards), told.run.shards_in_flight)
    if line.failure:
        raise line.failure


def _close(setting: _Setting, started_at: datetime, ended: RunEnd, error: str | None) -> Run:
    """Land the run's row. It planned no attempts: its books hold doubled keys, and raise when there are any."""
    with Snapshot(setting.warehouse) as now:
        _, [(doubled,)] = now.ask("SELECT count(*) FROM doubled_keys")
    run = land_run(
        setting.warehouse,
        setting.configuration,
        run_id=setting.run_id,
        plan_id=content_key("rescore", list(setting.due.shards)),
        flow="rescore",
        scored_by=setting.student,
        started_at=started_at,
        ended=ended,
        error=error,
        books=Books(planned=0, verified=0, unverified=0, failed=0, pending=0, doubled=doubled),
        ledger=_NO_CALLS,
        cost_usd=0.0,
    )
    write_catalog(setting.warehouse)
    if doubled:
        raise BooksDoNotBalance(f"{doubled} keys are doubled (view doubled_keys)")
    return run
