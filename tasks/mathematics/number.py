"""Numbers as people and models write them, read exactly. Nothing here evaluates, guesses or rounds.

A change here may change verdicts: raise the versions of the kinds that read it (`tasks.judging.verifiers`).
"""

import re
import unicodedata
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from schemas.verdict import Reason
from tasks.mathematics.lexicon import counts_things, describes_things, is_one_thing
from tasks.mathematics.measure import convert, is_regional, may_be_difference, may_be_meant
from tasks.mathematics.numerals import in_figures, plain_marks
from tasks.mathematics.spelt import in_digits
from tasks.mathematics.unit import read_unit

MAX_CHARACTERS = 1000
MAX_EXPONENT = 1000
"""Beyond these a text is not read: exact arithmetic on it would cost more than a verdict is worth."""
LONGEST_SUM = 80
"""Characters; prose is longer, and would only be asked of pint."""
_MOST_DECIMALS = 12
NEAR = Fraction(1, 100)
"""A value converted to another unit is mostly rounded: so near, it may be meant as the same."""


PLACEHOLDERS = frozenset(["proof", "notfound"])
"""What public sets of mathematics have for a gold where there is none."""


class Quantity(NamedTuple):
    """A value with the unit written after it, or before it for money; percent is part of the value."""

    value: Fraction
    unit: str
    """In normal form (`tasks.mathematics.unit`); empty when there is none."""
    name: str = ""
    """The variable of `x = 3`, or words for it such as `total cost`; empty when there is none."""
    sure: bool = True
    """False where the text may be read otherwise, as `12,5` or `5k`: then only an equal value says something."""


_MINUS, _EN_DASH, _FIGURE_DASH, _TIMES = "\u2212", "\u2013", "\u2012", "\u00d7"
_DIGITS = r"(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)"
_DECIMAL = rf"(?:{_DIGITS}(?:\.\d*)?|\.\d+)"
_PLAIN = re.compile(rf"-?{_DIGITS}(?:\.\d+)?", re.ASCII)
_CURRENCY = r"(?:US|AU?|CA?)?\$|[€£¥₹₩₽]|(?:USD|EUR|GBP|INR|JPY|CNY|RMB|KRW|CHF|Rs)\b\.?"
_QUANTITY = re.compile(
    rf"""
    (?:(?P<name>[A-Za-z]\w*(?:\ [A-Za-z]\w*){{0,3}})\ ?[=:]\ ?)?       # x = 3, Total cost: $18
    (?P<sign>[-+]?)\ ?
    (?P<currency>{_CURRENCY})?\ ?
    (?P<inner_sign>-?)
    (?:
        (?:(?P<whole>\d+)\ )?(?P<top>{_DECIMAL})\ ?/\ ?(?P<bottom>{_DECIMAL})
      | (?:(?P<mantissa>{_DECIMAL})\ ?[x{_TIMES}*·]\ ?)?10\ ?\^\ ?\{{?(?P<power>[-+]?\d+)\}}?
      | (?P<decimal>{_DECIMAL})(?:[eE](?P<exponent>[-+]?\d+))?
    )
    (?P<scale>(?:\ ?(?:hundred|thousand|million|billion|trillion|quadrillion|quintillion|dozen|gross|lakh|crore|grand
      |[bm]n)s?\b(?:\ of\b)?)*)
    (?:(?P<letter>k|K|M|B)(?![\w.,]))?
    (?:\ ?(?P<percent>%|percent\b|per\ cent\b|pct\b\.?|‰|bps\b|basis\ points?\b))?
    (?P<unit>\ ?(?:[A-Za-z$]|/\ ?[A-Za-z]|[^\x00-\x7f]).{{0,80}})?
    """,
    re.VERBOSE | re.ASCII,
)
_SCALES = {
    "dozen": 12,
    "gross": 144,
    "hundred": 10**2,
    "thousand": 10**3,
    "grand": 10**3,
    "lakh": 10**5,
    "million": 10**6,
    "mn": 10**6,
    "crore": 10**7,
    "billion": 10**9,
    "bn": 10**9,
    "trillion": 10**12,
    "quadrillion": 10**15,
    "quintillion": 10**18,
}
_LETTERS = {"k": 10**3, "K": 10**3, "M": 10**6, "B": 10**9}
_SHARES = {"‰": 1000, "bps": 10_000, "basis": 10_000}

