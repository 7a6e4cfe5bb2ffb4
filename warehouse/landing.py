"""The warehouse's tables: open, land, list. Only the driver of a run writes; anyone may read at any time."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import NamedTuple

import pyarrow as pa

from schemas.errors import Refused
from schemas.record import Provenance, Record, content_key
from schemas.release import TableVersion
from schemas.tables import KEYS, TABLES
from warehouse.arrow_schema import arrow_schema, to_arrow, with_provenance
from warehouse.delta_log import CommitsMissing, TableLog, is_table, read_log
from warehouse.disk import check_room, disk_in_a_sentence, disk_trouble, local_path

_KEEP_LOG = {"delta.enableExpiredLogCleanup": "false"}


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
                DeltaTable.create(path, arrow_schema(record), mode="ignore", configuration=_KEEP_LOG)

    def land(self, table: str, rows: Sequence[Record], run_id: str, unit: str) -> int:
        """Append `rows` in one commit, whole or not at all; returns how many were appended.

        `unit` names the work they came from, (plan, shard, stage). It stands in the Delta log as the application
        transaction together with the rows' keys, and is looked up first: landing the same rows of the same unit
        again appends nothing.
        """
        if not rows:
            return 0
        keys = [key_of(table, row) for row in rows]
        return self._append(table, to_arrow(rows, _provenance(run_id)), unit, content_key("commit", keys))

    def land_columns(self, table: str, columns: pa.Table, run_id: str, unit: str) -> int:
        """Likewise, for rows by the hundred thousand that were never records: the record's columns, under its names."""
        if not len(columns):
            return 0
        keys = [columns[key].to_pylist() for key in KEYS[table]]
        rows = with_provenance(TABLES[table], columns, _provenance(run_id))
        return self._append(table, rows, unit, content_key("commit", keys))

    def _append(self, table: str, rows: pa.Table, unit: str, commit: str) -> int:
        from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake

        path, version = str(self.folder / table), int(commit[:15], 16)
        with self._landing, disk_in_a_sentence(self.folder):
            if DeltaTable(path).transaction_version(unit) == version:
                return 0
            write_deltalake(
                path,
                rows,
                mode="append",
                schema_mode="merge",
                commit_properties=CommitProperties(app_transactions=[Transaction(unit, version)]),
            )
        return len(rows)

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
    def sole_writer(self) -> Iterator[None]:
        """Hold the warehouse for one driver. The lock ends with the process, however it ends. Raises `Refused`."""
        try:
            opened = (self.folder / ".writer").open("a")
        except OSError as error:
            raise Refused(
                f"--warehouse: cannot write to {self.folder}: {error.strerror}; give a writable folder"
            ) from error
        with opened as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Refused(
                    f"--warehouse: another run is writing {self.folder}; wait for it, or give another folder"
                ) from None
            os.set_inheritable(lock.fileno(), False)
            yield


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


def key_of(table: str, row: Record) -> list[str]:
    """The row's key columns."""
    return [getattr(row, column) for column in KEYS[table]]
