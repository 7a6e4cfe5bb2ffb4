"""What a reviewer asks of a release: its rows page by page, all samples of a question, what another release has
instead, the questions in dispute; and the file that rulings go to.

Rows are read from the release's own files, however many there are; what became of the other samples, and disputes, from
the warehouse that it was made from.
"""

import json
import os
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb

from schemas.errors import Refused
from schemas.release import Release
from schemas.ruling import OnGold
from tasks.publishing.difference import row_changes, setting_changes
from tasks.publishing.manifest import read_manifest
from tasks.questions.rulings import read_rulings, ruling_line
from tasks.report.traces import hidden, masked_of, pieces, shown
from warehouse.catalog import query_text
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot
from warehouse.spilling import spill_folder

PAGE = 25
"""Rows of one answer."""
_FILTERS = ("source", "verdict", "effect", "line")
_ROWS = """
    SELECT * EXCLUDE (messages, training_spans), messages[-1].content AS text,
        [m.content FOR m IN messages IF m.role = 'user'][1] AS question,
        [[s.start, s."end"] FOR s IN training_spans] AS learnt
    FROM rows
    WHERE trace_id > $after
        AND ($source IS NULL OR source = $source)
        AND ($verdict IS NULL OR verdict = $verdict)
        AND ($effect IS NULL OR effect = $effect)
        AND ($line IS NULL OR line = $line)
        AND (
            len($words::VARCHAR[]) = 0
            OR NOT list_contains([
                contains(lower(concat_ws(chr(10), question, text, gold, answer, trace_id, question_id)), word)
                FOR word IN $words::VARCHAR[]
            ], false)
        )
    ORDER BY trace_id
    LIMIT $n
"""
_COUNTS = "SELECT {column} AS value, count(*) AS n FROM rows WHERE {column} IS NOT NULL GROUP BY ALL ORDER BY value"
_DISPUTES = """
    SELECT d.question_id, d.question, d.gold, d.agreed_answer, d.n_agreeing, d.n_gold, d.n_verified, d.source
    FROM disputes d
    SEMI JOIN (FROM decisions WHERE curation_id = $curation_id) USING (question_id)
    ORDER BY d.share DESC, d.n_agreeing DESC, d.question_id
    LIMIT $n OFFSET $offset
"""
Asked = Mapping[str, str]
"""The parameters of a question."""


