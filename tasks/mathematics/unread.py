"""What can still be said of an answer that is no single number, when the gold is one."""

import re
from fractions import Fraction

from schemas.verdict import Reason
from tasks.mathematics.number import Quantity, read_quantity
from tasks.mathematics.spelt import spelt

MAX_CHARACTERS = 50_000
PROSE_WORDS = 4
"""From so many words on a text is a sentence, not an expression whose value we failed to read."""

_CLOCK = re.compile(r"\d{1,2}:[0-5]\d(?::[0-5]\d)?(?: ?[ap]\.?m\.?)?", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?:/\d+)?|\.\d+", re.ASCII)
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]+")
_ROMAN = re.compile(r"\b[IVXLCDM]{2,}\b")
_SYMBOLS = frozenset("\\^_=+*/%√∞π!|{}")
_FUNCTIONS = frozenset(["sin", "cos", "tan", "ln", "log", "exp", "sqrt"])


def judge_unread(gold: Quantity, answer: str) -> Reason:
    """Why an answer that `read_quantity` cannot read is wrong all the same, or ANSWER_UNPARSABLE.

    It is wrong when no reading can be the gold: a time of day; words without any number; or prose, which states
    no number as its answer, in which the gold does not even occur. An expression, a list, or words that may
    spell the gold, are left open.
    """
    answer = answer.strip()
    if _CLOCK.fullmatch(answer):
        return Reason.ANSWER_NOT_A_NUMBER
    words = _WORD.findall(answer) if len(answer) <= MAX_CHARACTERS else []
    if not words or any(word in _FUNCTIONS or _may_spell(word, gold.value) for word in words):
        return Reason.ANSWER_UNPARSABLE
    if _ROMAN.search(answer) or any(c.isnumeric() and not c.isascii() for c in answer):
        return Reason.ANSWER_UNPARSABLE
    if not any(c.isdigit() or c in _SYMBOLS for c in answer):
        return Reason.ANSWER_NOT_A_NUMBER
    prose = sum(len(word) > 2 for word in words) >= PROSE_WORDS
    return Reason.GOLD_ABSENT if prose and not _occurs(gold.value, answer) else Reason.ANSWER_UNPARSABLE


def _may_spell(word: str, value: Fraction) -> bool:
    """`word` is `value`, or may be a part of it as in sixty-four, two hundred or three quarters."""
    number = spelt(word)
    return number is not None and (number == abs(value) or 20 <= number <= abs(value) or value.denominator > 1)


def _occurs(value: Fraction, text: str) -> bool:
    """A number in `text` has this size, or a hundred times it, as percentages are written."""
    found = (read_quantity(number) for number in set(_NUMBER.findall(text)))
    return any(number.value in (abs(value), 100 * abs(value)) for number in found if number)
