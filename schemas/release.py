"""An immutable published dataset."""

from schemas.record import Record


class TableVersion(Record):
    table: str
    version: int


class Release(Record):
    """An immutable published dataset: what went in, and from which table versions."""

    release_id: str
    name: str
    plan_id: str
    query: str
    table_versions: tuple[TableVersion, ...]
    code_version: str
    configuration: str
    """Canonical JSON."""
    content_hash: str
    trace_ids: tuple[str, ...]
    """The traces that are in it."""
