"""What a practice teacher is told before it is asked: the golds of reasoning-gym's questions."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from types import MappingProxyType

import reasoning_gym

from tasks.practice.rates import MILD

GYM = (
    "letter_counting",
    "chain_sum",
    "simple_equations",
    "spell_backward",
    "word_sorting",
    "products",
    "fraction_simplification",
    "gcd",
    "lcm",
    "prime_factorization",
    "base_conversion",
    "number_filtering",
    "polynomial_equations",
    "simple_geometry",
    "calendar_arithmetic",
    "knights_knaves",
    "leg_counting",
)
"""The reasoning-gym families of the demo."""
HEDGED = re.compile(r"\b(again|since|then|given|found|based|whatever|what|not)\b", re.I)
"""Words that, sorted into an answer, make it one that is taken back: `the answer is not, …`."""

FLAWLESS = replace(
    MILD,
    slip_cold=0,
    slip_warm=0,
    unstated=0,
    harm=0,
    mend=1,
    believe=0,
    refusal=0,
    field=0,
    think=0,
    ramble=0,
    misjudge=0,
    favour_first=0,
    mute=0,
    echo=0,
    unsolvable=0,
    spoilt=0,
    otherwise=0,
    unmarked=0,
    settled=0,
    flat=0,
    blunder=0,
    spoils=MappingProxyType({}),
    breaks=MappingProxyType({}),
)
"""Right and well-formed wherever it can read the question; it still reflects."""


def golds(families: Sequence[str], size: int, seed: int) -> dict[str, str]:
    """By question, the families in turn; without golds that read as no answer."""
    data = [reasoning_gym.create_dataset(family, size=size, seed=seed) for family in families]
    entries = (entry for turn in zip_longest(*data) for entry in turn if entry and entry["answer"])
    return {entry["question"].strip(): entry["answer"] for entry in entries if not HEDGED.search(entry["answer"])}
