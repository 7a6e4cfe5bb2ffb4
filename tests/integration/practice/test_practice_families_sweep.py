"""Every question of the families that can be read is solved in reasoning-gym's eyes, and no slip is: over many."""

from random import Random
from typing import Any

import pytest
import reasoning_gym

from tasks.practice.behaviour import read, reply
from tasks.practice.rates import FLAWLESS

DATA_SETS: tuple[tuple[str, dict[str, Any], float], ...] = (
    # options, and the share of the questions that must be read
    ("spell_backward", {}, 1.0),
    ("spell_backward", {"min_word_len": 1, "max_word_len": 30}, 0.99),
    ("word_sorting", {}, 0.97),
    ("word_sorting", {"min_words": 2, "max_words": 100}, 0.97),
    ("products", {}, 1.0),
    ("products", {"min_terms": 1, "max_terms": 6, "max_digits": 10, "allow_negation": True}, 1.0),
    ("fraction_simplification", {}, 1.0),
    ("fraction_simplification", {"max_value": 10_000, "max_factor": 1000}, 1.0),
    ("gcd", {}, 1.0),
    ("gcd", {"max_numbers": 5, "max_value": 6}, 1.0),
    ("gcd", {"max_numbers": 5, "max_value": 100_000}, 1.0),
    ("lcm", {}, 1.0),
    ("lcm", {"max_numbers": 5, "max_value": 6}, 1.0),
    ("lcm", {"max_numbers": 5, "max_value": 10_000}, 1.0),
    ("prime_factorization", {}, 1.0),
    ("prime_factorization", {"max_value": 60}, 1.0),
    ("prime_factorization", {"max_value": 100_000}, 1.0),
    ("base_conversion", {"min_value": 1}, 1.0),
    ("base_conversion", {"min_value": 1, "max_value": 20}, 1.0),
    ("base_conversion", {"min_value": 1, "max_base": 36, "max_value": 1_000_000}, 1.0),
    ("number_filtering", {}, 0.99),
    ("number_filtering", {"max_numbers": 25, "max_decimals": 6, "max_value": 10_000}, 0.97),
)


@pytest.mark.parametrize(("name", "options", "readable"), DATA_SETS)
def test_solved_or_left_and_never_by_a_slip(name: str, options: dict[str, Any], readable: float) -> None:
    data = reasoning_gym.create_dataset(name, size=250, seed=31, **options)
    solved = 0
    for seed, entry in enumerate(data):
        problem = read(entry["question"])
        if problem is None:
            continue
        solved += 1
        body = {"model": "practice", "messages": [{"role": "user", "content": entry["question"]}], "seed": seed}
        decision = reply(body, FLAWLESS).decisions[0]
        assert data.score_answer(decision.answer, entry) == 1.0
        for draw in range(3):
            assert data.score_answer(problem.slip(Random(3 * seed + draw)).answer, entry) < 1.0
    assert solved >= readable * len(data)
