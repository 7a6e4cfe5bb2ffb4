"""Code that stands in fences, or between other marks: the answer of a question that asks for a program.

Either half of a fence may be missing. A bare fence behind code that no fence opened closes it; a fence without an end
runs to the next that opens, or to the prose behind its code. `[PYTHON]` and `[/PYTHON]`, `[BEGIN]` and `[DONE]`,
`<code>` and `</code>` on lines of their own are fences, too. What stands in a string of several lines is none.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from tasks.parsing.grammar import TAG
from tasks.parsing.prose import in_string, lines, stretches

_FENCE = re.compile(r"(?<![`~])(?P<fence>`{3,}+|~{3,}+)(?![\"'])[`~]*[ \t]*(?P<language>[\w+.-]*)[^`]*$")
_MARK = re.compile(r"[ \t]*(?:\[[A-Z]{3,}\]|<(?:code|python|answer|solution)>)\Z")
_END_MARK = re.compile(r"(?:\[/[A-Z]{3,}\]|</(?:code|python|answer|solution)>|^\[(?:DONE|END)\])\Z")
_LANGUAGES = ("", "python", "python3", "py")
_DEFINES = re.compile(r"^[ \t]*(?:async def|def|class) ", re.MULTILINE)

Range = tuple[int, int]


def code_blocks(text: str) -> list[Range]:
    """Return the range of the code in each fence of Python or of no language, none across a tag of the grammar.

    Where any defines a function or a class, the others do not count: they are calls and results.
    """
    edges = [(0, 0), *(tag.span() for tag in TAG.finditer(text)), (len(text), len(text))]
    found = [span for (_, start), (end, _) in pairwise(edges) for span in _Part(text, start, end).blocks()]
    found = [(start + inner[0], start + inner[1]) for start, end in found if (inner := unfenced(text[start:end]))[1]]
    return [span for span in found if _DEFINES.search(text[slice(*span)])] or found


def unfenced(text: str) -> Range:
    """Return the range of all of it, less blank lines around it: a body keeps the indentation of its first line."""
    end = len(text.rstrip())
    start = end - len(text[:end].lstrip())
    return text.rfind("\n", 0, start) + 1 if start < end else end, end


class _Edge(NamedTuple):
    """A fence or a mark in a line."""

    start: int
    end: int
    """Of the line."""
    fence: str
    """Its characters; empty for a mark."""
    language: str
    opens: bool
    """It cannot close."""
    closes: bool
    """It cannot open."""
    alone: bool
    """Nothing stands before it in its line."""


class _Part:
    """A part of a text without tags of the grammar."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self._text, self._start, self._end = text, start, end

    def blocks(self) -> Iterator[Range]:
        opened: _Edge | None = None
        begin = self._start
        for edge in self._edges():
            if opened is None:
                ahead = stretches(self._text, begin, edge.start)
                if not edge.opens or any(_DEFINES.search(self._text[slice(*span)]) for span in ahead):
                    yield from ahead
                opened = None if edge.closes or (ahead and not edge.opens) else edge
            elif self._ends(opened, edge, begin):
                yield from self._inside(opened, begin, edge.start)
                opened = edge if edge.opens else None
            elif not self._text[begin : edge.start].strip() and (edge.opens or not opened.fence):
                opened = opened._replace(fence=opened.fence or edge.fence)  # marks and a fence around the same code
            else:
                continue
            begin = min(edge.end + 1, self._end)
        if opened:
            yield from self._inside(opened, begin, self._end, cut=True)

    def _inside(self, opened: _Edge, begin: int, end: int, cut: bool = False) -> list[Range]:
        if opened.language not in _LANGUAGES:
            return []
        return (stretches(self._text, begin, end) if cut else []) or [(begin, end)]

    def _ends(self, opened: _Edge, edge: _Edge, begin: int) -> bool:
        """Whether it ends what is open: with a language only at the start of a line, as the next that opens."""
        if edge.closes:
            return True
        if not opened.fence:
            return bool(self._text[begin : edge.start].strip())
        return edge.fence[:1] == opened.fence[0] and len(edge.fence) >= len(opened.fence) and edge.alone >= edge.opens

    def _edges(self) -> Iterator[_Edge]:
        """All that are not inside a string of several lines."""
        quotes = ""
        last = {mark: self._text.rfind(mark, self._start, self._end) for mark in ('"""', "'''")}
        for start, end in lines(self._text, self._start, self._end):
            line = self._text[start:end]
            edge = _edge(line.rstrip(), start, end) if not quotes or last[quotes] < start else None
            quotes = "" if edge else in_string(line, quotes)
            if edge:
                yield edge


def _edge(line: str, start: int, end: int) -> _Edge | None:
    if _MARK.match(line):
        return _Edge(
            start, end, "", "", opens=not _END_MARK.search(line), closes=bool(_END_MARK.search(line)), alone=True
        )
    if mark := _END_MARK.search(line):
        return _Edge(start + mark.start(), end, "", "", opens=False, closes=True, alone=True)
    if fence := _FENCE.search(line):
        alone = not line[: fence.start()].strip()
        language = fence["language"].lower()
        return _Edge(start + fence.start(), end, fence["fence"], language, bool(language), closes=False, alone=alone)
    return None
