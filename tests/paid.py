"""Calls that were sent and answered, in a journal."""

import asyncio
from pathlib import Path

from schemas.budget import Charge
from schemas.call import SendEnd
from tests.unit.test_journal import call
from warehouse.journal import Journal


def pay(path: Path, *call_ids: str) -> None:
    """Send calls and hear their answers."""

    async def sent() -> None:
        journal = Journal(path)
        for call_id in call_ids:
            n = await journal.reserve(call_id, Charge(tokens=10))
            assert isinstance(n, int)
            await journal.settle(call_id, n, SendEnd.ANSWERED, call=call(call_id), spent=Charge(tokens=3))
        journal.close()

    asyncio.run(sent())
