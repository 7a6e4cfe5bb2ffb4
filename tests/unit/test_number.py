"""Numbers read exactly, compared with their units, and what is said of answers that are none."""

import json
import re
import time
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.verdict import Reason
from tasks.mathematics.number import Quantity, compare_quantities, may_be_grouped, read_quantity
from tasks.mathematics.unread import judge_unread, may_be_other_notation, stated_value

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
    ("=10", 10),
    ("10,", 10),
    ("\u0661\u0662", 12),  # in Arabic-Indic digits
    ("1.2 \u00d7 10⁻⁴", Fraction(12, 100_000)),
    ("28 pct", Fraction(28, 100)),
    ("$28$ percent", Fraction(28, 100)),
    ("5‰", Fraction(5, 1000)),
    ("500 bps", Fraction(5, 100)),
    ("3 lakh", 300_000),
    ("2 crore rupees", 20_000_000),
    ("4 grand", 4000),
    ("2 quadrillion", 2 * 10**15),
    ("3 gross", 432),
    ("3 bn", 3 * 10**9),
    ("two dozen eggs", 24),
    ("half a dozen", 6),
    ("sixty-four", 64),
    ("one hundred and five", 105),
    ("minus four", -4),
    ("negative 4", -4),
    ("two thirds", Fraction(2, 3)),
    ("7 hundredths", Fraction(7, 100)),
    ("7 elevenths", Fraction(7, 11)),
    ("3 quarters", Fraction(3, 4)),
    ("two and a half", Fraction(5, 2)),
    ("1 hour 30 minutes", Fraction(3, 2)),
    ("5 feet 3 inches", Fraction(21, 4)),
    ("18 dollars and 5 cents", Fraction(361, 20)),
    ("one and a half million", 1_500_000),
    ("three-quarters", Fraction(3, 4)),
    ("two-fifths", Fraction(2, 5)),
    ("three hundredths", Fraction(3, 100)),
    ("one thousandth", Fraction(1, 1000)),
    ("twenty-five hundredths", Fraction(1, 4)),
    ("a hundred", 100),
    ("half dozen", 6),
    ("a gross", 144),
    ("a dozen and a half", 18),
    ("a mile and a half", Fraction(3, 2)),
    ("quarter of an hour", Fraction(1, 4)),
    ("exactly five", 5),
    ("total: 3", 3),
    ("5'6\"", Fraction(11, 2)),
    ("2h 15m", Fraction(9, 4)),
    ("1\u20443", Fraction(1, 3)),
    ("14 {, }916", 14_916),
]

UNSURE = [
    ("12,5", Fraction(25, 2)),
    ("0,111", Fraction(111, 1000)),
    ("1000,99", Fraction(100_099, 100)),
    ("1.234.567", 1_234_567),
    ("1.234,5", Fraction(12_345, 10)),
    ("12,34,567", 1_234_567),
    ("1 234 567", 1_234_567),
    ("1_234_567", 1_234_567),
    ("1'234'567", 1_234_567),
    ("18,00 €", 18),
    ("0xFF", 255),
    ("5k", 5000),
    ("$5M", 5_000_000),
    ("vierundzwanzig", 24),
    ("veinticuatro", 24),
    ("quatre-vingts", 80),
    ("3 and 1/2", Fraction(7, 2)),
]


@pytest.mark.parametrize(("text", "value"), UNSURE)
def test_what_may_be_read_otherwise_is_never_wrong(text: str, value: Fraction | int) -> None:
    quantity = read_quantity(text)
    assert quantity is not None
    assert (quantity.value, quantity.sure) == (value, False)
    assert compare_quantities(Quantity(Fraction(value), ""), quantity) is Reason.EQUAL
    assert compare_quantities(Quantity(Fraction(value) + 1, ""), quantity) is Reason.UNDECIDED


