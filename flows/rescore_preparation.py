"""From the student of a configuration to what of the warehouse it has not scored."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import ClassVar

from flows.prepared import Report, Shown
from schemas.call import Request
from schemas.configuration import RunConfiguration
from schemas.errors import BooksDoNotBalance, Refused
from schemas.record import content_key
from schemas.run import NO_BOOKS, Books, Ledger
from schemas.score import StudentIdentity
from schemas.until import Until
from tasks.scoring.rescoring import Due, RescorePipeline, Students, find_due
from tasks.scoring.student_identity import student_identity
from warehouse.disk import private_files
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot


@dataclass(frozen=True)
class DoubledKeys:
    """The accounts of a run that plans and sends nothing: keys that stand twice are all that can be wrong."""

    n: int
    ledger: ClassVar = Ledger(sent=0, answered=0, failed=0, unknown=0)
    cost_usd: ClassVar = 0.0
    lines: ClassVar[tuple[str, ...]] = ()

    @property
    def books(self) -> Books:
        return NO_BOOKS.model_copy(update={"doubled": self.n})

    @property
    def problem(self) -> str | None:
        return f"{self.n} keys are doubled (view doubled_keys)" if self.n else None

    def check(self) -> None:
        """Raise `BooksDoNotBalance` where there are any."""
        if self.problem:
            raise BooksDoNotBalance(self.problem)


@dataclass(frozen=True)
class RescorePreparation:
    """What is due, and the warehouse as it was found."""

    configuration: RunConfiguration
    warehouse: Warehouse
    before: Snapshot
    scored_by: StudentIdentity
    due: Due
    flow: ClassVar = "rescore"
    until: ClassVar = Until.SCORE
    shown: ClassVar = Shown("scores-by-student", "scores_by_student", None, {"Scores by student": "scores_by_student"})
    tagged_calls: ClassVar = ()
    verifies: ClassVar = False
    wants_teacher: ClassVar = False
    golds: ClassVar[dict[str, str]] = {}
    wants_judge: ClassVar = False
    drafter: ClassVar = None

    @property
    def subject(self) -> str:
        return f"what has landed by {self.configuration.student.model}"

    @property
    def plan_id(self) -> str:
        return content_key("rescore", self.shard_ids)

    @property
    def command(self) -> str:
        """The plan is of what is left, and changes with it."""
        return "rescore"

    @property
    def shard_ids(self) -> list[str]:
        return list(self.due.shards)

    @property
    def totals(self) -> dict[Until, int]:
        return {Until.SCORE: self.due.n_subjects}

    @property
    def summary(self) -> str:
        return f"{self.due.n_subjects} of {self.due.n_landed} subjects to score"

    def calls_missing(self) -> list[Request]:
        return []

    def open_budget(self) -> None:
        return None

    def land_plan(self, run_id: str) -> None:
        """Land nothing: there are no attempts."""

    @contextmanager
    def again(self) -> Iterator["RescorePreparation"]:
        """Yield the same student, and what it has not scored now."""
        with Snapshot(self.warehouse) as before:
            due = find_due(before, self.scored_by, self.configuration.run.shard_size)
            yield replace(self, before=before, due=due)

    def accounts(self, now: Snapshot) -> DoubledKeys:
        _, [(doubled,)] = now.ask("SELECT count(*) FROM doubled_keys")
        return DoubledKeys(doubled)

    def pipeline(self, workers: Students, run_id: str, halted: Event, report: Report) -> RescorePipeline:
        return RescorePipeline(self.due, self.scored_by, self.warehouse, self.before, workers, run_id, halted, report)


@contextmanager
def prepared_rescoring(configuration: RunConfiguration, folder: Path) -> Iterator[RescorePreparation]:
    """Find what is due and hold the warehouse as its only writer. Raises `Refused` where there is none."""
    warehouse = Warehouse(folder)
    if not warehouse.exists():
        raise Refused(f"warehouse: none at {folder}; run a configuration first, or name another folder")
    with private_files(), warehouse.sole_writer(), Snapshot(warehouse) as before:
        student = student_identity(configuration.student)
        due = find_due(before, student, configuration.run.shard_size)
        yield RescorePreparation(configuration, warehouse, before, student, due)
