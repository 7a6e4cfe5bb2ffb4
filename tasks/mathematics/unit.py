"""Units and currency words after a number: their normal form, and how two of them compare."""

import re
from fractions import Fraction

from schemas.verdict import Reason
from tasks.mathematics.spelt import spelt

_DIMENSIONS = {
    "length": "mm:1/1000 cm:1/100 m:1 km:1000 in:127/5000 ft:381/1250 yd:1143/1250 mi:201168/125",
    "mass": "mg:1/1000000 g:1/1000 kg:1 oz:45359237/1600000000 lb:45359237/100000000",
    "time": "ms:1/1000 s:1 min:60 h:3600 day:86400 week:604800",
    "volume": "ml:1/1000 cl:1/100 l:1",
    "dollar": "cent:1/100 dollar:1",
    "euro": "euro:1",
    "sterling": "£:1",
    "yen": "yen:1",
    "rupee": "rupee:1",
    "angle": "degree:1",
}
_KNOWN = {
    name: (dimension, Fraction(factor))
    for dimension, units in _DIMENSIONS.items()
    for name, factor in (unit.split(":") for unit in units.split())
}
"""What is known of a unit: what it measures, and how much of it. The rest are words, equal or not."""

_ALIASES = {
    alias: name
    for name, aliases in {
        "dollar": "$ us$ usd",
        "cent": "¢",
        "euro": "€ eur",
        "£": "gbp",
        "yen": "¥",
        "rupee": "₹ inr rs rs.",
        "degree": "° deg",
        "celsius": "°c",
        "fahrenheit": "°f",
        "mm": "millimeter millimetre",
        "cm": "centimeter centimetre",
        "m": "meter metre",
        "km": "kilometer kilometre",
        "in": "inch",
        "ft": "foot feet",
        "yd": "yard",
        "mi": "mile",
        "mg": "milligram",
        "g": "gram",
        "kg": "kilogram",
        "oz": "ounce",
        "lb": "pound",
        "ms": "millisecond",
        "s": "second sec",
        "min": "minute",
        "h": "hour hr",
        "ml": "milliliter millilitre",
        "l": "liter litre",
    }.items()
    for alias in aliases.split()
}
_BETWEEN = frozenset(["of", "a", "an", "the", "per", "for", "by", "each", "every", "at", "on", "in", "left"])
_CHANGES_THE_VALUE = frozenset(
    [
        *("and", "or", "minus", "plus", "over", "than", "not", "squared", "cubed", "factorial", "mod", "modulo"),
        *("choose", "to", "through", "until", "if", "when", "where", "is", "are", "was", "were", "be", "but"),
        *("percent", "percentage", "point", "approximately", "about", "sqrt", "sin", "cos", "tan", "log", "exp"),
    ]
)
_WORD = r"[A-Za-z°¢$€£¥₹]+(?:\^?[23]|[²³])?"
_SHAPE = re.compile(rf"{_WORD}(?:[ /]{_WORD}){{0,5}}", re.ASCII)
_POWERS = str.maketrans({"²": "2", "³": "3", "^": None})


def read_unit(currency: str, words: str) -> str | None:
    """The normal form of a currency sign before and of words after a number; None when the words are no unit.

    No unit: a word that changes the value (`or`, `squared`, another number), a lone letter that may be a variable,
    digits, operators, and an unknown word without a space before it. Other words of three letters or more are.
    """
    attached = words[:1].isalpha()
    words = words.strip()
    if words and not _SHAPE.fullmatch(words):
        return None
    names = [_normal(word) for word in re.split(r" |(/)", words) if word]
    if None in names or (attached and str(names[0]).rstrip("23") not in _KNOWN):
        return None
    sign = [_ALIASES.get(currency.lower(), currency)] if currency else []
    known = [str(name) for name in names]
    return " ".join(known if sign == known[:1] else sign + known)


def _normal(word: str) -> str | None:
    """One word in lower case and the singular, or as the symbol of its unit."""
    if word == "/":
        return "per"
    word = word.translate(_POWERS)
    lower = word.lower()
    for spelling in (lower, lower.removesuffix("s"), lower.removesuffix("es")):
        if spelling in _ALIASES:
            return _ALIASES[spelling]
        if spelling in _KNOWN and (len(word) > 1 or word in (lower, "L")):
            return spelling
    if lower in _BETWEEN:
        return lower
    if lower in _CHANGES_THE_VALUE or spelt(lower) is not None or len(lower) < 3:
        return None
    return lower.removesuffix("s")


def units_agree(gold: str, answer: str) -> Fraction | Reason:
    """What one `answer` is in `gold`s, or why the two cannot be compared."""
    if gold not in _KNOWN or answer not in _KNOWN:
        return Reason.UNIT_UNKNOWN
    (gold_measures, gold_size), (answer_measures, answer_size) = _KNOWN[gold], _KNOWN[answer]
    return answer_size / gold_size if gold_measures == answer_measures else Reason.UNIT_DIFFERS
