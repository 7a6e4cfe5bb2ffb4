"""What every flow has resolved before it sends anything, and what it says afterwards."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Event
from typing import Any, Protocol

from schemas.call import Request
from schemas.configuration import LineConfiguration
from schemas.run import Books, Ledger
from schemas.score import StudentIdentity
from schemas.teacher import DrafterSettings
from schemas.until import Until
from tasks.asking.budget import Account
from tasks.shards import ShardPipeline
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

Report = Callable[[Any, int], None]
"""Told a stage and how many more rows it has done."""


@dataclass(frozen=True)
class Shown:
    """What a run leaves in Prefect for people: the names of shipped queries over its plan."""

    key: str
    """Of the table artifact; `KEY-card` is the markdown beside it."""
    table: str
    funnel: str | None
    """Steps and how many were left at each."""
    sections: Mapping[str, str]
    """Titles of the card, each with its query."""
    traces: str | None = None
    """What the others ask of `traces_full`, asked once before them."""


class PlanAccounts(Protocol):
    """The books and the bill of a plan."""

    @property
    def books(self) -> Books: ...

    @property
    def ledger(self) -> Ledger: ...

    @property
    def cost_usd(self) -> float | None: ...

    @property
    def problem(self) -> str | None:
        """What does not balance; None when all does."""

    @property
    def lines(self) -> Sequence[str]:
        """The same for a person."""

    def check(self) -> None:
        """Raise `BooksDoNotBalance` where there is a problem."""


class Prepared(Protocol):
    """What a flow has resolved before anything is sent: a plan, what is left of it, the warehouse as it was found."""

    @property
    def flow(self) -> str: ...

    @property
    def configuration(self) -> LineConfiguration: ...

    @property
    def subject(self) -> str:
        """What is done by which model, for the names of tasks."""

    @property
    def warehouse(self) -> Warehouse: ...

    @property
    def plan_id(self) -> str: ...

    @property
    def before(self) -> Snapshot:
        """The warehouse as it was found."""

    @property
    def command(self) -> str:
        """What it has in common with the runs that continue it: their books are the same."""

    @property
    def scored_by(self) -> StudentIdentity | None:
        """The student whose scores of traces land."""

    @property
    def until(self) -> Until:
        """The last stage: what comes after it needs no actors."""

    @property
    def shard_ids(self) -> Sequence[str]:
        """The shards that have work left."""

    @property
    def summary(self) -> str:
        """One line for the log."""

    @property
    def golds(self) -> Mapping[str, str]:
        """Gold by the text of its question, for the practice teacher, which replays them."""

    @property
    def tagged_calls(self) -> Collection[str]:
        """The call_ids of those calls whose answers are to have the tags of a trace."""

    @property
    def verifies(self) -> bool: ...

    @property
    def wants_teacher(self) -> bool: ...

    @property
    def wants_judge(self) -> bool: ...

    @property
    def drafter(self) -> DrafterSettings | None:
        """Who writes drafts where the teacher does not; None where no draft is wanted."""

    @property
    def shown(self) -> Shown: ...

    @property
    def totals(self) -> Mapping[Any, int]:
        """How many rows each stage has to do."""

    def calls_missing(self) -> list[Request]:
        """Calls that the teacher has to give next: without a terminal row. Some may be in the journal."""

    def open_budget(self) -> Account | None:
        """The budget of the plan's calls; None without one."""

    def land_plan(self, run_id: str) -> None: ...

    def pipeline(self, workers: Any, run_id: str, halted: Event, report: Report) -> ShardPipeline: ...

    def again(self) -> AbstractContextManager["Prepared"]:
        """The same plan, and what is left of it now."""

    def accounts(self, now: Snapshot) -> PlanAccounts: ...
