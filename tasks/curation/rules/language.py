"""Which language a trace must be in."""

import duckdb
import pyarrow as pa
from pydantic import Field

from tasks.curation.rules.rule import Rule
from tasks.judging.constraints.language import speaks

CHARACTERS = 300
"""From the start of a trace, without its tags. Half a millisecond each: the dearest of all rules."""
_TEXTS = rf"""
    SELECT place, substr(regexp_replace(text, '</?\w+>', ' ', 'g'), 1, {CHARACTERS}) AS text
    FROM remaining
    JOIN trained_texts USING (trace_id)
"""


class LanguageRule(Rule):
    """Reasons: `other_language`, and `language_unknown` for what py3langid cannot tell."""

    keep: str | None = Field(default=None, pattern=r"^[a-z]{2}$")
    """ISO 639-1, such as `en`."""
    unknown: bool = True
    """False: traces go whose language cannot be told, such as those with hardly a word."""

    statements = (
        """
        SELECT place, CASE WHEN spoken IS NULL THEN 'language_unknown' ELSE 'other_language' END AS reason
        FROM remaining
        JOIN languages USING (place)
        WHERE NOT spoken OR (spoken IS NULL AND NOT $unknown)
        """,
    )

    @property
    def is_on(self) -> bool:
        return self.keep is not None

    def make_facts(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the table `languages`: place, and spoken, which is NULL where it cannot be told."""
        connection.execute("CREATE OR REPLACE TABLE languages (place BIGINT, spoken BOOLEAN)")
        with connection.cursor() as reading:
            for batch in reading.sql(_TEXTS).to_arrow_reader(10_000):
                spoken = [speaks(text, self.keep or "") for text in batch.column("text").to_pylist()]
                found = pa.table({"place": batch.column("place"), "spoken": pa.array(spoken, pa.bool_())})
                connection.register("found", found)
                connection.execute("INSERT INTO languages FROM found")
                connection.unregister("found")
