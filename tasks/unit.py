"""Units and currency words after a number: their normal form, and how two of them compare."""

import re
from fractions import Fraction

from schemas.verdict import Reason

_SPELLINGS = {
    "length": "mm:1/1000 cm:1/100 m:1 km:1000 in:127/5000 ft:381/1250 yd:1143/1250 mi:201168/125",
    "mass": "mg:1/1000000 g:1/1000 kg:1 oz:45359237/1600000000 lb:45359237/100000000",
    "time": "ms:1/1000 s:1 min:60 h:3600 day:86400 week:604800",
    "volume": "ml:1/1000 cl:1/100 l:1",
    "dollar": "cent:1/100 dollar:1",
    "euro": "euro:1",
    "pound sterling": "£:1",
    "yen": "yen:1",
    "rupee": "rupee:1",
    "angle": "degree:1",
}
_KNOWN = {
    name: (dimension, Fraction(factor))
    for dimension, spellings in _SPELLINGS.items()
    for name, factor in (spelling.split(":") for spelling in spellings.split())
}
_ALIASES = {
    "$": "dollar", "us$": "dollar", "usd": "dollar", "¢": "cent", "€": "euro", "eur": "euro",
    "gbp": "£", "¥": "yen", "₹": "rupee", "°": "degree", "deg": "degree", "°c": "celsius", "°f": "fahrenheit",
    "millimeter": "mm", "centimeter": "cm", "meter": "m", "kilometer": "km", "millimetre": "mm",
    "centimetre": "cm", "metre": "m", "kilometre": "km", "inch": "in", "foot": "ft", "feet": "ft", "yard": "yd",
    "mile": "mi", "milligram": "mg", "gram": "g", "kilogram": "kg", "ounce": "oz", "pound": "lb",
    "millisecond": "ms", "second": "s", "sec": "s", "minute": "min", "hour": "h", "hr": "h",
    "milliliter": "ml", "liter": "l", "millilitre": "ml", "litre": "l",
}  # fmt: skip
_PLAIN_WORDS = frozenset("of a an the per for by each every at on in left total".split())
_NO_UNIT = frozenset(
    "and or minus plus over than not squared cubed factorial mod modulo choose to through until if when where is are "
    "was were be but half third quarter tenth one two three four five six seven eight nine ten eleven twelve twenty "
    "thirty forty fifty sixty seventy eighty ninety hundred thousand million billion trillion dozen point percent "
    "percentage approximately about degrees_of sqrt sin cos tan log exp".split()
)
_SHAPE = re.compile(r"(?:[A-Za-z°¢$€£¥₹]+(?:\^?[23]|[²³])?)(?:[ /][A-Za-z°¢$]+(?:\^?[23]|[²³])?){0,5}", re.ASCII)
_POWERS = str.maketrans({"²": "2", "³": "3", "^": None})


def read_unit(currency: str, words: str) -> str | None:
    """The normal form of a currency sign before and words after a number; None when the words are no unit.

    A word that changes the value (`million`, `or`, `squared`, another number), a lone letter that may be a variable
    and anything with digits or operators is no unit. Unknown words of three letters or more are.
    """
    words = words.strip()
    if words and not _SHAPE.fullmatch(words):
        return None
    parts = [_normal(word) for word in re.split(r"([ /])", currency + (" " + words if words else ""))]
    if None in parts:
        return None
    names = [part for part in parts if part not in ("", " ")]
    if currency and len(names) > 1 and names[0] == names[1]:
        names = names[1:]
    return " ".join(str(name) for name in names)


def _normal(word: str) -> str | None:
    word = word.translate(_POWERS)
    if word in ("", " "):
        return word
    if word == "/":
        return "per"
    lower = word.lower()
    for spelling in (lower, lower.removesuffix("s"), lower.removesuffix("es")):
        if spelling in _ALIASES:
            return _ALIASES[spelling]
        if spelling in _KNOWN and not (len(word) == 1 and word != lower and word != "L"):
            return spelling
    if lower in _PLAIN_WORDS:
        return lower
    if lower in _NO_UNIT or len(lower) < 3:
        return None
    return lower.removesuffix("s")


def units_agree(gold: str, answer: str) -> Fraction | Reason:
    """What one `answer` is in `gold`s, or why the two cannot be compared."""
    if gold not in _KNOWN or answer not in _KNOWN:
        return Reason.UNIT_UNKNOWN
    (gold_dimension, gold_factor), (answer_dimension, answer_factor) = _KNOWN[gold], _KNOWN[answer]
    return answer_factor / gold_factor if gold_dimension == answer_dimension else Reason.UNIT_DIFFERS
