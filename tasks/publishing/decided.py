"""What a curation decided, read back from the warehouse with everything that a release says of a trace."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from schemas.release_rows import AskedQuestion, Judged
from tasks.publishing.card import BenchmarkCheck
from warehouse.catalog import query_text
from warehouse.defining import quoted
from warehouse.reading import FRUGAL, Snapshot

KEPT = f"SELECT *\nFROM (\n{query_text('decided_traces')})\nWHERE fate = 'kept'\nORDER BY trace_id"
_TEXTS = "question, instruction, input, text"
"""What may be long, and is read apart: a dozen joins of it would keep it in memory, or on disk, time and again."""
_FACTS = f"CREATE OR REPLACE TABLE facts AS SELECT * EXCLUDE ({_TEXTS}) FROM ({query_text('decided_traces')})"
_PART_ROWS = 20_000
_PLACED = """
    CREATE OR REPLACE TABLE placed AS
    SELECT attempt_id, trace_id, (row_number() OVER (ORDER BY {order}) - 1) // {rows} AS part
    FROM facts
    WHERE {where}
"""
_PARTS = {
    "facts": "SELECT part, facts.* FROM facts JOIN placed USING (attempt_id, trace_id)",
    "texts": query_text("decided_texts"),
}
_SPARING = (
    f"SET memory_limit = '{FRUGAL}'",
    f"SET threads = {min(4, os.cpu_count() or 1)}",
    "SET preserve_insertion_order = false",
    "SET enable_external_file_cache = false",
    "SET partitioned_write_flush_threshold = 8192",
)
"""What each thread holds adds up; the last is rows that wait for their files. A statement that needs more has it."""
_SPREAD = "FORMAT parquet, COMPRESSION lz4, PARTITION_BY (part), OVERWRITE"
_PART = """
    FROM read_parquet({facts}, hive_partitioning = false) f
    JOIN read_parquet({texts}, hive_partitioning = false) t USING (attempt_id, trace_id)
    ORDER BY {order}
"""
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
    """The traces of one curation, as a snapshot sees them. Rows are read as they are asked for, never all at once: they
    are put into their order part by part, on disk."""

    def __init__(self, now: Snapshot, curation_id: str, disk: Path | None = None) -> None:
        """`disk`: the folder for rows on their way into their order, on which `now`, which has a limit, is to spare
        memory; None: the system's for temporary files."""
        self._now = now
        self._curation_id = curation_id
        self._disk = disk
        self._has_facts = False

    def kept(self) -> Iterator[pa.RecordBatch]:
        """The columns of `Judged` and more, in the order of their ids."""
        return self._ordered("fate = 'kept'", "trace_id")

    def judged(self) -> Iterator[Judged]:
        """What comparisons are made of, question by question: correct and incorrect ones of any fate."""
        for batch in self._ordered("verdict IN ('correct', 'incorrect')", "question_id, trace_id"):
            for row in batch.select(list(Judged.model_fields)).to_pylist():
                yield Judged.model_validate(row)

    def decided(self) -> Iterator[pa.RecordBatch]:
        """Like `kept`, of all traces that the curation decided on, whatever their fates."""
        return self._ordered("true", "trace_id")

    def _ordered(self, where: str, order: str) -> Iterator[pa.RecordBatch]:
        """Of what some statements have put into the parts, others sort one part after the other."""
        for setting in _SPARING if self._disk else ():
            self._now.ask(setting)
        self._make_facts()
        self._now.ask(_PLACED.format(where=where, order=order, rows=_PART_ROWS))
        with TemporaryDirectory(dir=self._disk) as folder:
            for name, query in _PARTS.items():
                self._now.ask(f"COPY ({query}) TO {quoted(f'{folder}/{name}')} ({_SPREAD})")
            self._now.ask("RESET memory_limit")  # a part is small, unless its traces are so long that they need more
            [(n_parts,)] = self._now.ask("SELECT coalesce(max(part) + 1, 0) FROM placed")[1]
            for part in range(n_parts):
                files = {name: quoted(f"{folder}/{name}/part={part}/*.parquet") for name in _PARTS}
                yield from self._now.batches(_PART.format(order=order, **files), None, _AT_ONCE)

    def _make_facts(self) -> None:
        if not self._has_facts:
            self._now.ask(_FACTS, {"curation_id": self._curation_id})
            self._has_facts = True

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
