"""What stands after a number without changing it: units of measure, currencies, and the things that were counted.

Units of measure and their conversions are pint's. What is counted is a plural noun of a lexicon, or a noun of the
question. Everything else behind a number (`5 below`, `20 fewer`, `3 lakh`, `300 BCE`) is no unit, and the text is
no quantity.
"""

import re
from functools import lru_cache

from tasks.mathematics.lexicon import (
    counts_things,
    describes_things,
    is_one_thing,
    may_be_noun,
    names_number,
    singular_of,
)
from tasks.mathematics.measure import CURRENCY, SYMBOLS, unit_name

MAX_WORDS = 10

_LONE = frozenset(["m", "g", "h", "l", "L"])
"""Single letters that are units even without a space; `1990s` is none, and of the others a space is asked."""
_POWERS = {"square": 2, "sq": 2, "sq.": 2, "cubic": 3, "cu": 3}
_POWERS_AFTER = {"squared": 2, "cubed": 3}
_LEAVING = (
    "left total altogether remaining each apiece overall combined together daily weekly monthly yearly now today tall "
    "long wide high deep old"
)
_ADVERBS = frozenset(_LEAVING.split())
"""What may follow what is counted, or a number alone, and leaves its value as it is."""
_POINTING = "the a an his her their its our my your this that each every all them it"
_DETERMINERS = frozenset(_POINTING.split())
_CONNECTORS = frozenset(["of", "in", "for", "on", "at", "from", "with", "by", "to"])
_COUNTERS = frozenset(
    "个個人名只隻本枚張张件条條次种種颗顆粒岁歳回つ匹台冊册개명권번살分位頭羽杯道朵棵辆輛箱盒袋瓶页頁题題"
)
"""What stands between a number and a noun in Chinese, Japanese and Korean: a class of words as closed as pronouns."""
_AND = frozenset(["and", "&"])
_PER = frozenset(["per", "/", "a", "an", "each", "every"])
_WORD = r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*|[¢$€£¥₹₽₩°Ω]\w?"
_HOW_MANY = re.compile(r"\bhow (?:many|much)\b((?: [a-z'-]+){1,4})")
_POWER = r"(?:\^?\{?[23]\}?|\^\{?-[1-3]\}?)?"
_SHAPE = re.compile(rf"(?:(?:{_WORD}){_POWER}(?:\s*[/·*]\s*|\s+|\Z|\.\Z)){{1,{MAX_WORDS}}}")
_TOKEN = re.compile(rf"(?P<word>{_WORD})(?P<power>{_POWER})|(?P<sign>[/·*])")
_DIVISOR = re.compile(r"/\s*\(([^()/]{1,30})\)")
_BETWEEN = re.compile(r"\s*[·*]\s*|\s+")
_SPELLINGS = (
    (re.compile(r"^/ ?"), "per "),
    (re.compile(r"\b(sq|cu)\."), r"\1"),
    (re.compile(r"\bdegrees? (?=(?:celsius|centigrade|fahrenheit|kelvin)\b)", re.IGNORECASE), ""),
    (re.compile(r"(?:\bdegrees?|°) ([CF])\b"), r"°\1"),
    (re.compile(r"\blight[- ](?=years?\b)"), "light"),
)
_DIGIT = str.maketrans({"^": None, "{": None, "}": None})


