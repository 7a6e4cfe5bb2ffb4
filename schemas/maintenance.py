"""What compaction does to a table."""

from schemas.record import Record


class Maintained(Record):
    """One table's files, before and after."""

    table: str
    files_before: int
    """Parquet files of the newest version."""
    files_after: int
    removed: int
    """Files that no version younger than the keep time has."""
