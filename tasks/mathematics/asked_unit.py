"""The unit in which a question wants its answer: `How many hours`, `How far is it, in km?`."""

import re
from functools import lru_cache

from tasks.mathematics.measure import SYMBOLS, TEMPERATURES, is_everyday
from tasks.mathematics.numerals import ASKS_PERCENT, asked_abroad
from tasks.mathematics.unit import read_unit

MAX_CHARACTERS = 5_000
_WORDS = 4
"""Of a unit: `square miles per hour`."""
_HOW_MANY = re.compile(
    r"\bhow (?:many|much)\s(?:(?:more|additional|extra|total|fewer|whole|full|less|money)\s)*(?:in\s)?", re.IGNORECASE
)
_IN = re.compile(r"\bin\s(?:total\s|whole\s|US\s)?", re.IGNORECASE)
_PHRASE = re.compile(r"[^\s\d.,;:?!()]+(?: [^\s\d.,;:?!()]+){0,3}")
_PERCENT = re.compile(
    r"""\b(?:what|which|how\smany|find|calculate|determine|compute)
    (?:\s(?:is|was|are|were|will|would|be|the|a|total|average|approximate|annual|overall|net|his|her|their|its))*
    \s(?:percent(?:age)?s?|per\scent)\b
    | \b(?:in|as\sa)\spercent(?:age)?s?\b(?!\sof)""",
    re.VERBOSE | re.IGNORECASE,
)
SCALES = {10**3: "thousand", 10**6: "million", 10**9: "billion", 10**12: "trillion"}
_ENDS = re.compile(r"\s*(?:[.,;:?!)]|\Z)|\s(?:is|are|was|were|will|would|does|do|did|has|have|can|should)\b")
"""What follows a unit that the answer is wanted in: `in km, how far`, `in hours does it take`."""
_GOES_ON = re.compile(r"\s+(?:and|or|per|/|an?|each|every)\b", re.IGNORECASE)
_SINGULAR = frozenset(["second", "foot", "minute", "hour", "day", "week", "month", "year"])
"""Of `came in second`: no unit that is asked for behind `in`."""
_BETWEEN = re.compile(r"\s*[/\u00b7*]\s*|\s")
"""The symbols of `kJ/mol`."""
_OPEN = "?"
"""A unit that goes on, as `hours and minutes` does."""


@lru_cache(5_000)
def asked_unit(question: str) -> str:
    """Give it as pint spells it; empty where none is named that is certain, or more than one."""
    if len(question) > MAX_CHARACTERS:
        return ""
    found = {_unit_at(question, match.end()) for match in _HOW_MANY.finditer(question)}
    found |= {_unit_at(question, match.end(), behind_in=True) for match in _IN.finditer(question)}
    found |= {read_unit("", f" {unit}") or "" for unit in asked_abroad(question)}
    units = found - {""}
    return units.pop().removeprefix(_OPEN) if len(units) == 1 else ""


def _unit_at(question: str, start: int, behind_in: bool = False) -> str:
    """The longest that begins there; empty for none."""
    phrase = _PHRASE.match(question, start)
    words = phrase[0].split(" ") if phrase else []
    for n in range(min(_WORDS, len(words)), 0, -1):
        said = " ".join(words[:n])
        named = len(said) > 1 or (behind_in and said == "K")
        unit = read_unit("", f" {said}") if named and not _GOES_ON.match(f" {words[n - 1]}") else None
        known = unit in TEMPERATURES or is_everyday(unit or "")
        if not unit or not (known or SYMBOLS.keys() >= set(_BETWEEN.split(said))) or " and " in said:
            continue
        if behind_in and (said.lower() in _SINGULAR or not _ENDS.match(question, start + len(said))):
            return ""
        return _OPEN if _GOES_ON.match(question, start + len(said)) else unit
    return ""


def asks_percent(question: str) -> bool:
    """Decide whether a question wants its answer in percent, and in no unit."""
    asked = _PERCENT.search(question[:MAX_CHARACTERS]) or ASKS_PERCENT.search(question[:MAX_CHARACTERS])
    return asked is not None and not asked_unit(question)


def scale_asked(question: str, times: int) -> bool | None:
    """Decide whether a question wants its answer in thousands, or millions; None where it only speaks of them."""
    word = SCALES[times]
    if not re.search(rf"\b{word}s?\b", question[:MAX_CHARACTERS], re.IGNORECASE):
        return False
    wanted = rf"\bin\s(?:us\s)?(?:\$\s?|[a-z]+\s)?{word}s?\b(?!\s(?:shares|people|units))|\bhow\smany\s{word}s?\b"
    return True if re.search(wanted, question[:MAX_CHARACTERS], re.IGNORECASE) else None
