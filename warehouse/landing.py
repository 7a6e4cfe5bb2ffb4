"""The warehouse's tables: open, land, list. Only the driver of a run writes; anyone may read at any time.

What landing needs is imported where something lands: the records and Arrow take longer than a query of a small table.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from schemas.tables import KEYS, TABLES
from warehouse.delta_table import open_table
from warehouse.disk import private_files
from warehouse.lease import PERIOD_S, WRITER, Lease
from warehouse.place import place_at

if TYPE_CHECKING:
    import pyarrow as pa

    from schemas.record import Provenance, Record
    from schemas.release import TableVersion
    from warehouse.delta_package import DeltaTable

T = TypeVar("T")
Key = list[str]
"""Of a row: its key columns."""
_LANDED_AT = "landed_at"
"""The application id of the moment of a table's last landing, in microseconds, in a Delta log."""
_EPOCH, _TICK = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
LOG = {
    "delta.enableExpiredLogCleanup": "false",
    "delta.checkpointInterval": "10",
    "delta.dataSkippingNumIndexedCols": "0",
}
"""Of each table. Every commit is kept; and a commit reads those since the last checkpoint, which takes longer than to
write one. Of a file they hold no least and greatest values: each landing would read those of every column of every
file, and whoever looks for them finds them in the file.
"""


class Files(NamedTuple):
    """The Parquet files of a table."""

    paths: list[str]
    """Absolute paths or URLs, in a fixed order."""
    columns: set[str]
    """That they may have."""
    alike: bool
    """Whether all have them, because no newer code has widened the table since it was made: a file gets every column
    that its table has when it is written."""


