"""Which questions count as one: the same words, or most of their triples; and the index misses none of them."""

# ruff: noqa: RUF001  marks of other scripts are what is tested

from random import Random

import pytest

from tasks.questions.alike import Alike, words

TRAIN = (
    "A train leaves the station at nine and travels at 60 miles an hour. How many miles has it gone by noon, if it"
    " waits half an hour on the way?"
)
GCD = "Find the Greatest Common Divisor (GCD) of these numbers: {}, {}."


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is 2 + 2?", "what is 2+2"),
        ("“Who” wrote it…", "Who wrote it?"),
        ("It costs 1,000 dollars; why?", "it costs 1,000 dollars - why"),
        ("Ｗｈａｔ is it?", "What is it?"),
        ("Is it **so**?", "Is it so?"),
        ("法国的首都是哪里？", "法国的首都是哪里"),
    ],
)
def test_case_and_punctuation_are_no_difference(one: str, other: str) -> None:
    found = Alike([one], 1.0).match(other)
    assert found is not None
    assert found.share == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is 12 + 30?", "What is 12 - 30?"),
        ("What is 12 * 30?", "What is 12 30?"),
        ("What is 3.5 times 2?", "What is 35 times 2?"),
        (GCD.format(84, 126), GCD.format(85, 126)),
        ("Who won?", "Who lost?"),
    ],
)
def test_other_numbers_and_signs_are_other_questions(one: str, other: str) -> None:
    assert Alike([one], 0.7).match(other) is None


def test_a_near_duplicate_slips_past_exact_matching() -> None:
    nearly = TRAIN.replace("half an hour", "one hour")
    assert Alike([TRAIN], 1.0).match(nearly) is None  # the control
    found = Alike([GCD.format(1, 2), TRAIN], 0.7).match(nearly)
    assert found is not None
    assert (found.place, 0.7 <= found.share < 1) == (1, True)


def test_scripts_without_spaces_are_compared_by_characters() -> None:
    one = "小明有十二个苹果，他给了小红五个，又买了三个，请问他现在有几个苹果？"
    assert Alike([one], 0.7).match(one.replace("请问", "")) is not None
    assert Alike([one], 0.7).match("一列火车九点出发，每小时行驶六十公里，中午十二点它走了多少公里？") is None


def test_what_is_put_over_another_is_found_in_both() -> None:
    base = Alike([TRAIN], 0.7)
    over = Alike([GCD.format(1, 2)], 0.7, base)
    over.add("Who wrote the book about the river?")
    for place, text in ((-1, TRAIN), (0, GCD.format(1, 2)), (1, "who wrote the book about the river")):
        found = over.match(text)
        assert found
        assert (found.share, found.place) == (1, place)
    assert base.match("Who wrote the book about the river?") is None, "the base is left as it is"


@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.7, 0.9])
def test_the_index_finds_what_comparing_with_each_would_find(threshold: float) -> None:
    rng = Random(threshold)
    texts = [" ".join(rng.choice("abcdefgh") for _ in range(rng.randint(1, 14))) for _ in range(150)]
    alike, some = Alike(texts, threshold), 0
    for text in (" ".join(rng.choice("abcdefgh") for _ in range(rng.randint(1, 14))) for _ in range(150)):
        best = max(_share(text, other) for other in texts)
        found = alike.match(text)
        some += found is not None
        assert (found.share if found else 0) == (best if best >= threshold else 0)
    assert some


def _share(one: str, other: str) -> float:
    sets = [{tuple(w[i : i + 3]) for i in range(max(1, len(w) - 2))} for w in (words(one), words(other))]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])
