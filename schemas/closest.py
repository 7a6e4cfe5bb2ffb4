"""What somebody meant who wrote a name that does not exist."""

from collections.abc import Iterable
from difflib import get_close_matches

_CUTOFF = 0.7
"""Below it words are close by accident: `file` is to `families` as 0.67."""
_SHORTEST = 4
"""Letters of a name that another one may go on from, as `batch_size` does from `batch`."""


def closest(given: str, names: Iterable[str], n: int = 1) -> list[str]:
    """Return the names that are closest to `given`, at most `n`, the closest first: none where none is close. Case and
    `-` for `_` make no difference."""
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(_fold(name), name)
    wanted = _fold(given)
    close = get_close_matches(wanted, folded, n=n, cutoff=_CUTOFF)
    close += [name for name in folded if name not in close and _goes_on(wanted, name)]
    return [folded[name] for name in close[:n]]


def hint(given: str, names: Iterable[str], n: int = 1) -> str:
    """Return `; did you mean …?` with the closest names, to follow what is needed; nothing where none is close."""
    close = closest(given, names, n)
    return f"; did you mean {' or '.join(close)}?" if close else ""


def _fold(name: str) -> str:
    return name.casefold().replace("-", "_")


def _goes_on(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= _SHORTEST and long.startswith(short)
