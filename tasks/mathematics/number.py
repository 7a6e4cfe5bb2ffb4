"""Numbers as people and models write them, read exactly. Nothing here evaluates, guesses or rounds.

A change here may change verdicts: raise the versions in `tasks.judging.verify`.
"""

import re
from fractions import Fraction
from typing import NamedTuple

from schemas.verdict import Reason
from tasks.mathematics.unit import read_unit, units_agree

MAX_CHARACTERS = 1000
MAX_EXPONENT = 1000
"""Beyond these a text is not read: exact arithmetic on it would cost more than a verdict is worth."""


class Quantity(NamedTuple):
    """A value with the unit written after it, or before it for money; percent is part of the value."""

    value: Fraction
    unit: str
    """In normal form (`tasks.mathematics.unit`); empty when there is none."""
    name: str = ""
    """The variable of `x = 3`; empty when there is none, or a phrase such as `total cost`."""


_MINUS, _EN_DASH, _FIGURE_DASH, _TIMES = "\u2212", "\u2013", "\u2012", "\u00d7"
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)"
_DECIMAL = rf"(?:{_DIGITS}(?:\.\d*)?|\.\d+)"
_PLAIN = re.compile(rf"-?{_DIGITS}(?:\.\d+)?", re.ASCII)
_QUANTITY = re.compile(
    rf"""
    (?:(?P<name>[A-Za-z]\w*(?:\ \w+){{0,3}})\ ?=\ ?)?          # x = 3, Total cost = $18
    (?P<sign>[-+]?)\ ?
    (?P<currency>(?:US|AU?|CA?)?\$|[€£¥₹]|(?:USD|EUR|GBP|INR|Rs)\b\.?)?\ ?
    (?P<inner_sign>-?)
    (?:
        (?:(?P<whole>\d+)\ )?(?P<top>{_DECIMAL})\ ?/\ ?(?P<bottom>{_DECIMAL})
      | (?:(?P<mantissa>{_DECIMAL})\ ?[x{_TIMES}*·]\ ?)?10\ ?\^\ ?\{{?(?P<power>[-+]?\d+)\}}?
      | (?P<decimal>{_DECIMAL})(?:[eE](?P<exponent>[-+]?\d+))?
    )
    (?:\ ?(?P<scale>hundred|thousand|million|billion|trillion|dozen)\b)?
    (?:\ ?(?P<percent>%|percent\b|per\ cent\b))?
    (?P<unit>\ ?[A-Za-z°€£¥₹$].{{0,60}})?
    """,
    re.VERBOSE | re.ASCII,
)
_SCALES = {
    None: 1,
    "dozen": 12,
    "hundred": 10**2,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}

_LATEX = (
    (re.compile(r"\\[dtc]?frac\s*\{\s*(-?\s*[\d.,]+)\s*\}\s*\{\s*([\d.,]+)\s*\}"), r" \1/\2"),
    (re.compile(r"\\[dtc]?frac\s*(\d)\s*(\d)"), r" \1/\2"),
    (re.compile(r"\\(?:text|mathrm|mbox|operatorname)\s*\{([^{}]*)\}"), r" \1"),
    (re.compile(r"\^\s*\{?\s*\\circ\s*\}?|\\degree"), "°"),
    (re.compile(r"\\(?:times|cdot)(?![A-Za-z])"), _TIMES),
    (re.compile(r"\{,\}|,?\\[,!] ?(?=\d{3}(?!\d))"), ","),
    (re.compile(r"\\[,;:! ]|~"), " "),
    (re.compile(r"\\([%$])"), r"\1"),
)
_PLAIN_SIGNS = str.maketrans(
    {_MINUS: "-", _EN_DASH: "-", _FIGURE_DASH: "-", "\u00a0": " ", "\u202f": " ", "\u2009": " "}
)
_VULGAR = {"½": " 1/2", "⅓": " 1/3", "⅔": " 2/3", "¼": " 1/4", "¾": " 3/4", "⅕": " 1/5", "⅛": " 1/8"}
_WRAPPED = re.compile(
    r"\$\$(.+)\$\$|\$([^$]+)\$|\\\((.+)\\\)|\\\[(.+)\\\]|\\boxed\s*\{(.+)\}|\*\*(.+)\*\*|`(.+)`|\"(.+)\"", re.DOTALL
)
_SPACES = re.compile(r"\s+")


