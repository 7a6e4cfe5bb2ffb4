"""JSON as rows hold it: a number keeps the digits that it is written with."""

import json
from json.encoder import encode_basestring_ascii
from typing import Any, NoReturn

_LONGEST = 80
"""Characters of a text that stands for a row."""


class JsonNumber(float):
    """A number with a fraction or an exponent as it stands in JSON: a double, and the text, which may hold more."""

    text: str

    def __new__(cls, text: str) -> "JsonNumber":
        number = super().__new__(cls, text)
        number.text = text
        return number


def read_object(line: bytes) -> dict[str, Any]:
    """The JSON object on a line. Raises `ValueError` for anything else; its message says what it is not."""
    try:
        row = _DECODER.decode(line.decode("utf-8", "surrogatepass").removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        raise ValueError(f"bytes that are no UTF-8, from byte {error.start + 1} on") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON ({error.msg} at character {error.pos + 1})") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"no JSON ({error})") from None
    if isinstance(row, str):
        raise ValueError(f"no JSON object but {json_text(row[:_LONGEST])}")
    if not isinstance(row, dict):
        raise ValueError("no JSON object")
    return row


def json_text(value: Any) -> str:
    """A JSON value in ASCII, its `JsonNumber`s as they were written. Raises `ValueError` for what JSON cannot hold."""
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


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is none; null is")


_ENCODER = json.JSONEncoder(allow_nan=False)
_DECODER = json.JSONDecoder(parse_constant=_not_json, parse_float=JsonNumber)
