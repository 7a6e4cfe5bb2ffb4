"""`reflectory verify`: a JSONL of responses to a JSONL of verdicts, without the factory."""

import json
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from schemas.errors import Refused
from schemas.record import Json, canonical_json
from schemas.verdict import Effect, Judgement, Reason, Ruling
from tasks.answer import check_pattern
from tasks.effect import effect
from tasks.jsonl import read_object, rewriting
from tasks.pattern import PatternSearch, Search
from tasks.verify import Verifier


def verify_file(in_path: Path, out_path: Path, verifier: Verifier) -> dict[Ruling, int]:
    """Judges the rows in their order; a blank line is none. `out_path` appears whole or not at all.

    Returns how many got each verdict. A row that cannot be judged is unverified, with the reason. Raises `Refused`
    when the input cannot be read or there is no folder for the output.
    """
    counts: Counter[Ruling] = Counter(dict.fromkeys(Ruling, 0))
    with rewriting(in_path, out_path) as (lines, write), closing(PatternSearch()) as search:
        for line in lines:
            row = verify_line(line, verifier, search)
            counts[Ruling(row["verdict"])] += 1
            write(row)
    return dict(counts)


def verify_line(line: bytes, verifier: Verifier, search: Search) -> dict[str, Any]:
    """The output row of an input line."""
    try:
        row = read_object(line)
    except ValueError:
        return _row(None, Reason.BAD_ROW)
    id, kind, gold, response = (row.get(name) for name in ("id", "kind", "gold", "response"))
    if isinstance(gold, int | float) and not isinstance(gold, bool):
        gold = json.dumps(gold)
    if not isinstance(kind, str) or not isinstance(response, str) or not isinstance(gold, str | None):
        return _row(id, Reason.BAD_ROW)
    spec = {} if row.get("spec") is None else row["spec"]
    if not _sound(spec):
        return _row(id, Reason.BAD_SPEC)
    found = search(response, spec.get("answer_pattern"))
    if isinstance(found, Reason):
        return _row(id, found)
    answer, drafts = found
    final = verifier.judge(kind, gold, answer, canonical_json(spec))
    stated = [draft and verifier.judge(kind, gold, response[slice(*draft)], canonical_json(spec)) for draft in drafts]
    return _judged(id, final, effect(stated, final)[0])


def _sound(spec: object) -> bool:
    """A JSON object whose pattern, if it has one, is a regular expression with one group."""
    if not isinstance(spec, dict):
        return False
    pattern = spec.get("answer_pattern")
    if not isinstance(pattern, str):
        return pattern is None
    try:
        check_pattern(pattern)
    except Refused:
        return False
    return True


def _row(id: Json, reason: Reason) -> dict[str, Any]:
    return _judged(id, Judgement.of(reason, None), None)


def _judged(id: Json, final: Judgement, effect: Effect | None) -> dict[str, Any]:
    return {"id": id, **final.model_dump(include={"verdict", "reason", "answer"}), "effect": effect}
