"""The books and the bill of a plan, read back from what landed, and what one run of it has added."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from threading import Lock

from schemas.call import Call
from schemas.errors import BooksDoNotBalance
from schemas.record import Record
from schemas.run import Books, Ledger
from tasks.synthesis.budget import later_calls
from tasks.synthesis.plan import Plan
from tasks.watcher import Watcher
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.packed_keys import PackedKeys
from warehouse.reading import Snapshot

_COST = """
    SELECT count(*), CASE WHEN bool_and(cost_usd IS NOT NULL) THEN sum(cost_usd) END
    FROM calls SEMI JOIN wanted_keys ON call_id = wanted
"""


@dataclass(frozen=True)
class Accounts:
    planned: int
    """Attempts of the plan as it was resolved, whatever landed."""
    books: Books
    ledger: Ledger
    cost_usd: float | None
    """What the plan's calls have cost over all runs; None when one of them has no known cost."""

    @property
    def problem(self) -> str | None:
        """None when every planned attempt and every request sent is accounted for once; else what is wrong."""
        books, ledger = self.books, self.ledger
        if books.planned != self.planned or not books.balanced:
            return (
                f"{self.books_line}; planned were {self.planned}; {books.doubled} keys are doubled (view doubled_keys)"
            )
        return None if ledger.balanced else self.ledger_line

    @property
    def books_line(self) -> str:
        books = self.books
        return (
            f"books: planned {books.planned} = verified {books.verified} + unverified {books.unverified}"
            f" + failed {books.failed} + pending {books.pending}"
        )

    @property
    def ledger_line(self) -> str:
        return ledger_line(self.ledger)

    @property
    def cost_line(self) -> str:
        return cost_line(self.cost_usd)

    @property
    def lines(self) -> tuple[str, ...]:
        return self.books_line, self.ledger_line, self.cost_line

    def check(self) -> None:
        if self.problem:
            raise BooksDoNotBalance(f"the books do not balance: {self.problem}")


class LandedCalls(Watcher):
    """Counts the calls that one run lands, and what they cost: the books and the bill are over all runs of the plan."""

    def __init__(self) -> None:
        self._n, self._cost_usd = 0, 0.0
        self._is_known = True
        self._counting = Lock()

    def landed(self, table: str, rows: Sequence[Record]) -> None:
        calls = [row for row in rows if isinstance(row, Call)]
        with self._counting:
            self._n += len(calls)
            self._cost_usd += sum(call.cost_usd or 0.0 for call in calls)
            self._is_known = self._is_known and all(call.cost_usd is not None for call in calls)

    def lines(self, ledger: Ledger) -> Iterator[str]:
        """Yield nothing of a plan that asks for no calls."""
        if ledger.sent:
            cost = self._cost_usd if self._is_known else None
            yield f"this run alone: {self._n} calls landed; {cost_line(cost)}"


def read_accounts(now: Snapshot, warehouse: Warehouse, plan: Plan) -> Accounts:
    """Read the books and the bill as they stood at `now`, a snapshot of `warehouse`. A plan of which nothing has landed
    has books of zeros.
    """
    columns = list(Books.model_fields)
    with closing(Journal(warehouse.journal_path)) as journal:
        _, found = now.ask(f"SELECT {', '.join(columns)} FROM books WHERE plan_id = ?", [plan.plan_id])
        later = later_calls(plan, now, journal)
        ledger = journal.ledger(plan.asked + PackedKeys(later))
        cost_usd = cost_of(now, plan.call_ids + PackedKeys(later), ledger, journal)
    books = Books(**dict(zip(columns, found[0] if found else [0] * len(columns), strict=True)))
    return Accounts(len(plan), books, ledger, cost_usd)


def ledger_line(ledger: Ledger) -> str:
    ends = f"answered {ledger.answered} + failed {ledger.failed} + unknown {ledger.unknown}"
    return f"calls: sent {ledger.sent} = {ends}"


def cost_line(cost_usd: float | None) -> str:
    return "cost: unknown" if cost_usd is None else f"cost: {cost_usd:.4f} USD"


def cost_of(now: Snapshot, call_ids: PackedKeys, ledger: Ledger, journal: Journal) -> float | None:
    """Return what these calls, whose ledger it is, have cost; None when one of them has no known cost. An answer that a
    kill has left in the journal is paid for, too.
    """
    _, [(landed, cost_usd)] = now.ask(_COST, wanted=call_ids)
    waiting = journal.costs(call_ids)
    for call_id in now.present("calls", list(waiting)):
        del waiting[call_id]
    if not landed and not waiting and not ledger.unknown:
        return 0.0
    costs = [*waiting.values(), *([cost_usd] if landed or not waiting else [])]
    return None if None in costs else sum(costs)
