"""Numbers read exactly, compared with their units, and what is said of answers that are none."""

import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.verdict import Reason
from tasks.mathematics.number import Quantity, compare_quantities, read_quantity
from tasks.mathematics.unread import judge_unread

READ = [
    ("18", 18),
    ("-5", -5),
    ("- 5", -5),
    ("\u22125", -5),
    ("+5", 5),
    ("18.00", 18),
    (".5", Fraction(1, 2)),
    ("5.", 5),
    ("1,234", 1234),
    ("1,234,567.50", Fraction(2469135, 2)),
    ("1{,}234", 1234),
    ("14/3", Fraction(14, 3)),
    (r"\frac{14}{3}", Fraction(14, 3)),
    (r"\dfrac12", Fraction(1, 2)),
    (r"-\frac{1}{2}", Fraction(-1, 2)),
    (r"\frac{-1}{2}", Fraction(-1, 2)),
    ("1 1/2", Fraction(3, 2)),
    (r"1\frac{1}{2}", Fraction(3, 2)),
    ("-1 1/2", Fraction(-3, 2)),
    ("5½", Fraction(11, 2)),
    ("1e9", 10**9),
    ("3e5", 300_000),
    ("2.5E-3", Fraction(1, 400)),
    (r"3 \times 10^{5}", 300_000),
    ("3 x 10^-5", Fraction(3, 100_000)),
    ("10^6", 10**6),
    ("1 million", 10**6),
    ("2.5 billion dollars", 2_500_000_000),
    ("2 dozen", 24),
    ("50%", Fraction(1, 2)),
    (r"12.5\%", Fraction(1, 8)),
    ("50 percent of the class", Fraction(1, 2)),
    ("x=3", 3),
    ("Total cost = $18", 18),
    ("$18$", 18),
    ("**18**", 18),
    (r"\boxed{18}", 18),
    ("1.0000001", Fraction(10_000_001, 10_000_000)),
    ("9" * 999, 10**999 - 1),
]

NOT_READ = [
    "",
    "abc",
    "12:30",
    "1,2",
    "12,34",
    "1 2",
    "1.2.3",
    "1/0",
    "--5",
    "5!",
    "5x",
    "5 x",
    "5k",  # five, or five thousand
    "5 M",
    "6xyz",
    "3 or 4",
    "3 to 4",
    "5 squared",
    "2 minus one",
    "18 dollars and 5 cents",
    "6 pm",
    "1e1001",
    "10^{-999999999}",
    "9" * 1001,
    "\u0661\u0662",  # twelve in Arabic-Indic digits, which int() would take
]


@pytest.mark.parametrize(("text", "value"), READ)
def test_a_number_is_read_exactly(text: str, value: Fraction | int) -> None:
    quantity = read_quantity(text)
    assert quantity is not None
    assert quantity.value == value


@pytest.mark.parametrize("text", NOT_READ)
def test_what_is_no_single_number_is_not_read(text: str) -> None:
    assert read_quantity(text) is None


UNITS = [
    ("$18", "dollar"),
    ("-$5", "dollar"),
    (r"\$18", "dollar"),
    ("18 dollars", "dollar"),
    ("USD 18", "dollar"),
    ("$18 dollars", "dollar"),
    ("€5", "euro"),
    ("60 km/h", "km per h"),
    ("60 kilometers per hour", "km per h"),
    ("5cm", "cm"),
    ("5 cm²", "cm2"),
    ("5cm^2", "cm2"),
    ("5 cm^2", "cm2"),
    (r"5\text{ feet}", "ft"),
    (r"90^\circ", "degree"),
    ("18 eggs.", "egg"),
    ("3 times", "time"),
    ("18", ""),
]


@pytest.mark.parametrize(("text", "unit"), UNITS)
def test_the_unit_in_normal_form(text: str, unit: str) -> None:
    quantity = read_quantity(text)
    assert quantity is not None
    assert quantity.unit == unit


