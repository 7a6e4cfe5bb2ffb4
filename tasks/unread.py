"""What can still be said of an answer that is no single number, when the gold is one."""

import re
from fractions import Fraction

from schemas.verdict import Reason
from tasks.number import Quantity, read_quantity

MAX_CHARACTERS = 50_000
PROSE_WORDS = 4
"""From so many words on a text is a sentence, not an expression whose value we failed to read."""

_CLOCK = re.compile(r"\d{1,2}:[0-5]\d(?::[0-5]\d)?(?: ?[ap]\.?m\.?)?", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?:/\d+)?|\.\d+", re.ASCII)
_WORD = re.compile(r"[A-Za-z]+")
_ROMAN = re.compile(r"\b[IVXLCDM]{2,}\b")
_SYMBOLS = frozenset("\\^_=+*/%√∞π!|{}")
_CARDINALS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_TENS = "thirty forty fifty sixty seventy eighty ninety"
_SPELT: dict[str, Fraction] = {
    **{word: Fraction(value) for value, word in enumerate(_CARDINALS.split())},
    **{word: Fraction(30 + 10 * i) for i, word in enumerate(_TENS.split())},
    **{"no": Fraction(0), "none": Fraction(0), "nothing": Fraction(0), "nil": Fraction(0)},
    **{"once": Fraction(1), "single": Fraction(1), "twice": Fraction(2), "both": Fraction(2), "pair": Fraction(2)},
    **{"couple": Fraction(2), "thrice": Fraction(3), "dozen": Fraction(12), "score": Fraction(20)},
    **{"hundred": Fraction(100), "thousand": Fraction(1000), "million": Fraction(10**6)},
    **{"billion": Fraction(10**9), "trillion": Fraction(10**12)},
    **{"half": Fraction(1, 2), "halves": Fraction(1, 2), "third": Fraction(1, 3), "quarter": Fraction(1, 4)},
    **{"fifth": Fraction(1, 5), "sixth": Fraction(1, 6), "eighth": Fraction(1, 8), "tenth": Fraction(1, 10)},
}


def judge_unread(gold: Quantity, answer: str) -> Reason:
    """Why an answer that `read_quantity` cannot read is wrong all the same, or that it may not be.

    It is wrong when no reading can be the gold: a time of day; words without any number; or prose, which states
    no number as its answer, in which the gold does not even occur. An expression, a list or a number in words that
    might make the gold stays ANSWER_UNPARSABLE.
    """
    answer = answer.strip()
    if _CLOCK.fullmatch(answer):
        return Reason.ANSWER_NOT_A_NUMBER
    words = _WORD.findall(answer) if len(answer) <= MAX_CHARACTERS else []
    foreign = any(c.isnumeric() and not c.isascii() for c in answer)
    if not words or foreign or _ROMAN.search(answer) or any(_may_spell(word, gold.value) for word in words):
        return Reason.ANSWER_UNPARSABLE
    if not any(c.isdigit() or c in _SYMBOLS for c in answer):
        return Reason.ANSWER_NOT_A_NUMBER
    if sum(len(word) > 2 for word in words) < PROSE_WORDS or _occurs(gold.value, answer):
        return Reason.ANSWER_UNPARSABLE
    return Reason.GOLD_ABSENT


def _may_spell(word: str, value: Fraction) -> bool:
    """`word` is `value`, or may be a part of it as in sixty-four, two hundred or three quarters."""
    lower = word.lower()
    spelt = _SPELT.get(lower, _SPELT.get(lower.removesuffix("s")))
    if spelt is None:
        return False
    return spelt == abs(value) or 20 <= spelt <= abs(value) or value.denominator > 1


def _occurs(value: Fraction, text: str) -> bool:
    """A number in `text` has this size, or a hundred times it, as percentages are written."""
    found = (read_quantity(number) for number in set(_NUMBER.findall(text)))
    return any(number.value in (abs(value), 100 * abs(value)) for number in found if number)
