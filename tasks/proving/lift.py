"""What arms came to, and by how much they differ: accuracies, pass@k, and paired bootstrap intervals. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

Scores = Mapping[int, Mapping[str, float]]
"""By seed and item, from 0 to 1; every seed has the same items."""
SHARE = 0.95
"""Of the resamples, those inside an interval."""


@dataclass(frozen=True)
class Interval:
    value: float
    low: float
    high: float

    @property
    def points(self) -> str:
        """In percentage points, such as `+14.2 points [8.1, 20.0]`."""
        return f"{self.value * 100:+.1f} points [{self.low * 100:.1f}, {self.high * 100:.1f}]"


def pass_at_k(n: int, correct: int, k: int) -> float:
    """Chance that one of k of the n samples is correct, by the unbiased estimator (arXiv 2107.03374, equation 1)."""
    if not 0 <= correct <= n or not 1 <= k <= n:
        raise ValueError(f"pass@k: got n = {n}, correct = {correct}, k = {k}; needs correct and k within n")
    return 1.0 - comb(n - correct, k) / comb(n, k)


def accuracy(scores: Scores) -> float:
    """Mean over seeds of the mean over items."""
    return fmean(fmean(of_seed.values()) for of_seed in scores.values())


def by_seed(scores: Scores) -> dict[int, float]:
    return {seed: fmean(of_seed.values()) for seed, of_seed in scores.items()}


def lift(arm: Scores, than: Scores, resamples: int) -> Interval:
    """How much more `arm` has than `than`, which was asked the same: seeds are drawn again, and items for all."""
    if arm.keys() != than.keys() or any(arm[seed].keys() != than[seed].keys() for seed in arm):
        raise ValueError("lift: got arms that were asked different questions; needs the same seeds and items")
    return _interval(_table(arm) - _table(than), resamples)


def level(arm: Scores, resamples: int) -> Interval:
    """Accuracy of one arm."""
    return _interval(_table(arm), resamples)


def _table(scores: Scores) -> NDArray[np.float64]:
    return np.array([[of_seed[item] for item in sorted(of_seed)] for _, of_seed in sorted(scores.items())])


def _interval(values_SI: NDArray[np.float64], resamples: int) -> Interval:
    """The mean, and the range that holds `SHARE` of the means when both seeds and items are drawn again.

    A question that is hard for one seed is hard for all, so an item is drawn with all its seeds (Owen, The pigeonhole
    bootstrap, arXiv 0712.1111): items drawn apart for each seed would give intervals that are too narrow.
    """
    rng = np.random.default_rng(0)
    n_seeds, n_items = values_SI.shape
    means_R = [
        values_SI[rng.integers(n_seeds, size=n_seeds)].mean(axis=0)[rng.integers(n_items, size=n_items)].mean()
        for _ in range(resamples)
    ]
    low, high = np.quantile(means_R, [(1 - SHARE) / 2, (1 + SHARE) / 2])
    return Interval(float(values_SI.mean()), float(low), float(high))


def auc(higher: Sequence[float], lower: Sequence[float]) -> float | None:
    """Chance that one of `higher` is above one of `lower`, ties half; None where either is empty."""
    if not higher or not lower:
        return None
    return fmean((a > b) + (a == b) / 2 for a in higher for b in lower)