NOT_READ = [
    "5 ms^{-1}",  # metres per second, mostly
    "1 hour 30 apples",
    "2 hours 3 hours",
    "",
    "abc",
    "12:30",
    "1 2",
    "1.2.3",
    "1/0",
    "--5",
    "5!",
    "5x",
    "5 x",
    "5 M",
    "6xyz",
    "3 or 4",
    "3 to 4",
    "5 squared",
    "2 minus one",
    "6 pm",
    "1990s",
    "300 BCE",
    "0.3 recurring",
    "101 in hexadecimal",
    "not x = 10",
    "log x = 10",
    "2x = 10",
    "7 out of 10",
    "1 hour 90 minutes",
    "10 or 11",
    "about 10",
    "three or four",
    "twenty-third",
    "ten-thousandths",
    "not = 3",
    "opposite = 3",
    "reciprocal = 3",
    "wrong: 3",
    "floor = 3",
    "$5 m",
    "5 percentage points",
    "5 mil",
    " dozen\ud800",
    "3 fold",
    "3 dB",
    "a table",
    "1e1001",
    "10^{-999999999}",
    "9" * 1001,
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
    ("60 km/h", "kilometer / hour"),
    ("60 kilometers per hour", "kilometer / hour"),
    ("5cm", "centimeter"),
    ("5 cm²", "centimeter ** 2"),
    ("5cm^2", "centimeter ** 2"),
    ("5 cm^2", "centimeter ** 2"),
    (r"5\text{ feet}", "foot"),
    (r"5 \mathrm{~cm}^{2}", "centimeter ** 2"),
    (r"5 \frac{m}{s}", "meter / second"),
    ("5 m s^{-1}", "meter * second ** -1"),
    ("5 J/(kg K)", "joule / kilogram / kelvin"),
    ("$5/hour", "dollar / hour"),
    ("5 degrees Celsius", "degree_Celsius"),
    ("5 units^2", "unit"),
    ("5\u4e2a", "\u4e2a"),
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
    ("100 km", "100.5 km", Reason.NOT_EQUAL),  # near, but nothing was converted
    ("1 gallon", "4 liters", Reason.UNIT_UNKNOWN),  # whose gallon
    ("4 liters", "1 gallon", Reason.UNIT_UNKNOWN),
    ("12,5", "13", Reason.UNDECIDED),
    ("5", "5 in total", Reason.EQUAL),
    ("12", "12 chocolate chip cookies", Reason.EQUAL),
    ("5 km", "5 kg", Reason.UNIT_DIFFERS),
    ("5 apples", "5 pears", Reason.UNIT_UNKNOWN),
    ("25 m/s", "90 km/h", Reason.EQUAL),
    ("25 m/s", "25 km/h", Reason.NOT_EQUAL),
    ("100 °C", "212 °F", Reason.EQUAL),
    ("100 °C", "100 °F", Reason.NOT_EQUAL),
    ("12 cm^3", "12 mL", Reason.EQUAL),
    ("$1 per minute", "$60 per hour", Reason.EQUAL),
    ("5 km", "3.1 miles", Reason.UNIT_UNKNOWN),  # rounded, as conversions mostly are
    ("3 tons", "3 tonnes", Reason.UNIT_UNKNOWN),  # whose ton
    ("90 minutes", "1 hour 30 minutes", Reason.EQUAL),
    ("AB = 5", "BC = 5", Reason.NOT_EQUAL),
    ("Total cost = 5", "Cost = $5", Reason.EQUAL),
    ("Cost = 5", "Total cost = 5", Reason.EQUAL),
    ("Cost = 5", "x = 5", Reason.EQUAL),
    ("Area = 5", "Perimeter = 5", Reason.UNDECIDED),
    ("25 m/s", "25 m s^{-1}", Reason.EQUAL),
    ("30 °C", "86 °F", Reason.EQUAL),
    ("30 degrees", "30 °C", Reason.UNIT_UNKNOWN),  # words and letters that two units share
    ("5 pounds", "£5", Reason.UNIT_UNKNOWN),
    ("8 oz", "1 cup", Reason.UNIT_UNKNOWN),
    ("5 minutes", "5 m", Reason.UNIT_UNKNOWN),
    ("5000", "5 K", Reason.UNIT_UNKNOWN),
    ("$5", "$5 per hour", Reason.UNIT_UNKNOWN),
    ("$5", "€5", Reason.UNIT_DIFFERS),
]


