"""What was told of a plan of which nothing is left. It is told again as it was until the input or a table changes:
then no row is parsed, and no table asked.
"""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from flows.accounts import Accounts
from flows.preparation import Preparation
from flows.unfinished import crashed
from schemas.configuration import RunConfiguration
from schemas.question import KINDS
from schemas.question_source import SOURCES
from schemas.record import Json, Record, content_key
from schemas.run import Books, Ledger
from schemas.tables import TABLES
from schemas.teacher import STRATEGIES
from schemas.until import Until
from tasks.installed_code import code_digest, folder_digest
from tasks.judging.verify import verifier_version
from tasks.questions.seed_file import in_file
from tasks.scoring.student_identity import student_identity
from warehouse.disk import private_files, replacing
from warehouse.landing import Warehouse


class SummarySection(Record):
    """A table for a person."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | float | None, ...], ...]


class Summary(Record):
    """What a plan has given, as the tables had it."""

    sections: tuple[SummarySection, ...]
    n_disputes: int
    n_planned: int
    books: Books
    ledger: Ledger
    cost_usd: float | None
    examples: tuple[tuple[str, str], ...]
    """Traces to look at, each with what it is an example of."""
    notes: tuple[str, ...] = ()
    """Lines under the books."""
    warning: str | None = None

    @property
    def accounts(self) -> Accounts:
        return Accounts(self.n_planned, self.books, self.ledger, self.cost_usd)


class Finished(Record):
    """A plan of which nothing is left, and what it was found from."""

    input: str
    """Digest of the bytes of the rows, of the code, and of who is the student."""
    verifiers: tuple[tuple[str, str], ...]
    """Kinds of questions, each with the version of what judges them."""
    plan_id: str
    tables: str
    """Digest of the names and sizes of all files of all tables."""
    head: tuple[str, ...]
    """The lines on the input and on the plan."""
    summary: Summary


class Kept:
    """What is kept of one command, beside the tables. Without a file of rows as its only input, nothing is."""

    def __init__(self, configuration: RunConfiguration, folder: Path, until: Until, fresh: str) -> None:
        """Raises `Refused` as a run does for a warehouse or a student that is none."""
        self._warehouse, self._configuration = Warehouse(folder), configuration
        self._until = until
        asked: list[Json] = [configuration.model_dump(mode="json"), until.value, fresh]
        self._path = self._warehouse.folder / "finished" / f"{content_key('finished', *asked)}.json"
        self._rows = Path(configuration.questions.path or "")
        self._read = _bytes_of(self._rows) if _is_alone(configuration) else None

    def find(self) -> Finished | None:
        """Return what was kept, where it would be found again."""
        if self._read is None or not self._path.is_file():
            return None
        try:
            kept = Finished.model_validate_json(self._path.read_bytes())
        except ValueError:  # of a power cut, or of other code
            return None
        judged = all(verifier_version(kind) == version for kind, version in kept.verifiers)
        same = judged and kept.input == self._input() and kept.tables == _tables(self._warehouse)
        return kept if same and not crashed(self._warehouse, kept.plan_id) else None

    def keep(self, preparation: Preparation, head: Sequence[str], summary: Summary) -> None:
        """Keep what was told, where nothing is left of the plan. The caller is the only writer of the tables."""
        kinds = sorted(set(in_file(preparation.loaded.seeds).kinds))
        if self._read is None or summary.books.pending or preparation.plan.asks or any(map(KINDS.package, kinds)):
            return
        kept = Finished(
            input=self._input(),
            verifiers=tuple((kind, verifier_version(kind)) for kind in kinds),
            plan_id=preparation.plan_id,
            tables=_tables(self._warehouse),
            head=tuple(head),
            summary=summary,
        )
        if self._read.stat == _stat(self._rows):
            with private_files(), suppress(OSError):
                self._path.parent.mkdir(exist_ok=True)
                with replacing(self._path) as draft:
                    draft.write_text(kept.model_dump_json(), "utf-8")

    def _input(self) -> str:
        student = student_identity(self._configuration.student) if self._until is Until.SCORE else None
        scored_by = student.model_dump(mode="json") if student else None
        code = [code_digest(), folder_digest([str(Path(__file__).parent)])]
        return content_key("input", self._read.digest if self._read else "", *code, scored_by)


class _Bytes(NamedTuple):
    """Of a file, and when they were those."""

    digest: str
    stat: tuple[int, ...]


def _is_alone(configuration: RunConfiguration) -> bool:
    """Whether the rows of one file decide on all, by code that is ours: no person's rulings, no model, no generator."""
    settings = configuration.questions
    given = configuration.asks or configuration.judge or configuration.budget.is_set or settings.rulings
    outside = SOURCES.package(settings.source) or STRATEGIES.package(configuration.teacher.strategy)
    return not (given or outside) and Path(settings.path or "").is_file()


def _bytes_of(path: Path) -> _Bytes | None:
    stat = _stat(path)
    try:
        with path.open("rb") as file:
            return _Bytes(hashlib.file_digest(file, "blake2b").hexdigest(), stat)
    except OSError:
        return None  # who reads the rows says it


def _stat(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _tables(warehouse: Warehouse) -> str:
    """A digest of which files each table is made of, and of how large they are here."""
    files = [
        [path, *_stat(Path(path))[1:2]] for each in warehouse.all_files(TABLES.keys()).values() for path in each.paths
    ]
    return content_key("tables", sorted(files))