class Workbench:
    """Answers as JSON values. Several threads may ask."""

    def __init__(self, folder: Path, warehouse: Warehouse, before: Path | None, rulings: Path) -> None:
        """`before` is the release to compare with, `rulings` where rulings are appended. Raises `Refused`."""
        self._manifest = read_manifest(folder)
        self._before, self._folder, self._rulings = before, folder, rulings
        self._writing = Lock()
        if rulings.exists():
            read_rulings(rulings)
        files = sorted(str(file) for file in folder.glob("chat*.parquet"))
        self._rows = duckdb.connect(config={"temp_directory": spill_folder()})
        self._rows.from_parquet(files).create_view("rows")
        self._now = Snapshot(warehouse)
        found = self._now.rows(Release, "name", [self._manifest["name"]])
        if not found or found[0].content_hash != self._manifest["content_hash"]:
            self.close()
            raise Refused(
                f"review: the release in {folder} is not one of the warehouse {warehouse.address}; --warehouse names"
                " another"
            )
        self._curation_id = found[0].curation_id
        stated = read_manifest(before) if before else None
        self._settings = [s._asdict() for s in setting_changes(stated, self._manifest)] if stated else []
        self._changes = [c._asdict() for c in row_changes(before, folder)] if before else []
        self.answers: Mapping[str, Callable[[Asked], Any]] = {
            "about": self.about,
            "rows": self.rows,
            "question": self.question,
            "changes": self.changes,
            "disputes": self.disputes,
        }

    def close(self) -> None:
        """Let go of files and warehouse."""
        self._rows.close()
        self._now.close()

    def about(self, asked: Asked) -> dict[str, Any]:
        """Return what the page shows at its head, and the values that rows can be chosen by."""
        choices = {name: self._ask(_COUNTS.format(column=name), {}) for name in _FILTERS}
        return {
            "name": self._manifest["name"],
            "content": self._manifest["content_hash"],
            "fates": self._manifest["fates"],
            "choices": choices,
            "before": self._before and self._before.name,
            "settings": self._settings,
            "n_changes": len(self._changes),
            "rulings": str(self._rulings),
            "ruled": [line.question_id for line in self._ruled().values() if line.question_id],
        }

    def rows(self, asked: Asked) -> list[dict[str, Any]]:
        """Return the next ones by their ids: those `after` one, with the `words`, of a source, verdict, effect and
        line.
        """
        chosen = {name: asked.get(name) or None for name in _FILTERS}
        words = asked.get("words", "").lower().split()
        found = self._ask(_ROWS, {"after": asked.get("after", ""), "words": words, "n": PAGE, **chosen})
        return [_row(row) for row in found]

    def question(self, asked: Asked) -> dict[str, Any]:
        """Return all samples of one, whatever became of them, and the ruling on it, if any."""
        question_id = asked.get("id", "")
        sql = query_text("report/question_samples")
        rows = self._now.stream(sql, {"curation_id": self._curation_id, "question_id": question_id})
        line = self._ruled().get(question_id)
        samples = [shown(row) for row in rows]
        return {
            "id": question_id,
            "samples": samples,
            "ruling": line and {**line._asdict(), "ruling": line.ruling.value},
        }

    def changes(self, asked: Asked) -> list[dict[str, Any]]:
        """Return the next rows that differ from the other release's, from a place on."""
        first = _whole(asked.get("offset", "0"))
        return self._changes[first : first + PAGE]

    def disputes(self, asked: Asked) -> list[dict[str, Any]]:
        """Return the next questions in dispute, from a place on."""
        parameters = {"curation_id": self._curation_id, "n": PAGE, "offset": _whole(asked.get("offset", "0"))}
        columns, rows = self._now.ask(_DISPUTES, parameters)
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def rule(self, said: Any) -> dict[str, Any]:
        """Append a ruling to the file, for good before this returns. Raises `Refused` for one that a run would refuse,
        and for a question that the release does not know."""
        if not isinstance(said, dict):
            raise Refused("ruling: needs a JSON object")
        fields = {name: value for name, value in said.items() if value not in (None, "")}
        line = ruling_line("ruling", fields)
        if not line.question_id or not self._known(line.question_id):
            raise Refused(
                f"ruling: got the question {line.question_id!r}; needs the id of one that was decided on here"
            )
        with self._writing, self._rulings.open("a+b") as file:
            file.seek(0, os.SEEK_END)
            ends = b"\n"
            if file.tell():
                file.seek(-1, os.SEEK_END)
                ends = file.read(1)
            file.write((b"" if ends == b"\n" else b"\n") + json.dumps(fields).encode("ascii") + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return {"written": str(self._rulings), "open": line.ruling is OnGold.OPEN}

    def _known(self, question_id: str) -> bool:
        sql = "SELECT count(*) FROM decisions WHERE curation_id = $curation_id AND question_id = $question_id"
        return bool(self._now.ask(sql, {"curation_id": self._curation_id, "question_id": question_id})[1][0][0])

    def _ruled(self) -> dict[str, Any]:
        lines = read_rulings(self._rulings) if self._rulings.exists() else []
        newest = {line.question_id: line for line in lines if line.question_id}
        return {question_id: line for question_id, line in newest.items() if line.ruling is not OnGold.OPEN}

    def _ask(self, sql: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        with closing(self._rows.cursor()) as cursor:
            found: list[dict[str, Any]] = cursor.sql(sql, params=parameters or None).to_arrow_table().to_pylist()
            return found


def _row(row: dict[str, Any]) -> dict[str, Any]:
    learnt, text = row.pop("learnt"), row.pop("text")
    return row | {"pieces": pieces(text, None, (), masked_of(learnt)), "hidden": hidden(text)}


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise Refused(f"offset: got {text[:20]!r}; needs a number")
    return int(text)
