"""What `doctor --spend` buys: which keys an endpoint takes, by calls of one token, each in the ledger."""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

from flows.teacher_address import teacher_address, teacher_identity
from schemas.call import Call, Outcome, Request
from schemas.teacher import SamplingKey, TeacherSettings
from tasks.asking.in_process import teacher_in_process
from tasks.asking.survey import Tried, try_keys
from warehouse.disk import private_files
from warehouse.journal import Journal
from warehouse.landing import Warehouse


def spend(settings: TeacherSettings, folder: Path) -> Iterator[str]:
    """Yield a line for each key, and what to set. Raises `Refused` where the warehouse is another's."""
    warehouse = Warehouse(folder)
    warehouse.create()
    with private_files(), warehouse.sole_writer():
        tried, calls = _try(settings, warehouse.journal_path)
        fresh = uuid.uuid4().hex
        warehouse.land("calls", calls, fresh, f"doctor/{fresh}")
        with closing(Journal(warehouse.journal_path)) as journal:
            journal.forget([call.call_id for call in calls])
    yield f"{len(tried)} calls of a token each, all in the ledger"
    yield from (f"{each.key}: {each.said}" for each in tried)
    if refused := [each.key for each in tried if not each.taken and each.key in list(SamplingKey)]:
        yield f"set teacher.omit = {str(refused).replace(chr(39), chr(34))}"


def _try(settings: TeacherSettings, journal: Path) -> tuple[list[Tried], list[Call]]:
    calls: list[Call] = []
    whole, streamed = (settings.model_copy(update={"stream": stream, "tries": 1}) for stream in (False, True))
    with ExitStack() as opened:
        address = opened.enter_context(teacher_address(settings, wanted=True))
        assert address is not None
        ask_whole, ask_streamed = (
            opened.enter_context(teacher_in_process(each, address, journal)) for each in (whole, streamed)
        )

        def ask(request: Request, as_stream: bool) -> Outcome:
            [outcome] = (ask_streamed if as_stream else ask_whole)([request])
            calls.extend([outcome.call] if outcome.call else [])
            return outcome

        fresh = f"doctor {datetime.now(UTC).isoformat()}"
        return list(try_keys(settings, teacher_identity(settings), fresh, ask)), calls
