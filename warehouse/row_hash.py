"""One hash for a table's content: equal inputs, seeds and machine type give equal hashes."""

from schemas.record import Provenance
from schemas.tables import KEYS, VOLATILE
from warehouse.reading import Snapshot


def row_hash(snapshot: Snapshot, table: str) -> str:
    """MD5 over the table's rows in key order, without times, durations, run ids, and columns that it lacks."""
    left_out = ", ".join({*Provenance.model_fields, *VOLATILE.get(table, ()), *snapshot.lacking(table)})
    hashed = f"string_agg(md5(CAST(to_json(r) AS VARCHAR)), ',' ORDER BY {', '.join(KEYS[table])})"
    query = f"SELECT md5(coalesce({hashed}, '')) FROM (SELECT * EXCLUDE ({left_out}) FROM {table}) r"
    _, [(digest,)] = snapshot.ask(query)
    return str(digest)
