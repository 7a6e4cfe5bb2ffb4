"""Which of the remaining rows are duplicates of rows that stay.

What is compared is what a trainer would see: the question and the whole trace as one text. So another derivation of the
same answer to the same question is no duplicate, although the question is the same; a near copy of it is; and so is a
question that two families share, where the traces are near copies too.

Rows come in one order: what was released and does not take part here, what was released, then the rest as drawn by the
seed. A row is a duplicate of the first one before it that stays and is near enough. So every row that goes has one that
stays, `duplicate_of`, and chains of likeness take nobody with them.
"""

import duckdb
import pyarrow as pa
from pydantic import Field, field_validator

from tasks.curation.near_duplicates import near_duplicates, shared_buckets
from tasks.curation.rules.rule import AskJudge, Rule
from tasks.curation.shingles import Hashes, Places, normalised, shingles
from tasks.curation.signing import BANDS, METHOD, TEXT, TEXTS_AT_ONCE, sign_new
from warehouse.landing import Warehouse

LEAST_NEAR = 0.75
"""At 21 bands of 6 hashes, pairs of this likeness are found with a chance of 0.984, at 0.8 of 0.998."""

_COMPARED = """
    CREATE OR REPLACE TABLE compared AS
    WITH outside AS (
        SELECT unnest(trace_ids) AS trace_id FROM releases WHERE $released
        EXCEPT
        SELECT trace_id FROM traces SEMI JOIN remaining USING (attempt_id)
        EXCEPT
        SELECT trace_id FROM remaining
    )
    SELECT r.place, trace_id, r.draw, CASE WHEN $released AND r.released THEN 1 ELSE 2 END AS turn, s.text_key, s.bands
    FROM remaining r
    LEFT JOIN (FROM signatures WHERE method = $method) s USING (trace_id)
    UNION ALL
    SELECT NULL, trace_id, 0, 0, s.text_key, s.bands
    FROM outside
    JOIN (FROM signatures WHERE method = $method) s USING (trace_id)
"""
_EXACT = """
    CREATE OR REPLACE TABLE duplicates AS
    SELECT place, 'exact_duplicate' AS reason, first_value(trace_id) OVER same AS duplicate_of
    FROM compared
    WHERE $exact
    WINDOW same AS (PARTITION BY text_key ORDER BY turn, draw, trace_id, place)
    QUALIFY row_number() OVER same > 1 AND place IS NOT NULL
"""
_IN_TURN = """
    SELECT place, trace_id, bands
    FROM compared
    WHERE place IS NULL OR place NOT IN (SELECT place FROM duplicates)
    ORDER BY turn, draw, trace_id, place -- plans may share a pair
"""
TEXTS = f"""
    SELECT w.row, {TEXT} AS text
    FROM wanted w
    JOIN trained_texts t USING (trace_id)
"""


class DuplicatesRule(Rule):
    """Rows are compared as a trainer sees them: question and whole trace together. Reasons: `exact_duplicate`,
    `near_duplicate`."""

    exact: bool = True
    """After normalisation of case, white space and compatibility characters, nothing else."""
    near: float = Field(default=0.8, ge=0, le=1)
    """Share of common word 5-grams (Jaccard) from which on a row is a duplicate; 0: not looked for. Between 0 and 0.75
    the index would miss too many."""
    released: bool = True
    """Compare with everything released before, too. An attempt that was released is no duplicate of itself,
    also where a newer grammar has made another trace of it."""

    statements = ("SELECT place, reason, duplicate_of FROM duplicates",)

    @property
    def is_on(self) -> bool:
        return self.exact or self.near > 0

    @field_validator("near")
    @classmethod
    def _found_by_the_index(cls, value: float) -> float:
        if 0 < value < LEAST_NEAR:
            raise ValueError(f"got {value:g}; needs 0, or at least {LEAST_NEAR}, from which on the index finds them")
        return value

    def prepare(self, warehouse: Warehouse, judge: AskJudge | None, run_id: str) -> tuple[str, ...]:
        """Give every trace its signature."""
        sign_new(warehouse, run_id)
        return ()

    def make_facts(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the table `duplicates`: place, reason, duplicate_of."""
        connection.execute(_COMPARED, {"released": self.released, "method": METHOD})
        connection.execute(_EXACT, {"exact": self.exact})
        if self.near:
            connection.register("near", _near(connection, self.near))
            connection.execute("INSERT INTO duplicates SELECT place, 'near_duplicate', duplicate_of FROM near")
            connection.unregister("near")
        connection.execute("DROP TABLE compared")  # its bands are a fifth of what a curation keeps in memory


def _near(connection: duckdb.DuckDBPyConnection, threshold: float) -> pa.Table:
    rows = connection.sql(_IN_TURN).to_arrow_table().combine_chunks()
    bands = rows["bands"].combine_chunks().flatten().to_numpy().reshape(len(rows), BANDS)
    buckets = shared_buckets(bands)
    sets = shingle_sets(connection, rows["trace_id"], buckets.rows)
    going = near_duplicates(buckets, sets, threshold, rows["place"].is_null().to_pylist())
    found = rows.select(["place", "trace_id"])
    return pa.table(
        {
            "place": found["place"].take(pa.array(going.keys(), pa.int64())),
            "duplicate_of": found["trace_id"].take(pa.array(going.values(), pa.int64())),
        }
    )


def shingle_sets(
    connection: duckdb.DuckDBPyConnection, trace_ids: pa.ChunkedArray, wanted: Places
) -> dict[int, Hashes]:
    """Return the shingles of the `wanted` ones of `trace_ids`, by their places."""
    connection.register("wanted", pa.table({"row": wanted, "trace_id": trace_ids.take(pa.array(wanted))}))
    sets: dict[int, Hashes] = {}
    for batch in connection.sql(TEXTS).to_arrow_reader(TEXTS_AT_ONCE):
        found = shingles(normalised(batch.column("text")))
        sets |= {row: found.of(number) for number, row in enumerate(batch.column("row").to_pylist())}
    connection.unregister("wanted")
    return sets
