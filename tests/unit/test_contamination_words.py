"""Words are compared without their dress, and shown where they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.contamination.words import placed_words, plain_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Janet\u2019s ducks lay 16 eggs.", ["janet", "s", "ducks", "lay", "16", "eggs"]),
        ("1,000 + 2.5", ["1,000", "+", "2.5"]),
        (r"$5, 5$, \$5, $5$ and $\$5$", ["5", "5", "5", "5", "and", "5"]),
        (r"$50\%$ of $x^2$", ["50", "%", "of", "x", "^", "2"]),
        ("caf\u00e9 CAFE\u0301", ["caf\u00e9", "caf\u00e9"]),
        ("\ufb01ve \uff16 STRASSE stra\u00dfe", ["five", "6", "strasse", "strasse"]),
        ("a\u00a0b\u2003c\u3000d", ["a", "b", "c", "d"]),
        ("zero\u200bwidth soft\u00adhyphen", ["zerowidth", "softhyphen"]),
        ("\ud55c\uad6d", ["\ud55c\uad6d"]),
        ("\u1112\u1161\u11ab\u1100\u116e\u11a8", ["\ud55c\uad6d"]),
        ("", []),
        ("?! \u2014 ...", []),
        ("lone \ud800surrogate\udfff", ["lone", "surrogate"]),
        ("nul\x00 esc\x1b[31mred", ["nul", "esc", "31", "mred"]),
        ("J\u0430n\u0435t \u041d\u041e\u0422", ["janet", "hot"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert plain_words(text) == words


@pytest.mark.parametrize(
    ("text", "place", "shown"),
    [
        ("One, Two", 1, "Two"),
        ("\ufb01\ufb01 two", 0, "\ufb01\ufb01"),
        ("e\u0301a\u0301 two", 1, "two"),
        ("so\u00adft next", 0, "so\u00adft"),
    ],
)
def test_a_word_is_shown_as_it_was_written(text: str, place: int, shown: str) -> None:
    placed = placed_words(text)
    assert text[placed.starts[place] : placed.ends[place]] == shown


@given(st.text(st.characters() | st.sampled_from("aB1 \u0301\ufb01\u200b\u00df\ud800"), max_size=40))
def test_places_are_in_order_and_inside(text: str) -> None:
    placed = placed_words(text)
    assert placed.words == plain_words(text)
    assert all(0 <= start < end <= len(text) for start, end in zip(placed.starts, placed.ends, strict=True))
    assert placed.starts == sorted(placed.starts)
