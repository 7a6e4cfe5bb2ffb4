"""One spelling for all texts that give the same answer to a question, so that SQL can count who agrees with whom.

A change here may change keys: raise `ROW_VERSION` in `tasks.judging.verify`.
"""

import unicodedata

from schemas.question import AnswerKind
from schemas.record import content_key
from schemas.verdict import Reason
from tasks.mathematics.boxed import unbox
from tasks.mathematics.closed_form import read_closed_form
from tasks.mathematics.exact import TooMuch
from tasks.mathematics.measure import convert
from tasks.mathematics.number import Quantity, read_quantity, tidy, unwrap

MAX_CHARACTERS = 200
"""A longer key is replaced by its hash."""


def normal_text(text: str) -> str:
    """NFC, white space collapsed, without emphasis, quotes or math mode around it and a final full stop. Case stays."""
    return " ".join(unwrap(unicodedata.normalize("NFC", text.strip())).split())


def answer_key(kind: AnswerKind, gold: str | None, answer: str | None) -> str | None:
    """The exact value in the gold's unit where the kind compares values, else the normal text; None for no answer.

    Equal keys mean equal answers. Equal answers may have two keys where only algebra shows that they are equal.
    """
    if answer is None or not answer.strip():
        return None
    answer = unbox(answer)
    key = normal_text(answer)
    if kind is not AnswerKind.EXACT:
        quantity = read_quantity(answer)
        sure = quantity is not None and quantity.sure
        key = _of_quantity(quantity, read_quantity(gold or "")) if quantity and sure else _of_text(kind, key)
    return key if len(key) <= MAX_CHARACTERS else content_key("answer", key)


def _of_quantity(answer: Quantity, gold: Quantity | None) -> str:
    if not answer.unit or gold is None or not gold.unit or answer.unit == gold.unit:
        return str(answer.value)
    value = convert(answer.value, answer.unit, gold.unit)
    return f"{answer.value} {answer.unit}" if isinstance(value, Reason) else str(value)


def _of_text(kind: AnswerKind, text: str) -> str:
    if kind is not AnswerKind.MATH:
        return text
    form = read_closed_form(text)
    try:
        return str(form._replace(unit="")) if form else tidy(text)
    except TooMuch:
        return tidy(text)
