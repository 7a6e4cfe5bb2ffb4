"""Many small Parquet files into few, and the files that nobody reads any more away."""

from datetime import timedelta

from schemas.maintenance import Maintained
from schemas.tables import TABLES
from warehouse.catalog import write_catalog
from warehouse.disk import private_files
from warehouse.landing import LOG, Warehouse
from warehouse.reading import FRUGAL, Snapshot

TARGET_BYTES = 256 << 20
"""Of one file."""


def compact(warehouse: Warehouse, keep: timedelta) -> list[Maintained]:
    """Return what became of each table. The caller is the sole writer.

    Rows stay as they are, and so do their hashes. Each table changes in one commit or not at all, the catalog follows,
    and only then are files removed: those that no version younger than `keep` has, the remains of a crash among them.
    So a reader of an older catalog or snapshot keeps its files that long, and a kill at any moment is harmless.
    """
    with private_files(), warehouse.place.in_a_sentence():
        done = [_rewrite(warehouse, table) for table in TABLES if warehouse.place.is_table(table)]
    with Snapshot(warehouse, FRUGAL) as now:
        now.note_newest()
    write_catalog(warehouse)
    return [row.model_copy(update={"removed": _vacuum(warehouse, row.table, keep)}) for row in done]


def _rewrite(warehouse: Warehouse, table: str) -> Maintained:
    before = len(warehouse.files(table).paths)
    if before > 1:
        opened = warehouse.open(table)
        with warehouse.fenced(table, opened):
            if missing := {name: value for name, value in LOG.items() if name not in opened.metadata().configuration}:
                opened.alter.set_table_properties(missing)  # older code made the table
            # one at a time: a file is held in memory while it is written
            opened.optimize.compact(target_size=TARGET_BYTES, max_concurrent_tasks=1)
    return Maintained(table=table, files_before=before, files_after=len(warehouse.files(table).paths), removed=0)


def _vacuum(warehouse: Warehouse, table: str, keep: timedelta) -> int:
    hours = -(-keep // timedelta(hours=1))
    opened = warehouse.open(table)
    with warehouse.fenced(table, opened):  # who has lost the lease would remove what another has not committed yet
        return len(opened.vacuum(hours, dry_run=False, enforce_retention_duration=False, full=True))
