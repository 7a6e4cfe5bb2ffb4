"""The books and the bill of a recycle plan, read back from what landed."""

from contextlib import closing
from dataclasses import dataclass

from flows.accounts import cost_line, cost_of, ledger_line
from schemas.errors import BooksDoNotBalance
from schemas.run import NO_BOOKS, Books, Ledger
from tasks.recycling.plan import RecyclePlan
from tasks.replay.lookup import Lookup
from tasks.replay.procedure import replay
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.packed_keys import PackedKeys
from warehouse.reading import Snapshot

_BOOKS = "SELECT planned, kept, dropped, failed, pending, doubled, balanced FROM pair_books WHERE plan_id = ?"
_CALLS = "SELECT original_id, call_ids FROM selections WHERE plan_id = ?"


@dataclass(frozen=True)
class PairAccounts:
    originals: int
    """Rows of the plan as it was resolved, whatever landed."""
    planned: int
    kept: int
    dropped: int
    failed: int
    pending: int
    doubled: int
    balanced: bool
    ledger: Ledger
    cost_usd: float | None
    """What the plan's calls have cost over all runs; None when one of them has no known cost."""

    @property
    def problem(self) -> str | None:
        """None when every original and every request sent is accounted for once; else what is wrong."""
        if self.planned != self.originals or not self.balanced:
            return f"{self.books_line}; the plan has {self.originals}; {self.doubled} keys are doubled"
        return None if self.ledger.balanced else self.ledger_line

    @property
    def books_line(self) -> str:
        ends = f"kept {self.kept} + dropped {self.dropped} + failed {self.failed} + pending {self.pending}"
        return f"books: planned {self.planned} = {ends}"

    @property
    def ledger_line(self) -> str:
        return f"{ledger_line(self.ledger)}; {cost_line(self.cost_usd)}"

    @property
    def lines(self) -> tuple[str, ...]:
        return self.books_line, self.ledger_line

    @property
    def books(self) -> Books:
        """Of attempts, which rows of this line are not: the view `pair_books` has theirs."""
        return NO_BOOKS

    def check(self) -> None:
        if self.problem:
            raise BooksDoNotBalance(f"the books do not balance: {self.problem}")


def read_pair_accounts(now: Snapshot, warehouse: Warehouse, plan: RecyclePlan) -> PairAccounts:
    """Read the books of pairs as they stood at `now`, a snapshot of `warehouse`. A plan of which nothing has landed has
    books of zeros.
    """
    with closing(Journal(warehouse.journal_path)) as journal:
        columns, books = now.ask(_BOOKS, [plan.plan_id])
        call_ids = _call_ids(plan, now, journal)
        ledger = journal.ledger(call_ids)
        cost_usd = cost_of(now, PackedKeys(call_ids), ledger, journal)
    numbers = dict(zip(columns, books[0] if books else (0, 0, 0, 0, 0, 0, True), strict=True))
    return PairAccounts(originals=len(plan.originals), ledger=ledger, cost_usd=cost_usd, **numbers)


def _call_ids(plan: RecyclePlan, now: Snapshot, journal: Journal) -> list[str]:
    """All calls that its rows have come to, those of rows without a fate too."""
    _, ended = now.ask(_CALLS, [plan.plan_id])
    left = plan.shards({original_id for original_id, _ in ended})
    progress = replay(plan.rollouts(row for rows in left.values() for row in rows), *Lookup(now, journal).finds)
    known = [call_id for _, call_ids in ended for call_id in call_ids]
    return list(dict.fromkeys([*known, *(call_id for each in progress.values() for call_id in each.requests)]))
