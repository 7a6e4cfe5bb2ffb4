"""One execution of a flow over a plan: its books and its bill."""

from datetime import datetime
from enum import StrEnum

from schemas.record import Record
from schemas.release import TableVersion
from schemas.score import StudentIdentity


class RunEnd(StrEnum):
    DONE = "done"
    STOPPED = "stopped"
    BUDGET_REACHED = "budget_reached"
    """The same command with a higher budget continues."""
    INCOMPLETE = "incomplete"
    """Some calls failed for now; the same command continues."""
    FAILED = "failed"
    CRASHED = "crashed"
    """Its process was gone before it could say how it ended: killed, or cut off. The next run of the same plan says so;
    the same command continues."""


class Books(Record):
    """Where every planned attempt is. Counted each by its own query, so that a lost or doubled row shows."""

    planned: int
    verified: int
    """Verdict correct or incorrect."""
    unverified: int
    failed: int
    """They ended without a trace: view `fates` says why."""
    pending: int
    """No terminal call, no trace or no verdict yet."""
    doubled: int
    """Keys that stand more than once in any table of the warehouse; 0 in a sound one."""

    @property
    def balanced(self) -> bool:
        found = self.verified + self.unverified + self.failed + self.pending
        return self.planned == found and self.doubled == 0


NO_BOOKS = Books(planned=0, verified=0, unverified=0, failed=0, pending=0, doubled=0)
"""Of a run that plans no attempts."""


class Ledger(Record):
    """Requests to the teacher for the calls of a plan, over all runs."""

    sent: int
    answered: int
    failed: int
    unknown: int
    """An intent without an outcome: a kill or a cut line; it may have been paid for."""

    @property
    def balanced(self) -> bool:
        return self.sent == self.answered + self.failed + self.unknown


class Run(Record):
    """One execution of a flow over a plan: its books and its bill."""

    run_id: str
    plan_id: str
    flow: str
    configuration: str
    """Canonical JSON of the run configuration; it holds references to secrets, never secrets."""
    code_version: str
    scored_by: StudentIdentity | None
    """The student whose scores `traces_full` shows after this run; None when the run did not score, or crashed."""
    started_at: datetime
    ended_at: datetime
    ended: RunEnd
    error: str | None
    """What a failed run failed with."""
    books: Books
    ledger: Ledger
    cost_usd: float | None
    """What the plan's calls have cost over all runs; None when any of them has no known cost."""
    table_versions: tuple[TableVersion, ...]
    """The versions that this run left behind."""

    def __repr__(self) -> str:
        """Its end, its books and its bill, for a notebook; all of it is `model_dump()`."""
        books = ", ".join(f"{name}={n}" for name, n in self.books if n)
        cost = "unknown" if self.cost_usd is None else f"{self.cost_usd:.4f}"
        return f"Run({self.flow} {self.run_id} {self.ended}: {books}; sent={self.ledger.sent}, cost_usd={cost})"

    __str__ = __repr__
