"""JSON as rows hold it: a number keeps the digits that it is written with."""

import json
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring_ascii
from typing import Any, NoReturn

UNREADABLE = "\0"
"""Begins a text that stands where a row should, and says what is wrong with it."""
_LONGEST = 80
"""Characters of a text that stands for a row."""


class JsonNumber(float):
    """A number with a fraction or an exponent as it stands in JSON, or a very long one: a double, and the text, which
    may hold more.
    """

    text: str

    def __new__(cls, text: str) -> "JsonNumber":
        number = super().__new__(cls, text)
        number.text = text
        return number


def whole_number(text: str) -> int | JsonNumber:
    """Return a number without a fraction: Python reads none of more than 4,300 digits."""
    try:
        return int(text)
    except ValueError:
        return JsonNumber(text)


def read_object(line: bytes) -> dict[str, Any]:
    """Return the JSON object on a line. Raises `ValueError` for anything else, which says what it is and what is
    needed.
    """
    row = _read(line)
    if isinstance(row, str) and row.startswith(UNREADABLE):
        raise ValueError(row.removeprefix(UNREADABLE))
    if not isinstance(row, dict):
        said = f" but {json_text(row[:_LONGEST])}" if isinstance(row, str) else ""
        raise _no_object(f"no JSON object{said}")
    return row


def _read(line: bytes) -> Any:
    try:
        return _DECODER.decode(line.decode("utf-8", "surrogatepass").removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        raise _no_object(f"bytes that are no UTF-8, from byte {error.start + 1} on") from None
    except json.JSONDecodeError as error:
        raise _no_object(f"no JSON ({error.msg} at character {error.pos + 1})") from None
    except (ValueError, RecursionError) as error:
        raise _no_object(f"no JSON ({error})") from None


def _no_object(got: str) -> ValueError:
    return ValueError(f"got {got}; needs a JSON object")


def json_text(value: Any) -> str:
    """Return a JSON value in ASCII, its `JsonNumber`s as they were written. Raises `ValueError` for what JSON cannot
    hold.
    """
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if type(value) is int:
        return str(value)
    if isinstance(value, JsonNumber):
        return value.text
    if isinstance(value, dict):
        return "{" + ", ".join([f"{json_text(name)}: {json_text(item)}" for name, item in value.items()]) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(json_text, value)) + "]"
    return _ENCODER.encode(value)


def object_text(row: Mapping[Any, Any], plain: Callable[[Any], Any]) -> str:
    """Return a row as a JSON object on one line, each column as `plain` makes it JSON. Where that raises `ValueError`,
    or JSON cannot hold what it gives, the column says so in a text within two lists, which no column that is read
    takes.
    """
    return "{" + ", ".join([f"{json_text(str(name))}: {_column(value, plain)}" for name, value in row.items()]) + "}"


def _column(value: Any, plain: Callable[[Any], Any]) -> str:
    try:
        return json_text(plain(value))
    except (TypeError, ValueError, RecursionError):
        shown = repr(value) if isinstance(value, float) else f"a {type(value).__name__}"
        return json_text([[f"{shown}, which JSON cannot hold"]])


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is none; null is")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {min(key for key in keys if keys.count(key) > 1)!r} stands twice in one object")
    return found


_ENCODER = json.JSONEncoder(allow_nan=False)
_DECODER = json.JSONDecoder(
    parse_constant=_not_json, parse_float=JsonNumber, parse_int=whole_number, object_pairs_hook=_object
)
