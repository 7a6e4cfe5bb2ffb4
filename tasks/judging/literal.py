"""Values as Python or JSON writes them, such as `{'a': None}` and `{"a": null}`: whether two texts are one value."""

import ast
import json
import re
import warnings
from fractions import Fraction
from typing import Any

from schemas.verdict import Reason
from tasks.judging.answer_key import normal_text

MAX_CHARACTERS = 5_000
"""A longer text is not read."""
_BEGINS = re.compile(r"[\[({\"']|(?:[bru]{1,2}[\"']|set\(|frozenset\()", re.IGNORECASE)
"""How a value begins that is more than a number or a word."""
_BRACKET = re.compile(r"[\[\](){}]")
_AROUND = re.compile(r"[\[\](){}\"'\s]")
_ENDS = ("]", ")", "}", '"', "'")
_WORDS = {"true": True, "false": False, "null": None, "none": None}
_LISTED = (list, tuple, set, frozenset)
_SETS = (set, frozenset)
_MANY = (dict, *_LISTED)
_VALUES = (str, bytes, *_MANY)
_UNREAD = object()
_FAULTS = (ValueError, SyntaxError, TypeError, RecursionError, MemoryError)


def judge_literals(gold: str, answer: str) -> Reason | None:
    """Return EQUAL_TEXT where both sides are one value, whatever the order of its keys, UNDECIDED where they differ by
    no more than types, as a list and a tuple do, or than spaces and capitals in quotes, which count; None for all else.

    A text in quotes may stand without them; a list without its brackets is left open.
    """
    expected, stated = gold.strip(), _unescaped(answer.strip().strip("`").strip())
    if max(len(expected), len(stated)) > MAX_CHARACTERS:
        return None
    if {expected.casefold(), stated.casefold()} == {"none", "null"}:
        return Reason.UNDECIDED
    one, other = _read(expected), _read(stated)
    if one is _UNREAD or other is _UNREAD:
        found = _judge_bare(one, stated) if other is _UNREAD else _judge_bare(other, expected)
        return found or (
            Reason.UNDECIDED if _stand_bare(expected, stated) and not _spelt_alike(expected, stated) else None
        )
    if isinstance(one, _MANY) is not isinstance(other, _MANY) and str in (type(one), type(other)):
        texts = (one, stated) if isinstance(one, str) else (expected, other)
        return Reason.UNDECIDED if len({" ".join(text.split()) for text in texts}) == 1 else None
    if _same(one, other):
        return Reason.EQUAL_TEXT
    return Reason.UNDECIDED if _spelt_alike(expected, stated) or _alike(one, other) else None


def _unescaped(answer: str) -> str:
    """What was written into a text of JSON, as in `"answer": "{\\"a\\": 1}"`."""
    if '\\"' not in answer:
        return answer
    try:
        return str(json.loads(f'"{answer}"'))
    except ValueError:
        return answer


def _spelt_alike(one: str, other: str) -> bool:
    """Whether they differ by spaces and capitals at most."""
    return normal_text(one).casefold() == normal_text(other).casefold()


def _stand_bare(*sides: str) -> bool:
    """Whether they differ by brackets and quotes that one of them has not."""
    one, other = (_AROUND.sub("", side) for side in sides)
    return one == other != "" and not all(map(_BRACKET.search, sides))


def _judge_bare(quoted: Any, text: str) -> Reason | None:
    """Of a text in quotes and one without, which may be a number or a word of the language then."""
    if not isinstance(quoted, str) or " ".join(quoted.split()) != " ".join(text.split()):
        return None
    is_text = quoted == text and isinstance(_meant(text), str)
    return Reason.EQUAL_TEXT if is_text else Reason.UNDECIDED


def _read(text: str) -> Any:
    """A list, an object, a text in quotes or the like, of JSON or Python; `_UNREAD` for all else."""
    if not (_BEGINS.match(text) and text.endswith(_ENDS)):
        return _UNREAD
    for read in (_of_json, _of_python):
        try:
            value = read(text)
        except _FAULTS:
            continue
        return value if isinstance(value, _VALUES) else _UNREAD
    return _UNREAD


def _of_json(text: str) -> Any:
    return json.loads(text, parse_constant=_no_constant)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _of_python(text: str) -> Any:
    with warnings.catch_warnings(action="ignore", category=SyntaxWarning):
        return ast.literal_eval(text)


def _same(one: Any, other: Any) -> bool:
    """Whether values and types are equal throughout."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        rest = {(type(key), key): value for key, value in other.items()}
        names = [(type(key), key) for key in one]
        return rest.keys() == set(names) and all(
            _same(value, rest[name]) for name, value in zip(names, one.values(), strict=True)
        )
    if isinstance(one, _SETS):
        one, other = (sorted(items, key=repr) for items in (one, other))
    if isinstance(one, _LISTED):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _alike(one: Any, other: Any) -> bool:
    """Whether they are equal but for their types: a list and a set, a number and its text, `True` and 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        rest = {_meant(key): value for key, value in other.items()}
        return len(one) == len(other) and all(
            _meant(key) in rest and _alike(value, rest[_meant(key)]) for key, value in one.items()
        )
    if isinstance(one, _MANY) and isinstance(other, _MANY):
        if isinstance(one, dict) or isinstance(other, dict):
            return len(one) == len(other) == 0
        if isinstance(one, _SETS) or isinstance(other, _SETS):
            one, other = (sorted(map(repr, map(_meant, items))) for items in (one, other))
        return len(one) == len(other) and all(map(_alike, one, other))
    return bool(_meant(one) == _meant(other))


def _meant(value: Any) -> Any:
    """A text as the number or the word of a language that it spells, else without case and spaces around it."""
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if not isinstance(value, str):
        return value
    plain = " ".join(value.split()).casefold()
    if plain in _WORDS:
        return _WORDS[plain]
    try:
        return Fraction(plain)
    except (ValueError, ZeroDivisionError):
        return plain
