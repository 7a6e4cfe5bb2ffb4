"""Arguments to try a small function on: one generator for each name that `inputs` of a kind of program may hold."""

from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType
from typing import Any, NamedTuple

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


class Input(NamedTuple):
    make: Callable[[Random], Any]
    """An argument that JSON can hold, and that comes back from it unchanged."""
    names: str
    """What a parameter with such arguments may be called. No name is that of a variable in the programs."""


INPUTS: Mapping[str, Input] = MappingProxyType(
    {
        "integers": Input(_integers, "numbers values data series"),
        "repeats": Input(_repeats, "numbers values entries readings"),
        "items": Input(lambda rng: rng.sample(range(1, 30), rng.randrange(3, 8)), "items values entries sequence"),
        "lists": Input(
            lambda rng: [_integers(rng)[: rng.randrange(4)] for _ in range(rng.randrange(2, 5))],
            "lists parts groups nested",
        ),
        "matrix": Input(_matrix, "rows table matrix grid"),
        "limit": Input(lambda rng: rng.randrange(-2, 9), "limit threshold bound mark"),
        "low": Input(lambda rng: rng.randrange(-3, 4), "low floor lowest"),
        "high": Input(lambda rng: rng.randrange(5, 12), "high ceiling highest"),
        "count": Input(lambda rng: rng.randrange(1, 9), "k n_places amount size"),
        "size": Input(lambda rng: rng.randrange(2, 5), "k width step size"),
        "number": Input(lambda rng: rng.randrange(10, 5000), "number n value"),
        "positive": Input(lambda rng: rng.randrange(2, 60), "number n value"),
        "words": Input(_words, "words tokens names"),
        "phrase": Input(lambda rng: " ".join(_words(rng)), "text sentence phrase line"),
        "sentence": Input(_sentence, "text sentence message s"),
        "letters": Input(_letters, "text s letters string"),
        "mirror": Input(_mirror, "text s phrase string"),
        "brackets": Input(_brackets, "text expression s formula"),
        "mapping": Input(_mapping, "scores stock points amounts"),
        "labels": Input(_labels, "labels mapping table lookup"),
    }
)
