"""Dates and times in words and figures: whether two say the same. Pure."""

import re

from schemas.verdict import Reason
from tasks.mathematics.notation import MONTH

_DAY = r"mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:rs|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
_OF_TIME = re.compile(
    rf"""\d:\d | \b\d{{1,2}}\s?h\s?\d{{2}}\b
        | \d{{4}}-\d | \d[/.]\d{{1,2}}[/.]\d | \b(?:{MONTH}|{_DAY})\b\.? | \d\s?[ap]\.?m\b | \b(?:minutes?|mins?|hours?
          |hrs?|seconds?|days?|weeks?|noon|midnight|o['\u2019]clock|half\spast|quarter\s(?:to|past))\b""",
    re.VERBOSE | re.IGNORECASE,
)
_LENGTH = re.compile(r"(?:true|false)>\.?")
_TOKEN = re.compile(
    rf"(?P<number>\d+)|\b(?:(?P<month>{MONTH})|(?P<day>{_DAY})|(?P<half>[ap]\.?m\b\.?))\b", re.IGNORECASE
)


def compare_times(gold: str, answer: str) -> Reason | None:
    """Compare two texts by what they say, where both are written alike but for the length of a month or day: `3
    September` and `3 Sep.`; a lone `Mar` or `Sun` may be no time. None where one of them speaks of none.
    """
    if not (_OF_TIME.search(gold) and _OF_TIME.search(answer)):
        return None
    (form, parts), (other_form, other_parts) = _time(gold), _time(answer)
    if form == other_form:
        return Reason.NOT_EQUAL if parts != other_parts else Reason.UNDECIDED
    is_time = any(map(str.isdigit, gold)) or "true>" in form
    if not is_time or _LENGTH.sub(">", form) != _LENGTH.sub(">", other_form):
        return Reason.UNDECIDED
    return Reason.EQUAL_TEXT if parts == other_parts else Reason.NOT_EQUAL


def _time(text: str) -> tuple[str, list[str]]:
    """How it is written, and what it says."""
    parts = [
        match[0].lstrip("0") if match["number"] else match[0].lower().replace(".", "")[:3]
        for match in _TOKEN.finditer(text)
    ]
    form = _TOKEN.sub(
        lambda match: f"<{match.lastgroup}{len(match[0]) > 4 if match['month'] or match['day'] else ''}>", text
    )
    return form.casefold(), parts
