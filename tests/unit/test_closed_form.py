"""Mathematics without variables: what is read, what it is worth, and that no text takes long."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.verdict import Reason
from tasks.mathematics.closed_form import compare_closed_forms, read_closed_form
from tasks.mathematics.exact import TooMuch
from tasks.mathematics.latex import MAX_CHARACTERS

SPELT = [
    ("1/2 + 1/3", "5/6"),
    ("2+3*4", "14"),
    ("-2^2", "-4"),
    ("2^{3^2}", "512"),
    ("1/2/3", "1/6"),
    ("2(3)", "6"),
    (r"1\frac{1}{2}", "3/2"),
    (r"1.\overline{6}", "5/3"),
    ("50%", "1/2"),
    ("1.5e-3", "3/2000"),
    ("5!", "120"),
    (r"\binom{5}{2}", "10"),
    (r"3\sqrt2 cm", "3*2^(1/2) centimeter"),
    ("x = -4", "-4"),
    (r"x \in [0, \infty)", "[) 0, infinity"),
    (r"\{2, 1, 2\}", "{1, 2}"),
    ("2, 1", "{1, 2}"),
    (r"\pm 2", "{-2, 2}"),
    (r"x = 2 \text{ or } x = 3", "{2, 3}"),
    ("(2, 1)", "() 2, 1"),
    (r"(3,4) \cup (1,2)", "() 1, 2 u () 3, 4"),
    ("3:2", ": 3, 2"),
    ("58_9", "base 9 53"),
    (r"\emptyset", "{}"),
]


@pytest.mark.parametrize(("text", "spelt"), SPELT)
def test_one_spelling(text: str, spelt: str) -> None:
    assert str(read_closed_form(text)) == spelt


UNREAD = [
    "",
    "x + 1",
    "2x",
    "1 2",
    "1,234",  # a number, or two
    "1,2,...,n",
    "--5",
    "5!!",
    "1/0",
    "(1,2)(3)",
    "(1",
    "1)",
    "x = 2 or y = 3",
    "12_2",
    "10^{-123456}",
    r"\sin 1",
    "__import__('os')",
    "\u0661\u0662",  # Arabic-Indic digits, which int() would take
]


@pytest.mark.parametrize("text", UNREAD)
def test_not_read(text: str) -> None:
    assert read_closed_form(text) is None


ALPHABET = [
    *"0129()[]{}+-*/^!%,;:_= exi",
    r"\frac",
    r"\sqrt",
    r"\pi",
    r"\pm",
    r"\{",
    r"\}",
    r"\cup",
    " or ",
    " km",
    ".",
]
HUGE = ["(2000!)!", "2^{2000!}", r"\sqrt[2000!]{2}", r"\binom{2000!}{2}", "e^{2000!}"]


@pytest.mark.parametrize("text", HUGE)
def test_numbers_that_python_does_not_spell_are_not_read(text: str) -> None:
    assert read_closed_form(text) is None


def test_a_value_of_many_digits_has_no_spelling() -> None:
    form = read_closed_form("2000!")
    assert form is not None
    with pytest.raises(TooMuch):
        str(form)


COMPARED = [
    (r"\sqrt{18}", r"3\sqrt2", Reason.EQUAL),
    (r"\sqrt2+\sqrt3", "3.1462643699419723423", Reason.NOT_EQUAL),
    (r"\sqrt{3+2\sqrt2}", r"1+\sqrt2", None),  # 50 digits agree: no proof
    (r"\sqrt{3+2\sqrt2}", r"1+\sqrt2+10^{-40}", Reason.NOT_EQUAL),
    ("1+10^{-60}", "1", Reason.NOT_EQUAL),
    ("e^{\\pi\\sqrt{163}}", "262537412640768744", Reason.NOT_EQUAL),  # they differ after 30 digits
    ("(1,2)", "(2,1)", Reason.NOT_EQUAL),
    ("(1,2)", "[1,2]", Reason.NOT_EQUAL),
    ("(1,2)", "{1,2}", Reason.UNDECIDED),  # TeX prints no braces
    ("(1,2)", "{1,3}", Reason.NOT_EQUAL),
    ("1, 2", "2, 1", Reason.EQUAL),
    ("1, 2, 2", "1, 2", Reason.UNDECIDED),
    (r"\{1,2,2\}", r"\{1,2\}", Reason.EQUAL),
    ("(1,2)", "1, 2", Reason.EQUAL),
    ("(1,2)", "2, 1", None),
    ("[0,1]", "0, 1", None),
    ("5", "5, 6", Reason.NOT_EQUAL),
    ("5", "5, 5", Reason.UNDECIDED),
    ("[0,1] \\cup [1,2]", "[0,2]", None),
    (r"\infty", r"-\infty", Reason.NOT_EQUAL),
    (r"\infty", "1", Reason.NOT_EQUAL),
    ("3:2", "6:4", None),
    ("12:30", "12:31", Reason.NOT_EQUAL),
    ("58_9", "53", None),
    ("x = 3", "y = 3", Reason.NOT_EQUAL),
    (r"\sqrt2 km", r"1000\sqrt2\text{ m}", Reason.EQUAL),
    (r"\sqrt2 km", r"\sqrt2 kg", Reason.UNIT_DIFFERS),
]


@pytest.mark.parametrize(("gold", "answer", "reason"), COMPARED)
def test_compared(gold: str, answer: str, reason: Reason | None) -> None:
    for one, other in ((gold, answer), (answer, gold)):
        left, right = read_closed_form(one), read_closed_form(other)
        assert left is not None
        assert right is not None
        assert compare_closed_forms(left, right) is reason


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(ALPHABET), max_size=14).map("".join), st.lists(st.sampled_from(ALPHABET)).map("".join))
def test_whatever_the_text_it_is_equal_to_itself_or_not_read(one: str, other: str) -> None:
    left, right = read_closed_form(one), read_closed_form(other)
    if left and right:
        compare_closed_forms(left, right)
    if left:
        assert compare_closed_forms(left, left) in (Reason.EQUAL, None)


PIECES = [
    "(",
    "^",
    "9",
    "9!",
    "+2^",
    r"\frac",
    "a,",
    "{",
    "!",
    "1,",
    "e^",
    ".",
    r"\sqrt",
    r"\sqrt{2}+",
    "9^9^",
    "(1+",
    r"\pm",
]
HARD = [
    "*".join(f"(1+\\sqrt{{{n}}}+\\sqrt{{{n + 1}}})^9" for n in (2, 5, 10, 13)),
    "1/(" + "+".join(f"\\sqrt{{{n}}}" for n in (2, 3, 5, 7, 11, 13, 17, 19)) + ")",
    "*".join(["2500!"] * 60),
    "+".join(f"1/{n}!" for n in range(2440, 2500)),
    "+".join(f"\\sqrt{{{10**15 + n}}}" for n in range(18)),
    "(" * 39 + "9^9" + ")^9" * 39,
]


@pytest.mark.parametrize("text", [*(piece * (MAX_CHARACTERS // len(piece)) for piece in PIECES), *HARD, "9" * 10**6])
def test_no_text_takes_long(text: str) -> None:
    start = time.process_time()
    read_closed_form(text)
    assert time.process_time() - start < 0.5
