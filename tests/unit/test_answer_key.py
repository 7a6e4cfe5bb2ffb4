"""One key for all texts that give the same answer; controls give another."""

import pytest

from tasks.judging.answer_key import MAX_CHARACTERS
from tasks.judging.verifiers import VERIFIERS

SAME = [
    (
        "number",
        "18",
        ["19", "19.0", "$19", "x = 19", "19 eggs", "**19**.", r"\frac{38}{2}"],
        ["18", "-19", "19%", "19k", "19,00"],
    ),
    ("number", "18 cm", ["19", "19 cm", "0.19 m", "190 millimeters"], ["19 kg", "19 m"]),
    ("exact", "Paris", ["London", " **London**. "], ["london", "London, UK"]),
    ("math", "1", [r"\sqrt{18}", r"3\sqrt2", "3√2", r"x = 3\sqrt{2}"], [r"2\sqrt3", "4.2426"]),
    ("math", "1", ["x=2 or x=3", "3, 2", r"\{2,3\}"], ["(2,3)", "2"]),
    ("math", "1", ["2024-03-05", "$2024-03-05$"], ["2016", "2024-05-03"]),  # no arithmetic
    ("math", "1", ["2000!", "$2000!$"], ["2001!"]),  # of more digits than Python spells
    ("math", "x", ["x+1", "$x+1$"], ["1+x"]),  # which only algebra would show
    ("reasoning_gym", "1", ["7", "7.0", "seven"], ["7,5", "seventy"]),
]


@pytest.mark.parametrize(("kind", "gold", "same", "others"), SAME)
def test_the_same_answer_has_the_same_key(kind: str, gold: str, same: list[str], others: list[str]) -> None:
    keys = {VERIFIERS[kind].answer_key(gold, answer) for answer in same}
    assert len(keys) == 1
    assert not keys & {VERIFIERS[kind].answer_key(gold, answer) for answer in others}


def test_no_answer_has_none_and_a_long_one_its_hash() -> None:
    assert VERIFIERS["exact"].answer_key("x", None) is None
    assert VERIFIERS["exact"].answer_key("x", " \n") is None
    long = "word " * MAX_CHARACTERS
    assert len(VERIFIERS["exact"].answer_key("x", long) or "") == 32
    assert VERIFIERS["exact"].answer_key("x", long) != VERIFIERS["exact"].answer_key("x", f"{long} more")
