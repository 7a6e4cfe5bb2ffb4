"""`reflectory verify`: a JSONL of responses to a JSONL of verdicts, without the factory."""

import json
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from schemas.errors import Refused
from schemas.question import AnswerKind
from schemas.record import Json, canonical_json
from schemas.verdict import Effect, Judgement, Reason, Ruling
from tasks.answer import check_pattern, find_answer
from tasks.code_answer import read_code
from tasks.draft import find_drafts
from tasks.effect import effect
from tasks.grammar import parse
from tasks.jsonl import read_object, rewriting
from tasks.killable import KillableProcess
from tasks.verify import Verifier

PATTERN_TIMEOUT_S = 2.0
"""To search one response with a pattern of the user's, which may take exponential time."""


def verify_file(in_path: Path, out_path: Path, verifier: Verifier) -> dict[Ruling, int]:
    """Judges the rows in their order; a blank line is none. `out_path` appears whole or not at all.

    Returns how many got each verdict. A row that cannot be judged is unverified, with the reason. Raises `Refused`
    when the input cannot be read or there is no folder for the output.
    """
    counts: Counter[Ruling] = Counter(dict.fromkeys(Ruling, 0))
    searcher = KillableProcess(__name__, "read_response", PATTERN_TIMEOUT_S)
    with rewriting(in_path, out_path) as (lines, write), closing(searcher):
        for line in lines:
            row = verify_line(line, verifier, searcher)
            counts[Ruling(row["verdict"])] += 1
            write(row)
    return dict(counts)


def verify_line(line: bytes, verifier: Verifier, searcher: KillableProcess) -> dict[str, Any]:
    """The output row of an input line. `searcher` runs `read_response` where a row brings a pattern."""
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
    pattern = spec.get("answer_pattern")
    if pattern is not None:
        found = searcher.ask(response, pattern)
    else:
        found = read_response(response, entry_point=str(spec.get("entry_point")) if kind == AnswerKind.CODE else None)
    if isinstance(found, Reason):
        return _row(id, found)
    answer, drafts = found
    final = verifier.judge(kind, gold, answer, canonical_json(spec))
    stated = [draft if draft is None else verifier.judge(kind, gold, draft, canonical_json(spec)) for draft in drafts]
    return _judged(id, final, effect(stated, final)[0])


def read_response(
    response: str, pattern: str | None = None, entry_point: str | None = None
) -> tuple[str | None, list[str | None]]:
    """The final answer of a response, and for each reflection the answer before it. Code, for an entry point."""
    parsed = parse(response)
    if entry_point is None:
        stated, drafts = find_answer(response, pattern, parsed), find_drafts(response, parsed, pattern)
    else:
        stated, drafts = read_code(response, parsed, entry_point)
    return stated.answer if stated else None, [draft.answer if draft else None for draft in drafts]


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