class Warehouse:
    """One Delta table per record type, in a folder or on an object store. Rows are written once and never changed."""

    def __init__(self, address: str | Path) -> None:
        """Raises `Refused` for an URL whose scheme is not supported."""
        self.place = place_at("--warehouse", address)
        self._landing = Lock()
        self._landed_at: datetime | None = None
        """The last that it is known for that anything landed."""
        self.lease: Lease | None = None
        """Of this process, while it is the sole writer."""

    @property
    def address(self) -> str:
        """What `--warehouse` takes: an absolute path, or an URL."""
        return self.place.address

    @property
    def folder(self) -> Path:
        """Of this machine: that of the tables, or where the journal is of those that an object store has."""
        return self.place.folder

    @property
    def journal_path(self) -> Path:
        return self.folder / "journal" / "calls.sqlite"

    def exists(self) -> bool:
        return any(self._of_each(self.place.is_table).values())

    def create(self) -> None:
        """Make every table that is missing, and what they stand in. Raises `Refused` where it cannot."""
        with private_files(), self.place.make():
            self._of_each(self._create)

    def _create(self, table: str) -> None:
        from warehouse.arrow_schema import arrow_schema
        from warehouse.delta_package import DeltaTable

        if not self.place.is_table(table):
            url, options, schema = self.place.url(table), self.place.options, arrow_schema(TABLES[table])
            DeltaTable.create(url, schema, mode="ignore", configuration=LOG, storage_options=options)

    def open(self, table: str) -> "DeltaTable":
        """Return the table, for the package that writes it."""
        return open_table(self.place.url(table), self.place.options)

    def land(self, table: str, rows: "Sequence[Record]", run_id: str, unit: str) -> int:
        """Append `rows` in one commit, whole or not at all; returns how many were appended.

        `unit` names the work they came from, (plan, shard, stage). It stands in the Delta log as the application
        transaction together with the rows' keys, and is looked up first: landing the same rows of the same unit
        again appends nothing.
        """
        from schemas.record import content_key
        from warehouse.arrow_schema import to_arrow

        if not rows:
            return 0
        keys = [key_of(table, row) for row in rows]
        landed = self._append(table, lambda by: to_arrow(rows, by), run_id, unit, content_key("commit", keys))
        return len(rows) if landed else 0

    def land_columns(self, table: str, columns: "pa.Table", run_id: str, unit: str) -> int:
        """Land rows by the hundred thousand that were never records: the record's columns, under its names."""
        from schemas.record import content_key
        from warehouse.arrow_schema import with_provenance

        if not len(columns):
            return 0
        keys = [columns[key].to_pylist() for key in KEYS[table]]
        record, commit = TABLES[table], content_key("commit", keys)
        landed = self._append(table, lambda by: with_provenance(record, columns, by), run_id, unit, commit)
        return len(columns) if landed else 0

    def land_stream(
        self, table: str, batches: "Iterable[pa.Table]", keys: Iterable[Sequence[Key]], run_id: str, unit: str
    ) -> None:
        """Land more rows than memory holds, in one commit: their columns; `keys` are theirs, in their order."""
        import pyarrow as pa

        from schemas.record import content_key_of_many
        from warehouse.arrow_schema import arrow_schema, with_provenance

        keys, record = iter(keys), TABLES[table]
        if (first := next(keys, None)) is None:
            return

        def rows(by: "Provenance") -> "pa.RecordBatchReader":
            landing = (with_provenance(record, batch, by).to_batches() for batch in batches)
            return pa.RecordBatchReader.from_batches(arrow_schema(record), chain.from_iterable(landing))

        self._append(table, rows, run_id, unit, content_key_of_many("commit", chain([first], keys)))

    def _append(
        self,
        table: str,
        rows: "Callable[[Provenance], pa.Table | pa.RecordBatchReader]",
        run_id: str,
        unit: str,
        commit: str,
    ) -> bool:
        """Whether it was done, and not before."""
        from schemas.record import Provenance
        from warehouse.delta_package import CommitFailedError, write_deltalake

        version = int(commit[:15], 16)
        with self._landing, private_files(), self.place.in_a_sentence():
            opened = self.open(table)
            if opened.transaction_version(unit) == version:
                return False
            at = self._moment(opened)
            signed = self._signed({unit: version}, at)
            new = rows(Provenance(landed_by=run_id, landed_at=at))
            try:
                # after it was opened: what another holder lands from now on is a conflict
                with self.fenced(table, opened):
                    write_deltalake(opened, new, mode="append", schema_mode="merge", commit_properties=signed)
            except CommitFailedError:
                # a store's answer can be lost on its way: the next try then conflicts with what this one has landed
                if self.open(table).transaction_version(unit) != version:
                    raise
        return True

    def _moment(self, opened: "DeltaTable") -> datetime:
        """Now, but after all that landed before: the newest row counts, and clocks are set back, or differ."""
        if self._landed_at is None:  # a run lands its own row last
            self._landed_at = _landed_at(self.open("runs")) if self.place.is_table("runs") else _EPOCH
        self._landed_at = max(datetime.now(UTC), _landed_at(opened) + _TICK, self._landed_at + _TICK)
        return self._landed_at

    def files(self, table: str) -> Files:
        """Return the files of the table's last commit; none of a table that older code did not make."""
        log = self.place.log(table)
        if log is None:
            return Files([], set(), alike=True)
        paths = sorted(self.place.url(f"{table}/{name}") for name in log.names)
        return Files(paths, log.columns, len(paths) < 2 or log.alike)

    def all_files(self, tables: Collection[str]) -> dict[str, Files]:
        """Return the files of several tables, by table."""
        return self._of_each(self.files, tables)

    def versions(self) -> "tuple[TableVersion, ...]":
        """Return which version each table has; none of one that is not there."""
        from schemas.release import TableVersion

        logs = self._of_each(self.place.log)
        return tuple(TableVersion(table=table, version=log.version) for table, log in logs.items() if log)

    def _of_each(self, what: Callable[[str], T], tables: Collection[str] = TABLES) -> dict[str, T]:
        """What comes of each table, of several at the same time where the place is far away."""
        with ThreadPoolExecutor(self.place.at_once) as pool:
            return dict(zip(tables, pool.map(what, tables), strict=True))

    @contextmanager
    def sole_writer(self, period_s: float = PERIOD_S) -> Iterator[None]:
        """Hold the warehouse for one process, of all machines. It ends with the process, however that ends.

        Raises `Refused` while another holds it. Where another takes over, because this one gave no sign of life for two
        periods, nothing lands any more: `land` raises `LeaseLost`.
        """
        with self.place.hold_lease(period_s) as (self.lease, expired):
            try:
                if expired:
                    self._shut_out()
                yield
            finally:
                self.lease = None

    def _shut_out(self) -> None:
        """Sign every table, so that a commit which the holder before has begun conflicts with it."""
        for table in TABLES:
            if self.place.is_table(table):
                opened = self.open(table)
                with self.on_disk(table, opened):
                    opened.create_write_transaction([], "append", opened.schema(), commit_properties=self._signed({}))

    @contextmanager
    def on_disk(self, table: str, opened: "DeltaTable") -> Iterator[None]:
        """Have what is committed to a table inside on the disk when this ends. Raises `OSError`."""
        before = opened.version()
        yield
        opened.update_incremental()
        self.place.sync(table, range(before + 1, opened.version() + 1))

    @contextmanager
    def fenced(self, table: str, opened: "DeltaTable") -> Iterator[None]:
        """Have it on the disk, too. Raises `LeaseLost` where somebody else has become the writer before or inside."""
        from warehouse.delta_package import CommitFailedError

        if self.lease:
            self.lease.check()
            self.place.settle()
        try:
            with self.on_disk(table, opened):
                yield
        except CommitFailedError:
            if self.lease:
                self.lease.check()
            raise

    def _signed(self, transactions: Mapping[str, int], at: datetime | None = None) -> Any:
        """With the number of the lease, and when its rows land: Delta refuses a commit beside which another of the same
        application landed.
        """
        from warehouse.delta_package import CommitProperties, Transaction

        signed = dict(transactions)
        if self.lease:
            signed |= {WRITER: self.lease.number} | ({_LANDED_AT: (at - _EPOCH) // _TICK} if at else {})
        return CommitProperties(app_transactions=[Transaction(*each) for each in signed.items()])


def _landed_at(opened: "DeltaTable") -> datetime:
    """When a table last got rows; long ago where nothing says so."""
    return _EPOCH + (opened.transaction_version(_LANDED_AT) or 0) * _TICK


def key_of(table: str, row: "Record") -> Key:
    """Return the row's key columns."""
    return [getattr(row, column) for column in KEYS[table]]
