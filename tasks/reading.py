"""What a response answers, by the kind of its question, and what it answered before each reflection."""

import json

from schemas.question import AnswerKind, Question
from schemas.trace import Draft
from tasks.answer import Stated, answer_place, find_answer
from tasks.draft import find_drafts
from tasks.grammar import Parsed

WHOLE = frozenset({AnswerKind.CONSTRAINTS, AnswerKind.JUDGE})
"""The kinds that judge a text as it is and look for no answer in it: it has no draft either."""


def answer_pattern(question: Question) -> str | None:
    """The pattern that says what stating an answer means for this question."""
    pattern: str | None = json.loads(question.spec).get("answer_pattern")
    return pattern


def read_answers(
    text: str, parsed: Parsed, kind: str, pattern: str | None = None
) -> tuple[Stated | None, tuple[Draft | None, ...]]:
    """The final answer, None without one, and for each reflection the draft in force. A pattern overrules the kind."""
    if kind not in WHOLE or pattern is not None:
        return find_answer(text, pattern, parsed, kind), find_drafts(text, parsed, pattern, kind)
    place = answer_place(text, parsed)
    if kind == AnswerKind.CONSTRAINTS and not parsed.output:
        place = place.model_copy(update={"start": 0, "end": len(text)})
    whole = Stated(start=place.start, end=place.end, answer=place.of(text), explicit=False)
    return whole, (None,) * len(parsed.reflections)
