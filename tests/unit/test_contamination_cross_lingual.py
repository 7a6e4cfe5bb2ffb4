"""Across languages: which language, whose numbers, and what the shipped model makes of real sentences."""

import numpy as np
import pytest

from schemas.detection import Detection
from tasks.contamination.cross_lingual import (
    LONGEST,
    MultilingualEmbedder,
    agreement_across,
    language,
    other_language,
    several_languages,
)
from tasks.contamination.detect import find_near
from tests.meaning import WordCounts

EGGS = "Janet's ducks lay 16 eggs per day. She eats three and bakes with four. She sells the rest for $2 per egg."


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("16 \u4e2a\u86cb\uff0c\u5403\u4e09\u4e2a\uff0c\u6bcf\u4e2a2\u7f8e\u5143", EGGS, 1.0),
        ("16 Eier, 3 gegessen, 4 verbacken, je 2 Dollar", EGGS, 1.0),
        (
            "1\u65e5\u306b16\u500b\u30013\u500b\u98df\u3079\u30014\u500b\u3092\u4f7f\u3046\u30011\u500b2\u30c9\u30eb",
            EGGS,
            1.0,
        ),
        ("16 Enten legen 5 Eier, je 2 Euro", EGGS, 0.8),
        ("17 Eier zu je 3 Euro", EGGS, 0.25),
        ("80.000 und 1,5 und 20\u00a0000", "$80,000 and 1.5 and 20000", 1.0),
        ("\u0663\u0660 \u0648 \u0664\u0660", "30 and 40", 1.0),
        ("\uff13\uff10 \uff14\uff10", "30 and 40", 1.0),
        ("drei Eier", EGGS, None),
        ("Ein Ei f\u00fcr 2 Euro", EGGS, None),
    ],
)
def test_agreement_of_numbers_across_languages(one: str, other: str, share: float | None) -> None:
    assert agreement_across(one, other) == share
    assert agreement_across(other, one) == share


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (EGGS, "en"),
        (EGGS.upper(), "en"),
        ("Janets Enten legen jeden Tag 16 Eier, und sie isst drei davon.", "de"),
        ("\u73cd\u59ae\u7279\u7684\u9e2d\u5b50\u6bcf\u5929\u4e0b16\u4e2a\u86cb\u3002", "zh"),
        ("1 2 3", None),
        ("\u0926\u094b \u091f\u094d\u0930\u0947\u0928\u0947\u0902 \u090f\u0915 \u0939\u0940 \u0938\u092e\u092f", None),
    ],
)
def test_language(text: str, name: str | None) -> None:
    assert language(text) == name


def test_what_cannot_be_told_is_no_other_language() -> None:
    assert not other_language("1 2 3", EGGS)
    assert not other_language(EGGS, EGGS.lower())


def test_texts_of_one_language_never_reach_the_model() -> None:
    german = "Janets Enten legen jeden Tag 16 Eier, und sie isst drei davon."
    assert several_languages(["1 2 3", EGGS, EGGS.lower(), german])
    assert not several_languages(["1 2 3", EGGS, EGGS.lower()])
    across = WordCounts()
    for texts, reached in (({0: EGGS, 1: "1 2 3"}, 0), ({0: german}, 2)):
        find_near(texts, [EGGS], Detection(), WordCounts().embed, None, set(), across.embed)
        assert across.embedded == reached


def test_the_shipped_model_is_near_to_a_translation_and_to_nothing_else() -> None:
    model = MultilingualEmbedder()
    translated = (
        "Janets Enten legen 16 Eier pro Tag. Drei isst sie, mit vier backt sie, den Rest verkauft sie zu 2 Dollar."
    )
    other = "Zwei Z\u00fcge fahren um 8 Uhr in Hamburg los und begegnen sich nach 3 Stunden."
    vectors = model.embed([EGGS, translated, other, EGGS])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    near, far, same = vectors[1:] @ vectors[0]
    assert near > 0.7 > 0.5 > far
    assert same > 0.999
    assert np.array_equal(*model.embed(["a" * LONGEST, "a" * 1_000_000]))
    assert model.embed([]).shape == (0, 512)
    assert np.isfinite(model.embed(["", "\x00", "\ud800", "\U0001f389" * 500])).all()