def read_quantity(text: str) -> Quantity | None:
    """The one number that `text` is, exactly, or None when it is anything else, two numbers or too large.

    Read: `-1,234.50`, `.5`, `3/4`, `1 1/2`, `\\frac{3}{4}`, `½`, `1e9`, `3 x 10^5`, `2 million`, `12.5%`, `$18`,
    `18 dollars`, `60 km/h`, `x = 3`, each also in `$…$` or bold. `50%` is 1/2. A comma is only read between
    groups of three digits.
    """
    text = text.strip()
    if len(text) > MAX_CHARACTERS:
        return None
    if _PLAIN.fullmatch(text):
        return Quantity(_exact(text), "")
    match = _QUANTITY.fullmatch(tidy(text))
    if match is None:
        return None
    value = _value(match)
    unit = read_unit(match["currency"] or "", match["unit"] or "")
    if value is None or unit is None:
        return None
    name = match["name"] or ""
    return Quantity(value, unit, name if len(name) == 1 else "")


def tidy(text: str) -> str:
    """`text` in one spelling of minus, space, fraction and emphasis, without a final full stop."""
    text = unwrap(text)
    for symbol, fraction in _VULGAR.items():
        text = text.replace(symbol, fraction)
    if "\\" in text or "{" in text or "~" in text:
        for pattern, plain in _LATEX:
            text = pattern.sub(plain, text)
    return _SPACES.sub(" ", text).strip()


def unwrap(text: str) -> str:
    """`text` without math mode, box, bold or quotes around all of it and a final full stop; plain dash and space."""
    for _ in range(2):
        wrapped = _WRAPPED.fullmatch(text)
        text = next(filter(None, wrapped.groups()), "") if wrapped else text
        text = text.strip().removesuffix(".").rstrip()
    return text.translate(_PLAIN_SIGNS)


def _value(match: re.Match[str]) -> Fraction | None:
    exponent = match["exponent"] or match["power"]
    if match["sign"] and match["inner_sign"]:
        return None
    if exponent and (len(exponent) > 5 or abs(int(exponent)) > MAX_EXPONENT):
        return None
    if match["top"]:
        bottom = _exact(match["bottom"])
        if not bottom:
            return None
        value = int(match["whole"] or 0) + _exact(match["top"]) / bottom
    else:
        value = _exact(match["decimal"] or match["mantissa"] or "1")
    value *= _SCALES[match["scale"]]
    if exponent:
        value *= Fraction(10) ** int(exponent)
    if match["percent"]:
        value /= 100
    return -value if (match["sign"] == "-") != (match["inner_sign"] == "-") else value


def _exact(decimal: str) -> Fraction:
    whole, _, part = decimal.replace(",", "").partition(".")
    return Fraction(int(whole + part or 0), 10 ** len(part)) if part else Fraction(int(whole))


def compare_quantities(gold: Quantity, answer: Quantity) -> Reason:
    """Equal values. What only one side names, a unit or a variable, is ignored; two must agree."""
    if gold.name and answer.name and gold.name != answer.name:
        return Reason.NOT_EQUAL
    if not gold.unit or not answer.unit or gold.unit == answer.unit:
        return Reason.EQUAL if gold.value == answer.value else Reason.NOT_EQUAL
    factor = units_agree(gold.unit, answer.unit)
    if isinstance(factor, Reason):
        return factor
    return Reason.EQUAL if gold.value == answer.value * factor else Reason.NOT_EQUAL
