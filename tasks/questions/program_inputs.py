"""Arguments to try a small function on: one generator for each name that `inputs` of a kind of program may hold."""

from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType
from typing import Any

WORDS = (
    *("red", "ant", "tea", "blue", "owl", "sun", "green", "tree", "on", "at", "apple", "bee", "to"),
    *("low", "Rome", "night", "up", "egg", "stone", "so", "rain", "old", "Ada", "cat", "top", "river"),
)


def _integers(rng: Random) -> list[int]:
    return [rng.randrange(-9, 21) for _ in range(rng.randrange(3, 8))]


def _repeats(rng: Random) -> list[int]:
    """Few different numbers, so that neighbours are often equal."""
    low = rng.randrange(6)
    return [rng.randrange(low, low + 3) for _ in range(rng.randrange(4, 9))]


def _words(rng: Random) -> list[str]:
    return [rng.choice(WORDS) for _ in range(rng.randrange(3, 7))]


def _sentence(rng: Random) -> str:
    return f"{' '.join(_words(rng)).capitalize()} {rng.randrange(100)}{rng.choice('.!?')}"


def _letters(rng: Random) -> str:
    """Runs of one to three equal letters out of a few."""
    few = rng.sample("abcdexyz", 3)
    return "".join(rng.choice(few) * rng.choice((1, 1, 2, 3)) for _ in range(rng.randrange(2, 6)))


def _mirror(rng: Random) -> str:
    """Now and then the same in both directions, but for case and what stands between."""
    half = rng.choice(WORDS).lower()
    whole = half + half[::-1][rng.randrange(2) :]
    return rng.choice((whole, whole.capitalize(), f"{whole[:2]}, {whole[2:]}", f"{half} {whole}", f"{half}{half}"))


def _mapping(rng: Random) -> dict[str, int]:
    return {key: rng.randrange(-3, 10) for key in rng.sample("abcdefgh", rng.randrange(2, 5))}


def _labels(rng: Random) -> dict[str, str]:
    return {key: rng.choice(("hot", "cold", "mild")) for key in rng.sample(WORDS, rng.randrange(3, 7))}


def _matrix(rng: Random) -> list[list[int]]:
    n_rows, n_columns = rng.randrange(2, 4), rng.randrange(2, 4)
    return [[rng.randrange(-5, 10) for _ in range(n_columns)] for _ in range(n_rows)]


def _brackets(rng: Random, deep: int = 0) -> str:
    inside = "" if deep == 3 else "".join(_brackets(rng, deep + 1) for _ in range(rng.randrange(3 - deep // 2)))
    return f"({inside})" if deep else f"{inside}(a{rng.choice('+*-')}b)"


INPUTS: Mapping[str, Callable[[Random], Any]] = MappingProxyType(
    {
        "integers": _integers,
        "repeats": _repeats,
        "items": lambda rng: rng.sample(range(1, 30), rng.randrange(3, 8)),
        "lists": lambda rng: [_integers(rng)[: rng.randrange(4)] for _ in range(rng.randrange(2, 5))],
        "matrix": _matrix,
        "limit": lambda rng: rng.randrange(-2, 9),
        "low": lambda rng: rng.randrange(-3, 4),
        "high": lambda rng: rng.randrange(5, 12),
        "count": lambda rng: rng.randrange(1, 9),
        "size": lambda rng: rng.randrange(2, 5),
        "number": lambda rng: rng.randrange(10, 5000),
        "positive": lambda rng: rng.randrange(2, 60),
        "words": _words,
        "phrase": lambda rng: " ".join(_words(rng)),
        "sentence": _sentence,
        "letters": _letters,
        "mirror": _mirror,
        "brackets": _brackets,
        "mapping": _mapping,
        "labels": _labels,
    }
)
"""Every argument is what JSON can hold, and comes back from it unchanged."""

NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "integers": ("numbers", "values", "data", "series"),
        "repeats": ("numbers", "values", "entries", "readings"),
        "items": ("items", "values", "entries", "sequence"),
        "lists": ("lists", "parts", "groups", "nested"),
        "matrix": ("rows", "table", "matrix", "grid"),
        "limit": ("limit", "threshold", "bound", "mark"),
        "low": ("low", "floor", "lowest"),
        "high": ("high", "ceiling", "highest"),
        "count": ("k", "n_places", "amount", "size"),
        "size": ("k", "width", "step", "size"),
        "number": ("number", "n", "value"),
        "positive": ("number", "n", "value"),
        "words": ("words", "tokens", "names"),
        "phrase": ("text", "sentence", "phrase", "line"),
        "sentence": ("text", "sentence", "message", "s"),
        "letters": ("text", "s", "letters", "string"),
        "mirror": ("text", "s", "phrase", "string"),
        "brackets": ("text", "expression", "s", "formula"),
        "mapping": ("scores", "stock", "points", "amounts"),
        "labels": ("labels", "mapping", "table", "lookup"),
    }
)
"""What a parameter with such arguments may be called. No name is that of a variable in the programs."""
