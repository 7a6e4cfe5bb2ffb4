"""Where a response states code: fenced blocks, else all of it less the prose around it. Pure; nothing here parses.

Of several blocks that all define what is asked for, a text may present one as its answer: it calls another naive, says
that it was wrong, or calls the last one better. Where it does not, all of them are answers.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from schemas.trace import DraftAnswer, Span
from tasks.extraction.answer import Stated, answer_place
from tasks.judging.code_spec import entry_point_of
from tasks.parsing.fence import code_blocks, unfenced
from tasks.parsing.grammar import Parsed
from tasks.parsing.prose import stretches

_DEFINED = re.compile(r"^(?:def|async def|class)[ \t]+(\w+)", re.MULTILINE)
FOREIGN = re.compile(
    r"^[ \t]*(?:`{3,}|~{3,})[ \t]*(?!py|python|(?:text|txt|plaintext|bash|sh|shell|console|output|input)\b)[a-z+#]",
    re.MULTILINE | re.IGNORECASE,
)
"""A fence of another language."""
_DOES_SOMETHING = re.compile(r"\b(?:print|input|stdin|stdout|open|read|write|exec)\b")
_TAKEN_BACK = re.compile(
    r"\W*(?:(?:but|so|hmm|no|and|however)\b[,. ]*)*(?:(?:wait|oops|sorry|correction|actually)\b|(?:this|that|it|which|"
    r"the (?:above|first|previous|earlier))\b[^\n]*?\b(?:wrong|incorrect|mistaken?|bugs?|buggy|fail(?:s|ed)?|broken|"
    r"not (?:work|correct|right)|n't (?:work|correct|right)|too slow|slow|inefficient)\b)",
    re.IGNORECASE,
)
"""How a sentence right behind a block begins that says: that was not it."""
_NOT_RECOMMENDED = re.compile(
    r"\b(?:na[i\u00ef]ve|brute[- ]?force|wrong|incorrect|buggy|broken|bad|slow|slower|inefficient|mistake|"
    r"unoptimi[sz]ed|instead of|rather than|first (?:attempt|try|draft|idea))\b",
    re.IGNORECASE,
)
_RECOMMENDED = re.compile(
    r"\b(?:correct(?:ed)?|fix(?:ed)?|final|revised|better|improved|proper|updated|should be)\b", re.IGNORECASE
)
"""In the words that lead up to a block."""
_FENCE_LINE = re.compile(r"^[ \t]*(?:[`~]{3,}|\[/?[A-Z]+\]).*$|[`~]{3,}\w*[ \t]*$", re.MULTILINE)


def read_code(
    text: str, parsed: Parsed, spec: Mapping[str, Any]
) -> tuple[Stated | None, tuple[DraftAnswer | None, ...]]:
    """Return the code that a whole response gives as its answer, None when there is none, and for each reflection the
    draft in force: the last block before it, of those that define the entry point if any do. Indentation is untouched.

    Where several blocks may be the answer it is all that the response says in their place.
    """
    entry_point = entry_point_of(spec)
    place = answer_place(text, parsed)
    found = _answers(place.of(text), entry_point)
    in_one = len(found) == 1 and len(found[0]) == 1
    span = found[0][0] if in_one else Span(start=0, end=len(place.of(text).rstrip()))
    start, end = place.start + span.start, place.start + span.end
    final = Stated(start=start, end=end, answer=text[start:end], explicit=True) if start < end else None
    begin = parsed.thinking.start if parsed.thinking else 0
    ends = [reflection.start for reflection in parsed.reflections]
    thought = text[begin : max(ends, default=begin)]
    drafts = [
        DraftAnswer(start=begin + block.start, end=begin + block.end, answer=block.of(thought))
        for block in _blocks(thought, entry_point)
    ]
    return final, tuple(next((draft for draft in reversed(drafts) if draft.end <= end), None) for end in ends)


def answers(text: str, entry_point: str) -> list[str]:
    """Return the code in a text that holds an answer; empty where there is none.

    More than one where several blocks define the entry point, differ, and the text does not say which it means. A
    program has no entry point: there every block counts that reads or prints. Other blocks that define what such a
    block uses stand before it.
    """
    return ["\n\n".join(block.of(text) for block in blocks) for blocks in _answers(text, entry_point)]


def _answers(text: str, entry_point: str) -> list[tuple[Span, ...]]:
    blocks = _all_blocks(text)
    if not blocks:
        start, end = unfenced(text)
        return [(Span(start=start, end=end),)]
    wanted = {block.of(text).strip(): block for block in blocks if _wanted(block.of(text), entry_point)}
    if not wanted:
        return [(blocks[-1],)]
    helpers = [block for block in blocks if not _wanted(block.of(text), entry_point)]
    presented = _presented(text, sorted(wanted.values(), key=lambda block: block.start))
    return [(*(each for each in helpers if _helps(each.of(text), block.of(text))), block) for block in presented]


def _helps(helper: str, code: str) -> bool:
    """Whether it defines what the code uses and does not define."""
    defined = set(_DEFINED.findall(helper)) - set(_DEFINED.findall(code))
    return not defined.isdisjoint(re.findall(r"\w+", code))


def _presented(text: str, blocks: Sequence[Span]) -> list[Span]:
    """Those of the blocks that the text does not take back, or warn of; the last where it is recommended."""
    kept: list[Span] = []
    edges = [0, *(block.end for block in blocks)]
    for block, before in zip(blocks, edges, strict=False):
        words = _FENCE_LINE.sub("", text[before : block.start]).strip()
        lead = re.split(r"[.!?]\s+|\n", words)[-1]
        warned, praised = _NOT_RECOMMENDED.search(lead), _RECOMMENDED.search(lead)
        if kept and _TAKEN_BACK.match(words):
            kept.pop()
        elif warned and not praised:
            continue
        elif praised and not warned:
            kept.clear()
        kept.append(block)
    if (
        len(kept) > 1
        and kept[-1] == blocks[-1]
        and _TAKEN_BACK.match(_FENCE_LINE.sub("", text[blocks[-1].end :]).strip())
    ):
        kept.pop()
    return kept or list(blocks)


def _blocks(text: str, entry_point: str) -> list[Span]:
    """Those that define the entry point, if any do."""
    blocks = _all_blocks(text)
    return [block for block in blocks if _wanted(block.of(text), entry_point)] or blocks


def _all_blocks(text: str) -> list[Span]:
    """Fenced, or parted by prose; none where all of the text is code, or none is."""
    ranges = code_blocks(text)
    if not ranges and not FOREIGN.search(text):
        around = stretches(text, 0, len(text))
        ranges = [] if around == [(0, len(text))] else [_shrunk(text, *span) for span in around]
    return [Span(start=start, end=end) for start, end in ranges]


def _shrunk(text: str, start: int, end: int) -> tuple[int, int]:
    inner_start, inner_end = unfenced(text[start:end])
    return start + inner_start, start + inner_end


def _wanted(code: str, entry_point: str) -> bool:
    """Whether it defines the entry point, or, without one, does what a program does."""
    if not entry_point:
        return _DOES_SOMETHING.search(code) is not None
    name = re.escape(entry_point.replace("()", "").rpartition(".")[2])
    pattern = rf"^[ \t]*(?:async[ \t]+def[ \t]+{name}\b|def[ \t]+{name}\b|class[ \t]+{name}\b|{name}[ \t]*=[^=])"
    return re.search(pattern, code, re.MULTILINE) is not None
