"""Which of the remaining traces are in the language that a policy keeps."""

import duckdb
import pyarrow as pa

from schemas.policy import Policy
from tasks.judging.constraints.language import speaks

CHARACTERS = 300
"""From the start of a trace, without its tags. Half a millisecond each: the dearest of all rules."""
_TEXTS = f"""
    SELECT place, substr(regexp_replace(text, '<[^>]*>', ' ', 'g'), 1, {CHARACTERS}) AS text
    FROM remaining
    JOIN traces USING (trace_id)
"""


def find_languages(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """Make the table `languages`: place, and spoken, which is NULL where it cannot be told."""
    connection.execute("CREATE OR REPLACE TABLE languages (place BIGINT, spoken BOOLEAN)")
    language = policy.language.keep
    if language is None:
        return
    with connection.cursor() as reading:
        for batch in reading.sql(_TEXTS).to_arrow_reader(10_000):
            spoken = [speaks(text, language) for text in batch.column("text").to_pylist()]
            found = pa.table({"place": batch.column("place"), "spoken": pa.array(spoken, pa.bool_())})
            connection.register("found", found)
            connection.execute("INSERT INTO languages FROM found")
            connection.unregister("found")
