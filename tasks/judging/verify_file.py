"""A row of `reflectory verify`: from the line of a response to that of its verdict, without the factory."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from schemas.errors import Refused
from schemas.question import AnswerKind
from schemas.record import Json
from schemas.verdict import Effect, Judgement, Reason
from tasks.extraction.answer import check_pattern
from tasks.judging.competing_answers import AnswerContext, judge_in_context
from tasks.judging.effect import effect
from tasks.judging.reading import Reader
from tasks.judging.verifiers import VERIFIERS
from tasks.judging.verify import Verifier
from tasks.parsing.grammar import parse
from tasks.rows.exchange import names_of
from tasks.rows.jsonl import json_text, read_object
from tasks.rows.values import from_cell, infer_kind, kinds_for, only, plain_text, spec_text


class Complain(Protocol):
    """Takes what is wrong with a row; with a kind, what is wrong with the verifier that judged it."""

    def __call__(self, complaint: str, kind: str | None = None) -> object: ...


TOLD = (Reason.VERIFIER_CRASHED, Reason.VERIFIER_TIMEOUT, Reason.BAD_SPEC)
"""Reasons that are told with their evidence, of each kind the first."""


_GOLDS = 'text, a number or null; a list of texts of which each is right by itself beside "several_golds": "any"'


class Asked(NamedTuple):
    """What a row wants to have judged."""

    kind: str
    gold: str | None
    response: str
    spec: Mapping[str, Any]
    spec_text: str
    question: str | None


class _Unusable(Exception):
    """A row that cannot be judged: the reason for its verdict, and the field with what it got and needs."""


def verify_line(
    line: bytes, verifier: Verifier, read: Reader, complain: Complain = lambda complaint, kind=None: None
) -> dict[str, Any]:
    """Return the output row of an input line. `complain` gets what is wrong with one that cannot be judged, and how a
    verifier broke that says so.
    """
    id: Json = None
    try:
        row = _object(line)
        id = row.get("id")
        asked = _asked(row)
    except _Unusable as unusable:
        reason, complaint = unusable.args
        complain(complaint)
        return unverified(id, reason)
    final, effect = _judge(asked, verifier, read)
    if final.reason in TOLD and final.evidence:
        complain(final.evidence, asked.kind)
    return _judged(id, final, effect)


def unverified(id: Json, reason: Reason) -> dict[str, Any]:
    """Return the output row of an input row of which nothing was judged."""
    return _judged(id, Judgement.of(reason, None), None)


def row_text(row: Mapping[str, Any]) -> str:
    """Return an output row as JSON; a third of the time of `json_text`."""
    id, answer, effect = json_text(row["id"]), json_text(row["answer"]), row["effect"]
    says = f'"verdict": "{row["verdict"]}", "reason": "{row["reason"]}", "answer": {answer}'
    return f'{{"id": {id}, {says}, "effect": {json_text(effect)}}}'


def _judge(asked: Asked, verifier: Verifier, read: Reader) -> tuple[Judgement, Effect | None]:
    kind, gold, response, spec, text, question = asked
    parsed = parse(response)
    found = read(response, parsed, kind, spec)
    if isinstance(found, Reason):
        return Judgement.of(found, None), None
    stated, drafts = found

    def judge(answer: str | None) -> Judgement:
        return verifier.judge(kind, gold, answer, text, question)

    patterned = "answer_pattern" in spec
    around = AnswerContext(None, None, question) if patterned else AnswerContext.of(response, parsed, question)
    final = judge_in_context(kind, gold, stated.answer if stated else None, around, judge)
    return final, effect([judge(draft.answer) if draft else None for draft in drafts], final)[0]


def _object(line: bytes) -> dict[str, Any]:
    try:
        return read_object(line)
    except ValueError as error:
        raise _Unusable(Reason.BAD_ROW, f"the row: {error}") from None


def _asked(row: Mapping[str, Any]) -> Asked:
    """Raises `_Unusable`."""
    response, question, (given, *others) = row.get("response"), row.get("question"), _golds(row)
    gold = given if isinstance(given, str) else plain_text(given)
    if not isinstance(response, str):
        there = "" if "response" in row else f"; this row has {names_of(row) or 'no columns'}"
        raise _refused(Reason.BAD_ROW, "response", response, f"text{there}")
    spec, text = _spec(row.get("spec"))
    kind = row.get("kind")
    if kind is None:
        kind = AnswerKind.EXACT if others else infer_kind(gold, given)
    elif kind not in VERIFIERS if isinstance(kind, str) else True:
        reason = Reason.UNKNOWN_KIND if isinstance(kind, str) else Reason.BAD_ROW
        raise _refused(reason, "kind", kind, kinds_for(kind))
    try:
        VERIFIERS[kind]
    except Refused as refused:  # an outside package's that cannot be used
        raise _Unusable(Reason.VERIFIER_CRASHED, f"kind: {refused}") from None
    if others:
        spec, text = _accepting(kind, spec, [given, *others])
    return Asked(kind, gold, response, spec, text, question if isinstance(question, str) else None)


def _golds(row: Mapping[str, Any]) -> list[Any]:
    """The gold as given, or each of several, as texts, where the row says that any is right. Raises `_Unusable`."""
    given, several = only(row.get("gold")), row.get("several_golds") == "any"
    golds = given if several and isinstance(given, list) and given else [given]
    if any(gold is not None and plain_text(gold) is None for gold in golds):
        raise _refused(Reason.BAD_ROW, "gold", given, _GOLDS)
    if len(golds) == 1:
        return golds
    return list(dict.fromkeys(text for gold in golds if (text := plain_text(gold)) and text.strip())) or [None]


def _accepting(kind: str, spec: Mapping[str, Any], golds: list[Any]) -> tuple[Mapping[str, Any], str]:
    """The spec, and its text, with the golds behind the first among what it accepts. Raises `_Unusable`."""
    try:
        spec = VERIFIERS[kind].accepting(spec, golds[1:])
    except ValueError as error:
        raise _refused(Reason.BAD_ROW, "gold", golds, str(error)) from None
    return spec, spec_text(spec)


def _spec(given: Any) -> tuple[Mapping[str, Any], str]:
    """The spec, and its text. Raises `_Unusable` unless it is an object that JSON can hold, any pattern in it sound."""
    if not given and (given is None or isinstance(given, dict)):
        return {}, "{}"
    given = from_cell(given)
    if not isinstance(given, dict):
        raise _refused(Reason.BAD_SPEC, "spec", given, "a JSON object")
    given = {name: value for name, value in given.items() if value is not None}
    pattern = given.get("answer_pattern")
    if not isinstance(pattern, str | None):
        raise _refused(Reason.BAD_SPEC, "spec.answer_pattern", pattern, "text")
    try:
        if pattern is not None:
            check_pattern(pattern)
        return given, spec_text(given)
    except Refused as refused:
        raise _Unusable(Reason.BAD_SPEC, f"spec.{refused}") from None
    except (ValueError, RecursionError):
        raise _Unusable(Reason.BAD_SPEC, "spec: got a number too large for a double, or too deep a nesting") from None


def _refused(reason: Reason, field: str, value: Any, needs: str) -> _Unusable:
    got = json_text(value)
    return _Unusable(reason, f"{field}: got {got[:80]}{'…' * (len(got) > 80)}; needs {needs}")


def _judged(id: Json, final: Judgement, effect: Effect | None) -> dict[str, Any]:
    return {"id": id, "verdict": final.verdict, "reason": final.reason, "answer": final.answer, "effect": effect}
