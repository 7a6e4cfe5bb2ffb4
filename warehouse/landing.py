"""The warehouse's tables: open, land, list. Only the driver of a run writes; anyone may read at any time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from schemas.errors import Refused
from schemas.record import Provenance, Record, content_key, content_key_of_many
from schemas.release import TableVersion
from schemas.tables import KEYS, TABLES
from warehouse.arrow_schema import arrow_schema, to_arrow, with_provenance
from warehouse.delta_log import CommitsMissing, TableLog, is_table, read_log
from warehouse.disk import check_room, disk_in_a_sentence, disk_trouble, local_path
from warehouse.durable import sync_commits
from warehouse.lease import PERIOD_S, WRITER, Lease, hold_lease

if TYPE_CHECKING:
    from deltalake import DeltaTable

Key = list[str]
"""Of a row: its key columns."""
_LOG = {"delta.enableExpiredLogCleanup": "false", "delta.checkpointInterval": "10"}
"""Every commit is kept; and a commit reads those since the last checkpoint, which takes longer than to write one."""


class Files(NamedTuple):
    """The Parquet files of a table."""

    paths: list[str]
    """Absolute, in a fixed order."""
    columns: set[str]
    """That they may have."""
    alike: bool
    """Whether all have them, because no newer code has widened the table since it was made: a file gets every column
    that its table has when it is written."""


class Warehouse:
    """A folder with one Delta table per record type. Rows are written once and never changed."""

    def __init__(self, folder: Path) -> None:
        """Raises `Refused` for an URL."""
        self.folder = local_path("--warehouse", folder).absolute()
        self._landing = Lock()
        self.lease: Lease | None = None
        """Of this process, while it is the sole writer."""

    @property
    def journal_path(self) -> Path:
        return self.folder / "journal" / "calls.sqlite"

    def exists(self) -> bool:
        return any(is_table(self.folder / table) for table in TABLES)

    def create(self) -> None:
        """Make the folder and every table that is missing. Raises `Refused` where it cannot."""
        if set("*?[") & set(str(self.folder)):
            raise Refused(f"--warehouse: {self.folder} has one of * ? [ in its name, which DuckDB takes for a pattern")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.journal_path.parent.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise Refused(
                f"--warehouse: cannot make {self.folder}: {error.strerror}; give a writable folder"
            ) from error
        check_room("--warehouse", self.folder)
        try:
            self._create_tables()
            with TemporaryFile(dir=self.folder) as probe:
                probe.write(b"a table that is there already says nothing of the disk")
        except Exception as error:
            if said := disk_trouble(error):
                raise Refused(f"--warehouse: the disk of {self.folder} {said}, or give another folder") from error
            raise

    def _create_tables(self) -> None:
        from deltalake import DeltaTable

        for table, record in TABLES.items():
            path = str(self.folder / table)
            if not is_table(self.folder / table):
                DeltaTable.create(path, arrow_schema(record), mode="ignore", configuration=_LOG)

    def land(self, table: str, rows: Sequence[Record], run_id: str, unit: str) -> int:
        """Append `rows` in one commit, whole or not at all; returns how many were appended.

        `unit` names the work they came from, (plan, shard, stage). It stands in the Delta log as the application
        transaction together with the rows' keys, and is looked up first: landing the same rows of the same unit
        again appends nothing.
        """
        if not rows:
            return 0
        keys = [key_of(table, row) for row in rows]
        landed = self._append(table, to_arrow(rows, _provenance(run_id)), unit, content_key("commit", keys))
        return len(rows) if landed else 0

    def land_columns(self, table: str, columns: pa.Table, run_id: str, unit: str) -> int:
        """Likewise, for rows by the hundred thousand that were never records: the record's columns, under its names."""
        if not len(columns):
            return 0
        keys = [columns[key].to_pylist() for key in KEYS[table]]
        rows = with_provenance(TABLES[table], columns, _provenance(run_id))
        return len(rows) if self._append(table, rows, unit, content_key("commit", keys)) else 0

    def land_stream(
        self, table: str, batches: Iterable[pa.Table], keys: Iterable[Sequence[Key]], run_id: str, unit: str
    ) -> int:
        """Likewise in one commit, for more rows than memory holds: their columns; `keys` are theirs, in their order."""
        if (first := next(keys := iter(keys), None)) is None:
            return 0
        counted, provenance = 0, _provenance(run_id)
        commit = content_key_of_many("commit", chain([first], keys))

        def arrow() -> Iterator[pa.RecordBatch]:
            nonlocal counted
            for batch in batches:
                counted += len(batch)
                yield from with_provenance(TABLES[table], batch, provenance).to_batches()

        rows = pa.RecordBatchReader.from_batches(arrow_schema(TABLES[table]), arrow())
        return counted if self._append(table, rows, unit, commit) else 0

    def _append(self, table: str, rows: pa.Table | pa.RecordBatchReader, unit: str, commit: str) -> bool:
        """Whether it was done, and not before."""
        from deltalake import DeltaTable, write_deltalake

        version = int(commit[:15], 16)
        with self._landing, disk_in_a_sentence(self.folder):
            opened = DeltaTable(str(self.folder / table))
            if opened.transaction_version(unit) == version:
                return False
            with self.fenced(table, opened):  # after it was opened: what another holder lands from now on is a conflict
                write_deltalake(
                    opened, rows, mode="append", schema_mode="merge", commit_properties=self._signed({unit: version})
                )
        return True

    def files(self, table: str) -> Files:
        """Those of the last commit; none of a table that older code did not make."""
        path = self.folder / table
        log = _log(path)
        if log is None:
            return Files([], set(), alike=True)
        paths = sorted(str(path / name) for name in log.names)
        return Files(paths, log.columns, len(paths) < 2 or log.alike)

    def versions(self) -> tuple[TableVersion, ...]:
        """Which version each table has; none of one that is not there."""
        logs = {table: _log(self.folder / table) for table in TABLES}
        return tuple(TableVersion(table=table, version=log.version) for table, log in logs.items() if log)

    @contextmanager
    def sole_writer(self, period_s: float = PERIOD_S) -> Iterator[None]:
        """Hold the warehouse for one process, of all machines. It ends with the process, however that ends.

        Raises `Refused` while another holds it. Where another takes over, because this one gave no sign of life for two
        periods, nothing lands any more: `land` raises `LeaseLost`.
        """
        with hold_lease(self.folder, period_s) as (self.lease, expired):
            try:
                if expired:
                    self._shut_out()
                yield
            finally:
                self.lease = None

    def _shut_out(self) -> None:
        """Sign every table, so that a commit which the holder before has begun conflicts with it."""
        from deltalake import DeltaTable

        for table in TABLES:
            if is_table(self.folder / table):
                opened = DeltaTable(str(self.folder / table))
                with self.on_disk(table, opened):
                    opened.create_write_transaction([], "append", opened.schema(), commit_properties=self._signed({}))

    @contextmanager
    def on_disk(self, table: str, opened: "DeltaTable") -> Iterator[None]:
        """Have what is committed to a table inside on the disk when this ends. Raises `OSError`."""
        before = opened.version()
        yield
        opened.update_incremental()
        sync_commits(self.folder / table, range(before + 1, opened.version() + 1))

    @contextmanager
    def fenced(self, table: str, opened: "DeltaTable") -> Iterator[None]:
        """Have it on the disk, too. Raises `LeaseLost` where somebody else has become the writer before or inside."""
        from deltalake.exceptions import CommitFailedError

        if self.lease:
            self.lease.check()
        try:
            with self.on_disk(table, opened):
                yield
        except CommitFailedError:
            if self.lease:
                self.lease.check()
            raise

    def _signed(self, transactions: Mapping[str, int]) -> Any:
        """With the number of the lease: Delta refuses a commit beside which another of the same application landed."""
        from deltalake import CommitProperties, Transaction

        signed = dict(transactions) | ({WRITER: self.lease.number} if self.lease else {})
        return CommitProperties(app_transactions=[Transaction(*each) for each in signed.items()])


def _log(path: Path) -> TableLog | None:
    try:
        return read_log(path)
    except CommitsMissing:
        from deltalake import DeltaTable

        opened = DeltaTable(str(path))
        names = opened.get_add_actions(flatten=True)["path"].to_pylist()
        return TableLog(opened.version(), names, {field.name for field in opened.schema().fields}, alike=False)


def _provenance(run_id: str) -> Provenance:
    return Provenance(landed_by=run_id, landed_at=datetime.now(UTC))


def key_of(table: str, row: Record) -> Key:
    """The row's key columns."""
    return [getattr(row, column) for column in KEYS[table]]
