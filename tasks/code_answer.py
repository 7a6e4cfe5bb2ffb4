"""Where a response states code: fenced blocks, else all of it. Pure, and nothing here parses Python."""

import re
from collections.abc import Iterator, Sequence

from schemas.trace import Draft, Span
from tasks.answer import Stated, answer_place
from tasks.grammar import Parsed

_FENCE = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,})[^\n`]*\n(?P<code>.*?)(?:^[ \t]*(?P=fence)[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL
)
"""A block that is never closed ends with the text."""


def find_code(text: str, entry_point: str, parsed: Parsed) -> Stated | None:
    """The code that a whole response gives as its answer, its indentation untouched; None when the place is blank.

    Among several blocks the last that defines the entry point, else the last. A response whose code stands in no
    fence, or in no fence outside of a docstring, is code as it is.
    """
    place = answer_place(text, parsed)
    span = chosen(place.of(text), entry_point)
    start, end = place.start + span.start, place.start + span.end
    code = text[start:end]
    return Stated(start=start, end=end, answer=code) if code.strip() else None


def find_code_drafts(text: str, entry_point: str, parsed: Parsed) -> tuple[Draft | None, ...]:
    """For each reflection the code in force when it began: the last block before it that defines the entry point."""
    begin = parsed.thinking.start if parsed.thinking else 0
    ends = [reflection.start for reflection in parsed.reflections]
    blocks = [block for block in _blocks(text, begin, max(ends, default=0)) if _defines(block.of(text), entry_point)]
    before = [[block for block in blocks if block.end <= end] for end in ends]
    return tuple(Draft(start=b[-1].start, end=b[-1].end, answer=b[-1].of(text)) if b else None for b in before)


def chosen(text: str, entry_point: str) -> Span:
    """Where the code is in a text that holds an answer."""
    blocks = list(_blocks(text, 0, len(text)))
    first = text.lstrip("\n")
    if not blocks or (_defines(text[: blocks[0].start], entry_point) and not first.startswith(("`", "~"))):
        start = len(text) - len(first)
        return Span(start=start, end=max(start, len(text.rstrip())))
    return _last([block for block in blocks if _defines(block.of(text), entry_point)] or blocks)


def _last(blocks: Sequence[Span]) -> Span:
    return blocks[-1]


def _blocks(text: str, start: int, end: int) -> Iterator[Span]:
    for fence in _FENCE.finditer(text, start, end):
        yield Span(start=fence.start("code"), end=fence.end("code"))


def _defines(code: str, entry_point: str) -> bool:
    name = re.escape(entry_point)
    pattern = rf"^[ \t]*(?:async[ \t]+def[ \t]+{name}\b|def[ \t]+{name}\b|class[ \t]+{name}\b|{name}[ \t]*=[^=])"
    return re.search(pattern, code, re.MULTILINE) is not None
