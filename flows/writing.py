"""The stage before the plan: a teacher writes the questions, where `questions.source` says so."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flows.run_row import how_ended, land_run
from flows.teacher_address import check_teacher, teacher_address, teacher_identity
from schemas.call import Outcome, Request
from schemas.configuration import RunConfiguration
from schemas.errors import Refused
from schemas.question import Question
from schemas.run import NO_BOOKS, RunEnd
from tasks.asking.budget import open_account
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.in_process import teacher_alone
from tasks.questions import source_of
from tasks.questions.asking import Order
from tasks.questions.desk import Desk
from tasks.questions.outlook import told_outlook, told_stand, told_step
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

Say = Callable[[str], object]


@dataclass(frozen=True)
class Written:
    questions: tuple[Question, ...]
    requests: dict[str, Request]
    line: str


def order_of(configuration: RunConfiguration, fresh: str) -> Order | None:
    """What the teacher is to write; None where the questions come from elsewhere. Raises `Refused`."""
    return source_of(configuration.questions).order(configuration, teacher_identity(configuration.teacher), fresh)


def unwritten_questions(configuration: RunConfiguration, folder: Path, fresh: str) -> str | None:
    """What writing them will take at most, for a dry run; None where nothing is left to be asked. Sends nothing."""
    order = order_of(configuration, fresh)
    if order is None:
        return None
    warehouse = Warehouse(folder)
    warehouse.create()
    with Snapshot(warehouse) as before:
        desk = Desk(order, warehouse, before)
    return told_outlook(order, desk.stand) if desk.is_open else None


def write_questions(
    configuration: RunConfiguration, order: Order, warehouse: Warehouse, before: Snapshot, say: Say
) -> Written:
    """The questions of `order`; what is missing of them is asked for, and its calls land.

    Raises `Refused` when the teacher gave none, and `BudgetReached` or `Incomplete` when calls have no answer yet.
    """
    desk = Desk(order, warehouse, before)
    if desk.is_open:
        _write(configuration, desk, warehouse, say)
    if not desk.stand.questions:
        aside = ", ".join(f"{reason} ({n})" for reason, n in desk.stand.set_aside.most_common(3))
        raise Refused(f"questions.topics: the teacher wrote nothing that could be used: {aside}; try other topics")
    line = told_stand(order, desk.stand, desk.ledger(), desk.cost_usd)
    return Written(tuple(desk.stand.questions), desk.stand.requests, line)


def _write(configuration: RunConfiguration, desk: Desk, warehouse: Warehouse, say: Say) -> None:
    run_id, started_at = uuid.uuid4().hex, datetime.now(UTC)
    wanted = bool(desk.stand.due)
    if wanted:
        check_teacher(configuration.teacher)
        say(told_outlook(desk.order, desk.stand))
    ended, said = RunEnd.DONE, None
    try:
        with teacher_address(configuration.teacher, wanted) as address:
            asyncio.run(_ask_all(configuration, desk, warehouse.journal_path, address, run_id, say))
    except BaseException as error:
        ended, said = how_ended(error), f"{type(error).__name__}: {error}"
        raise
    finally:
        land_run(
            warehouse,
            configuration,
            run_id=run_id,
            plan_id=desk.order.order_id,
            flow="write_questions",
            scored_by=None,
            started_at=started_at,
            ended=ended,
            error=said,
            books=NO_BOOKS,
            ledger=desk.ledger(),
            cost_usd=desk.cost_usd,
        )


async def _ask_all(
    configuration: RunConfiguration, desk: Desk, journal: Path, address: TeacherAddress | None, run_id: str, say: Say
) -> None:
    if address is None:
        desk.land(run_id)
        return
    opened = open_account(configuration, desk.order.order_id, desk.stand.requests, journal)
    async with teacher_alone(configuration.teacher, address, journal, opened[0] if opened else None) as teacher:

        async def ask(requests: list[Request]) -> list[Outcome]:
            open_account(configuration, desk.order.order_id, desk.stand.requests, journal)
            return await teacher.answer(requests)

        await desk.write(ask, run_id, lambda stand: say(told_step(desk.order, stand)))
