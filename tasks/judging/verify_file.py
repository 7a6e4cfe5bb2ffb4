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
from tasks.jsonl import read_object, rewriting
from tasks.judging.answer import check_pattern
from tasks.judging.doubt import Surroundings, settle
from tasks.judging.effect import effect
from tasks.judging.reading import KillableReader, Reader
from tasks.judging.verify import Verifier
from tasks.tracing.grammar import parse


def verify_file(in_path: Path, out_path: Path, verifier: Verifier) -> dict[Ruling, int]:
    """Judges the rows in their order; a blank line is none. `out_path` appears whole or not at all.

    Returns how many got each verdict. A row that cannot be judged is unverified, with the reason. Raises `Refused`
    when the input cannot be read or there is no folder for the output.
    """
    counts: Counter[Ruling] = Counter(dict.fromkeys(Ruling, 0))
    with rewriting(in_path, out_path) as (lines, write), closing(KillableReader()) as read:
        for line in lines:
            row = verify_line(line, verifier, read)
            counts[Ruling(row["verdict"])] += 1
            write(row)
    return dict(counts)


def verify_line(line: bytes, verifier: Verifier, read: Reader) -> dict[str, Any]:
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
    parsed = parse(response)
    found = read(response, parsed, kind, spec)
    if isinstance(found, Reason):
        return _row(id, found)
    stated, drafts = found
    question = row["question"] if isinstance(row.get("question"), str) else None
    text = canonical_json(spec if question is None or kind != AnswerKind.JUDGE else {"question": question} | spec)

    def judge(answer: str | None) -> Judgement:
        return verifier.judge(kind, gold, answer, text)

    output, thinking = (
        span.of(response) if span and "answer_pattern" not in spec else None
        for span in (parsed.output, parsed.thinking)
    )
    final = settle(kind, gold, stated.answer if stated else None, Surroundings(output, thinking, question), judge)
    return _judged(id, final, effect([judge(draft.answer) if draft else None for draft in drafts], final)[0])


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
