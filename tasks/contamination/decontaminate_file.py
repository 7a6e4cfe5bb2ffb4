"""`reflectory decontaminate`: rows of texts and a benchmark to a JSONL of findings, without the factory."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from schemas.contamination import Finding
from schemas.detection import Detection
from schemas.errors import Refused
from schemas.exchange import ExchangeColumns, SeveralTurns
from schemas.record import Json
from tasks.contamination.detect import Embed, decide, detect
from tasks.contamination.judge import Ask
from tasks.rows.data_set import jsonl
from tasks.rows.exchange import BadRow, form_of, names_of, own_names, read_exchange
from tasks.rows.jsonl import json_text, read_object
from tasks.rows.rewriting import Complaints, rewriting

BAD_ROW = "bad_row"
"""No JSON object, or none that asks anything."""
EMPTY_TEXT = "empty_text"
_TEXTS = ("text", "question", "problem", "prompt", "query")
_NEEDS = (
    "`text`, `question`, `problem`, `prompt`, `query` or `input`, which is text, or a conversation or an instruction"
)
_COLUMNS = ExchangeColumns()
_spelt = partial(own_names, alike=str.casefold)


class DataRow(NamedTuple):
    id: Json
    text: str | None
    reason: str | None = None
    """Why there is no text."""


class DecontaminationCounts(NamedTuple):
    rows: int
    contaminated: int
    clean: int
    undecided: Counter[str]
    """By reason."""
    skipped: int
    """Benchmark items without any text."""


def decontaminate_file(
    data: Path,
    against: Sequence[Path],
    out: Path,
    settings: Detection,
    embed: Embed | None = None,
    ask: Ask | None = None,
    embed_across: Embed | None = None,
    complaints: Complaints | None = None,
) -> DecontaminationCounts:
    """Look the rows of `data` up in the benchmarks; `out` has a row for each, in their order; a blank line is none.

    `out` appears whole or not at all. A row without an id has its line's number, such as "line 3". One that cannot be
    read is undecided, with a reason, and `complaints` gets what is wrong with it. Raises `Refused` for a
    benchmark that cannot be read: a line of it that is lost would acquit.
    """
    ids, items, skipped = read_benchmarks(against)
    told_of = complaints or Complaints(data)
    with rewriting(data, out) as (lines, write):
        rows = [read_row(line, f"{told_of.unit} {lines.number}", partial(told_of.add, lines.number)) for line in lines]
        texts = {place: row.text for place, row in enumerate(rows) if row.text is not None}
        found = detect(texts, items, settings, embed, ask, embed_across)
        written = []
        for place, row in enumerate(rows):
            findings = [by_place[place] for by_place in found.values() if place in by_place]
            written.append(out_row(row, decide(findings, settings.borderline), ids))
            write(written[-1])
    reasons = Counter(row["reason"] for row in written if row["contaminated"] is None)
    convicted = sum(row["contaminated"] is True for row in written)
    return DecontaminationCounts(len(written), convicted, len(written) - convicted - reasons.total(), reasons, skipped)


def read_benchmarks(files: Sequence[Path]) -> tuple[list[Json], list[str], int]:
    """Return ids and texts of the items of all files, and how many have no text. An item without an id has its line's
    number.

    Raises `Refused`.
    """
    ids: list[Json] = []
    items: list[str] = []
    skipped = 0
    for file in files:
        for place, row in jsonl(file, "--against"):
            try:
                text = _text(row)
            except BadRow as bad:
                raise Refused(f"{place}, {bad}, so that no item is passed over") from bad
            if text is None:
                raise Refused(f"{place}, {_without_text(row)}, so that no item is passed over")
            if not text.strip():
                skipped += 1
                continue
            ids.append(row["id"] if row.get("id") is not None else place.rpartition(", ")[2])
            items.append(text)
    if not items:
        raise Refused(f"--against: {', '.join(map(str, files))} holds no items")
    return ids, items, skipped


def read_row(line: bytes, place: str, complain: Callable[[str], object] = lambda complaint: None) -> DataRow:
    """Return what stands on a line of the data; `complain` gets what is wrong with one that holds no text."""
    try:
        row = read_object(line)
    except ValueError as error:
        complain(f"the row: {error}")
        return DataRow(place, None, BAD_ROW)
    id = row["id"] if row.get("id") is not None else place
    try:
        text = _text(row)
    except BadRow as bad:
        complain(str(bad))
        return DataRow(id, None, BAD_ROW)
    if text is None:
        complain(_without_text(row))
        return DataRow(id, None, BAD_ROW)
    return DataRow(id, text) if text.strip() else DataRow(id, None, EMPTY_TEXT)


def _without_text(row: Mapping[str, Any]) -> str:
    """What is wrong with a row that holds no text, by the column that should."""
    if (name := next(_spelt(row, *_TEXTS, _COLUMNS.input), None)) is None:
        return f"the row: got {names_of(row) or 'nothing'}; needs {_NEEDS}"
    got = json_text(row[name])
    return f"{name}: got {got[:80]}{'…' * (len(got) > 80)}; needs text"


def out_row(row: DataRow, decisive: Finding | None, ids: Sequence[Json]) -> dict[str, Any]:
    """Return the output row; with a `reason` where it is undecided."""
    undecided = row.reason or (decisive.evidence if decisive and decisive.contaminated is None else None)
    made: dict[str, Any] = {
        "id": row.id,
        "contaminated": None if undecided else bool(decisive and decisive.contaminated),
        "detector": decisive.detector if decisive else None,
        "score": decisive.score if decisive else None,
        "match_id": ids[decisive.place] if decisive else None,
        "span": [decisive.start, decisive.end] if decisive and decisive.start is not None else None,
    }
    return made | ({"reason": undecided.partition(":")[0]} if undecided else {})


def _text(row: Mapping[str, Any]) -> str | None:
    """What a row asks, by a column of text, or else by its form: of a conversation with all that leads up to it.

    Raises `BadRow` for one of a form that cannot be read.
    """
    named = next((row[name] for name in _spelt(row, *_TEXTS) if isinstance(row[name], str)), None)
    lists = (name for name in _spelt(row, *_TEXTS) if isinstance(row[name], list) and row[name])
    turns = next((name for name in lists if isinstance(row[name][0], Mapping)), _COLUMNS.messages)
    columns = _COLUMNS if form_of(row, _COLUMNS) else ExchangeColumns(messages=turns)
    if named is None and form_of(row, columns):
        found = read_exchange(row, columns, several=SeveralTurns.LAST, answered=False)
        return "\n\n".join(filter(None, (found.instruction, found.input)))
    return row.get(_COLUMNS.input) if named is None and isinstance(row.get(_COLUMNS.input), str) else named
