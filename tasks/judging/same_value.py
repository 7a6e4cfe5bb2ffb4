"""Kinds `number` and `math`: whether two answers are the same value, expression or plain word. Without a process.

Whatever these leave open may still be decided by text, or by the algebra.
"""

import re

from schemas.verdict import Reason, Ruling
from tasks.judging.same_text import same_text
from tasks.mathematics.boxed import unbox
from tasks.mathematics.closed_form import compare_closed_forms, read_closed_form
from tasks.mathematics.number import compare_quantities, may_be_grouped, read_quantity, tidy
from tasks.mathematics.relation import sides_of_identity
from tasks.mathematics.unread import judge_unread

LIBRARIES = ("pint", "lemminflect", "text2num")
"""What reading a quantity rests on."""
MATHEMATICS_CHARACTERS = 2000
"""More would be refused."""

_PLAIN = re.compile(r"[a-z][a-z '-]*")
_NOTHING = re.compile(r"\b(?:no|none|not|never|nothing|dne|undefined|impossible|empty|nonexistent)\b")
_WORD = re.compile(r"(?<![a-z])(?!(?:theta|alpha|beta|gamma|delta|lambda|omega|sqrt)(?![a-z]))[a-z]{4,}|yes|odd")


def judge_number(gold: str, answer: str, question: str = "") -> Reason:
    """By exact value; the nouns of `question` may follow a number."""
    expected, stated = read_quantity(gold, question), read_quantity(answer, question)
    if expected is None:
        return Reason.GOLD_UNPARSABLE
    if stated is None:
        return judge_unread(expected, answer)
    found = compare_quantities(expected, stated)
    return Reason.UNDECIDED if found is Reason.NOT_EQUAL and may_be_grouped(expected, answer) else found


def judge_form(gold: str, answer: str) -> Reason | None:
    """EQUAL where the answer is an expression worth the gold, such as `5!` or `2 + 3 = 5`; else None."""
    if len(answer) > MATHEMATICS_CHARACTERS or read_quantity(gold) is None:
        return None
    found = {judge_closed_form(gold, side) for side in sides_of_identity(answer) or (answer,)}
    return Reason.EQUAL if found == {Reason.EQUAL} else None


def judge_closed_form(gold: str, answer: str) -> Reason | None:
    """Exactly, or by 50 digits that differ; None where one has variables, or only the algebra can tell."""
    expected, stated = read_closed_form(gold), read_closed_form(answer)
    return compare_closed_forms(expected, stated) if expected and stated else None


def judge_words(gold: str, answer: str) -> Reason | None:
    """Answers such as `even` or `no solution`, which algebra would take for products; None when there are none.

    They differ only if neither contains the other, for `it is even` may well be right, and not both say that there is
    nothing.
    """
    sides = [tidy(text).lower() for text in (gold, answer)]
    if not all(_PLAIN.fullmatch(side) for side in sides) or not any(_WORD.search(side) for side in sides):
        return None
    expected, stated = sides
    if expected == stated:
        return Reason.EQUAL_TEXT
    alike = expected in stated or stated in expected or all(map(_NOTHING.search, sides))
    return Reason.UNDECIDED if alike else Reason.NOT_EQUAL


def compare_cheaply(one: str, other: str) -> Reason:
    """Two answers of which neither is the gold, by text, value or plain words; the order does not matter."""
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
