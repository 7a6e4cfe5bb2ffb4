"""IFD and r-IFD from per-token log-probabilities: the formulas and where they do not exist. Pure.

Selective Reflection-Tuning (arXiv 2402.10110), section 2.1; the loss ratio: Cherry LLM (arXiv 2308.12032),
section 2.2. IFD is the ratio of a response with and without its instruction, r-IFD that of an instruction
with and without its response: one formula, two directions.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.score import Definition

EMPTY_RESPONSE = "empty_response"
EMPTY_INSTRUCTION = "empty_instruction"
TRUNCATED_AWAY = "truncated_away"
OVERFLOW = "overflow"
NO_REVERSE_PROMPT = "no_reverse_prompt"


@dataclass(frozen=True)
class Contrast:
    """One target seen twice, after its prompt and alone, over the same tokens."""

    n_tokens: int | None
    """Tokens of the whole target; None when it could not be tokenised."""
    n_scored: int | None
    """The first so many of them went into the losses."""
    conditioned: float | None = None
    """L(target | prompt), nats per token."""
    direct: float | None = None
    """L(target)."""
    ratio: float | None = None
    reason: str | None = None
    """Why `ratio` is None; None when it is not."""

    @property
    def truncated(self) -> bool:
        """Some token had no room; not so where none was looked for."""
        return self.reason == TRUNCATED_AWAY or (bool(self.n_scored) and self.n_scored != self.n_tokens)


def contrast(conditioned: Sequence[float], direct: Sequence[float], n_tokens: int, definition: Definition) -> Contrast:
    """Compute IFD from natural-log probabilities of the same target tokens, given the prompt and given nothing.

    Sequences of no or different length are a broken caller: `AssertionError`. What is not finite is NULL:
    `overflow`.
    """
    assert 0 < len(conditioned) == len(direct) <= n_tokens
    given, alone = mean_loss(conditioned), mean_loss(direct)
    ratio = None if given is None or alone is None else RATIOS[definition](given, alone)
    return Contrast(n_tokens, len(direct), given, alone, ratio, OVERFLOW if ratio is None else None)


def mean_loss(log_probs: Sequence[float]) -> float | None:
    """Return the mean negative log-likelihood in nats; None where a log-probability is NaN or infinite."""
    if not all(map(math.isfinite, log_probs)):
        return None
    return -math.fsum(log_probs) / len(log_probs)


def perplexity(loss: float | None) -> float | None:
    """Return exp(loss); None where there is no loss, or more than a float can hold (above 709.78 nats)."""
    if loss is None:
        return None
    try:
        return math.exp(loss)
    except OverflowError:
        return None


def ppl_ratio(given: float, alone: float) -> float | None:
    """Return exp of the difference: a quotient of perplexities would overflow where this does not."""
    return perplexity(given - alone)


def loss_ratio(given: float, alone: float) -> float | None:
    """Return the quotient of two mean losses; None where the target alone costs nothing."""
    return given / alone if alone else None


RATIOS = {Definition.PPL_RATIO: ppl_ratio, Definition.LOSS_RATIO: loss_ratio}
