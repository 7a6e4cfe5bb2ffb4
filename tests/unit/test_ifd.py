import math

import pytest

from schemas.score import Definition
from tasks.scoring.ifd import OVERFLOW, contrast, loss_ratio, mean_loss, perplexity, ppl_ratio

PPL, LOSS = Definition.PPL_RATIO, Definition.LOSS_RATIO
GIVEN, ALONE = (-0.2, -0.4, -0.6), (-1.0, -1.4, -1.8)


@pytest.mark.parametrize(("definition", "value"), [(PPL, 0.36788), (LOSS, 0.285714)])
def test_worked_numbers_of_the_method(definition, value):
    found = contrast(GIVEN, ALONE, 3, definition)
    assert found.ratio == pytest.approx(value, abs=5e-6)
    assert (found.conditioned, found.direct) == (pytest.approx(0.4), pytest.approx(1.4))
    assert (found.n_tokens, found.n_scored, found.reason) == (3, 3, None)


def test_dropping_the_first_token_alone_is_another_number_and_is_caught():
    assert ppl_ratio(mean_loss(GIVEN), mean_loss(ALONE[1:])) == pytest.approx(0.30119, abs=5e-6)
    with pytest.raises(AssertionError):
        contrast(GIVEN, ALONE[1:], 3, PPL)


@pytest.mark.parametrize(("given", "alone", "ppl", "loss"), [(0.5, 0.6, 0.905, 0.833), (3.0, 3.3, 0.741, 0.909)])
def test_the_two_definitions_rank_differently(given, alone, ppl, loss):
    assert ppl_ratio(given, alone) == pytest.approx(ppl, abs=5e-4)
    assert loss_ratio(given, alone) == pytest.approx(loss, abs=5e-4)


@pytest.mark.parametrize("definition", Definition)
@pytest.mark.parametrize("n_tokens", [1, 3, 50])
def test_a_uniform_model_gives_exactly_one(definition, n_tokens):
    uniform = [-math.log(1000)] * n_tokens
    assert contrast(uniform, uniform, n_tokens, definition).ratio == 1


@pytest.mark.parametrize(
    ("given", "alone", "definition"),
    [
        ([math.nan], [-1.0], PPL),
        ([-1.0], [-math.inf], PPL),
        ([-1.0, math.nan], [-1.0, -1.0], LOSS),
        ([-2000.0], [-1.0], PPL),  # the ratio is more than a float
        ([-1.0], [0.0], LOSS),  # nothing to divide by
    ],
)
def test_what_is_not_finite_is_null_and_never_zero(given, alone, definition):
    found = contrast(given, alone, len(given), definition)
    assert (found.ratio, found.reason) == (None, OVERFLOW)


def test_the_difference_is_taken_before_exp():
    # exp(800) is no float, and in float32 exp(89) is none: a quotient of perplexities fails here
    assert contrast([-800.5], [-800.0], 1, PPL).ratio == pytest.approx(math.exp(0.5))
    assert perplexity(800) is None


def test_a_cut_target_keeps_both_counts():
    found = contrast(GIVEN, ALONE, 7, PPL)
    assert (found.n_tokens, found.n_scored) == (7, 3)


@pytest.mark.parametrize(("given", "alone"), [([], []), ([-1.0], [])])
def test_no_tokens_are_a_broken_caller(given, alone):
    with pytest.raises(AssertionError):
        contrast(given, alone, 3, PPL)
