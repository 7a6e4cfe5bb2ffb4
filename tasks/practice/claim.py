"""What somebody on the island says: who is honest and who lies, with `and`, `or`, `if` and `not`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_Reading = tuple[Callable[[Sequence[bool]], bool], int]
"""Whether it holds in a case, and how many people are named in it."""


@dataclass(frozen=True)
class Claim:
    text: str
    holds: Callable[[Sequence[bool]], bool]
    """Given for each person whether they are honest."""
    size: int
    """How often somebody is named."""


def read_claim(text: str, names: Sequence[str], honest: str, liar: str) -> Claim | None:
    read = _reading(text, names, honest, liar)
    return Claim(text, *read) if read else None


def _reading(text: str, names: Sequence[str], honest: str, liar: str) -> _Reading | None:
    """One connective at a time: inside another one it stands in parentheses."""
    if _enclosed(text):
        return _reading(text[1:-1], names, honest, liar)
    if text.startswith("it is not the case that "):
        inner = _reading(text.removeprefix("it is not the case that "), names, honest, liar)
        return inner and (lambda case: not inner[0](case), inner[1])
    for word, holds in _CONNECTIVES.items():
        parts = _split(text.removeprefix("if ") if word == " then " else text, word)
        if len(parts) > 1 and text.startswith("if ") == (word == " then "):
            read = [_reading(part, names, honest, liar) for part in parts]
            known = [reading for reading in read if reading]
            if len(known) < len(parts) or (len(parts) > 2 and word not in (" and ", " or ")):
                return None
            return _joined(holds, known)
    who = re.fullmatch(rf"({'|'.join(names)}) is ({honest}|{liar})", text)
    if not who:
        return None
    at, expected = names.index(who[1]), who[2] == honest
    return (lambda case: case[at] == expected), 1


def _joined(holds: Callable[[list[bool]], bool], parts: Sequence[_Reading]) -> _Reading:
    return (lambda case: holds([part(case) for part, _ in parts])), sum(size for _, size in parts)


_CONNECTIVES: dict[str, Callable[[list[bool]], bool]] = {
    " then ": lambda parts: not parts[0] or parts[1],
    " if and only if ": lambda parts: parts[0] == parts[1],
    " and ": all,
    " or ": any,
}


def _enclosed(text: str) -> bool:
    """Whether one pair of parentheses stands around all of it."""
    return text.startswith("(") and text.endswith(")") and all(depth for depth in _depths(text)[:-1])


def _split(text: str, word: str) -> list[str]:
    """At `word` where it stands outside of parentheses."""
    depths, parts, start = _depths(text), [], 0
    for found in re.finditer(re.escape(word), text):
        if depths[found.start()] == 0:
            parts.append(text[start : found.start()])
            start = found.end()
    return [*parts, text[start:]]


def _depths(text: str) -> list[int]:
    """After each character, how many parentheses are open."""
    depth, depths = 0, []
    for character in text:
        depth += (character == "(") - (character == ")")
        depths.append(depth)
    return depths
