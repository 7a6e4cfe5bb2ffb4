"""Neighbours: what is embedded of a text, which pairs are near, and when a pair convicts."""

import numpy as np
import pytest

from schemas.contamination import Detection
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
        ("half of 30 and a dozen", "1/2 of 30 and 12", pytest.approx(4 / 7)),
        ("no numbers here", "none there", None),
        ("7 and 7", "7 and 8", 0.5),
        ("1.2.3 and \u0663", "1.2.3 and 4", None),
        (f"{'9' * 5000} 1 2", "1 2", 1.0),
    ],
)
def test_agreement_of_numbers(one: str, other: str, share: float | None) -> None:
    assert agreement(one, other) == share


@pytest.mark.parametrize(
    ("cosine", "text", "convicts"),
    [
        (0.95, "4 boys have 9 bats", True),
        (0.75, "Of 5 boys each has 6 bats", True),
        (0.75, "4 boys have 9 bats", False),
        (0.75, "boys and bats", False),
        (0.6, "Of 5 boys each has 6 bats", False),
    ],
)
def test_numbers_decide_between_the_thresholds(cosine: float, text: str, convicts: bool) -> None:
    window = Window(0, text, None, None)
    assert convict(Near(0, 0, cosine), window, "Five boys have 6 bats each", SETTINGS).contaminated is convicts


def test_thresholds_have_an_order() -> None:
    with pytest.raises(ValueError, match="at least as high"):
        Detection(alone=0.5)
