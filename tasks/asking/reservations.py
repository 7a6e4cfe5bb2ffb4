"""What a budget lets be sent: sends wait while others in flight may still cost less than was reserved for them."""

import asyncio
from collections.abc import Awaitable

from schemas.budget import NOTHING, Charge, both, larger_excess
from schemas.call import OVER_BUDGET, Call, SendEnd
from warehouse.journal import Journal


class Reservations:
    """The journal of one process, with patience. Plain, for one event loop."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._under_way = 0
        """Sends that are being announced, or announced and not settled."""
        self._settled = asyncio.Event()
        self._reserved: dict[tuple[str, int], Charge] = {}
        self._excess = NOTHING
        """The most by which a call has cost more than its worst case: reserved on top from then on."""
        self.reached = False

    async def reserve(self, call_id: str, worst: Charge) -> int | Call | str:
        """Return the number of a send that may now be made, the answer that is there already, or why it cannot be made.

        Once nothing is in flight that could free a part of the budget, nothing more is admitted.
        """
        while not self.reached:
            settled, reserved = self._settled, both(worst, self._excess)
            self._under_way += 1
            try:
                found = await self._journal.reserve(call_id, reserved)
            except BaseException:
                self._freed()
                raise
            if isinstance(found, int):
                self._reserved[call_id, found] = worst
                return found
            self._under_way -= 1
            if isinstance(found, Call):
                return found
            if settled.is_set():
                continue  # what has been settled meanwhile may have made room
            if self._under_way == 0:
                self.reached = True
                self._wake()
            else:
                await settled.wait()
        return OVER_BUDGET

    def settle(
        self, call_id: str, n: int, outcome: SendEnd, error: str | None, call: Call | None, spent: Charge
    ) -> Awaitable[None]:
        """Note how a send ended. Written with what else is written now; await it to know that it is durable."""
        self._excess = larger_excess(self._excess, self._reserved.pop((call_id, n)), spent)
        return self._landed(self._journal.settle(call_id, n, outcome, error=error, call=call, spent=spent))

    def abandon(self, call_id: str, n: int) -> None:
        """Give up a send of which nothing will be heard: it stays charged, and nobody waits for it."""
        del self._reserved[call_id, n]
        self._freed()

    async def _landed(self, committed: Awaitable[object]) -> None:
        try:
            await committed
        finally:
            self._freed()

    def _freed(self) -> None:
        self._under_way -= 1
        self._wake()

    def _wake(self) -> None:
        self._settled.set()
        self._settled = asyncio.Event()
