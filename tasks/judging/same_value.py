"""Kinds `number` and `math`: whether two answers are the same value, expression or plain word. Without a process.

Whatever these leave open may still be decided by text, or by the algebra.
"""

import re
from fractions import Fraction

from schemas.verdict import Reason, Ruling
from tasks.judging.same_text import OPPOSITES, may_say_it, same_text
from tasks.mathematics.asked_unit import SCALES, asked_unit, asks_percent, scale_asked
from tasks.mathematics.boxed import unbox
from tasks.mathematics.closed_form import compare_closed_forms, read_closed_form
from tasks.mathematics.lexicon import is_word
from tasks.mathematics.measure import TEMPERATURES, convert, is_regional
from tasks.mathematics.number import (
    Quantity,
    compare_quantities,
    is_near,
    may_be_float,
    may_be_grouped,
    may_be_rounded,
    read_quantity,
    tidy,
)
from tasks.mathematics.relation import sides_of_identity
from tasks.mathematics.unread import judge_unread

LIBRARIES = ("pint", "lemminflect", "text2num")
"""What reading a quantity rests on."""
MATHEMATICS_CHARACTERS = 2000
"""More would be refused."""

_PLAIN = re.compile(r"[a-z][a-z '-]*")
_NOTHING = re.compile(r"\b(?:no|none|not|never|nothing|dne|undefined|impossible|empty|nonexistent)\b")
_PERCENT = re.compile(r"[%\uff05\u066a]|\u767e\u5206\u4e4b|\bpercent\b|\bper cent\b|\bpct\b")
_COUNTED = re.compile(r"(\d[\d,.]*)(?:\s([A-Za-z]+))")
_LEAST_OF_TABLE = 1_000
"""A smaller number without its scale is another number: 5 for `5 thousand`."""
_LETTERS = re.compile("[A-Za-z]{2,}")
_TEXT = re.compile(r"\\(?:text|math|mbox|operatorname)")
_WORD = re.compile(r"(?<![a-z])(?!(?:theta|alpha|beta|gamma|delta|lambda|omega|sqrt)(?![a-z]))[a-z]{4,}|yes|odd")


def judge_number(gold: str, answer: str, question: str = "") -> Reason:
    """Judge a number by its exact value; the nouns of `question` may follow a number."""
    expected, stated = read_quantity(gold, question), read_quantity(answer, question)
    if expected is None:
        return Reason.GOLD_UNPARSABLE
    if stated is None:
        found = judge_unread(expected, answer)
        return Reason.ANSWER_UNPARSABLE if found is Reason.GOLD_ABSENT and may_say_it(gold, answer) else found
    found = compare_quantities(expected, stated)
    if found is not Reason.NOT_EQUAL:
        return _in_asked_unit(expected, stated, question) or found
    if _differ_by_percent(expected, stated) and asks_percent(question):
        return _compare_percent(expected, _in_percent(gold), stated, _in_percent(answer))
    if question and (scaled := _in_asked_scale(gold, expected, answer, stated, question)):
        return scaled
    if may_be_float(expected, stated):
        return Reason.EQUAL
    if _lacks_scale(gold, expected, answer, stated):
        return Reason.UNDECIDED
    may_be = may_be_rounded(expected, stated) or may_be_grouped(expected, answer)
    return _in_asked_unit(expected, stated, question) or (Reason.UNDECIDED if may_be else found)


def _in_percent(text: str) -> bool:
    return _PERCENT.search(text) is not None


def _differ_by_percent(gold: Quantity, answer: Quantity) -> bool:
    values = sorted(abs(side.value) for side in (gold, answer))
    return not gold.unit and not answer.unit and gold.value * answer.value > 0 and values[1] == 100 * values[0]


def _compare_percent(gold: Quantity, gold_is: bool, answer: Quantity, answer_is: bool) -> Reason:
    """`20%` and 20 are equal where percent are asked for; of 20 and 0.2 nobody knows whether one is a share, nor of
    `0.2%` and 0.2.
    """
    percent, plain = (gold, answer) if gold_is else (answer, gold)
    said = (
        gold_is != answer_is and abs(plain.value) > max(Fraction(1), abs(percent.value)) and gold.sure and answer.sure
    )
    return Reason.EQUAL if said else Reason.UNDECIDED


def _in_asked_scale(gold: str, expected: Quantity, answer: str, stated: Quantity, question: str) -> Reason | None:
    """`$380 million` and 380, where millions are asked for; UNDECIDED where the question only speaks of them."""
    sides = sorted(((abs(expected.value), gold), (abs(stated.value), answer)))
    (small, bare), (large, scaled) = sides
    times = next((times for times in SCALES if large == small * times and small), None)
    if times is None or expected.value * stated.value < 0 or SCALES[times] in bare.lower():
        return None
    asked = scale_asked(question, times)
    said = asked and SCALES[times] in scaled.lower() and expected.sure and stated.sure
    return Reason.EQUAL if said else Reason.UNDECIDED if asked is not False else None


