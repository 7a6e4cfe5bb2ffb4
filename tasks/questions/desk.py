"""Where questions get written: asks what an order has come to, lands what comes back, until nothing is due."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing

from schemas.call import OVER_BUDGET, Call, Outcome, Request
from schemas.errors import BudgetReached, Incomplete
from schemas.run import Ledger
from tasks.questions.alike import Alike
from tasks.questions.asking import Order
from tasks.questions.written import Existing, Stand, stand
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

Ask = Callable[[list[Request]], Awaitable[list[Outcome]]]
"""Has requests answered: a `Teacher`, or a fake."""

_EXISTING = "SELECT text, external_id FROM questions ORDER BY question_id"


class Desk:
    """One order. `before` shows the warehouse as it was found, without what this order has not landed yet."""

    def __init__(self, order: Order, warehouse: Warehouse, before: Snapshot) -> None:
        self.order = order
        self._warehouse = warehouse
        self._before = before
        self._answers: dict[str, Call] = {}
        self._journaled: dict[str, Call] = {}
        self._looked_up: set[str] = set()
        self._existing = _existing(before, order.settings.alike)
        self.stand = self._look()

    @property
    def is_open(self) -> bool:
        """Something is to be asked, or to be landed that was answered before."""
        return bool(self.stand.due or self._journaled)

    @property
    def cost_usd(self) -> float | None:
        """Of all its calls, over all runs; None when one of them has no known cost."""
        costs = [self._answers[call_id].cost_usd for call_id in self.stand.requests if call_id in self._answers]
        return None if None in costs else sum(cost or 0.0 for cost in costs)

    def ledger(self) -> Ledger:
        """Every request sent for it, over all runs."""
        with closing(Journal(self._warehouse.journal_path)) as journal:
            return journal.ledger(list(self.stand.requests))

    async def write(self, ask: Ask, run_id: str, report: Callable[[Stand], object]) -> None:
        """Ask until nothing is due; `report` hears of each step before it is taken.

        Answers land before the next step. Raises `BudgetReached` and `Incomplete` when calls are left without one.
        """
        self.land(run_id)
        while self.stand.due:
            report(self.stand)
            due = self.stand.due
            outcomes = await ask([self.stand.requests[call_id] for call_id in due])
            self._journaled |= {outcome.call_id: outcome.call for outcome in outcomes if outcome.call}
            self.land(run_id)
            if pending := [outcome.pending or "no reason given" for outcome in outcomes if not outcome.call]:
                raise _left(pending)
            self.stand = self._look()

    def _look(self) -> Stand:
        """The stand, with all that has been answered before: in `calls`, or in the journal."""
        while True:
            now = stand(self.order, self._answers, self._existing)
            new = [call_id for call_id in now.due if call_id not in self._looked_up]
            if not new:
                return now
            self._looked_up.update(new)
            found = {call.call_id: call for call in self._before.rows(Call, "call_id", new)}
            with closing(Journal(self._warehouse.journal_path)) as journal:
                journaled = journal.answers([call_id for call_id in new if call_id not in found])
            self._journaled |= journaled
            self._answers |= found | journaled
            if not found and not journaled:
                return now

    def land(self, run_id: str) -> None:
        """What is new in the journal goes into `calls`, and is forgotten there."""
        calls = list(self._journaled.values())
        self._answers |= self._journaled
        self._warehouse.land("calls", calls, run_id, f"{self.order.order_id}/questions")
        if calls:
            with closing(Journal(self._warehouse.journal_path)) as journal:
                journal.forget(list(self._journaled))
        self._journaled = {}


def _existing(before: Snapshot, threshold: float) -> Existing:
    _, rows = before.ask(_EXISTING)
    written = frozenset(external_id for _, external_id in rows if external_id)
    return Existing(Alike((text for text, _ in rows), threshold), written)


def _left(pending: Sequence[str]) -> BudgetReached | Incomplete:
    listed = "; ".join(f"{reason} ({n})" for reason, n in Counter(pending).most_common(3))
    said = f"questions: {len(pending)} calls that write them have no answer yet: {listed}"
    if OVER_BUDGET in pending:
        return BudgetReached(f"{said}. The same command with a higher budget continues")
    return Incomplete(f"{said}. The same command continues")