class _Words:
    """Words behind a number, taken one after the other."""

    def __init__(self, words: list[tuple[str, str]], asked: str) -> None:
        self._words, self._at = words, 0
        self._asked = frozenset(re.findall(_WORD, asked))
        self._asked_for = frozenset(re.findall(_WORD, " ".join(_HOW_MANY.findall(asked))))

    def peek(self) -> str:
        return self._words[self._at][0] if self._at < len(self._words) else ""

    def take(self, *sets: frozenset[str]) -> str:
        word = self.peek()
        if not any(word.lower() in wanted for wanted in sets):
            return ""
        self._at += 1
        return word

    def measure(self) -> str:
        """Take as many units of measure as follow; returns them as pint writes them, or nothing."""
        found = ""
        while True:
            before = self._at
            sign = self.take(_PER, frozenset("·*")) if found else ""
            power = _POWERS.get(self.peek().lower(), 1)
            self._at += power > 1
            unit = self._unit()
            if not unit:
                self._at = before
                return found
            after = _POWERS_AFTER.get(self.peek().lower(), 1)
            self._at += after > 1
            joined = " / " if sign and sign not in "·*" else " * "
            found += (joined if found else "") + unit + (f" ** {max(power, after)}" if max(power, after) > 1 else "")

    def _unit(self) -> str:
        if self._at >= len(self._words):
            return ""
        word, power = self._words[self._at]
        if word == "ms" and power.startswith("-"):
            return ""  # mostly metres per second
        more = self._at + 1 < len(self._words)
        unit = "" if word == "in" and more else unit_name(word)
        if not unit:
            return ""
        self._at += 1
        return f"{unit} ** {power}" if power else unit

    def thing(self, singular: bool) -> str:
        """Take a noun with what describes it; returns its singular, or nothing where none follows."""
        for at, (spelt, power) in enumerate(self._words[self._at :], start=self._at):
            word = spelt.lower()
            if power and singular_of(word) != "unit":
                break
            if self._counted(word, singular) and not self._described(at):
                self._at = at + 1
                return singular_of(word)
            if not describes_things(word) and word not in self._asked_for and word not in _POWERS:
                break
        return ""

    def noun(self) -> str:
        """Take one noun, be it of what is counted or not: `24 boxes of chocolate`."""
        word = self.peek().lower()
        taken = bool(word) and may_be_noun(word) and not names_number(word)
        self._at += taken
        return word if taken else ""

    def asked_for(self) -> bool:
        """Take all words that are left, where the question says `how many` of just these."""
        taken = all(word.lower() in self._asked_for for word, _ in self._words[self._at :])
        self._at = len(self._words) if taken else self._at
        return taken

    def _described(self, at: int) -> bool:
        """The word there describes the noun after it: `chocolate cookies`."""
        follows = self._words[at + 1][0].lower() if at + 1 < len(self._words) else ""
        return bool(follows) and counts_things(follows) and describes_things(self._words[at][0].lower())

    def _counted(self, word: str, singular: bool) -> bool:
        if word in _COUNTERS or counts_things(word) or (singular and is_one_thing(word)):
            return True
        return word in self._asked and len(word) > 2 and may_be_noun(word) and not names_number(word)

    def done(self) -> bool:
        return self._at == len(self._words)


def read_unit(currency: str, words: str, one: bool = False, asked: str = "") -> str | None:
    """Read a currency sign before and the words after a number, as the unit in normal form.

    `one` says that the number is 1, whose noun is a singular; `asked` is the question, whose nouns count too. Returns
    an empty text where there is neither sign nor word, None where the words are no unit and may change the value.
    """
    sign = CURRENCY[currency.lower().strip(".")] if currency else ""
    attached = words[:1].isalpha()
    words = words.strip().replace("²", "^2").replace("³", "^3")
    if not words:
        return sign
    words = _DIVISOR.sub(lambda divisor: "/" + _BETWEEN.sub("/", divisor[1].strip()), words)
    for pattern, spelling in _SPELLINGS:
        words = pattern.sub(spelling, words)
    if len(words) > 100 or not _SHAPE.fullmatch(words):
        return None
    unit = _read(words, attached, one, asked)
    if unit is None or not sign or unit.split(" ")[0] == sign:
        return unit
    return None if unit_name(unit.split(" ")[0]) else f"{sign} {unit.strip()}".strip()  # $5 m: millions?


@lru_cache(10_000)
def _read(words: str, attached: bool, one: bool, asked: str) -> str | None:
    tokens = [
        (match["word"] or match["sign"], (match["power"] or "").translate(_DIGIT)) for match in _TOKEN.finditer(words)
    ]
    if attached and not _attaches(tokens[0][0]):
        return None
    left = _Words(tokens, asked.lower())
    if left.asked_for():
        return singular_of(tokens[-1][0].lower())
    unit = left.measure()
    thing = "" if unit else left.thing(one)
    if not unit and not thing and left.peek().lower() not in _ADVERBS | _CONNECTORS | _PER:
        return None
    each = ""
    while not left.done():
        if left.take(_ADVERBS):
            continue
        if left.take(_AND):
            of = left.thing(singular=False)
        elif left.take(_PER):
            of = left.measure() or left.thing(singular=True)
            each = each or f" / {of}"
        elif connector := left.take(_CONNECTORS):
            determined = False
            while left.take(_DETERMINERS):
                determined = True
            of = left.measure() or left.thing(singular=determined) or ("it" if determined else "")
            of = of or (left.noun() if connector == "of" else "")
            of = of or left.take(frozenset(["total"]))
        else:
            return None
        if not of:
            return None
    return (unit or thing) + each


def _attaches(word: str) -> bool:
    return word in _LONE or not word.isascii() or (len(word) > 1 and word in SYMBOLS)
