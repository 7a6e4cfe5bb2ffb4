"""From what stands in a row to text, kind and spec."""

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from schemas.question import AnswerKind
from schemas.record import canonical_json, clean_text

PLAIN_NUMBER = re.compile(
    r"[-+]?\$?((0|[1-9][0-9]*|[1-9][0-9]{0,2}(,[0-9]{3})+)(\.[0-9]+)?|\.[0-9]+|(0|[1-9][0-9]*)/[1-9][0-9]*)"
)
"""18, 1,234, -3/4, .5, $18; not 50% (the sign is part of the answer), not 0110 (a code: zeros count)."""


def look_up(row: Any, path: str) -> Any:
    """What stands at a dotted path; a number reaches into a list (`messages.0.content`).

    A column whose name holds the dot wins over the nested one. Raises `LookupError` when nothing is there.
    """
    head, dot, rest = path.partition(".")
    if isinstance(row, list) and head.removeprefix("-").isdecimal():
        return look_up(row[int(head)], rest) if dot else row[int(head)]
    if not isinstance(row, Mapping):
        raise LookupError(path)
    parts = path.split(".")
    for cut in range(len(parts), 0, -1):
        name = ".".join(parts[:cut])
        if name in row:
            return look_up(row[name], ".".join(parts[cut:])) if cut < len(parts) else row[name]
    raise LookupError(path)


def plain_text(value: Any) -> str | None:
    """Text as it is, a number spelled plainly (18.0 is `18`, 1e-7 is `0.0000001`), None for anything else."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not math.isfinite(value):
        return None
    digits = format(Decimal(repr(value)) if isinstance(value, float) else Decimal(value), "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def last_match(pattern: str, text: str) -> str | None:
    """The group of the pattern's last match, stripped; None without a match."""
    found = None
    for match in re.finditer(pattern, text):
        found = match[1]
    return None if found is None else found.strip()


def infer_kind(gold: str | None) -> AnswerKind:
    is_number = gold is not None and PLAIN_NUMBER.fullmatch(gold.strip())
    return AnswerKind.NUMBER if is_number else AnswerKind.EXACT


def parse_spec(value: Any) -> str | None:
    """A verifier spec in its one spelling, from an object or its JSON text; None when it is neither.

    Absent and null are the same, because Arrow fills the fields that other rows have with null.
    """
    try:
        spec = json.loads(value) if isinstance(value, str) else value
        if not isinstance(spec, dict):
            return None
        return canonical_json({key: item for key, item in spec.items() if item is not None})
    except (ValueError, TypeError, RecursionError):  # bad JSON, NaN; bytes or dates in Parquet; hostile depth
        return None
