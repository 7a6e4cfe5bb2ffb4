"""Python code without what is easily changed: names, literals, annotations, docstrings, comments, layout.

What is left is the structure, with the names that have a meaning outside (built-in functions, attributes). A program
that has most of an item's structure, in its order, is a copy with other names; where the item is short, one that does
nothing else. Measured: no function of the standard library, of 7,000, is taken for a HumanEval solution, nor
one of these for another, but for two that differ in nothing but a literal.
"""

import ast
import builtins
import re
import textwrap
import warnings
from collections.abc import Iterator, Sequence

from schemas.contamination import Detector, Finding

SIZE = 10
"""Tokens of a sequence."""
SHARE = 0.7
"""Of an item's sequences, how many convict."""
LEAST = 36
"""An item of fewer tokens is part of too many programs: with 30, each that tests for primes would be a copy."""
WHOLE, FEWEST = 0.9, 20
"""The share of common sequences (Dice) from which two programs are the same, and the tokens that an item then needs."""
LONGEST = 20_000
"""Characters of code that are read, of one text."""
TRIES = 20
VERSION = f"code-1({SIZE}x{SHARE},{LEAST},{WHOLE}x{FEWEST})"

_FENCE = re.compile(r"```[^\n`]*\n(.*?)(?:```|\Z)", re.DOTALL)
_STARTS = re.compile(r"[ \t]*(?:@\w|(?:async +)?def +\w|class +\w|import +\w|from +[\w.]+ +import\b)")
_OUTSIDE = frozenset(dir(builtins))
Gram = tuple[str, ...]


class CodeIndex:
    """Benchmark items that hold Python code, to look texts up in."""

    def __init__(self, texts: Sequence[str]) -> None:
        found = ((place, code_tokens(text)) for place, text in enumerate(texts))
        self._items = {place: (len(tokens), _grams(tokens)) for place, tokens in found if len(tokens) >= FEWEST}
        self._postings: dict[Gram, list[int]] = {}
        for place, (_, grams) in self._items.items():
            for gram in grams:
                self._postings.setdefault(gram, []).append(place)

    def find(self, text: str) -> Finding | None:
        """Return the item that most of stands in `text`, the first of equals; None where no code convicts."""
        if not self._items:
            return None
        grams = _grams(code_tokens(text))
        near = sorted({place for gram in self._postings.keys() & grams for place in self._postings[gram]})
        shares = {place: share for place in near if (share := self._share(place, grams))}
        if not shares:
            return None
        place = max(shares, key=shares.__getitem__)
        return Finding(
            place=place,
            detector=Detector.NGRAM,
            contaminated=True,
            score=round(shares[place], 4),
            evidence=f"{shares[place]:.0%} of the code's structure, whatever its names",
        )

    def _share(self, place: int, grams: frozenset[Gram]) -> float:
        """How much of an item's structure is among `grams`; 0 where that does not convict."""
        tokens, theirs = self._items[place]
        shared = len(theirs & grams)
        same = 2 * shared >= WHOLE * (len(theirs) + len(grams))
        return shared / len(theirs) if same or (tokens >= LEAST and shared >= SHARE * len(theirs)) else 0.0


def code_tokens(text: str) -> list[str]:
    """Return the structure of the Python code in `text`, in order; empty where there is none."""
    return [token for tree in _trees(text) for token in _tokens(tree)]


def _trees(text: str) -> Iterator[ast.Module]:
    """What can be read as Python, of the fenced blocks that hold some, else of the whole text."""
    fenced = [block for block in _FENCE.findall(text[:LONGEST]) if _STARTS.search(block)]
    for block in fenced or [text[:LONGEST]]:
        yield from _parts(block.splitlines())


def _parts(lines: Sequence[str]) -> Iterator[ast.Module]:
    """The parts of `lines` that can be read: cut where an error is said to be, as often as `TRIES`."""
    at, end = _first(lines, 0), len(lines)
    for _ in range(TRIES):
        if at is None:
            return
        tree = _read(lines[at:end])
        if isinstance(tree, ast.Module):
            yield tree
            at, end = _first(lines, end), len(lines)
        elif tree and end == len(lines):
            end = at + tree
        else:
            at, end = _first(lines, at + 1), len(lines)


def _read(lines: Sequence[str]) -> ast.Module | int:
    """The code; where it is none, how many lines come before the error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an escape that Python does not know
        try:
            return ast.parse(textwrap.dedent("\n".join(lines)))
        except SyntaxError as error:
            return max((error.lineno or 1) - 1, 0)
        except (ValueError, RecursionError, MemoryError):
            return 0


def _first(lines: Sequence[str], start: int) -> int | None:
    return next((at for at in range(start, len(lines)) if _STARTS.match(lines[at])), None)


def _tokens(tree: ast.AST) -> Iterator[str]:
    """Kinds of nodes from the outside in; a name only where it means something outside."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Import | ast.ImportFrom | ast.expr_context) or (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        ):
            continue
        yield _token(node)
        children = [
            child
            for name, value in ast.iter_fields(node)
            if name not in ("annotation", "returns")
            for child in (value if isinstance(value, list) else [value])
            if isinstance(child, ast.AST)
        ]
        stack.extend(reversed(children))


def _token(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id if node.id in _OUTSIDE else "Name"
    if isinstance(node, ast.Attribute):
        return f".{node.attr}"
    if isinstance(node, ast.Constant):
        return type(node.value).__name__
    return "Assign" if isinstance(node, ast.AnnAssign) else type(node).__name__


def _grams(tokens: Sequence[str]) -> frozenset[Gram]:
    return frozenset(zip(*(tokens[start:] for start in range(SIZE)), strict=False))
