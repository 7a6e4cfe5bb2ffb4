"""One spelling for all texts that give the same answer to a question, so that SQL can count who agrees with whom.

A change here may change keys: raise `ROW_VERSION` in `tasks.judging.verify`.
"""

import unicodedata
from collections.abc import Callable

from schemas.verdict import Reason
from tasks.mathematics.closed_form import read_closed_form
from tasks.mathematics.exact import TooMuch
from tasks.mathematics.measure import convert
from tasks.mathematics.notation import is_notation
from tasks.mathematics.number import Quantity, read_quantity, tidy, unwrap

MAX_CHARACTERS = 200
"""A longer key is replaced by its hash."""


def normal_text(text: str) -> str:
    """Return a text in NFC, white space collapsed, without emphasis, quotes or math mode around it and a final full
    stop. Case stays.
    """
    return " ".join(unwrap(unicodedata.normalize("NFC", text.strip())).split())


def value_spelling(gold: str, answer: str, spell: Callable[[str], str] = str) -> str:
    """Return the exact value of an answer in the gold's unit; what is no sure number is spelt by `spell`, from normal
    text.
    """
    quantity = read_quantity(answer)
    if quantity is None or not quantity.sure:
        return spell(normal_text(answer))
    return _of_quantity(quantity, read_quantity(gold))


def form_spelling(text: str) -> str:
    """Return a closed form by its parts, else the text without its mark-up; so is what is no arithmetic, as a date."""
    form = None if is_notation(text) else read_closed_form(text)
    try:
        return str(form._replace(unit="")) if form else tidy(text)
    except TooMuch:
        return tidy(text)


def _of_quantity(answer: Quantity, gold: Quantity | None) -> str:
    if not answer.unit or gold is None or not gold.unit or answer.unit == gold.unit:
        return str(answer.value)
    value = convert(answer.value, answer.unit, gold.unit)
    return f"{answer.value} {answer.unit}" if isinstance(value, Reason) else str(value)
