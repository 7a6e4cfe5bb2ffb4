"""What arms came to, and by how much they differ: accuracies, pass@k, and paired bootstrap intervals. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

Scores = Mapping[int, Mapping[str, float]]
"""By seed and item, from 0 to 1; another seed may have other items."""
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
    """How much more `arm` has than `than`, which was asked the same: seeds are drawn again, and in each its items."""
    if arm.keys() != than.keys() or any(arm[seed].keys() != than[seed].keys() for seed in arm):
        raise ValueError("lift: got arms that were asked different questions; needs the same seeds and items")
    differences = [np.array([arm[seed][item] - than[seed][item] for item in sorted(arm[seed])]) for seed in sorted(arm)]
    return _interval(differences, resamples)


def level(arm: Scores, resamples: int) -> Interval:
    """Accuracy of one arm."""
    return _interval([np.array([arm[seed][item] for item in sorted(arm[seed])]) for seed in sorted(arm)], resamples)


def _interval(by_seed: Sequence[NDArray[np.float64]], resamples: int) -> Interval:
    """The mean over seeds, and the range that holds `SHARE` of the means when both seeds and items are drawn again."""
    rng = np.random.default_rng(0)
    means_RS = np.stack([_resampled(values, resamples, rng) for values in by_seed], axis=1)
    drawn_RS = rng.integers(len(by_seed), size=means_RS.shape)
    means_R = np.take_along_axis(means_RS, drawn_RS, axis=1).mean(axis=1)
    low, high = np.quantile(means_R, [(1 - SHARE) / 2, (1 + SHARE) / 2])
    return Interval(fmean(float(values.mean()) for values in by_seed), float(low), float(high))


def _resampled(values: NDArray[np.float64], resamples: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Means of `values` drawn with replacement."""
    return np.array([values[rng.integers(len(values), size=len(values))].mean() for _ in range(resamples)])


def auc(higher: Sequence[float], lower: Sequence[float]) -> float | None:
    """Chance that one of `higher` is above one of `lower`, ties half; None where either is empty."""
    if not higher or not lower:
        return None
    return fmean((a > b) + (a == b) / 2 for a in higher for b in lower)