_TEXT = r"\\(?:text(?:normal|rm|bf|it|sf)?|math(?:rm|bf|it|sf)|mbox|operatorname)"
_UNIT_LETTERS = r"\s*([A-Za-z\u03bc\u03a9]+(?:\^\{?\d\}?)?)\s*"
_LATEX = (
    (re.compile(r"\\[dtc]?frac\s*\{\s*(-?\s*[\d.,]+)\s*\}\s*\{\s*([\d.,]+)\s*\}"), r" \1/\2"),
    (re.compile(r"\\[dtc]?frac\s*(\d)\s*(\d)"), r" \1/\2"),
    (re.compile(_TEXT + r"\s*\{[\s~]*((?:[^{}]|\^\s*\{[^{}]*\})*)\}"), r" \1"),
    (re.compile(r"(?<=[A-Za-z}])\s*\\cdot\s*(?=[A-Za-z])"), "\u00b7"),
    (re.compile(r"(?<=[A-Za-z}])\s*/\s+(?=[A-Za-z])"), "/"),
    (re.compile(rf"\\[dtc]?frac\s*\{{{_UNIT_LETTERS}\}}\s*\{{{_UNIT_LETTERS}\}}"), r" \1/\2"),
    (re.compile(r"\\(?:Omega|ohm)(?![A-Za-z])"), "\u03a9"),
    (re.compile(r"\\mu\s*(?=[A-Za-z])"), "\u03bc"),
    (re.compile(r"\^\s*\{?\s*\\circ\s*\}?|\\degree"), "°"),
    (re.compile(r"\\(?:times|cdot)(?![A-Za-z])"), _TIMES),
    (re.compile(r"\s?\{\s*,\s*\}\s?|,?\\[,!] ?(?=\d{3}(?!\d))"), ","),
    (re.compile(r"\\[,;:! ]|(?<=\S)~"), " "),
    (re.compile(r"\\([%$])"), r"\1"),
)
_PLAIN_SIGNS = str.maketrans(
    {_MINUS: "-", _EN_DASH: "-", _FIGURE_DASH: "-", "\u00a0": " ", "\u202f": " ", "\u2009": " "}
    | {"\u2044": "/", "\u00b5": "\u03bc"}
)
_VULGAR = re.compile("[\u00bc-\u00be\u2150-\u215e]")
_RAISED = re.compile("[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_WRAPPED = re.compile(
    r"\$\$(.+)\$\$|\$([^$]+)\$|\\\((.+)\\\)|\\\[(.+)\\\]|\\boxed\s*\{(.+)\}|\*\*(.+)\*\*|`(.+)`|\"(.+)\"", re.DOTALL
)
_FIRST_IN_MATH = re.compile(r"\$([^$]+)\$(?=\s*[A-Za-z%])|\\\(([^()]+)\\\)(?=\s*[A-Za-z%])")
"""`$28$ percent`: mathematics around the number alone."""
_SPACES = re.compile(r"\s+")
_ELSEWHERE = (
    re.compile(r"(?<![\d.,'_ ])(\d{1,3}(?:([ _'])\d{3})(?:\2\d{3})*)(?:[.,](\d+))?(?![\d.,_' ]*\d)"),
    re.compile(r"(?<![\d.,])(\d{1,3}(?:\.\d{3}){2,}|\d{1,3}(?:\.\d{3})+(?=,\d))(?:,(\d+))?(?![\d.,]*\d)"),
    re.compile(r"(?<![\d.,])(\d+),(\d{1,2}|\d{4,})(?![\d.,]*\d)"),
    re.compile(r"(?<![\d.,])(0),(\d+)(?![\d.,]*\d)"),
    re.compile(r"(?<![\d.,])(\d{1,2}(?:,\d{2})+,\d{3})(?:\.(\d+))?(?![\d.,]*\d)"),
)
"""How numbers are grouped, and their decimals parted, outside the English-speaking world."""
_HEXADECIMAL = re.compile(r"0[xX]([0-9A-Fa-f]{1,200})")
_VARIABLE = re.compile(r"[A-Za-z]\d*|[A-Z]{2,3}|[A-Za-z]\w*_\w+")
_SUMMARIES = frozenset(["total", "average", "mean", "median", "mode", "maximum", "minimum", "sum"])
"""Names of values that are adjectives, too; of other words with two parts of speech nobody knows: `inverse = 3`."""
_FUNCTIONS = frozenset(["floor", "ceiling", "sign", "max", "min"])
"""Nouns, too."""
_MARKED = (
    (re.compile(r"(\d+) ?['\u2032\u2019] ?(\d+(?:\.\d+)?) ?(?:\"|''|[\u2033\u201d])", re.ASCII), r"\1 feet \2 inches"),
    (re.compile(r"(\d+) ?h(?:rs?)?,? ?(\d{1,2}) ?m(?:ins?)?", re.ASCII), r"\1 hours \2 minutes"),
    (re.compile(r"(\d+) ?m(?:in)? (\d{1,2}) ?s(?:ec)?", re.ASCII), r"\1 minutes \2 seconds"),
)
_EXACTLY = re.compile(r"^(?:exactly|precisely|only) (?=\S)", re.IGNORECASE)
_TWO_PARTS = re.compile(r"(-?\d+) and (\d+/\d+)(?!\S)", re.ASCII)


