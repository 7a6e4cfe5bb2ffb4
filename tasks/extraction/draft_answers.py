"""The answers that stood before each reflection."""

from collections.abc import Callable

from schemas.trace import DraftAnswer
from tasks.extraction.stated_answers import find_stated
from tasks.parsing.grammar import Parsed


def find_drafts(
    text: str,
    parsed: Parsed,
    pattern: str | None = None,
    find: Callable[[str], list[tuple[int, int]]] = find_stated,
) -> tuple[DraftAnswer | None, ...]:
    """Return for each reflection the answer in force when it began: the last one stated since the thinking began.

    An earlier reflection may have stated it. None where none was. Only a statement counts, never a bare
    number; with `pattern` only what its group matches, since it says what stating means in these data. Without one
    `find` gives the ranges that are stated, in order.
    """
    if not parsed.reflections:
        return ()
    begin = parsed.thinking.start if parsed.thinking else 0
    thinking = text[begin : parsed.reflections[-1].start]
    ahead = [
        DraftAnswer(start=begin + start, end=begin + end, answer=thinking[start:end])
        for start, end in reversed(find(thinking) if pattern is None else find_stated(thinking, pattern))
    ]
    drafts: list[DraftAnswer | None] = []
    for reflection in parsed.reflections:
        in_force = drafts[-1] if drafts else None
        while ahead and ahead[-1].end <= reflection.start:
            in_force = ahead.pop()
        drafts.append(in_force)
    return tuple(drafts)
