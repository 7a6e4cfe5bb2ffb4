"""Hundreds of questions per family of the practice teacher, with default and harder settings.

Not in the unit part: sympy makes the polynomials, some 40 ms each.
"""

from random import Random
from typing import Any

import pytest
import reasoning_gym

from tasks.practice.behaviour import reply
from tasks.practice.rates import FLAWLESS

DATA_SETS: tuple[tuple[str, dict[str, Any], float], ...] = (
    # with the share of the questions that must be readable
    ("polynomial_equations", {}, 1.0),
    ("polynomial_equations", {"min_degree": 2, "max_degree": 2, "operators": ("+",), "max_terms": 5}, 1.0),
    ("polynomial_equations", {"max_degree": 4, "max_terms": 5}, 0.85),
    ("simple_geometry", {}, 1.0),
    ("simple_geometry", {"min_sides": 5, "max_sides": 30}, 1.0),
    ("calendar_arithmetic", {}, 1.0),
    ("calendar_arithmetic", {"year": 1999, "offset_upper_bound": 365}, 1.0),
    ("knights_knaves", {}, 1.0),
    ("knights_knaves", {"n_people": 3, "depth_constraint": 3, "width_constraint": 3}, 1.0),
    ("leg_counting", {}, 1.0),
    ("leg_counting", {"min_animals": 1, "max_animals": 37, "max_instances": 1024}, 1.0),
)


@pytest.mark.parametrize(("name", "options", "readable"), DATA_SETS)
def test_flawless_answers_score_in_full(name: str, options: dict[str, Any], readable: float) -> None:
    size = 60 if name == "polynomial_equations" else 220
    data = reasoning_gym.create_dataset(name, size=size, seed=31, **options)
    read = 0
    for seed, entry in enumerate(data):
        body = {"model": "practice", "messages": [{"role": "user", "content": entry["question"]}], "seed": seed}
        (decision,) = reply(body, FLAWLESS).decisions
        if decision.problem is not None:
            read += 1
            assert data.score_answer(decision.answer, entry) == 1.0
            wrong = decision.problem.slip(Random(seed)).answer
            assert data.score_answer(wrong, entry) < 1.0  # control: a slip does not score
    assert read >= readable * size