COMPARED = [
    ("18", "$18", Reason.EQUAL),
    ("$18", "18", Reason.EQUAL),
    ("18", "18 eggs", Reason.EQUAL),
    ("18", "18.00", Reason.EQUAL),
    ("1234", "1,234", Reason.EQUAL),
    ("3", "x=3", Reason.EQUAL),
    ("1/2", "0.5", Reason.EQUAL),
    ("$18", "18 dollars", Reason.EQUAL),
    ("5 km", "5000 m", Reason.EQUAL),
    ("$1", "100 cents", Reason.EQUAL),
    ("50%", "0.5", Reason.EQUAL),
    ("50", "50%", Reason.NOT_EQUAL),
    ("50%", "50", Reason.NOT_EQUAL),
    ("1", "1e9", Reason.NOT_EQUAL),
    ("3", "3e5", Reason.NOT_EQUAL),
    ("1", "1 million", Reason.NOT_EQUAL),
    ("5", "- 5", Reason.NOT_EQUAL),
    ("1.0000001", "1.0000002", Reason.NOT_EQUAL),
    ("1/3", "0.333333", Reason.NOT_EQUAL),  # exact: an approximation is another number
    ("x=3", "y=3", Reason.NOT_EQUAL),
    ("5 km", "5 m", Reason.NOT_EQUAL),
    ("5 km", "5 kg", Reason.UNIT_DIFFERS),
    ("5 apples", "5 pears", Reason.UNIT_UNKNOWN),
]


@pytest.mark.parametrize(("gold", "answer", "reason"), COMPARED)
def test_equal_values_and_units(gold: str, answer: str, reason: Reason) -> None:
    expected, stated = read_quantity(gold), read_quantity(answer)
    assert expected is not None
    assert stated is not None
    assert compare_quantities(expected, stated) is reason


def test_floats_would_not_tell_these_apart() -> None:
    """The control: the pairs above need exact arithmetic."""
    assert float("0.1") + float("0.2") != float("0.3")
    assert float("1" + "0" * 17) == float("1" + "0" * 16 + "1")
    big, bigger = read_quantity("1" + "0" * 17), read_quantity("1" + "0" * 16 + "1")
    assert big != bigger


UNREAD = [
    (18, "Paris", Reason.ANSWER_NOT_A_NUMBER),
    (18, "cannot be determined", Reason.ANSWER_NOT_A_NUMBER),
    (12, "12:30", Reason.ANSWER_NOT_A_NUMBER),
    (18, "twelve", Reason.ANSWER_NOT_A_NUMBER),
    (18, "eighteen", Reason.ANSWER_UNPARSABLE),
    (64, "sixty-four", Reason.ANSWER_UNPARSABLE),
    (200, "two hundred", Reason.ANSWER_UNPARSABLE),
    (0, "none of them", Reason.ANSWER_UNPARSABLE),
    (Fraction(3, 4), "three quarters", Reason.ANSWER_UNPARSABLE),
    (14, "XIV", Reason.ANSWER_UNPARSABLE),
    (14, "十四", Reason.ANSWER_UNPARSABLE),
    (64, "2*32", Reason.ANSWER_UNPARSABLE),
    (5, "5 or 6", Reason.ANSWER_UNPARSABLE),
    (1, "ln e", Reason.ANSWER_UNPARSABLE),
    (1, "1,2,...,n", Reason.ANSWER_UNPARSABLE),
    (64, "For the first glass he pays 5 * 1/2 = 2.5 dollars.\nFor the next 5 * 1", Reason.GOLD_ABSENT),
    (64, "So the glasses cost 8 times 8 which makes 64 dollars, and then", Reason.ANSWER_UNPARSABLE),
    (Fraction(1, 2), "So it must have gone up by 50 percent or so", Reason.ANSWER_UNPARSABLE),
]


@pytest.mark.parametrize(("gold", "answer", "reason"), UNREAD)
def test_an_unread_answer_is_wrong_only_if_no_reading_is_the_gold(gold: Fraction, answer: str, reason: Reason) -> None:
    assert read_quantity(answer) is None
    assert judge_unread(Quantity(Fraction(gold), ""), answer) is reason


HOSTILE = [
    "9" * 10**6,
    " " * 10**6,
    "," * 20_000,
    "(" * 2000,
    "1" + " " * 10**6 + "2",
    "^" + " " * 900,
    "1e" + "9" * 99,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_takes_long(text: str) -> None:
    start = time.process_time()
    assert read_quantity(text) is None
    judge_unread(Quantity(Fraction(1), ""), text)
    assert time.process_time() - start < 1


@given(st.integers(-(10**40), 10**40), st.integers(1, 10**40))
def test_what_is_written_is_read(top: int, bottom: int) -> None:
    whole, fraction = read_quantity(f"{top:,}"), read_quantity(f"{top}/{bottom}")
    assert whole is not None
    assert fraction is not None
    assert (whole.value, fraction.value) == (top, Fraction(top, bottom))


@given(st.text(alphabet=st.sampled_from("0123456789.,-+/%$ eEx=^{}()\\fractext km\u2212½")), st.text())
def test_any_text_is_a_quantity_or_not(numeric: str, text: str) -> None:
    for written in (numeric, text):
        if read_quantity(written) is None:
            assert judge_unread(Quantity(Fraction(7), ""), written).ruling != "correct"
