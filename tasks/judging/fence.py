"""Code that stands in fences: the answer of a question that asks for a program."""

import re
from itertools import pairwise

from tasks.tracing.grammar import TAG

_BLOCK = re.compile(
    r"""(?<![`~]) (?P<fence>`{3,}+|~{3,}+) [ \t]* (?P<language>[\w+.-]*) [^\n`]*\n
    (?P<code>.*?) (?: ^[ \t]*(?P=fence)[`~]*[ \t\r]*$ | \Z )""",
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)
_LANGUAGES = ("", "python", "python3", "py")
_DEFINES = re.compile(r"^[ \t]*(?:async def|def|class) ", re.MULTILINE)


def code_blocks(text: str) -> list[tuple[int, int]]:
    """The range of the code in each fence of Python or of no language, none across a tag of the grammar.

    Where any defines a function or a class, the others do not count: they are calls and results. A fence without an
    end runs to the end of its part.
    """
    found: list[tuple[int, int]] = []
    edges = [(0, 0), *(tag.span() for tag in TAG.finditer(text)), (len(text), len(text))]
    for (_, start), (end, _) in pairwise(edges):
        for block in _BLOCK.finditer(text[start:end]):
            code = block["code"].rstrip()
            if block["language"].lower() in _LANGUAGES and code:
                begin = start + block.start("code")
                found.append((begin, begin + len(code)))
    return [span for span in found if _DEFINES.search(text[slice(*span)])] or found


def unfenced(text: str) -> tuple[int, int]:
    """The range of all of it, less blank lines around it: a body keeps the indentation of its first line."""
    end = len(text.rstrip())
    start = end - len(text[:end].lstrip())
    return text.rfind("\n", 0, start) + 1 if start < end else end, end
