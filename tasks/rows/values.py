"""From what stands in a row to text, kind and spec."""

import datetime
import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from schemas.closest import hint
from schemas.question import KINDS, AnswerKind
from schemas.record import canonical_json, clean_text
from tasks.rows.jsonl import JsonNumber, whole_number

PLAIN_NUMBER = re.compile(
    r"[-+]?\$?((0|[1-9][0-9]*|[1-9][0-9]{0,2}(,[0-9]{3})+)(\.[0-9]+)?|\.[0-9]+|(0|[1-9][0-9]*)/[1-9][0-9]*)"
)
"""18, 1,234, -3/4, .5, $18; not 50% (the sign is part of the answer), not 0110 (a code: zeros count)."""

_LONG = 30
"""The largest power of ten that is written out."""
_SHORT = 4
"""Characters of its exponent; an endless one is not even read."""


def look_up(row: Any, path: str) -> Any:
    """Return what stands at a dotted path; a number reaches into a list (`messages.0.content`), and into a cell that
    holds one, or an object, as JSON.

    A column whose name holds the dot wins over the nested one. Raises `LookupError` when nothing is there.
    """
    row = from_cell(row)
    if isinstance(row, dict) and path in row:
        return row[path]
    head, dot, rest = path.partition(".")
    if isinstance(row, list) and head.removeprefix("-").isdecimal():
        return look_up(row[int(head)], rest) if dot else row[int(head)]
    if not isinstance(row, Mapping):
        raise LookupError(path)
    parts = path.split(".")
    for cut in range(len(parts), 0, -1) if dot else ():
        name = ".".join(parts[:cut])
        if name in row:
            return look_up(row[name], ".".join(parts[cut:])) if cut < len(parts) else row[name]
    raise LookupError(path)


def plain_text(value: Any) -> str | None:
    """Return text as it is, a number spelled plainly (18.0 is `18`, 1e-7 is `0.0000001`), a date or time by ISO 8601,
    None for anything else.

    A number of JSON keeps the digits that it is written with (0.30 is `0.30`), and 1e400 stays as it is; a decimal
    keeps those that its type gives it. Midnight without a zone is the date alone: data frames, and `datasets` of a file
    of JSON, make a time of every column of dates.
    """
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, JsonNumber):
        number = value.text
        mantissa, _, exponent = number.lower().partition("e")
        if exponent:
            return format(Decimal(number), "f") if len(exponent) <= _SHORT and abs(int(exponent)) <= _LONG else number
        return mantissa.removesuffix(".0")
    if isinstance(value, datetime.datetime) and value == datetime.datetime(value.year, value.month, value.day):
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if not is_number(value) or not math.isfinite(value):
        return None
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    return format(Decimal(value), "f")


def only(value: Any) -> Any:
    """Return the one element of a list of one, as AGIEval, OlympiadBench and GAOKAO write a gold; any other value as it
    is.
    """
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def last_match(pattern: str, text: str) -> str | None:
    """Return the group of the pattern's last match, stripped; None without a match."""
    found = None
    for match in re.finditer(pattern, text):
        found = match[1]
    return None if found is None else found.strip()


def infer_kind(gold: str | None, value: Any = None) -> AnswerKind:
    """Infer the kind of a question whose row names none: by its gold, and by the `value` in the row where the gold
    comes from one.

    A number of JSON or Parquet is a number even where its spelling (1e400) alone would not say so.
    """
    return AnswerKind.NUMBER if gold is not None and is_plain(gold, value) else AnswerKind.EXACT


def is_plain(gold: str, value: Any = None) -> bool:
    """Return whether a gold is a number by itself, without the others of its column."""
    return is_number(value) or PLAIN_NUMBER.fullmatch(gold.strip()) is not None


def kinds_for(value: Any) -> str:
    """Return what a kind may be, and which of them `value`, which is none, was perhaps meant to be."""
    return f"one of {', '.join(KINDS)}{hint(str(value), KINDS)}"


def from_cell(value: Any) -> Any:
    """Return a list or an object that a cell of CSV holds as its JSON text; any other value as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith(("[", "{")):
        return value
    try:
        return json.loads(value, parse_float=JsonNumber, parse_int=whole_number)
    except (ValueError, RecursionError):  # bad JSON; hostile depth
        return value


def parse_spec(value: Any) -> str | None:
    """Return a verifier spec in its one spelling, from an object or its JSON text; None when it is neither.

    Absent and null are the same, because Arrow fills the fields that other rows have with null.
    """
    try:
        spec = from_cell(value)
        if not isinstance(spec, dict):
            return None
        return spec_text({key: item for key, item in spec.items() if item is not None})
    except (ValueError, TypeError, RecursionError):  # bad JSON, NaN; bytes or dates in Parquet; hostile depth
        return None


def spec_text(spec: Mapping[str, Any]) -> str:
    """Return a spec in its one spelling; among its choices a number is the text that it is written as.

    Raises `ValueError` for a number that JSON or a double cannot hold.
    """
    choices = spec.get("choices")
    if isinstance(choices, list) and any(isinstance(choice, _WRITTEN) for choice in choices):
        texts = [choice_text(choice) if isinstance(choice, _WRITTEN) else choice for choice in choices]
        return canonical_json({**spec, "choices": texts})
    return canonical_json(spec)


_WRITTEN = (JsonNumber, Decimal, datetime.date, datetime.time)
"""What has a spelling of its own."""


def choice_text(choice: Any) -> str:
    """Return a choice as it is written: a number of JSON with its digits, 1.50."""
    if isinstance(choice, JsonNumber):
        return choice.text
    return (plain_text(choice) if isinstance(choice, _WRITTEN) else None) or str(choice)
