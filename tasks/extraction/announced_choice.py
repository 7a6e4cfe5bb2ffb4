"""The choice that a response announces without calling it its answer, as in `The most likely formula is:` above
`**B. C6H10O2**`, or `which corresponds to option B.` at its end.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from tasks.extraction.choice_mentions import LETTERS
from tasks.extraction.correction import turns_between

_EMPHASIS = r"[*_]{0,3}"
_LABEL = (
    rf"{_EMPHASIS}(?:(?i:option|choice)\s)?[(\[]?(?P<letter>[A-Z])(?:[)\]][.:]?|[.:]){_EMPHASIS}(?=[ \t]+{_EMPHASIS}\S)"
)
_LINE = re.compile(rf"[ \t]*(?:[->\u2022][ \t]+)?{_LABEL}[^\n]*")
_ANNOUNCES = re.compile(
    r"(?:\b(?:is|are|be|was|becomes)\s?:?|\b(?:correct|right|final|best|closest)\b[^\n.:]{0,40}:)[*_: \t]*\Z",
    re.IGNORECASE,
)
"""The end of the line above a choice."""
_IN_SENTENCE = re.compile(rf"\b(?:is|are|be)\s(?:therefore\s|thus\s|most\slikely\s)?{_LABEL}")
_AT_END = re.compile(
    rf"""(?: \((?i:option|choice)\s(?P<aside>[A-Z])\)
      | \b(?:corresponds?\sto|corresponding\sto|matche?s?|is)\s(?:the\s)?{_EMPHASIS}(?i:option|choice)
        \s\(?(?P<letter>[A-Z])\)? )
    {_EMPHASIS}\.?{_EMPHASIS}\s*\Z""",
    re.VERBOSE,
)
_CONCLUDES = re.compile(
    r"[*_#\s]*(?:Therefore|Thus|Hence|So|Consequently|Overall|In (?:conclusion|summary)|Conclusion)\b", re.IGNORECASE
)
_DOUBTS = re.compile(
    r"""\b(?:if(?!\s(?:we|I|one)\s(?:had|have|must|were)\b(?:\sto)?\s(?:choose|pick|select|guess)\b)|not|no|never|none
      |neither|nor|cannot|incorrect|wrong|false|unlikely|impossible|least|eliminat\w+|exclud\w+|rul\w+\sout|reject\w*
      |distractors?|instead|than|unless|suppose|assum\w+|would\shave|could|might|may|either|both|or|example|step|first
      |second|third|next|e\.g|mistaken\w*|tempting|another)\b|n['\u2019]t\b|\?""",
    re.IGNORECASE | re.VERBOSE,
)
"""Before a choice: it may be another one than the answer."""
_TURNS = re.compile(
    r"""\b(?:however|but|although|though|instead|actually|better|wait|unfortunately)\b
      | \b(?:incorrect|wrong|not\s(?:entirely\s|quite\s)?(?:correct|right|accurate))\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""Behind a choice: another one may be meant."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_PARAGRAPH = re.compile(r"\n\s*\n")


class AnnouncedChoice(NamedTuple):
    """Where a choice stands as one, with its text where that is there."""

    start: int
    end: int
    letter: str
    sure: bool
    """Whether nothing behind it turns from it."""


def announced_choice(text: str, count: int) -> AnnouncedChoice | None:
    """Return the last choice of `count` that stands as a label with its text below a line that announces it, or in a
    first or last sentence that comes to it.
    """
    found = [one for one in (*_below_lines(text), *_in_sentences(text)) if one[2] in LETTERS[:count]]
    if not found:
        return None
    start, end, letter = max(found)
    end = start + len(text[start:end].rstrip(" *_"))
    turned = turns_between(text, end, len(text)) or _TURNS.search(text, end)
    return AnnouncedChoice(start, end, letter, not turned)


def _below_lines(text: str) -> Iterator[tuple[int, int, str]]:
    """A list of choices has more than one label."""
    lines = [line for line in re.finditer(r"[^\n]+", text) if line[0].strip()]
    labels = [_LINE.fullmatch(line[0]) for line in lines]
    for i, (above, line) in enumerate(pairwise(lines)):
        label, below = labels[i + 1], labels[i + 2] if i + 2 < len(lines) else None
        said = _SENTENCE.split(above[0].rstrip())[-1]
        if label and not (below or labels[i]) and _ANNOUNCES.search(said) and not _DOUBTS.search(said):
            yield line.start() + label.start("letter"), line.end(), label["letter"]


def _in_sentences(text: str) -> Iterator[tuple[int, int, str]]:
    """In the first line above others, and in a last paragraph of one line that concludes."""
    first, rest, _ = text.partition("\n")
    if rest and (said := _IN_SENTENCE.search(first)) and not _doubted(first, said.start()):
        yield said.start("letter"), len(first), said["letter"]
    start = max((gap.end() for gap in _PARAGRAPH.finditer(text.rstrip())), default=0)
    last = text[start:].rstrip()
    said = (_AT_END.search(last) or _IN_SENTENCE.search(last)) if start and "\n" not in last else None
    if said and _CONCLUDES.match(last) and not _doubted(last, said.start()):
        group = "aside" if said.re is _AT_END and said["aside"] else "letter"
        end = said.end(group) if said.re is _AT_END else len(last)
        yield start + said.start(group), start + end, said[group]


def _doubted(line: str, end: int) -> bool:
    return _DOUBTS.search(_SENTENCE.split(line[:end])[-1]) is not None