@pytest.mark.parametrize(("gold", "answer", "reason"), COMPARED)
def test_equal_values_and_units(gold: str, answer: str, reason: Reason) -> None:
    expected, stated = read_quantity(gold), read_quantity(answer)
    assert expected is not None
    assert stated is not None
    assert compare_quantities(expected, stated) is reason


BEHIND_A_NUMBER = {
    "units": "cm m/s^2 km/h kg miles square_feet cubic_centimeters °C mph calories radians nanometers kWh liters",
    "currencies": "dollars euros 元 円 rupees cents_each dollars_per_hour",
    "counted": "eggs people children sheep yellow_marbles chocolate_chip_cookies bags_of_chips eggs_each "
    "slices_of_pizza apples_in_the_basket jellybeans grandchildren remaining_balls words_per_minute times",
    "no change": "left total in_total each per_day of_them remaining altogether",
}
CHANGES = (
    "less more fewer more_apples fewer_marbles short off away below below_zero doubled squared negative infinity "
    "recurring debt loss south hexadecimal in_binary nope maybe unlikely cannot false BCE BC reciprocal myriad mil bil "
    "hundredweight couples pairs dozens out_of_them to_go ago isn't score elevens xyz"
)


@pytest.mark.parametrize("words", [words for kind in BEHIND_A_NUMBER.values() for words in kind.split()])
def test_a_unit_or_what_was_counted_leaves_the_number_as_it_is(words: str) -> None:
    quantity = read_quantity(f"18 {words.replace('_', ' ')}")
    assert quantity is not None
    assert quantity.value == 18


@pytest.mark.parametrize("words", CHANGES.split())
def test_other_words_may_change_it(words: str) -> None:
    assert getattr(read_quantity(f"18 {words.replace('_', ' ')}"), "value", None) != 18


ASKED = [
    ("20 zorks", "How many zorks are there?", 20),
    ("20 more zorks", "How many more zorks are needed?", 20),
    ("100 loss", "What is his loss?", 100),
    ("20 pairs", "How many pairs of shoes?", 20),
    ("20 more", "How many more does she need?", 20),
    ("20 fewer", "How many eggs?", None),
    ("20 below", "How far below?", None),
]


@pytest.mark.parametrize(("text", "question", "value"), ASKED)
def test_the_nouns_of_the_question_count(text: str, question: str, value: int | None) -> None:
    assert getattr(read_quantity(text, question), "value", None) == value
    assert getattr(read_quantity(text), "value", None) != 20


def test_nearly_all_that_is_counted_in_real_questions_is_known(shared_data: Path) -> None:
    """Nouns behind `how many` in 2,000 questions, but for words that may change a number."""
    counted: Counter[str] = Counter()
    for line in (shared_data / "gsm8k_train.jsonl").read_text("utf-8").splitlines():
        counted.update(_HOW_MANY.findall(json.loads(line)["question"]))
    unread = {noun: n for noun, n in counted.items() if read_quantity(f"18 {noun}") is None}
    assert counted.total() > 500
    print(unread)
    assert sum(unread.values()) <= 0.02 * counted.total()


_HOW_MANY = re.compile(
    r"[Hh]ow many (?!more|fewer|less|of|pairs|dozen|times as)([a-z]+s|people|children|fish)"
    r" (?:did|does|do|will|are|is|were|was|can|would|has|have|had|should|must)\b"
)


