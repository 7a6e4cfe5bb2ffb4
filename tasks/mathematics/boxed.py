r"""Boxes: each `\boxed{…}`, which of them are one answer together, and what that answer is.

Boxes are one answer where nothing but a conjunction, a separator or a line break joins them, as in
`$x = \boxed{1}$ or $x = \boxed{2}$`. Words between two boxes keep them apart, and so do labels of parts, `(a)`, `(b)`.
"""

import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from tasks.late_pattern import late_pattern

_BRACE = late_pattern(r"\\{1,3}f?boxed\s*\{|\\fbox\s*\{|\\.|[{}]", re.DOTALL)
_JOINT = late_pattern(
    r"""(?: \s | [,;.&${}*_:/()] | ^[-\u2022]\s | \\[()\[\]!,;:\ \\] | \\q?quad(?![a-z]) | \\(?:begin|end)\{[a-z]+\*?\}
      | \\text(?:bf|rm)?\{[^{}]*\b(?:and|or)\b[^{}]*\} | \\text(?:bf|rm)?(?=\{)
      | (?<![A-Za-z])\\?[A-Za-z]{1,12}(?:_\{?\w{1,3}\}?)?(?:\(\w{1,3}\))?\s*&?(?:=|\\in(?![a-z]))
      | (?<![A-Za-z])(?:and|or|also|as\ well\ as|either|und|oder|et|ou|y|o|e|и|или|lub|i|ve|veya|và|hoặc)(?![A-Za-z])
      | 和|或|与|及|と|または|그리고|또는 )*+""",
    re.VERBOSE | re.MULTILINE,
)
_ITEM = late_pattern(
    rf"""{_JOINT.pattern} (?: \(?\w{{1,4}}[.):] | (?:case|part|question|problem|q)\ ?\w{{1,3}}[.):]
      | (?:first|second|third|for\ [^:.;\n]{{1,20}}): ) {_JOINT.pattern}""",
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_APART = late_pattern(r"[.!?](?=\s|[$\\)*]|$)|\n\s*\n")
_MINUS = late_pattern(r"(?:^|[\s=:$({,])([-\u2212])\$?$")
_GOES_ON = late_pattern(r"\^\{?\d|\\pi(?![a-z])|\\sqrt|/\d|:\d")
_GOES_BEFORE = late_pattern(r"(?:\\sqrt(?:\[\d\])?\{|\}\{|[\d/^])\Z")
_ESCAPED = late_pattern(
    r"\\(?=\\(?:[dt]?frac|sqrt|le|leq|ge|geq|lt|gt|neq?|in|cup|pm|cdot|times|pi|infty|text|left|right|circ|log|ln|sin"
    r"|cos|tan|boxed)(?![A-Za-z]))"
)
"""Of commands that were escaped twice."""
_SCALE_BEHIND = late_pattern(
    r"""(?:\s|\\[,;:\ ]|\$|\\[)\]]|\*\*){0,4}(?:\\text\s*\{\s*)?
    (\\?% | (?:percent|per\ cent|pct|hundred|thousand|million|billion|trillion|dozen|lakh|crore)\b)""",
    re.VERBOSE,
)
_RESOLVES = late_pattern(
    r"""=|\b(?:so|thus|hence|therefore|then|final|answer|simplif\w+|equivalent\w*|equals?|which|i\.e|that\ is|rather
      |instead|not|wrong|incorrect|becomes|reduces|gives|giving|get|wait|no|actually|sorry)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_PART = late_pattern(
    r"^[ \t*_#>-]{0,6}\(?(?:part\s+)?\(?([a-h]|i{1,3}|[1-9])\)"
    r"|\b(?:part\s+\(?|(?:for|in|to|of)\s\()([a-h1-9])\b|(?<=[.;,]\s)\(?([a-h])\)",
    re.IGNORECASE | re.MULTILINE,
)


class Box(NamedTuple):
    r"""A box whose braces balance and that holds no other."""

    start: int
    r"""Of `\boxed{`."""
    inside: int
    inside_end: int

    @property
    def end(self) -> int:
        return self.inside_end + 1

    def of(self, text: str) -> str:
        """Return what a box holds, with a minus right before it."""
        return f"{self.minus(text)}{self.alone(text)}"

    def alone(self, text: str) -> str:
        return text[self.inside : self.inside_end].strip()

    def minus(self, text: str) -> str:
        found = _MINUS.search(text[max(0, self.start - 3) : self.start])
        return found[1] if found else ""

    def is_part(self, text: str) -> bool:
        r"""Return whether it stands in the middle of a formula: `\sqrt{\boxed{5}}`, `\boxed{5}\pi`."""
        before = text[max(0, self.start - 10) : self.start]
        return _GOES_ON.match(text, self.end) is not None or _GOES_BEFORE.search(before) is not None


def unbox(text: str) -> str:
    r"""Return the one answer in the boxes of `text`, `1, -2` for `\(\boxed{1}\) and \(\boxed{-2}\).`; without one
    `text`.

    A share or a magnitude behind the last box is part of it: `28 percent` for `$\boxed{28}$ percent`.
    """
    text = _ESCAPED.sub("", text) if "\\\\" in text and "begin" not in text else text
    found = runs(text)
    answers = {joined(text, run) for run in found}
    if len(answers) != 1:
        return text if found else _without_dollars(text)
    behind = scale_behind(text, found[-1])
    return f"{answers.pop()} {behind[1]}" if behind else answers.pop()


def scale_behind(text: str, run: Sequence[Box]) -> re.Match[str] | None:
    """Return what multiplies the one box of a run from behind it: a percent sign, `percent`, `million`."""
    return _SCALE_BEHIND.match(text, run[-1].end) if len(run) == 1 else None


def _without_dollars(text: str) -> str:
    """`$1$ and $2$` as one piece of mathematics."""
    parts = text.split("$")
    apart = len(parts) % 2 and len(parts) > 4 and all(map(_JOINT.fullmatch, parts[::2]))
    return "".join(parts) if apart else text


def inside(text: str) -> str:
    """Return what the boxes of a text hold alone, unboxed."""
    answers = {", ".join(dict.fromkeys(box.alone(text) for box in run)) for run in runs(text)}
    return answers.pop() if len(answers) == 1 else text


def joined(text: str, run: Sequence[Box]) -> str:
    """Return what the boxes of a run hold, each once."""
    return ", ".join(dict.fromkeys(box.of(text) for box in run))


def runs(text: str) -> list[list[Box]]:
    """Return all boxes that hold anything, in order, those together that are one answer. Linear."""
    found: list[list[Box]] = []
    for box in _boxes(text) if "box" in text else ():
        if found and _JOINT.fullmatch(text, found[-1][-1].end, box.start):
            found[-1].append(box)
        else:
            found.append([box])
    return found


def unclear(text: str, found: Sequence[Sequence[Box]]) -> bool:
    """Return whether the last two unlike boxes are items of a list, or stand in one sentence that says nothing of how
    they go together.
    """
    for one, other in reversed(list(pairwise(found))):
        if joined(text, one) != joined(text, other):
            gap = text[one[-1].end : other[0].start]
            return _ITEM.fullmatch(gap) is not None or not (_APART.search(gap) or _RESOLVES.search(gap))
    return False


def in_parts(text: str, answers: Sequence[tuple[int, str]]) -> bool:
    """Return whether the answers, each with its start, answer parts of a question, so that none is the answer to it."""
    if len({answer for _, answer in answers}) < 2:
        return False
    labels = [(label.start(), str(label[label.lastindex or 0]).lower()) for label in _PART.finditer(text)]
    if len({name for _, name in labels}) < 2:
        return False
    last_of_part: dict[str, str] = {}
    for start, answer in answers:
        at = bisect(labels, (start, ""))
        last_of_part[labels[at - 1][1] if at else ""] = answer
    return len(set(last_of_part.values())) > 1


def _boxes(text: str) -> Iterator[Box]:
    waiting: list[tuple[bool, int, int]] = []
    newest = -1
    for brace in _BRACE.finditer(text):
        if brace[0][-1] == "{" and brace[0] != r"\{":
            waiting.append((brace[0] != "{", brace.start(), brace.end()))
        elif brace[0] == "}" and waiting:
            boxed, start, inside = waiting.pop()
            if boxed and inside > newest:
                newest = inside
                if text[inside : brace.start()].strip():
                    yield Box(start, inside, brace.start())
