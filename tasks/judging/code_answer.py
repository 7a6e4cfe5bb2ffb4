"""Where a response states code: fenced blocks, else all of it. Pure, and nothing here parses Python."""

import re

from schemas.trace import Draft, Span
from tasks.judging.answer import Stated, answer_place
from tasks.judging.fence import code_blocks, unfenced
from tasks.tracing.grammar import Parsed


def read_code(text: str, parsed: Parsed, entry_point: str) -> tuple[Stated | None, tuple[Draft | None, ...]]:
    """The code that a whole response gives as its answer, None when there is none, and for each reflection the draft
    in force: the last block before it, of those that define the entry point if any do. Indentation is untouched.
    """
    place = answer_place(text, parsed)
    span = chosen(place.of(text), entry_point)
    start, end = place.start + span.start, place.start + span.end
    final = Stated(start=start, end=end, answer=text[start:end], explicit=True) if start < end else None
    begin = parsed.thinking.start if parsed.thinking else 0
    ends = [reflection.start for reflection in parsed.reflections]
    thought = text[begin : max(ends, default=begin)]
    drafts = [
        Draft(start=begin + block.start, end=begin + block.end, answer=block.of(thought))
        for block in _blocks(thought, entry_point)
    ]
    return final, tuple(next((draft for draft in reversed(drafts) if draft.end <= end), None) for end in ends)


def chosen(text: str, entry_point: str) -> Span:
    """Where the code is in a text that holds an answer; an empty range where there is none.

    Among several fenced blocks the last that defines the entry point, else the last. A text whose code begins before
    its first fence, which then stands in a docstring, is code as it is.
    """
    blocks = _blocks(text, entry_point)
    ahead = text[: blocks[0].start] if blocks else ""
    if not blocks or (_defines(ahead, entry_point) and not ahead.lstrip().startswith(("`", "~"))):
        start, end = unfenced(text)
        return Span(start=start, end=end)
    return blocks[-1]


def _blocks(text: str, entry_point: str) -> list[Span]:
    """Those that define the entry point, if any do."""
    blocks = [Span(start=start, end=end) for start, end in code_blocks(text)]
    return [block for block in blocks if _defines(block.of(text), entry_point)] or blocks


def _defines(code: str, entry_point: str) -> bool:
    name = re.escape(entry_point)
    pattern = rf"^[ \t]*(?:async[ \t]+def[ \t]+{name}\b|def[ \t]+{name}\b|class[ \t]+{name}\b|{name}[ \t]*=[^=])"
    return re.search(pattern, code, re.MULTILINE) is not None
