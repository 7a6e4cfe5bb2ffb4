"""From a recycle configuration to a plan and the rows that are left of it."""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import ClassVar

from flows.configure import check_missing
from flows.pair_accounts import PairAccounts, read_pair_accounts
from flows.prepared import DueCalls, Report, Shown
from flows.teacher_address import teacher_identity
from schemas.call import Request
from schemas.pair import Original
from schemas.recycling import RecycleConfiguration
from schemas.until import Until
from tasks.asking.budget import Account, open_account
from tasks.recycling.asking import RecycleSpec, whole
from tasks.recycling.originals import RawPairs, data_set, read_pairs
from tasks.recycling.pipeline import RecyclePipeline, RecycleWorkers, Stage
from tasks.recycling.plan import RecyclePlan, make_plan
from tasks.recycling.recycle_row import Recycled
from tasks.replay.lookup import Lookup
from tasks.replay.procedure import AskModel, Progress, due_of, replay, requests_of
from tasks.scoring.student_identity import student_identity
from warehouse.disk import private_files
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot


@dataclass(frozen=True)
class RecyclePreparation:
    """A plan, what is left of it, and the warehouse as it was found."""

    configuration: RecycleConfiguration
    fresh: str
    warehouse: Warehouse
    before: Snapshot
    plan: RecyclePlan
    shards: dict[str, list[Original]]
    """By shard_id, the rows that have no fate yet."""
    raw: RawPairs

    flow: ClassVar = "recycle"
    until: ClassVar = Until.SCORE
    shown: ClassVar = Shown(
        "pair-fates", "pair_fates", "pair_funnel", {"Fates": "pair_fates", "What came of reflecting": "pair_changes"}
    )
    scored_by: ClassVar = None
    """Its scores are of pairs, which `traces_full` does not show."""
    tagged_calls: ClassVar = ()
    verifies: ClassVar = True
    wants_judge: ClassVar = False
    drafter: ClassVar = None

    @property
    def subject(self) -> str:
        return self.configuration.subject

    @property
    def plan_id(self) -> str:
        return self.plan.plan_id

    @property
    def command(self) -> str:
        return self.plan.plan_id

    @property
    def shard_ids(self) -> list[str]:
        return list(self.shards)

    @property
    def totals(self) -> dict[Stage, int]:
        return dict.fromkeys(Stage, self.n_left)

    @property
    def summary(self) -> str:
        return f"{len(self.plan.originals)} originals, {self.n_left} without a fate"

    @property
    def wants_teacher(self) -> bool:
        return any(row.bad is None for rows in self.shards.values() for row in rows)

    @property
    def golds(self) -> dict[str, str]:
        return {whole(row.instruction, row.input): row.gold for row in self.plan.originals if row.gold}

    def open_budget(self) -> Account | None:
        """Return the budget of the plan's calls; None without one. Later calls are known only by the scores that chose
        between the earlier ones.
        """
        if not self.configuration.budget.is_set:
            return None
        progress = self._progress(self.plan.originals)
        requests = {key: request for each in progress for key, request in each.requests.items()}
        asked = ((key, request, self.configuration.teacher) for key, request in requests.items())
        return open_account(self.configuration.budget, self.plan_id, asked, self.warehouse.journal_path)

    @contextmanager
    def again(self) -> Iterator["RecyclePreparation"]:
        """Yield the same plan, and what is left of it now."""
        with Snapshot(self.warehouse) as before:
            yield replace(self, before=before, shards=_left(self.plan, before))

    def accounts(self, now: Snapshot) -> PairAccounts:
        return read_pair_accounts(now, self.warehouse, self.plan)

    def land_plan(self, run_id: str) -> None:
        """Land the originals before anything is asked."""
        ids = [row.original_id for row in self.plan.originals]
        known = self.before.present("originals", ids, where=f"plan_id = '{self.plan_id}'")
        missing = [row for row in self.plan.originals if row.original_id not in known]
        self.warehouse.land("originals", missing, run_id, f"{self.plan_id}/plan")
        rejected = self.before.missing("rejected_rows", self.raw.rejected)
        self.warehouse.land("rejected_rows", rejected, run_id, f"{self.plan_id}/plan")

    def pipeline(self, workers: RecycleWorkers, run_id: str, halted: Event, report: Report) -> RecyclePipeline:
        return RecyclePipeline(self.plan, self.shards, self.warehouse, self.before, workers, run_id, halted, report)

    @property
    def n_left(self) -> int:
        return sum(map(len, self.shards.values()))

    def calls_due(self) -> DueCalls:
        """Return calls that have to be sent next: without an answer in the warehouse or the journal, when it was
        prepared.
        """
        return DueCalls(self._due.items)

    def calls_missing(self) -> DueCalls:
        return self.calls_due()

    @property
    def only_asks(self) -> bool:
        """Whether nothing is left but rows that wait for calls that have to be sent."""
        ids = [row.original_id for row in self.plan.originals]
        landed = self.before.present("originals", ids, where=f"plan_id = '{self.plan_id}'")
        asks = (each.due and all(isinstance(need, AskModel) for need in each.due.values()) for each in self._under_way)
        return len(landed) == len(ids) and len(self._under_way) == self.n_left and all(asks)

    @cached_property
    def _under_way(self) -> list[Progress[Recycled]]:
        return self._progress(row for rows in self.shards.values() for row in rows)

    @cached_property
    def _due(self) -> dict[str, Request]:
        return requests_of(due_of(self._under_way))

    def _progress(self, rows: Iterable[Original]) -> list[Progress[Recycled]]:
        """How far rows are with what has been learnt before."""
        with closing(Journal(self.warehouse.journal_path)) as journal:
            return list(replay(self.plan.rollouts(rows), *Lookup(self.before, journal).finds).values())


def check_recycle_inputs(configuration: RecycleConfiguration, dry_run: bool = False) -> None:
    """Raise `Refused`, with one line per problem, when something that the run will need is not there; a dry run needs
    no key.
    """
    check_missing(configuration, data_set(configuration.pairs).missing(), dry_run)


@contextmanager
def prepared_recycling(
    configuration: RecycleConfiguration, folder: Path, fresh: str = "", dry_run: bool = False
) -> Iterator[RecyclePreparation]:
    """Resolve the plan and hold the warehouse as its only writer; a dry run holds nothing. Raises `Refused`.

    Nothing is landed yet.
    """
    raw = read_pairs(configuration.pairs)
    student = student_identity(configuration.student)
    order = RecycleSpec.of(configuration, student, teacher_identity(configuration.teacher), fresh)
    plan = make_plan(order, raw, configuration.run.shard_size)
    warehouse = Warehouse(folder)
    warehouse.create()
    held = nullcontext() if dry_run else warehouse.sole_writer()
    with private_files(), held, Snapshot(warehouse) as before:
        yield RecyclePreparation(configuration, fresh, warehouse, before, plan, _left(plan, before), raw)


def _left(plan: RecyclePlan, before: Snapshot) -> dict[str, list[Original]]:
    """By shard_id, the rows that have no fate yet."""
    ids = [row.original_id for row in plan.originals]
    return plan.shards(before.present("selections", ids, where=f"plan_id = '{plan.plan_id}'"))