def read_quantity(text: str, asked: str = "") -> Quantity | None:
    """Read the one number that `text` is, exactly; None when it is anything else, two numbers or too large.

    Read: `-1,234.50`, `.5`, `3/4`, `1 1/2`, `\\frac{3}{4}`, `½`, `1e9`, `3 x 10^5`, `2 million`, `12.5%`, `$18`,
    `18 dollars`, `60 km/h`, `x = 3`, `1 hour 30 minutes`, `two thirds`, each also in `$…$` or bold; and, without being
    sure, `12,5`, `1.234.567`, `12,34,567`, `0xFF`, `5k` and words of other languages. `50%` is 1/2. `asked` is the
    question, whose nouns may follow the number.
    """
    text = text.strip()
    if len(text) > MAX_CHARACTERS:
        return None
    if _PLAIN.fullmatch(text):
        return Quantity(_exact(text), "")
    return _read_tidy(tidy(text).removeprefix("=").removesuffix(",").strip(), asked)


def _read_tidy(text: str, asked: str) -> Quantity | None:
    text = _EXACTLY.sub("", text)
    for pattern, words in _MARKED:
        text = pattern.sub(words, text) if pattern.fullmatch(text) else text
    found = _read_figures(text, asked)
    if found is None and (figures := in_figures(text)) != text:
        text, found = figures, _read_figures(figures, asked)
    if found is None and any(map(str.isalpha, text)):
        spelt, sure = in_digits(text)
        found = _read_figures(spelt, asked) if spelt != text else None
        found = found._replace(sure=sure) if found else _read_sum(text, asked)
    if found is None and (plain := _TWO_PARTS.sub(r"\1 \2", _as_in_english(text))) != text:
        found = _read_figures(plain, asked)
        found = found._replace(sure=False) if found else None
    if found is None and (digits := _HEXADECIMAL.fullmatch(text)):
        found = Quantity(Fraction(int(digits[1], 16)), "", sure=False)
    return found


def _read_figures(text: str, asked: str) -> Quantity | None:
    match = _QUANTITY.fullmatch(text)
    if match is None or not names_value(match["name"] or ""):
        return None
    value = _value(match)
    if value is None:
        return None
    unit = read_unit(match["currency"] or "", match["unit"] or "", abs(value) == 1, asked)
    if unit is None:
        return None
    name = match["name"] or ""
    return Quantity(value, unit, name, sure=not match["letter"])


