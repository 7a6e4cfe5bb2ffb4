"""Rows as a file or a data set holds them, one at a time, each with its place for messages."""

import codecs
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from schemas.errors import Refused
from tasks.rows.jsonl import JsonNumber

Row = tuple[str, dict[str, Any]]
"""Where the row stands, such as `data.jsonl, line 3`, and what it holds."""


def jsonl(path: Path, setting: str = "questions.path") -> Iterator[Row]:
    """One object per line; blank lines, CRLF and a byte order mark are no matter. `setting` is what named the file."""
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                text = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
                if text.strip():
                    place = f"{path}, line {number}"
                    yield place, _object(place, text)
    except OSError as error:
        raise Refused(f"{setting}: cannot read {str(path)!r}: {error.strerror}") from error


def _object(place: str, line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line.decode(), object_pairs_hook=_unambiguous, parse_float=JsonNumber)
    except (ValueError, RecursionError) as error:  # ValueError: bad UTF-8, bad JSON, a number of 5,000 digits
        raise Refused(f"{place}: not JSON in UTF-8 ({error}); needs one JSON object on each line") from error
    if not isinstance(value, dict):
        raise Refused(f"{place}: got a JSON {type(value).__name__}; needs one JSON object on each line")
    return value


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    twice = {key for key in keys if keys.count(key) > 1} if len(set(keys)) < len(keys) else set()
    if twice:
        raise ValueError(f"the key {min(twice)!r} stands twice in one object")
    return dict(pairs)


def top_level(names: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """The columns that the wanted paths start in; all, for the message, when the question's is not there."""

    def holds(name: str, path: str) -> bool:
        return path == name or path.startswith(f"{name}.")

    if not any(holds(name, wanted[0]) for name in names):
        return list(names)
    return [name for name in names if any(holds(name, path) for path in wanted)]
