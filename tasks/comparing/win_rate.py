"""Win rates from a judge's rulings, as AlpacaEval counts them, with intervals. Pure.

    win rate                     the mean preference for A over B, a tie half a win (arXiv 2404.04475, section 2)
    standard error               the deviation of the preferences over the root of their number
    length-controlled win rate   of a logistic model of the preference, with the answers' lengths made equal:

        P(A over B) = logistic(theta + phi * tanh(delta / deviation of delta)),  delta = length of A - length of B

The published model (github.com/tatsu-lab/alpaca_eval, `metrics/glm_winrate.py`) has one more term, the difficulty of an
instruction, fitted over a leaderboard's models for its own 805 instructions: with two models and other questions
nothing tells it from theta, so it is left out. Its choice of a penalty by cross-validation is a fixed small one here.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tasks.comparing.contest import RuledContest
from tasks.proving.lift import SHARE, interval, unseen_share

Floats = npt.NDArray[np.float64]
DRAWS = 1000
"""Of the bootstrap over questions."""
_RIDGE = 0.01
"""The penalty on half the squares of theta and phi: 1/C of the published default, and what keeps a model finite that
wins everywhere."""
_STEPS, _SMALL = 50, 1e-10
_EPSILON = 1e-12


class Rate(NamedTuple):
    """A share with an interval of 95 %."""

    value: float
    low: float
    high: float


class Comparison(NamedTuple):
    """A against B over all questions that the judge ruled on."""

    questions: int
    """With a preference."""
    undecided: dict[str, int]
    """Questions without one, by the reason."""
    wins: int
    """Questions with a preference above one half: A ahead in both orders, or in one with a tie in the other."""
    ties: int
    losses: int
    win_rate: Rate | None
    """None without a question that was ruled on, like the others."""
    standard_error: float | None
    """None with fewer than two questions."""
    length_controlled: Rate | None
    length_a: float | None
    """Mean characters of what was judged."""
    length_b: float | None
    first_preferred: Rate | None
    """How much of the preference went to the answer that was shown first: one half without position bias."""
    contradicted: float | None
    """Share of questions on which the judge said another thing in the other order."""
    win_rate_first: float | None
    """Of A where it was shown first, and below where it was shown second."""
    win_rate_second: float | None


def compare(ruled: Sequence[RuledContest], seed: int = 0) -> Comparison:
    """Sum up the rulings; the same ones and the same seed give the same intervals."""
    decided = [each for each in ruled if each.preference is not None]
    undecided = Counter(each.reason.value for each in ruled if each.preference is None and each.reason)
    if not decided:
        return Comparison(0, dict(undecided), 0, 0, 0, *[None] * 9)
    orders = np.array([(each.a_first, each.b_first) for each in decided], dtype=np.float64)
    preferred = orders.mean(axis=1)
    lengths = np.array([(len(each.contest.answer_a), len(each.contest.answer_b)) for each in decided], np.float64)
    drawn = np.random.default_rng(seed).integers(len(decided), size=(DRAWS, len(decided)))
    n = len(decided)
    return Comparison(
        questions=n,
        undecided=dict(sorted(undecided.items())),
        wins=int((preferred > 0.5).sum()),
        ties=int((preferred == 0.5).sum()),
        losses=int((preferred < 0.5).sum()),
        win_rate=_over_questions(preferred),
        standard_error=float(preferred.std(ddof=1) / np.sqrt(n)) if n > 1 else None,
        length_controlled=_length_controlled(preferred, lengths[:, 0] - lengths[:, 1], drawn),
        length_a=float(lengths[:, 0].mean()),
        length_b=float(lengths[:, 1].mean()),
        first_preferred=_over_questions((orders[:, 0] + 1 - orders[:, 1]) / 2),
        contradicted=float((orders[:, 0] != orders[:, 1]).mean()),
        win_rate_first=float(orders[:, 0].mean()),
        win_rate_second=float(orders[:, 1].mean()),
    )


def length_controlled_win_rates(preferred_N: Floats, delta_N: Floats, counts_DN: Floats) -> Floats:
    """Return the win rates that A would have with answers as long as B's, one for each way to count the questions.

    `preferred_N`: one preference per question; `delta_N`: by how many characters A's answer is longer.
    """
    deviation = float(delta_N.std(ddof=1)) if len(delta_N) > 1 else 0.0  # that of all questions, in every draw
    longer_N = np.tanh(delta_N / deviation) if deviation > _EPSILON else np.zeros(len(delta_N))
    features_N2 = np.stack([np.ones(len(delta_N)), longer_N], axis=1)
    return _logistic(fit_logistics(features_N2, preferred_N, counts_DN)[:, 0])


def fit_logistics(features_NK: Floats, target_N: Floats, counts_DN: Floats) -> Floats:
    """Return the weights of logistic models of shares in [0, 1], by Newton's method under the ridge penalty: one for
    each way to count the rows.
    """
    weights_DK = np.zeros((len(counts_DN), features_NK.shape[1]))
    ridge = _RIDGE * np.eye(features_NK.shape[1])
    for _ in range(_STEPS):
        share_DN = _logistic(weights_DK @ features_NK.T)
        gradient_DK = (counts_DN * (target_N - share_DN)) @ features_NK - _RIDGE * weights_DK
        curve_DN = counts_DN * share_DN * (1 - share_DN)
        hessian_DKK = np.einsum("dn,nk,nl->dkl", curve_DN, features_NK, features_NK, optimize=True) + ridge
        step_DK = np.linalg.solve(hessian_DKK, gradient_DK[..., None])[..., 0]
        weights_DK += np.clip(step_DK, -4, 4)
        if np.abs(step_DK).max() < _SMALL:
            break
    return weights_DK


def _over_questions(values_N: Floats) -> Rate:
    found = interval(values_N[None], 0, DRAWS)
    return Rate(found.value, found.low, found.high)


def _length_controlled(preferred: Floats, delta: Floats, drawn: npt.NDArray[np.int64]) -> Rate:
    counts = np.stack([np.bincount(draw, minlength=len(delta)) for draw in drawn]).astype(np.float64)
    rates = length_controlled_win_rates(preferred, delta, np.vstack([np.ones((1, len(delta))), counts]))
    value, ends = float(rates[0]), np.quantile(rates[1:], [(1 - SHARE) / 2, (1 + SHARE) / 2])
    unseen = unseen_share(len(delta)) if np.ptp(preferred) == 0 else 0.0
    return Rate(value, min(float(ends[0]), value * (1 - unseen)), max(float(ends[1]), value + unseen * (1 - value)))


def _logistic(x: Floats) -> Floats:
    return np.asarray(np.exp(-np.logaddexp(0, -x)))
