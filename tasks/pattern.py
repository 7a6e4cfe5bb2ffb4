"""A user's answer pattern may take exponential time on a text, so it is searched in a process that can be killed."""

from collections.abc import Callable
from threading import Lock

from schemas.verdict import Reason
from tasks.answer import find_answer
from tasks.draft import find_drafts
from tasks.grammar import parse
from tasks.killable import KillableProcess

PATTERN_TIMEOUT_S = 2.0
"""Processor time to search one response."""

Found = tuple[str | None, list[tuple[int, int] | None]]
"""The final answer, and for each reflection the range of the answer in force before it."""
Search = Callable[[str, str | None], Found | Reason]


def find_answers(text: str, pattern: str | None) -> Found:
    """What a whole response answers, and answered before each reflection."""
    parsed = parse(text)
    stated = find_answer(text, pattern, parsed)
    drafts = [(draft.start, draft.end) if draft else None for draft in find_drafts(text, parsed, pattern)]
    return stated.answer if stated else None, drafts


class PatternSearch:
    """`find_answers`, elsewhere where there is a pattern. Several threads may share one."""

    def __init__(self) -> None:
        self._process = KillableProcess(__name__, "find_answers", PATTERN_TIMEOUT_S)
        self._one_at_a_time = Lock()

    def __call__(self, text: str, pattern: str | None) -> Found | Reason:
        """VERIFIER_TIMEOUT or VERIFIER_CRASHED where the search did not end, or not well."""
        if pattern is None:
            return find_answers(text, pattern)
        with self._one_at_a_time:
            found = self._process.ask(text, pattern)
        return found if isinstance(found, Reason) else (found[0], found[1])

    def close(self) -> None:
        """Ends its process. Idempotent."""
        self._process.close()
