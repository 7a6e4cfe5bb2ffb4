"""JSON as rows hold it: a number keeps the digits that it is written with."""

import json
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring_ascii
from typing import Any, NamedTuple, NoReturn

from schemas.record import clean_text

UNREADABLE = "\0"
"""Begins a text that stands where a row should, and says what is wrong with it."""
_LONGEST = 80
"""Characters of a text that stands for a row."""
_KINDS = {list: "an array", str: "a string", bool: "true or false", type(None): "null"}
"""What JSON calls what Python made of it."""


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


class Unreadable(NamedTuple):
    """What stands where a row should, and is no object."""

    complaint: str
    raw: str


class RowDecoder:
    """Decodes JSON whose numbers keep their digits; an object with a key twice is none."""

    def __init__(self) -> None:
        self._twice: str | None = None
        self._json = json.JSONDecoder(object_pairs_hook=self._object, parse_float=JsonNumber, parse_int=whole_number)

    def whole(self, line: bytes) -> dict[str, Any] | Unreadable:
        """Return the object that is all of a line."""
        try:
            self._twice = None
            text = line.decode()
            return self._row(self._json.decode(text), text)
        except (ValueError, RecursionError) as error:  # ValueError: bad UTF-8, bad JSON
            said = f"not JSON in UTF-8 ({error}); needs one JSON object on each line"
            return Unreadable(said, clean_text(line.decode("utf-8", "replace")))

    def next(self, text: str, at: int) -> tuple[dict[str, Any] | Unreadable, int]:
        """Return the object that begins at `at`, and its end."""
        self._twice = None
        value, end = self._json.raw_decode(text, at)
        return self._row(value, text[at:end]), end

    def _row(self, value: Any, text: str) -> dict[str, Any] | Unreadable:
        if self._twice is not None:
            return Unreadable(f"not JSON in UTF-8 (the key {self._twice!r} stands twice in one object)", text)
        if isinstance(value, dict):
            return value
        kind = _KINDS.get(type(value), "a number")
        return Unreadable(f"got {kind}; needs one JSON object on each line", clean_text(text))

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            self._twice = _key_twice(pairs)
        return found


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
        raise ValueError(f"the key {_key_twice(pairs)!r} stands twice in one object")
    return found


def _key_twice(pairs: list[tuple[str, Any]]) -> str:
    """The first by name of those that an object has twice."""
    keys = [key for key, _ in pairs]
    return min(key for key in keys if keys.count(key) > 1)


_ENCODER = json.JSONEncoder(allow_nan=False)
_DECODER = json.JSONDecoder(
    parse_constant=_not_json, parse_float=JsonNumber, parse_int=whole_number, object_pairs_hook=_object
)
