"""One hash for a table's content: equal inputs, seeds and machine type give equal hashes."""

import duckdb

from schemas.record import Provenance
from schemas.tables import KEYS, VOLATILE


def row_hash(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """MD5 over the rows in key order, without times, durations and run ids. `connection` is `catalog.connect`'s."""
    left_out = ", ".join([*Provenance.model_fields, *VOLATILE.get(table, ())])
    row = connection.execute(
        f"SELECT md5(coalesce(string_agg(md5(CAST(to_json(r) AS VARCHAR)), ',' ORDER BY {', '.join(KEYS[table])}), ''))"
        f" FROM (SELECT * EXCLUDE ({left_out}) FROM {table}) r"
    ).fetchone()
    assert row is not None
    return str(row[0])
