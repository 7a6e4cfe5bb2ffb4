"""Drawing from reasoning-gym: the parts that need no reasoning-gym."""

import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from tasks.questions.draw import PATIENCE, block_seed, distinct, json_able


def test_a_family_that_runs_out_ends():
    def coins() -> Iterator[dict[str, Any]]:
        chance = random.Random(0)
        while True:
            yield {"question": chance.choice("ht")}

    assert sorted(entry["question"] for entry in distinct(coins())) == ["h", "t"]
    assert len(list(distinct({"question": "x"} for _ in range(PATIENCE)))) == 1


def test_entries_become_json():
    entry = {1: (Fraction(1, 3), [(2, None)]), "a": {"b": 0.5}}
    assert json_able(entry) == {"1": ["1/3", [[2, None]]], "a": {"b": 0.5}}


def test_seeds_fit_every_generator():
    seeds = {block_seed(family, seed, block) for family in "ab" for seed in (-1, 0, 2**70) for block in (0, 1)}
    assert len(seeds) == 12
    assert all(0 <= seed < 2**31 for seed in seeds)  # numpy takes no other