STATED = [
    ("The number of arrangements is therefore 5!", "5!"),
    ("So the total is 5 apples.", "5 apples"),
    ("Therefore $x$ is $5$.", "$5$"),
    ("Twice the number is 5.", None),
    ("The square root of the number is 5.", None),
    ("The negative of the result is 5.", None),
    ("The wrong value is 5.", None),
    ("The first term is 5.", None),
    ("x squared is 5", None),
    ("Maybe the total is 5.", None),
    ("The teacher thinks the total is 5.", None),
    ("It seems unlikely the total is 5.", None),
    ("Suppose the total is 5.", None),
    ("We get $5$ dozen.", None),
    ("-$5$", None),
]


@pytest.mark.parametrize(("sentence", "value"), STATED)
def test_a_sentence_states_the_value_of_its_subject_alone(sentence: str, value: str | None) -> None:
    assert stated_value(sentence) == value


OTHERWISE = ["5th", "5P1", "5!", "5 Nm", "5 ms^{-1}", "0b101", "V\u0049", "5k"]


@pytest.mark.parametrize("answer", OTHERWISE)
def test_what_may_be_the_gold_in_another_notation(answer: str) -> None:
    assert may_be_other_notation(Quantity(Fraction(5), ""), answer)
    assert not may_be_other_notation(Quantity(Fraction(5), ""), "5 + x")
    assert not may_be_other_notation(Quantity(Fraction(4), ""), "5 Nm")


@pytest.mark.parametrize(("gold", "answer"), [(1234, "1.234"), (10_000, "10.000"), (1234, "1.234 dollars")])
def test_points_and_commas_may_be_exchanged(gold: int, answer: str) -> None:
    assert may_be_grouped(Quantity(Fraction(gold), ""), answer)
    assert not may_be_grouped(Quantity(Fraction(gold + 1), ""), answer)


def test_floats_would_not_tell_these_apart() -> None:
    """The control: the pairs above need exact arithmetic."""
    assert float("0.1") + float("0.2") != float("0.3")
    assert float("1" + "0" * 17) == float("1" + "0" * 16 + "1")
    big, bigger = read_quantity("1" + "0" * 17), read_quantity("1" + "0" * 16 + "1")
    assert big != bigger


