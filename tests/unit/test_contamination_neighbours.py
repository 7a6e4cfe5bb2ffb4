"""Neighbours: what is embedded of a text, which pairs are near, and when a pair convicts."""

import numpy as np
import pytest

from schemas.detection import Detection
from tasks.contamination.neighbours import MOST_WINDOWS, STRIDE, WINDOW, Near, Window, agreement, convict, near, windows

SETTINGS = Detection(borderline=0.5, with_numbers=0.7, alone=0.9)


def of_words(n: int) -> str:
    return " ".join(f"w{k}" for k in range(n))


@pytest.mark.parametrize(("n", "count"), [(0, 0), (1, 1), (WINDOW, 1), (WINDOW + 1, 2), (WINDOW + STRIDE + 1, 3)])
def test_a_long_text_is_read_in_windows_that_overlap(n: int, count: int) -> None:
    text = of_words(n)
    found, cut = windows(["...", text])
    assert [window.owner for window in found] == [1] * count
    assert not cut
    if count > 1:
        assert [text[window.start : window.end] for window in found] == [window.text for window in found]
        assert found[0].text.endswith(f"w{WINDOW - 1}")
        assert found[-1].text.endswith(f"w{n - 1}")


def test_a_text_without_end_is_cut_and_named() -> None:
    found, cut = windows([of_words(STRIDE * (MOST_WINDOWS + 5))])
    assert (len(found), cut) == (MOST_WINDOWS, {0})


def test_near_gives_the_nearest_and_whatever_else_is_near() -> None:
    items = np.eye(3, dtype=np.float32)
    texts = np.asarray([[0.8, 0.6, 0], [0.1, 0.2, 0.3]], np.float32)
    assert [(pair.window, pair.item) for pair in near(texts, items, 0.5)] == [(0, 0), (0, 1), (1, 2)]
    assert list(near(texts, items[:0], 0.5)) == []


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("16 eggs, three eaten, $2 each", "she eats 3 of 16 and asks 2.00", 1.0),
        ("twice as many as 5", "double 5", None),
        ("48 of 576, then 17 at 20", "48 of 576, then 17 at 18", 0.75),
        ("1,000 and 20%", "1000 and 20 percent", 1.0),
        ("80k and 2.5K", "80,000 and 2500", 1.0),
        ("2kg and 3 km", "2 kg and 3km", 1.0),
        ("half of 30 and a dozen", "1/2 of 30 and 12", pytest.approx(4 / 7)),
        ("no numbers here", "none there", None),
        ("7 and 7", "7 and 8", 0.5),
        ("1.2.3 and \u0663", "1.2.3 and 4", None),
        (f"{'9' * 5000} 1 2", "1 2", 1.0),
    ],
)
def test_agreement_of_numbers(one: str, other: str, share: float | None) -> None:
    assert agreement(one, other) == share


SUM = "Of five boys in the first class each has 6 bats, how many bats do they have?"


@pytest.mark.parametrize(
    ("cosine", "text", "convicts"),
    [
        (0.95, "4 boys have 9 bats and nobody else has any", True),
        (0.75, "There are 5 boys and each one has 6 bats", True),
        (0.75, "4 boys have 9 bats and nobody else has any", False),
        (0.75, "some boys have bats and nobody else has any", False),
        (0.6, "There are 5 boys and each one has 6 bats", False),
    ],
)
def test_numbers_decide_between_the_thresholds(cosine: float, text: str, convicts: bool) -> None:
    assert convict(Near(0, 0, cosine), Window(0, text, None, None), SUM, SETTINGS).contaminated is convicts


@pytest.mark.parametrize(
    ("text", "convicts"),
    [
        ("16 eggs a day, 3 eaten, 4 baked, rest at $2 each: daily income?", True),
        ("16k eggs a day, 3 eaten, 4 baked, rest at $2 each: daily income?", False),
        ("16 eggs a day, 3 eaten, rest at $2 each: what is the daily income?", False),
        ("eggs: eaten, baked, sold, how much does she make of them in a day?", False),
    ],
)
def test_nearly_all_of_several_numbers_convict_what_is_near(text: str, convicts: bool) -> None:
    item = "Ducks lay 16 eggs a day. Ada eats three, bakes with four and sells the rest at $2. What does she make?"
    pair, window = Near(0, 0, 0.55), Window(0, text, None, None)
    assert convict(pair, window, item, SETTINGS).contaminated is convicts
    assert not convict(Near(0, 0, 0.49), window, item, SETTINGS).contaminated


@pytest.mark.parametrize(
    ("text", "item", "convicts"),
    [
        ("What is 2+4?", "What is 2+3?", False),
        ("Compute 17 * 25.", "Compute 17 * 24.", False),
        ("Name the capital city of France.", "What is the capital of France?", False),
        ("What is 2+3?", SUM, False),
        (SUM, "What is 2+3?", False),
        ("what is 2 + 3", "What is 2+3?", True),
    ],
)
def test_no_likeness_convicts_a_few_words(text: str, item: str, convicts: bool) -> None:
    found = convict(Near(0, 0, 0.99), Window(0, text, None, None), item, SETTINGS)
    assert found.contaminated is convicts
    assert found.evidence.startswith("too short")


def test_thresholds_have_an_order() -> None:
    with pytest.raises(ValueError, match="at least as high"):
        Detection(alone=0.5)
