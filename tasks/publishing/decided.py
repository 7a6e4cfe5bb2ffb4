"""What a curation decided, read back from the warehouse with everything that a release says of a trace."""

from collections.abc import Iterator

import pyarrow as pa

from schemas.release_rows import AskedQuestion, Judged
from tasks.publishing.card import BenchmarkCheck
from warehouse.catalog import query_text
from warehouse.reading import Snapshot


def _query(where: str, order: str) -> str:
    return f"SELECT *\nFROM (\n{query_text('decided_traces')})\nWHERE {where}\nORDER BY {order}"


KEPT = _query("fate = 'kept'", "trace_id")
_DECIDED = _query("true", "trace_id")
_JUDGED = _query("verdict IN ('correct', 'incorrect')", "question_id, trace_id")
_PLANS = """
    SELECT DISTINCT plan_id
    FROM (SELECT plan_id, attempt_id FROM attempts UNION ALL SELECT plan_id, attempt_id FROM recycled_full)
    SEMI JOIN (FROM decisions WHERE curation_id = ?) USING (attempt_id)
"""


_CHECKED = """
    SELECT benchmark, detector, count_if(contaminated), count_if(contaminated IS NULL), count_if(borderline)
    FROM newest_contaminations
    SEMI JOIN (FROM decisions WHERE curation_id = $curation_id) USING (question_id)
    SEMI JOIN (SELECT unnest(checks) AS check_id FROM curations WHERE curation_id = $curation_id) USING (check_id)
    GROUP BY benchmark, detector
    ORDER BY benchmark, detector
"""


_ASKED = """
    SELECT
        q.question_id AS id, q.text AS question, q.gold, q.kind, q.spec, q.source, q.licence,
        count(*) FILTER (v.verdict = 'correct') AS n_correct,
        count(*) FILTER (v.verdict IN ('correct', 'incorrect')) AS n_verified
    FROM decisions d
    JOIN questions q USING (question_id)
    LEFT JOIN judged_traces v USING (attempt_id, trace_id)
    WHERE d.curation_id = $curation_id
    GROUP BY ALL
    HAVING bool_or(d.fate = 'kept')
    ORDER BY id
"""


_AT_ONCE = 1_000
"""Rows."""


class CuratedTraces:
    """The traces of one curation, as a snapshot sees them. Rows are read as they are asked for, never all at once."""

    def __init__(self, now: Snapshot, curation_id: str) -> None:
        self._now = now
        self._curation_id = curation_id

    def kept(self) -> Iterator[pa.RecordBatch]:
        """The columns of `Judged` and more, in the order of their ids."""
        return self._now.batches(KEPT, {"curation_id": self._curation_id}, _AT_ONCE)

    def judged(self) -> Iterator[Judged]:
        """What comparisons are made of, question by question: correct and incorrect ones of any fate."""
        rows = self._now.stream(_JUDGED, {"curation_id": self._curation_id})
        return (Judged.model_validate({name: row[name] for name in Judged.model_fields}) for row in rows)

    def decided(self) -> Iterator[pa.RecordBatch]:
        """Like `kept`, of all traces that the curation decided on, whatever their fates."""
        return self._now.batches(_DECIDED, {"curation_id": self._curation_id}, _AT_ONCE)

    def checked(self) -> list[BenchmarkCheck]:
        """What the checks of the curation found of its questions."""
        return [BenchmarkCheck(*row) for row in self._now.ask(_CHECKED, {"curation_id": self._curation_id})[1]]

    def questions(self) -> Iterator[AskedQuestion]:
        """Those of which a trace is kept, by their ids, with the verdicts on all their decided traces."""
        rows = self._now.stream(_ASKED, {"curation_id": self._curation_id})
        return (AskedQuestion.model_validate(row) for row in rows)

    def plans(self) -> list[str]:
        """Those whose attempts were decided on."""
        return [plan_id for (plan_id,) in self._now.ask(_PLANS, [self._curation_id])[1]]


def known_content(now: Snapshot, name: str) -> list[str]:
    """The content that a release of this name has in the warehouse; empty where there is none."""
    _, rows = now.ask("SELECT content_hash FROM releases WHERE name = ?", [name])
    return [content for (content,) in rows]