def _lacks_scale(gold: str, expected: Quantity, answer: str, stated: Quantity) -> bool:
    """Whether the answer is the gold without its `million`, as where a table counts in millions."""
    times = next((times for times, word in SCALES.items() if word in gold.lower()), None)
    if times is None or any(word in answer.lower() for word in SCALES.values()):
        return False
    return expected.value == times * stated.value and abs(stated.value) >= _LEAST_OF_TABLE


def repeats_question(gold: str, answer: str, question: str) -> bool:
    """Return whether the answer only says a quantity of the question's, and the gold is it in other figures: `12
    dozen`.
    """
    said = _COUNTED.findall(answer)
    if len(said) != 1 or said[0][0] in re.findall(r"\d[\d,.]*", gold):
        return False
    figures, word = said[0]
    return re.search(rf"(?<![\d.,]){re.escape(figures)}\s{word}(?!\w)", question, re.IGNORECASE) is not None


def _in_asked_unit(gold: Quantity, answer: Quantity, question: str) -> Reason | None:
    """Of a gold without a unit and an answer in another one than the question asks for: whether it is the gold in that
    one, or is so by its figures alone; else None.
    """
    wanted = asked_unit(question) if answer.unit and not gold.unit else ""
    if not wanted or wanted == answer.unit:
        return None
    value = convert(answer.value, answer.unit, wanted)
    if value == gold.value != answer.value:
        return Reason.UNIT_UNKNOWN if is_regional(wanted) or is_regional(answer.unit) else Reason.EQUAL
    if wanted in TEMPERATURES and isinstance(value, Fraction) and is_near(gold.value, value):
        return Reason.UNIT_UNKNOWN
    differs = value is Reason.UNIT_DIFFERS or (isinstance(value, Fraction) and value != answer.value)
    return Reason.UNIT_UNKNOWN if differs and answer.value == gold.value else None


def judge_form(gold: str, answer: str) -> Reason | None:
    """Return EQUAL where the answer is an expression worth the gold, such as `5!` or `2 + 3 = 5`; else None.

    A gold such as `1,2` is no list here.
    """
    expected = read_quantity(gold) if len(answer) <= MATHEMATICS_CHARACTERS else None
    if expected is None or not (expected.sure or "," not in gold):
        return None
    found = {judge_closed_form(gold, side) for side in sides_of_identity(answer) or (answer,)}
    return Reason.EQUAL if found == {Reason.EQUAL} else None


def judge_closed_form(gold: str, answer: str) -> Reason | None:
    """Judge closed forms exactly, or by 50 digits that differ; None where one has variables, or only the algebra can
    tell.
    """
    expected, stated = read_closed_form(gold), read_closed_form(answer)
    return compare_closed_forms(expected, stated) if expected and stated else None


def judge_words(gold: str, answer: str) -> Reason | None:
    """Answers such as `even` or `no solution`, which algebra would take for products; None when there are none.

    They differ only if neither contains the other, for `it is even` may well be right, and not both say that there is
    nothing. What is neither a yes nor a no may mean either.
    """
    sides = [tidy(text).lower() for text in (gold, answer)]
    if sides[0] in OPPOSITES and OPPOSITES[sides[0]] != sides[1] != sides[0]:
        return Reason.UNDECIDED
    if not all(_PLAIN.fullmatch(side) for side in sides) or not any(_WORD.search(side) for side in sides):
        return None
    expected, stated = sides
    if expected == stated:
        return Reason.EQUAL_TEXT
    alike = expected in stated or stated in expected or all(map(_NOTHING.search, sides))
    return Reason.UNDECIDED if alike else Reason.NOT_EQUAL


def are_words(gold: str, answer: str) -> bool:
    """Return whether both are letters alone, in another order, and not surely factors: `\\text{ab}`, `cat`."""
    sides = [tidy(text) for text in (gold, answer)]
    if sides[0] == sides[1] or not all(_LETTERS.fullmatch(side) for side in sides):
        return False
    return any(_TEXT.search(text) for text in (gold, answer)) or any(len(side) > 2 and is_word(side) for side in sides)


def compare_cheaply(one: str, other: str) -> Reason:
    """Compare two answers of which neither is the gold, by text, value or plain words; the order does not matter."""
    one, other = unbox(one), unbox(other)
    if same_text(one, other):
        return Reason.EQUAL_TEXT
    reasons = (judge_number(one, other), judge_number(other, one))
    if Reason.EQUAL in reasons:
        return Reason.EQUAL
    if all(reason.ruling is Ruling.INCORRECT for reason in reasons):
        return reasons[0]
    letters = (tidy(one).casefold(), tidy(other).casefold())
    if all(len(letter) == 1 and letter.isalpha() for letter in letters):
        return Reason.EQUAL_TEXT if letters[0] == letters[1] else Reason.NOT_EQUAL
    return judge_words(one, other) or Reason.UNDECIDED