HALVES = [r"$\frac{1}{2}$", r"\frac12", r"$\dfrac{2}{4}$", "$1 / 2$", "$2^{-1}$", r"${1 \over 2}$", "50%", "$0.5$"]
MANY = [
    "$5!$",
    "5!",
    r"$\binom{10}{3}$",
    r"$2^3 \cdot 15$",
    "8 \u00d7 15",
    "12 times 10",
    "10 dozen",
    "1.2e2",
    r"\sqrt{14400}",
]
FEW = ["$4!$", "8 \u00d7 14", "9 dozen", "1.2e3", "$2^3 = 8$", "100 + 21"]
UNREAD = [
    (18, "a table", Reason.ANSWER_NOT_A_NUMBER),
    (18, "osiemnaście", Reason.ANSWER_UNPARSABLE),  # a language that nobody here reads
    (18, "eighteenth", Reason.ANSWER_UNPARSABLE),
    (0, "All of them were sold", Reason.ANSWER_UNPARSABLE),
    (7, "There must be 3+4 apples left over", Reason.ANSWER_UNPARSABLE),
    (15, "It takes a quarter of 60 minutes altogether", Reason.ANSWER_UNPARSABLE),
    (255, "FF", Reason.ANSWER_UNPARSABLE),
    (18, "cannot be determined", Reason.ANSWER_NOT_A_NUMBER),
    (12, "12:30", Reason.ANSWER_NOT_A_NUMBER),
    (0, "none of them", Reason.ANSWER_UNPARSABLE),
    (14, "XIV", Reason.ANSWER_UNPARSABLE),
    (14, "XIV 十四", Reason.ANSWER_UNPARSABLE),
    (64, "2*32", Reason.ANSWER_UNPARSABLE),
    (5, "5 or 6", Reason.ANSWER_UNPARSABLE),
    (1, "ln e", Reason.ANSWER_UNPARSABLE),
    (1, "1,2,...,n", Reason.ANSWER_UNPARSABLE),
    (64, "For the first glass he pays 5 * 1/2 = 2.5 dollars.\nFor the next 5 * 1", Reason.GOLD_ABSENT),
    # work that breaks off is no answer
    (9, "He scores 4 points at first. That grows by 1 (0.25 * 4 = 1). In the second 2", Reason.ANSWER_UNPARSABLE),
    (70, "The value rises by 150 percent. So the profit is $155,000 - ($80,000 + $50,00", Reason.ANSWER_UNPARSABLE),
    (10, "They pay the doctors 150 an hour. So the total cost is 200 * $150 = $30,00", Reason.ANSWER_UNPARSABLE),
    (9, "She received 1 for the first. The next three teeth are 3 together (3 x $1.", Reason.ANSWER_UNPARSABLE),
    (9, '{"reasoning": "The team has 6 clusters. Each of them = 20 of these in all.', Reason.ANSWER_UNPARSABLE),
    (9, '{"reasoning": "The team has 6 clusters. Each of them = 20 of these in all."}', Reason.GOLD_ABSENT),
    (60, "First, we compute 25% of $80, which is $20. Then we", Reason.ANSWER_UNPARSABLE),
    (60, "The discount is 80 / 4 = $20. We subtract it from the price,", Reason.ANSWER_UNPARSABLE),
    (60, "The discount is 80 / 4 = $20, so that leaves 80 -", Reason.ANSWER_UNPARSABLE),
    (60, "The discount is 80 / 4 = $20. What is left is\n\n$$80 -", Reason.ANSWER_UNPARSABLE),
    (60, "The discount is 80 / 4 = $20. So he pays the rest.", Reason.GOLD_ABSENT),
    # the gold in another notation, or as an expression that is left as it is
    *(
        (Fraction(1, 2), f"We count them all: 3 + 4 = 7. So the share is {half}.", Reason.ANSWER_UNPARSABLE)
        for half in HALVES
    ),
    *((120, f"We count them all: 3 + 4 = 7. So there are {many} of them.", Reason.ANSWER_UNPARSABLE) for many in MANY),
    (5000, "We count them all: 3 + 4 = 7. So it costs $5k in the end.", Reason.ANSWER_UNPARSABLE),
    (5000, "We count them all: 3 + 4 = 7. So it costs 5 000 in the end.", Reason.ANSWER_UNPARSABLE),
    (5000, "We count them all: 3 + 4 = 7. So it costs $5\\,000$ in the end.", Reason.ANSWER_UNPARSABLE),
    (Fraction(5, 2), "We count them all: 3 + 4 = 7. So it is 2 1/2 of them.", Reason.ANSWER_UNPARSABLE),
    (Fraction(1, 4), "We count them all: 3 + 4 = 7. So it is 1 in 4 of them.", Reason.ANSWER_UNPARSABLE),
    *((120, f"We count them all: 3 + 4 = 7. So there are {few} of them.", Reason.GOLD_ABSENT) for few in FEW),
    (60, "The discount is 80 / 4 = $20. So he pays the rest!**", Reason.GOLD_ABSENT),
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
    "5 m" + "^2" * 400 + "?",
    "5 " + "kg*" * 300 + "?",
    "The " + "of the " * 7000 + "is 5",
    "5 " + "/(a b)" * 150 + "!",
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


_ANY = st.text(st.characters(exclude_categories=()))
"""Half characters too, as JSON may hold."""


@given(st.text(alphabet=st.sampled_from("0123456789.,-+/%$ eEx=^{}()\\fractext km\u2212½")), _ANY)
def test_any_text_is_a_quantity_or_not(numeric: str, text: str) -> None:
    for written in (numeric, text):
        if read_quantity(written) is None:
            assert judge_unread(Quantity(Fraction(7), ""), written).ruling != "correct"
