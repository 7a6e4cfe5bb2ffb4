"""What a data set should not give away or pass on: secrets, personal data, insults."""

from collections.abc import Iterator
from functools import lru_cache

import duckdb
import pyarrow as pa
from pydantic import Field

from tasks.curation.hygiene import SensitiveSpan, personal, secrets, toxic
from tasks.curation.rules.rule import Rule
from tasks.extras import check_extras

_TEXTS = """
    SELECT place, coalesce(question, '') AS question, coalesce(text, '') AS text
    FROM remaining
    JOIN trained_texts USING (trace_id)
"""


class HygieneRule(Rule):
    """Looks at question and trace. Reasons: `secret_…` by its sort, `email`, `phone`, `payment_card`, `iban`, `ssn`,
    `toxic`; the decision has the span of the first finding, and never what it found."""

    secrets: bool = False
    """Keys and tokens of known forms, private keys, and passwords that are set, by detect-secrets."""
    personal: bool = False
    """Addresses of mail, telephone numbers, payment cards, IBANs, US social security numbers. Names are not."""
    region: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    """ISO 3166, such as `US`: where telephone numbers without a `+` are from. Unset: those are not looked for."""
    toxicity: float | None = Field(default=None, gt=0, le=1)
    """How sure the model of alt-profanity-check has to be of a sentence, such as 0.9; it knows English only."""

    statements = ("SELECT place, reason, span FROM unclean",)

    @property
    def is_on(self) -> bool:
        return self.secrets or self.personal or self.toxicity is not None

    def make_facts(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the table `unclean`: place, reason, span."""
        check_extras("rule hygiene", "hygiene")
        connection.execute("CREATE OR REPLACE TABLE unclean (place BIGINT, reason VARCHAR, span VARCHAR)")
        in_question = lru_cache(maxsize=10_000)(self._first)  # the samples of a question stand near one another
        with connection.cursor() as reading:
            for batch in reading.sql(_TEXTS).to_arrow_reader(2_000):
                parts = [(name, batch.column(name).to_pylist()) for name in ("question", "text")]
                found: dict[int, tuple[str, str]] = {}
                for name, texts in parts:
                    look = in_question if name == "question" else self._first
                    insults = toxic(texts, self.toxicity) if self.toxicity is not None else [None] * len(texts)
                    for row, text in enumerate(texts):
                        if row not in found and (first := look(text) or insults[row]):
                            found[row] = first.reason, f"{name} {first.start}:{first.end}"
                places = batch.column("place").take(pa.array(found, pa.int64()))
                reasons, spans = ([each[n] for each in found.values()] for n in (0, 1))
                columns = [places, pa.array(reasons, pa.string()), pa.array(spans, pa.string())]
                connection.register("found", pa.table(columns, names=["place", "reason", "span"]))
                connection.execute("INSERT INTO unclean FROM found")
                connection.unregister("found")

    def finds(self, text: str) -> bool:
        """Return whether there is anything in a text that no row is kept with; never where the rule is off."""
        if not self.is_on:
            return False
        check_extras("rule hygiene", "hygiene")
        return bool(self._first(text)) or (self.toxicity is not None and toxic([text], self.toxicity) != [None])

    def _first(self, text: str) -> SensitiveSpan | None:
        """The first finding by what it is, not by where."""
        return next(self._found(text), None)

    def _found(self, text: str) -> Iterator[SensitiveSpan]:
        if self.secrets:
            yield from secrets(text)
        if self.personal:
            yield from personal(text, self.region)