def _read_sum(text: str, asked: str) -> Quantity | None:
    """`1 hour and 30 minutes`: parts of one kind, each in a smaller unit."""
    parts = [part for part in _SUMMANDS.split(text) if part] if len(text) <= LONGEST_SUM else []
    if not 2 <= len(parts) <= 4:
        return None
    read = [_read_figures(part, asked) for part in parts]
    first = read[0]
    if first is None or not first.unit:
        return None
    total = Fraction(0)
    for before, part in zip([None, *read], read, strict=False):
        if part is None or not part.unit or part.value < 0 or not part.sure:
            return None
        size = convert(part.value, part.unit, first.unit)
        if isinstance(size, Reason):
            return None
        if before and convert(Fraction(1), before.unit, part.unit) <= part.value:  # type: ignore[operator]
            return None
        total += size
    return first._replace(value=total)


_SUMMANDS = re.compile(r"(?:,? and |, | )(?=\d)")


@lru_cache(10_000)
def names_value(name: str) -> bool:
    """Decide whether what stands before `=` only names the value: a variable, a noun, or words such as `total cost`.

    A word that is an adjective, too, may say that it is another value: `opposite`, `wrong`.
    """
    words = name.split()
    if len(words) > 1:
        return all(len(word) > 1 and (word == "of" or describes_things(word.lower())) for word in words)
    if not name or _VARIABLE.fullmatch(name):
        return True
    word = name.lower()
    return (
        len(word) > 2 and word not in _FUNCTIONS and (word in _SUMMARIES or is_one_thing(word) or counts_things(word))
    )


def _is_phrase(name: str) -> bool:
    """Words for a value, which any other words may name; `x`, `AB` and `x_1` name only themselves."""
    return " " in name or (len(name) > 2 and name.isalpha() and not name.isupper())


def _as_in_english(text: str) -> str:
    """The first number of `text` without groups and with a point for its decimals, however it is written there."""
    for pattern in _ELSEWHERE:
        if match := pattern.search(text):
            whole, *_, decimals = match.groups()
            plain = re.sub(r"\D", "", whole) + (f".{decimals}" if decimals else "")
            return text[: match.start()] + plain + text[match.end() :]
    return text


def tidy(text: str) -> str:
    """Return `text` in one spelling of minus, space, digits, fraction and emphasis, without a final full stop."""
    text = unwrap(text)
    if not text.isascii():
        text = plain_marks(powers_in_ascii(_VULGAR.sub(_vulgar, "".join(map(_ascii_digit, text)))))
    if "$" in text or "\\(" in text:
        text = _FIRST_IN_MATH.sub(lambda found: found[1] or found[2], text)
    if "\\" in text or "{" in text or "~" in text:
        for pattern, plain in _LATEX:
            text = pattern.sub(plain, text)
    return _SPACES.sub(" ", text).strip()


def _ascii_digit(character: str) -> str:
    """The digit of any script in ASCII."""
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


def _vulgar(fraction: re.Match[str]) -> str:
    return " " + unicodedata.normalize("NFKC", fraction[0]).replace("\u2044", "/")


def powers_in_ascii(text: str) -> str:
    """Spell `x¹⁰` as `x^{10}`."""
    return _RAISED.sub(_raised, text)


def _raised(power: re.Match[str]) -> str:
    plain = unicodedata.normalize("NFKC", power[0]).replace(_MINUS, "-")
    return f"^{{{plain}}}" if plain not in ("2", "3") else f"^{plain}"


def unwrap(text: str) -> str:
    """Return `text` without math mode, box, bold or quotes around all of it and a final full stop; plain dash and
    space.
    """
    for _ in range(2):
        wrapped = _WRAPPED.fullmatch(text)
        text = next(filter(None, wrapped.groups()), "") if wrapped else text
        text = text.strip()
        goes_on = text.endswith("..") and not text[-3:-2].isalpha()  # 0.333...
        text = text if goes_on else text.removesuffix(".").removesuffix("\u3002").rstrip()
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
    for word in match["scale"].split():
        value *= _SCALES.get(word, _SCALES.get(word.removesuffix("s"), 1))
    value *= _LETTERS.get(match["letter"], 1)
    if exponent:
        value *= Fraction(10) ** int(exponent)
    if match["percent"]:
        value /= _SHARES.get(match["percent"].split()[0], 100)
    return -value if (match["sign"] == "-") != (match["inner_sign"] == "-") else value


