"""One hash for a table's content: equal inputs, seeds and machine type give equal hashes."""

from schemas.record import Provenance
from schemas.tables import KEYS, LATER, VOLATILE
from warehouse.reading import Snapshot


def row_hash(snapshot: Snapshot, table: str) -> str:
    """Return the MD5 over the table's rows in key order, without times, durations and run ids."""
    left_out = ", ".join([*Provenance.model_fields, *VOLATILE.get(table, ())])
    row = "CAST(to_json(r) AS VARCHAR)"
    for column in LATER.get(table, ()):
        row = f"""replace({row}, ',"{column}":null', '')"""  # in a text the quotes would be escaped
    hashed = f"string_agg(md5({row}), ',' ORDER BY {', '.join(KEYS[table])})"
    query = f"SELECT md5(coalesce({hashed}, '')) FROM (SELECT * EXCLUDE ({left_out}) FROM {table}) r"
    _, [(digest,)] = snapshot.ask(query)
    return str(digest)
