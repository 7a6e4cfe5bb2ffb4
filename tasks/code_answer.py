"""Where a response states code: fenced blocks, else all of it. Pure, and nothing here parses Python."""

import re
from collections.abc import Iterator

from schemas.trace import Draft, Span
from tasks.answer import Stated, answer_place
from tasks.grammar import Parsed

_FENCE = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,})[^\n`]*\n(?P<code>.*?)(?:^[ \t]*(?P=fence)[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL
)
"""A block that is never closed ends with the text."""


def read_code(text: str, parsed: Parsed, entry_point: str) -> tuple[Stated | None, tuple[Draft | None, ...]]:
    """The code that a whole response gives as its answer, None when there is none, and for each reflection the draft
    in force: the last block before it that defines the entry point. Indentation is untouched.
    """
    place = answer_place(text, parsed)
    span = chosen(place.of(text), entry_point)
    start, end = place.start + span.start, place.start + span.end
    final = Stated(start=start, end=end, answer=text[start:end]) if text[start:end].strip() else None
    begin = parsed.thinking.start if parsed.thinking else 0
    ends = [reflection.start for reflection in parsed.reflections]
    blocks = [block for block in _blocks(text, begin, max(ends, default=0)) if _defines(block.of(text), entry_point)]
    drafts = [Draft(start=block.start, end=block.end, answer=block.of(text)) for block in blocks]
    return final, tuple(next((draft for draft in reversed(drafts) if draft.end <= end), None) for end in ends)


def chosen(text: str, entry_point: str) -> Span:
    """Where the code is in a text that holds an answer.

    Among several fenced blocks the last that defines the entry point, else the last. A text whose code begins before
    its first fence, which then stands in a docstring, is code as it is.
    """
    blocks = list(_blocks(text, 0, len(text)))
    first = text.lstrip("\n")
    if not blocks or (_defines(text[: blocks[0].start], entry_point) and not first.startswith(("`", "~"))):
        start = len(text) - len(first)
        return Span(start=start, end=max(start, len(text.rstrip())))
    return ([block for block in blocks if _defines(block.of(text), entry_point)] or blocks)[-1]


def _blocks(text: str, start: int, end: int) -> Iterator[Span]:
    for fence in _FENCE.finditer(text, start, end):
        yield Span(start=fence.start("code"), end=fence.end("code"))


def _defines(code: str, entry_point: str) -> bool:
    name = re.escape(entry_point)
    pattern = rf"^[ \t]*(?:async[ \t]+def[ \t]+{name}\b|def[ \t]+{name}\b|class[ \t]+{name}\b|{name}[ \t]*=[^=])"
    return re.search(pattern, code, re.MULTILINE) is not None
