"""The bill of a plan: what its calls have cost, wherever their answers are."""

import asyncio
from collections.abc import Sequence
from contextlib import closing

import pytest

from flows.accounts import cost_of
from schemas.budget import Charge
from schemas.call import Call, SendEnd
from schemas.record import content_key
from tests.unit.test_warehouse import call, land
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.packed_keys import PackedKeys
from warehouse.reading import Snapshot

FREE, CHEAP, DEAR, UNKNOWN, OTHER = (
    call(n, cost=cost).model_copy(update={"call_id": content_key("call", n)})
    for n, cost in enumerate((0.0, 0.25, 2.0, None, 64.0))
)
COSTS = {
    "nothing was sent": ([], [], 0, 0.0),
    "one was sent and not heard of": ([], [], 1, None),
    "all have landed": ([CHEAP, DEAR], [], 0, 2.25),
    "a kill has left them in the journal": ([], [CHEAP, DEAR], 0, 2.25),
    "a kill came as they landed": ([CHEAP], [DEAR], 0, 2.25),
    "a kill came before they were forgotten": ([CHEAP, DEAR], [CHEAP, DEAR], 0, 2.25),
    "one in the journal has no known cost": ([CHEAP], [UNKNOWN], 0, None),
    "one that has landed has none": ([UNKNOWN], [CHEAP], 0, None),
    "it was free": ([], [FREE], 0, 0.0),
}


async def answer(journal: Journal, calls: Sequence[Call]) -> None:
    for each in calls:
        n = await journal.reserve(each.call_id)
        assert isinstance(n, int)
        await journal.settle(each.call_id, n, SendEnd.ANSWERED, call=each, spent=Charge(usd=each.cost_usd))


@pytest.mark.parametrize(("landed", "journaled", "unknown", "cost_usd"), COSTS.values(), ids=COSTS)
def test_what_is_paid_for_is_in_the_bill(
    warehouse: Warehouse, landed: list[Call], journaled: list[Call], unknown: int, cost_usd: float | None
) -> None:
    """The bug: a run that was killed before its first answers landed had cost nothing, whatever it had bought."""
    land(warehouse, "calls", *landed, OTHER)
    ids = [each.call_id for each in (FREE, CHEAP, DEAR, UNKNOWN)]
    with closing(Journal(warehouse.journal_path)) as journal, Snapshot(warehouse) as now:
        asyncio.run(answer(journal, [*journaled, OTHER]))
        for call_id in ids[:unknown]:
            asyncio.run(journal.reserve(call_id))
        assert cost_of(now, PackedKeys(ids), journal.ledger(ids), journal) == cost_usd
