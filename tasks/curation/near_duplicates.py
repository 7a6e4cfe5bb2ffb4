"""Near duplicates among rows in a given order, from the bands of their signatures. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tasks.curation.shingles import Hashes, Places, jaccard

MOST_IN_BUCKET = 20
"""Rows that stay and share a band. What is beyond has in common what a whole family has; near duplicates share other
bands as well."""
MOST_COMPARED = 20
"""For each row, with those that share most bands: so that costs grow with the rows, whatever stands in them."""


@dataclass(frozen=True)
class Buckets:
    """Of row i, those that hold another row too: `numbers[starts[i] : starts[i + 1]]`."""

    numbers: Places
    starts: Places

    def of(self, row: int) -> list[int]:
        found: list[int] = self.numbers[self.starts[row] : self.starts[row + 1]].tolist()
        return found

    @property
    def rows(self) -> Places:
        """Those that have any."""
        return np.flatnonzero(np.diff(self.starts))


def shared_buckets(bands_NB: npt.NDArray[np.int64]) -> Buckets:
    """Return one bucket for each value of a band that occurs twice or more."""
    rows, numbers, first = [np.empty(0, np.int64)], [np.empty(0, np.int64)], 0
    for band_N in bands_NB.T:
        order = np.argsort(band_N, kind="stable")
        again = np.zeros(len(band_N), bool)
        again[1:] = band_N[order][1:] == band_N[order][:-1]
        shared = again.copy()
        shared[:-1] |= again[1:]
        rows.append(order[shared])
        numbers.append(first + np.cumsum(~again)[shared])
        first += len(band_N)
    row, number = np.concatenate(rows), np.concatenate(numbers)
    order = np.argsort(row, kind="stable")
    counts = np.bincount(row, minlength=len(bands_NB))
    return Buckets(number[order], np.concatenate([[0], np.cumsum(counts)]))


def near_duplicates(
    buckets: Buckets, sets: Mapping[int, Hashes], threshold: float, fixed: Sequence[bool]
) -> dict[int, int]:
    """Return the rows that go, each with the first one before it that stays and shares so much (Jaccard) with it.

    `sets` are the shingles of `buckets.rows`. `fixed` rows stay, whatever they are like.
    """
    staying: dict[int, list[int]] = {}
    going: dict[int, int] = {}
    for row in buckets.rows.tolist():
        own = buckets.of(row)
        near = None if fixed[row] else next(_near(row, own, staying, sets, threshold), None)
        if near is None:
            _hold(row, own, staying)
        else:
            going[row] = near
    return going


def near_pairs(buckets: Buckets, sets: Mapping[int, Hashes], threshold: float) -> Iterator[tuple[int, int]]:
    """Yield every row with those before it that share so much (Jaccard) with it, of at most `MOST_COMPARED` each."""
    held: dict[int, list[int]] = {}
    for row in buckets.rows.tolist():
        own = buckets.of(row)
        yield from ((row, other) for other in _near(row, own, held, sets, threshold))
        _hold(row, own, held)


def _near(
    row: int, own: Sequence[int], held: Mapping[int, Sequence[int]], sets: Mapping[int, Hashes], threshold: float
) -> Iterator[int]:
    """The rows that are held in its buckets and share so much with it, of those that share most bands, in order."""
    shared = Counter(other for bucket in own for other in held.get(bucket, ()))
    likely = sorted(other for other, _ in shared.most_common(MOST_COMPARED))
    return (other for other in likely if jaccard(sets[row], sets[other]) >= threshold)


def _hold(row: int, own: Sequence[int], held: dict[int, list[int]]) -> None:
    for bucket in own:
        if len(held.setdefault(bucket, [])) < MOST_IN_BUCKET:
            held[bucket].append(row)
