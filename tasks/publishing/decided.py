"""What a curation decided, read back from the warehouse with everything that a release says of a trace."""

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from schemas.errors import BooksDoNotBalance
from schemas.release_rows import AskedQuestion, Judged
from tasks.publishing.card import BenchmarkCheck
from tasks.publishing.sorted_runs import PLACE, in_order, write_runs
from warehouse.catalog import query_text
from warehouse.defining import quoted
from warehouse.reading import Snapshot

KEPT = f"SELECT *\nFROM (\n{query_text('decided_traces')})\nWHERE fate = 'kept'\nORDER BY trace_id"
_TEXTS = "question, instruction, input, text"
"""What may be long, and is read apart: joins of it would keep it in memory, or on disk, time and again."""
_FACTS = f"SELECT * EXCLUDE ({_TEXTS}) FROM ({query_text('decided_traces')})"
_PLACED = """
    CREATE OR REPLACE TABLE placed AS
    SELECT file_row_number AS row, attempt_id, trace_id, landed_at, row_number() OVER (ORDER BY {order}) - 1 AS place
    FROM read_parquet({facts})
    WHERE {where}
"""
_IN_PLACE = {
    "facts": "SELECT place, f.* EXCLUDE (landed_at) FROM read_parquet({facts}) f JOIN placed ON row = file_row_number",
    "texts": query_text("decided_texts"),
}
_AS_WRITTEN = "SET disabled_optimizers = 'join_order,build_side_probe_side'"
"""So that what a join keeps in memory is its right side: the places and the questions, never the texts of traces."""
_CORES = os.cpu_count() or 1
_JOINING = f"SET memory_limit = '600MB'; SET threads = {min(2, _CORES)}"
"""On one thread within 400 MB the joins of a million traces cost as much and take twice as long."""
_SORTING = f"SET memory_limit = '400MB'; SET threads = {min(4, _CORES)}"
"""With what Arrow holds, a release of a million traces takes 1 GB. What each thread holds adds up."""
_SPARING = "SET preserve_insertion_order = false; SET enable_external_file_cache = false"
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


_AT_ONCE = 2_000
"""Rows."""


class CuratedTraces:
    """The traces of one curation, as a snapshot sees them. Rows are read as they are asked for, never all at once: they
    are put into their order on disk."""

    def __init__(self, now: Snapshot, curation_id: str, disk: Path) -> None:
        """`disk`: a folder for rows on their way into their order; `now` has a limit of memory."""
        self._now, self._curation_id, self._disk = now, curation_id, disk

    def kept(self) -> Iterator[pa.RecordBatch]:
        """Yield the columns of `Judged` and more, in the order of their ids. Raises `BooksDoNotBalance` where one has
        lost its texts.
        """
        return self._ordered("fate = 'kept'", "trace_id, attempt_id")

    def judged(self) -> Iterator[Judged]:
        """Yield what comparisons are made of, question by question: correct and incorrect ones of any fate."""
        for batch in self._ordered("verdict IN ('correct', 'incorrect')", "question_id, trace_id, attempt_id"):
            for row in batch.select(list(Judged.model_fields)).to_pylist():
                yield Judged.model_validate(row)

    def decided(self) -> Iterator[pa.RecordBatch]:
        """Yield all traces that the curation decided on, whatever their fates."""
        return self._ordered("true", "trace_id, attempt_id")

    def _ordered(self, where: str, order: str) -> Iterator[pa.RecordBatch]:
        self._now.ask(_SPARING)
        facts = quoted(str(self._facts()))
        self._now.ask(_SORTING)
        self._now.ask(_PLACED.format(facts=facts, where=where, order=order))
        with TemporaryDirectory(dir=self._disk) as folder:
            files = {name: Path(folder) / name for name in _IN_PLACE}
            self._now.ask(_AS_WRITTEN)
            for name, query in _IN_PLACE.items():
                self._write_runs(query.format(facts=facts), files[name])
            self._now.ask("RESET disabled_optimizers")
            # DuckDB gives back what it keeps of the rows, which are read from the runs from now on
            self._now.ask("DROP TABLE placed")
            with suppress(duckdb.OutOfMemoryException):
                self._now.ask("SET memory_limit = '100MB'")
            self._now.ask(_SORTING)
            facts_in_order, said = (in_order(file, _AT_ONCE) for file in files.values())
            for fact, text in zip_longest(facts_in_order, said):
                if fact is None or text is None or not fact[PLACE].equals(text[PLACE]):
                    raise BooksDoNotBalance("release: the texts are not those of the rows that were decided on")
                columns = {name: fact[name] for name in fact.schema.names} | {
                    name: text[name] for name in text.schema.names
                }
                columns["instruction"] = pc.coalesce(text["instruction"], text["question"])
                columns["input"] = pc.fill_null(text["input"], "")
                yield pa.RecordBatch.from_pydict(columns)

    def _facts(self) -> Path:
        """A file with all but the texts."""
        file = self._disk / "facts.parquet"
        if not file.exists():
            to = f"TO {quoted(str(file))} (FORMAT parquet, COMPRESSION lz4)"
            self._now.ask(_JOINING)
            self._now.ask(f"COPY ({_FACTS}) {to}", {"curation_id": self._curation_id})
        return file

    def _write_runs(self, query: str, file: Path) -> None:
        """Within the limit, and without it where there are rows so long that they need more."""
        try:
            write_runs(self._now.batches(query, None, _AT_ONCE), file)
        except duckdb.OutOfMemoryException:
            self._now.ask("RESET memory_limit")
            write_runs(self._now.batches(query, None, _AT_ONCE), file)

    def checked(self) -> list[BenchmarkCheck]:
        """Return what the checks of the curation found of its questions."""
        return [BenchmarkCheck(*row) for row in self._now.ask(_CHECKED, {"curation_id": self._curation_id})[1]]

    def questions(self) -> Iterator[AskedQuestion]:
        """Yield those of which a trace is kept, by their ids, with the verdicts on all their decided traces."""
        rows = self._now.stream(_ASKED, {"curation_id": self._curation_id})
        return (AskedQuestion.model_validate(row) for row in rows)

    def plans(self) -> list[str]:
        """Return those whose attempts were decided on."""
        return [plan_id for (plan_id,) in self._now.ask(_PLANS, [self._curation_id])[1]]


def known_content(now: Snapshot, name: str) -> list[str]:
    """Return the content that a release of this name has in the warehouse; empty where there is none."""
    _, rows = now.ask("SELECT content_hash FROM releases WHERE name = ?", [name])
    return [content for (content,) in rows]
