"""Figures that are no arithmetic: dates, times of day, scores, telephone numbers, ranges, versions, sizes.

`2024-03-05` is not 2016, and `3-2` is not 1. Such a text is equal only to itself; a date, also in another notation that
nobody could read as another day.
"""

import re
from datetime import date
from typing import NamedTuple

from schemas.verdict import Reason
from tasks.mathematics.number import tidy

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_MONTH = rf"(?P<month>{MONTH})\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_IN_WORDS = tuple(
    re.compile(pattern, re.IGNORECASE | re.ASCII)
    for pattern in (
        rf"{_DAY}(?: of)? {_MONTH},?(?: (?P<year>\d{{4}}))?",
        rf"{_MONTH} {_DAY}(?:,?\s+(?P<year>\d{{4}}))?",
    )
)
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_DAY_OR_MONTH_FIRST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})", re.ASCII)
_TIME = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})? ?(?:[ap]\.? ?m\.?)?|\d{1,2} ?[ap]\.? ?m\.?",
    re.IGNORECASE | re.ASCII,
)
_HYPHENED = re.compile(r"(?:[a-z]+:? )?\d+(?:-\d+)+", re.IGNORECASE | re.ASCII)
_VERSION = re.compile(r"(?!\d{1,3}(?:\.\d{3})+\Z)v?\d+(?:\.\d+){2,}", re.IGNORECASE | re.ASCII)
_LENGTH = r"\d+(?:\.\d+)?"
_SIZE = re.compile(
    rf"{_LENGTH} ?(?:[x\u00d7]|by) ?{_LENGTH}(?: ?(?:[x\u00d7]|by) ?{_LENGTH})*(?: [a-z]+)?", re.IGNORECASE | re.ASCII
)
_SHARE = re.compile(r"(\d+)/(\d+)", re.ASCII)
_FIGURES = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_IN_ACCOUNTS = re.compile(r"[$€£]?\([$€£]?(\d[\d,]*(?:\.\d+)?) ?(%)?\) ?(%)?", re.ASCII)
_PLAIN = re.compile(r"-?[\d.,]+", re.ASCII)
_DASHES = str.maketrans({"\u2013": "-", "\u2012": "-", "\u2011": "-", "\u2010": "-"})
_SPACES = re.compile(r"\s+")
_PUNCTUATION = re.compile(r"(?<=[A-Za-z])[.,]|[.,](?=\s|\Z)|\s+", re.ASCII)
_LETTER = re.compile("[A-Za-z]")
MAX_CHARACTERS = 60


class _Day(NamedTuple):
    month: int
    day: int
    year: int | None


def judge_notation(gold: str, answer: str) -> Reason | None:
    """Compare figures that are no arithmetic: EQUAL dates, EQUAL_TEXT for the same figures, else UNDECIDED.

    None where neither side is of this kind. A size or a share is only beside another one: `3 x 4` may be 12, but is not
    `2 x 6`, and nobody writes 2 as `12/6` and means it where the other side has `10/5`. A number in brackets may be
    negative, as in accounts.
    """
    if _FIGURES.fullmatch(gold) and _FIGURES.fullmatch(answer):
        return None
    if max(len(gold), len(answer)) > MAX_CHARACTERS or "=" in gold or "=" in answer:
        return None
    sides = (tidy(gold.translate(_DASHES)), tidy(answer.translate(_DASHES)))
    first, second = sides
    if _TIME.fullmatch(second) and _PLAIN.fullmatch(first):
        return None
    if (held := _IN_ACCOUNTS.fullmatch(second)) and first == f"-{held[1]}{held[2] or held[3] or ''}":
        return Reason.UNDECIDED
    if not any(map(_stands_for_itself, sides)) and not _both(sides, _SIZE) and not _both_whole_shares(sides):
        return None
    if _written(first) == _written(second):
        return Reason.EQUAL_TEXT
    days = [_day(side) for side in sides]
    if days[0] and days[1]:
        open_year = None in (days[0].year, days[1].year) and days[0][:2] == days[1][:2]
        return Reason.EQUAL if days[0] == days[1] else Reason.UNDECIDED if open_year else Reason.NOT_EQUAL
    return Reason.UNDECIDED


def is_notation(text: str) -> bool:
    """Decide whether a text is a date, a time, a score, a range, a version or a size."""
    plain = tidy(text.translate(_DASHES)) if len(text) <= MAX_CHARACTERS else ""
    return bool(plain) and (_stands_for_itself(plain) or _SIZE.fullmatch(plain) is not None)


def _written(text: str) -> str:
    """Without spaces, and among words without punctuation."""
    return (_PUNCTUATION if _LETTER.search(text) else _SPACES).sub("", text).casefold()


def _stands_for_itself(text: str) -> bool:
    patterns = (_ISO, _TIME, _HYPHENED, _VERSION, *_IN_WORDS)
    return any(pattern.fullmatch(text) for pattern in patterns) or _is_day(text)


def _both(sides: tuple[str, str], pattern: re.Pattern[str]) -> bool:
    return all(pattern.fullmatch(side) for side in sides)


def _both_whole_shares(sides: tuple[str, str]) -> bool:
    shares = [_SHARE.fullmatch(side) for side in sides]
    return all(share and int(share[2]) > 1 and int(share[1]) % int(share[2]) == 0 for share in shares)


def _is_day(text: str) -> bool:
    """`1/2/2024`, but not `1/2/3`, which may be one half divided by three."""
    parts = _DAY_OR_MONTH_FIRST.fullmatch(text)
    return bool(parts) and max(int(parts[1]), int(parts[3])) <= 31 and (len(parts[4]) == 4 or parts[2] != "/")  # type: ignore[index]


def _day(text: str) -> _Day | None:
    """The day, where only one can be meant."""
    if parts := _ISO.fullmatch(text):
        return _checked(int(parts[2]), int(parts[3]), int(parts[1]))
    for pattern in _IN_WORDS:
        if words := pattern.fullmatch(text):
            month = _MONTHS.index(words["month"].lower()[:3]) + 1
            return _checked(month, int(words["day"]), int(words["year"]) if words["year"] else None)
    if (parts := _DAY_OR_MONTH_FIRST.fullmatch(text)) and len(parts[4]) == 4:
        first, second, year = int(parts[1]), int(parts[3]), int(parts[4])
        if first > 12 >= second or first == second:
            return _checked(second, first, year)
        if second > 12 >= first:
            return _checked(first, second, year)
    return None


def _checked(month: int, day: int, year: int | None) -> _Day | None:
    try:
        date(year or 2000, month, day)
    except ValueError:
        return None
    return _Day(month, day, year)