def _exact(decimal: str) -> Fraction:
    whole, _, part = decimal.replace(",", "").partition(".")
    return Fraction(int(whole + part or 0), 10 ** len(part)) if part else Fraction(int(whole))


def may_be_rounded(gold: Quantity, answer: Quantity) -> bool:
    """Decide whether `answer` is the gold before it was rounded to its decimals, as 3.6667 is of 3.67; never of 3.7,
    which may well be exact.
    """
    if answer.unit not in ("", gold.unit):
        return False
    decimals = next((n for n in range(2, _MOST_DECIMALS + 1) if (gold.value * 10**n).denominator == 1), None)
    if decimals is None or (gold.value * 10 ** (decimals - 1)).denominator == 1 or abs(gold.value) * 10**decimals < 100:
        return False
    return bool(abs(answer.value - gold.value) * 10**decimals <= Fraction(1, 2))


def may_be_grouped(gold: Quantity, answer: str) -> bool:
    """Decide whether `answer` is the gold where its points and commas are exchanged, as `1.234` for 1234."""
    exchanged = read_quantity(answer.translate(_EXCHANGED)) if _GROUPED.search(answer[:MAX_CHARACTERS]) else None
    return exchanged is not None and exchanged.value == gold.value


_GROUPED = re.compile(r"\d[.,]\d{3}(?!\d)", re.ASCII)
_EXCHANGED = str.maketrans(".,", ",.")


def compare_quantities(gold: Quantity, answer: Quantity) -> Reason:
    """Compare exact values. What only one side names, a unit or a variable, is ignored; two must agree.

    Unequal values are UNDECIDED where a side is not `sure`, and UNIT_UNKNOWN where the answer was converted and is
    near, or is the gold in another unit, whose own nobody wrote down: `1.5 hours` for 90.
    """
    if gold.name and answer.name and gold.name != answer.name:
        phrases = [set(name.lower().split()) for name in (gold.name, answer.name) if _is_phrase(name)]
        if not phrases:
            return Reason.NOT_EQUAL
        if len(phrases) == 2 and not (phrases[0] <= phrases[1] or phrases[1] <= phrases[0]):
            return Reason.UNDECIDED
    value = answer.value
    if gold.unit and answer.unit and gold.unit != answer.unit:
        converted = convert(value, answer.unit, gold.unit)
        if isinstance(converted, Reason):
            return converted
        value = converted
        near = is_near(gold.value, value) or (gold.value == answer.value and may_be_difference(gold.unit, answer.unit))
        if value != gold.value and (near or is_regional(gold.unit) or is_regional(answer.unit)):
            return Reason.UNIT_UNKNOWN
    if gold.value == value:
        return Reason.EQUAL
    if answer.unit and not gold.unit and may_be_meant(gold.value, value, answer.unit):
        return Reason.UNIT_UNKNOWN
    return Reason.NOT_EQUAL if gold.sure and answer.sure else Reason.UNDECIDED


def is_near(gold: Fraction, value: Fraction) -> bool:
    """Decide whether `value`, which was converted, may be the gold before either was rounded."""
    return abs(value - gold) <= abs(gold) * NEAR


def may_be_float(gold: Quantity, answer: Quantity) -> bool:
    """Decide whether both are decimals with the 15 digits and more that a double is written with, and agree in them, as
    0.6666666666666666 and 0.66666666666666667 do. 1/12 is none: no decimal is equal to it.
    """
    one, other = gold.value, answer.value
    if answer.unit not in ("", gold.unit) and gold.unit:
        return False
    if one == 0 or abs(one - other) > abs(one) / 10**15:
        return False
    return all(
        (value * _MOST_OF_FEW).denominator > 1 and (value * _MOST_OF_DOUBLE).denominator == 1 for value in (one, other)
    )


_MOST_OF_FEW = 10**13
"""A number with no more decimals than this has zeros is written as it is."""
_MOST_OF_DOUBLE = 10**400
"""A number that has more decimals than this has zeros, as 1/12, is no double."""
