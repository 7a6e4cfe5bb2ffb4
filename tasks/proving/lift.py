"""What arms came to, and by how much they differ: accuracies, pass@k, and paired bootstrap intervals. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb
from statistics import NormalDist, fmean

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
    """Estimate the chance that one of k of the n samples is correct, by the unbiased estimator (arXiv 2107.03374,
    equation 1).
    """
    if not 0 <= correct <= n or not 1 <= k <= n:
        raise ValueError(f"pass@k: got n = {n}, correct = {correct}, k = {k}; needs correct and k within n")
    return 1.0 - comb(n - correct, k) / comb(n, k)


def accuracy(scores: Scores) -> float:
    """Return the mean over seeds of the mean over items."""
    return fmean(fmean(of_seed.values()) for of_seed in scores.values())


def by_seed(scores: Scores) -> dict[int, float]:
    return {seed: fmean(of_seed.values()) for seed, of_seed in scores.items()}


def lift(arm: Scores, than: Scores, resamples: int) -> Interval:
    """Return how much more `arm` has than `than`, which was asked the same: seeds are drawn again, and items
    for all.
    """
    if arm.keys() != than.keys() or any(arm[seed].keys() != than[seed].keys() for seed in arm):
        raise ValueError("lift: got arms that were asked different questions; needs the same seeds and items")
    return interval(_table(arm) - _table(than), -1, resamples)


def level(arm: Scores, resamples: int) -> Interval:
    """Estimate the accuracy of one arm."""
    return interval(_table(arm), 0, resamples)


def _table(scores: Scores) -> NDArray[np.float64]:
    return np.array([[of_seed[item] for item in sorted(of_seed)] for _, of_seed in sorted(scores.items())])


def interval(values_SI: NDArray[np.float64], least: float, resamples: int) -> Interval:
    """Return the mean, and the range that holds `SHARE` of the means when both seeds and items are drawn again.

    A question that is hard for one seed is hard for all, so an item is drawn with all its seeds (Owen, The pigeonhole
    bootstrap, arXiv 0712.1111): items drawn apart for each seed would give intervals that are too narrow. `least` is
    the lowest value that there may be; 1 is the highest.
    """
    value = float(values_SI.mean())
    if np.ptp(values_SI) == 0:
        unseen = unseen_share(values_SI.shape[1])
        return Interval(value, value - unseen * (value - least), value + unseen * (1 - value))
    rng = np.random.default_rng(0)
    n_seeds, n_items = values_SI.shape
    means_R = [
        values_SI[rng.integers(n_seeds, size=n_seeds)].mean(axis=0)[rng.integers(n_items, size=n_items)].mean()
        for _ in range(resamples)
    ]
    ends = np.quantile(means_R, [(1 - SHARE) / 2, (1 + SHARE) / 2])
    low, high = np.clip(value + _widening(values_SI) * (ends - value), least, 1)
    return Interval(value, float(low), float(high))


def unseen_share(n: int) -> float:
    """Return how much may be otherwise where n of n are alike: none of them shows it with the chance of one end of an
    interval (Clopper and Pearson). All resamples of them are alike, too.
    """
    return float(1 - ((1 - SHARE) / 2) ** (1 / n))


def _widening(values_SI: NDArray[np.float64]) -> float:
    """By how much the ends of a bootstrap of few seeds, or few items, are too near.

    n values drawn again from n spread by (n - 1)/n of what they should, and how much they should is itself known from n
    only: Student's t, its degrees of freedom after Satterthwaite.
    """
    variances, ns = [], values_SI.shape
    for axis, n in enumerate(ns):
        variances.append(values_SI.mean(axis=1 - axis).var(ddof=1) / n if n > 1 else 0.0)
    drawn = sum(variance * (n - 1) / n for variance, n in zip(variances, ns, strict=True))
    freedom = sum(variance**2 / (n - 1) for variance, n in zip(variances, ns, strict=True) if n > 1)
    if not drawn:
        return 1.0
    students = np.abs(np.random.default_rng(0).standard_t(sum(variances) ** 2 / freedom, 200_000))
    return float(np.quantile(students, SHARE) / NormalDist().inv_cdf((1 + SHARE) / 2) * (sum(variances) / drawn) ** 0.5)


def auc(higher: Sequence[float], lower: Sequence[float]) -> float | None:
    """Return the chance that one of `higher` is above one of `lower`, ties half; None where either is empty."""
    if not higher or not lower:
        return None
    return fmean((a > b) + (a == b) / 2 for a in higher for b in lower)
