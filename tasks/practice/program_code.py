"""Code as text: its variables renamed, and shown code compared with code of one's own. Nothing is run here."""

import ast
import builtins
import re
from collections.abc import Mapping
from random import Random
from types import MappingProxyType

VARIABLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "total": ("total", "result", "acc"),
        "count": ("count", "hits", "matches"),
        "out": ("out", "result", "answer"),
        "n": ("n", "number", "x"),
        "best": ("best", "top", "record"),
        "kept": ("kept", "seen", "result"),
        "c": ("c", "ch", "char"),
        "word": ("word", "w", "token"),
        "key": ("key", "k"),
        "item": ("item", "x", "entry"),
        "d": ("d", "candidate"),
        "found": ("found", "result"),
        "i": ("i", "pos"),
        "current": ("current", "length", "run"),
        "front": ("front", "first", "matching"),
        "back": ("back", "rest", "others"),
        "pieces": ("pieces", "result", "cut"),
        "groups": ("groups", "result", "out"),
        "counts": ("counts", "seen", "times"),
        "steps": ("steps", "taken"),
        "terms": ("terms", "series", "result"),
        "digits": ("digits", "written"),
    }
)
"""What a variable of ours may be called."""


def renamings(rng: Random, code: str, taken: frozenset[str]) -> dict[str, str]:
    """A new name for each variable of `code`, none of them `taken` or used twice."""
    ours = sorted(_in_order(code))
    kept = {name for name in ours if name not in VARIABLES} - taken
    used = taken | kept
    new = {name: name for name in kept}
    for name in ours:
        if name not in kept:
            free = [other for other in VARIABLES.get(name, ()) if other not in used]
            new[name] = rng.choice(free or [f"{name}_"])
            used |= {new[name]}
    return new


def renamed(code: str, names: Mapping[str, str]) -> str:
    """Whole words outside of quotes."""
    parts = re.split(r"(\"[^\"]*\"|'[^']*')", code)
    return "".join(
        part if i % 2 else re.sub(r"\b[A-Za-z_]\w*\b(?!\()", lambda found: names.get(found[0], found[0]), part)
        for i, part in enumerate(parts)
    )


def mending(shown: str, own: str) -> tuple[str, dict[str, str]] | None:
    """(the only line of `shown` that differs from `own`, names for own variables), or None.

    Variables count as equal when they come in the same order.
    """
    try:
        theirs, ours = _in_order(shown), _in_order(own)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if len(theirs) != len(ours):
        return None
    names = dict(zip(ours, theirs, strict=True))
    lines, own_lines = _canonical(shown), _canonical(renamed(own, names))
    pairs = list(zip(lines, own_lines, strict=False))
    differ = [i for i, (line, other) in enumerate(pairs) if line != other]
    originals = shown.splitlines()
    if len(differ) != 1 or not len(lines) == len(own_lines) == len(originals):
        return None
    return originals[differ[0]].strip(), names


def _in_order(code: str) -> list[str]:
    """The variables, by where they first stand."""
    nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)]
    nodes.sort(key=lambda node: (node.lineno, node.col_offset))
    return list(dict.fromkeys(node.id for node in nodes if not hasattr(builtins, node.id)))


def _canonical(code: str) -> list[str]:
    return ast.unparse(ast.parse(code)).splitlines()
