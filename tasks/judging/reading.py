"""What a response answers, by the kind of its question, and what it answered before each reflection."""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from schemas.trace import DraftAnswer
from schemas.verdict import Reason
from tasks.extraction.answer import Stated, find_answer
from tasks.extraction.draft_answers import find_drafts
from tasks.judging.verifiers import VERIFIERS
from tasks.judging.verifiers.verifier import Read
from tasks.killable import KillableProcess
from tasks.parsing.grammar import Parsed, parse

PATTERN_TIMEOUT_S = 2.0
"""Processor time to search one response with a pattern of the user's, which may take exponential time."""

Reader = Callable[[str, Parsed, str, Mapping[str, Any]], Read | Reason]


def read_answers(text: str, parsed: Parsed, kind: str, spec: Mapping[str, Any]) -> Read:
    """Read the answers of a whole response to a question of `kind` and `spec`. An `answer_pattern` overrules
    the kind.
    """
    pattern = spec.get("answer_pattern")
    if pattern is None:
        return VERIFIERS[kind].read(text, parsed, spec)
    return find_answer(text, pattern, parsed), find_drafts(text, parsed, pattern)


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
        return stated, tuple(draft and DraftAnswer.model_validate(draft) for draft in drafts)

    def close(self) -> None:
        """End its process. Idempotent."""
        self._process.close()


def search(text: str, pattern: str) -> tuple[Any, list[Any]]:
    """Return what `read_answers` gives for a pattern, as JSON."""
    answer, drafts = read_answers(text, parse(text), "", {"answer_pattern": pattern})
    return answer and answer.model_dump(), [draft and draft.model_dump() for draft in drafts]
