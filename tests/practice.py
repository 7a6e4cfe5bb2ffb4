"""What a practice teacher is told before it is asked: the golds of reasoning-gym's questions."""

import re
from collections.abc import Sequence
from itertools import zip_longest

import reasoning_gym

HEDGED = re.compile(r"\b(again|since|then|given|found|based|whatever|what|not)\b", re.I)
"""Words that, sorted into an answer, make it one that is taken back: `the answer is not, …`."""


def golds(families: Sequence[str], size: int, seed: int) -> dict[str, str]:
    """By question, the families in turn; without golds that read as no answer."""
    data = [reasoning_gym.create_dataset(family, size=size, seed=seed) for family in families]
    entries = (entry for turn in zip_longest(*data) for entry in turn if entry and entry["answer"])
    return {entry["question"].strip(): entry["answer"] for entry in entries if not HEDGED.search(entry["answer"])}
