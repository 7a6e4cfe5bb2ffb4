"""What one run has added to a plan's bill, which is over all its runs."""

import pytest

from flows.accounts import LandedCalls
from schemas.run import Ledger
from tests.unit.test_warehouse import call

SENT = Ledger(sent=3, answered=3, failed=0, unknown=0)


@pytest.mark.parametrize(
    ("costs", "ledger", "expected"),
    [
        ([], SENT, ["this run alone: 0 calls landed; cost: 0.0000 USD"]),  # the bill alone says that it has paid
        ([0.5, 0.25], SENT, ["this run alone: 2 calls landed; cost: 0.7500 USD"]),
        ([0.5, None], SENT, ["this run alone: 2 calls landed; cost: unknown"]),
        ([], Ledger(sent=0, answered=0, failed=0, unknown=0), []),
    ],
)
def test_a_run_says_what_it_has_landed_itself(costs: list[float | None], ledger: Ledger, expected: list[str]) -> None:
    bought = LandedCalls()
    for n, cost in enumerate(costs):
        bought.landed("calls", [call(n, cost=cost)])
    assert list(bought.lines(ledger)) == expected
