"""What a response answers, by the kind of its question, and what it answered before each reflection."""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from schemas.question import AnswerKind
from schemas.trace import Draft, Span
from schemas.verdict import Reason
from tasks.judging.answer import Stated, answer_place, find_answer
from tasks.judging.code_answer import read_code
from tasks.judging.gym_answer import find_gym_answer, find_gym_drafts
from tasks.killable import KillableProcess
from tasks.tracing.draft import find_drafts
from tasks.tracing.grammar import Parsed, parse
from tasks.tracing.thinking import after_thinking

WHOLE = frozenset({AnswerKind.CONSTRAINTS, AnswerKind.JUDGE})
"""The kinds that judge a text as it is and look for no answer in it: it has no draft either."""
PATTERN_TIMEOUT_S = 2.0
"""Processor time to search one response with a pattern of the user's, which may take exponential time."""

Read = tuple[Stated | None, tuple[Draft | None, ...]]
"""The final answer, None without one, and for each reflection the draft in force."""
Reader = Callable[[str, Parsed, str, Mapping[str, Any]], Read | Reason]


def read_answers(text: str, parsed: Parsed, kind: str, spec: Mapping[str, Any]) -> Read:
    """Of a whole response to a question of `kind` and `spec`. An `answer_pattern` overrules the kind."""
    pattern = spec.get("answer_pattern")
    if pattern is None and kind in WHOLE:
        return _whole(text, parsed)
    if pattern is None and kind == AnswerKind.CODE:
        return read_code(text, parsed, spec)
    if pattern is None and kind == AnswerKind.REASONING_GYM:
        return find_gym_answer(text, parsed, spec.get("dataset")), find_gym_drafts(text, parsed, spec.get("dataset"))
    return find_answer(text, pattern, parsed), find_drafts(text, parsed, pattern)


def _whole(text: str, parsed: Parsed) -> Read:
    """Thinking is never judged: where it does not end, nothing is."""
    place, rest = answer_place(text, parsed), after_thinking(text[: parsed.end])
    if rest and rest.place == place and not rest.closed:
        place = Span(start=parsed.end, end=parsed.end)
    whole = Stated(start=place.start, end=place.end, answer=place.of(text), explicit=False)
    return whole, (None,) * len(parsed.reflections)


class KillableReader:
    """`read_answers`, elsewhere where there is a pattern. Several threads may share one."""

    def __init__(self) -> None:
        self._process = KillableProcess(__name__, "search", PATTERN_TIMEOUT_S)
        self._one_at_a_time = Lock()

    def __call__(self, text: str, parsed: Parsed, kind: str, spec: Mapping[str, Any]) -> Read | Reason:
        """VERIFIER_TIMEOUT or VERIFIER_CRASHED where the search did not end, or not well."""
        if spec.get("answer_pattern") is None:
            return read_answers(text, parsed, kind, spec)
        with self._one_at_a_time:
            found = self._process.ask(text, spec["answer_pattern"])
        if isinstance(found, Reason):
            return found
        answer, drafts = found
        stated = answer and Stated.model_validate(answer)
        return stated, tuple(draft and Draft.model_validate(draft) for draft in drafts)

    def close(self) -> None:
        """Ends its process. Idempotent."""
        self._process.close()


def search(text: str, pattern: str) -> tuple[Any, list[Any]]:
    """What `read_answers` gives for a pattern, as JSON."""
    answer, drafts = read_answers(text, parse(text), "", {"answer_pattern": pattern})
    return answer and answer.model_dump(), [draft and draft.model_dump() for draft in drafts]
