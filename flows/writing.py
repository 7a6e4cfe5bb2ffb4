"""The stage before the plan: a teacher writes the questions, where `questions.source` says so."""

from collections.abc import Callable
from pathlib import Path

from flows.how_calls_ended import check_answered
from flows.run_row import run_beside_plans
from flows.teacher_address import check_teacher, teacher_address, teacher_identity
from schemas.call import Outcome, Request
from schemas.configuration import RunConfiguration
from schemas.errors import Refused
from schemas.run import Ledger
from tasks.asking.budget import Account, open_account
from tasks.asking.in_process import teacher_in_process
from tasks.questions import source_of
from tasks.questions.asking import WritingSpec
from tasks.questions.estimate import format_estimate, format_progress
from tasks.questions.writer import QuestionWriter
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

Say = Callable[[str], object]


def order_of(configuration: RunConfiguration, fresh: str) -> WritingSpec | None:
    """Return what the teacher is to write; None where the questions come from elsewhere. Raises `Refused`."""
    return source_of(configuration.questions).order(configuration, teacher_identity(configuration.teacher), fresh)


def unwritten_questions(configuration: RunConfiguration, folder: Path, fresh: str) -> str | None:
    """Return what writing them will take at most, for a dry run; None where nothing is left to be asked. Sends
    nothing.
    """
    order = order_of(configuration, fresh)
    if order is None:
        return None
    warehouse = Warehouse(folder)
    warehouse.create()
    with Snapshot(warehouse) as before:
        writer = QuestionWriter(order, warehouse, before)
    return format_estimate(writer) if writer.is_open else None


def write_questions(
    configuration: RunConfiguration,
    order: WritingSpec,
    warehouse: Warehouse,
    before: Snapshot,
    say: Say,
    check: Callable[[], object] = lambda: None,
) -> QuestionWriter:
    """Return the questions of `order`, written; what is missing of them is asked for, once `check` has returned, and
    its calls land.

    Raises `Refused` when the teacher gave none, and `BudgetReached` or `Incomplete` when calls have no answer yet.
    """
    writer = QuestionWriter(order, warehouse, before)
    if writer.is_open:
        _write(configuration, writer, warehouse, say, check)
    if not writer.questions:
        aside = ", ".join(f"{reason} ({n})" for reason, n in writer.writing.set_aside.most_common(3))
        raise Refused(f"questions.topics: the teacher wrote nothing that could be used: {aside}; try other topics")
    return writer


def _write(
    configuration: RunConfiguration,
    writer: QuestionWriter,
    warehouse: Warehouse,
    say: Say,
    check: Callable[[], object],
) -> None:
    wanted = bool(writer.progress.due)
    if wanted:
        check_teacher(configuration.teacher)
        check()
        say(format_estimate(writer))

    def account() -> Account | None:
        asked = ((key, request, configuration.teacher) for key, request in writer.progress.requests.items())
        return open_account(configuration.budget, writer.order.order_id, asked, warehouse.journal_path)

    def ask(run_id: str) -> None:
        with teacher_address(configuration.teacher, wanted) as address:
            if address is None:  # nothing is due, and what is in the journal lands
                check_answered(writer.write(lambda requests: [], run_id), account)
                return
            opened, journal = account(), warehouse.journal_path
            cap, grace_s = opened.cap if opened else None, configuration.run.grace_s
            with teacher_in_process(configuration.teacher, address, journal, cap, grace_s) as answer:

                def answered(requests: list[Request]) -> list[Outcome]:
                    say(format_progress(writer))
                    account()
                    return answer(requests)

                check_answered(writer.write(answered, run_id), account)

    def bill() -> tuple[Ledger, float | None]:
        return writer.ledger(), writer.cost_usd

    run_beside_plans(warehouse, configuration, "write_questions", writer.order.order_id, ask, bill)
