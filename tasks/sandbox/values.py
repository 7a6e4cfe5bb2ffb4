"""Values as they cross: JSON in which only data of exact types has a form.

    None, bool, int, str        themselves; an int of 2^53 or more is {"int": hex}
    float, complex              {"float": hex}, {"complex": [hex, hex]}: every bit crosses, NaN and infinities too
    list, tuple, set, frozenset a list, {"tuple": [...]}, {"set": [...]} sorted by their JSON
    dict                        {"dict": [[key, value], ...]} in its order, which a program may rely on
    bytes, bytearray            {"bytes": hex}
    deque, range                {"deque": [...]}, {"range": [start, stop, step]}
    Decimal, Fraction           {"decimal": text}, {"fraction": [hex, hex]}
    date, datetime, time        {"date": text}, {"datetime": text}, {"time": text}
    timedelta                   {"timedelta": [days, seconds, microseconds]}
    anything else               {"object": its type's name}: it can be named, never asked; "solution.name" where the
                                answer made the type itself

An instance of a subclass crosses as what it holds of the base type, read by the base type's own code: defaultdict,
Counter, a named tuple, a member of an IntEnum. Where the subclass says itself what it is equal to it is an object.
Scalars of numpy's cross as Python's, arrays of numbers and text as {"array": [dtype, shape, nested lists]}.
"""

import datetime
import itertools
import json
import re
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

Tree = Any
"""A value in the form above."""

DEEPEST, MOST_NODES = 100, 500_000
MOST_DIGITS = 50_000
"""Of the hex numbers of a fraction or a range, with which we compute."""

_EXACT_BELOW = 2**53
"""JSON readers elsewhere would round beyond."""
_DTYPE_KINDS = "biufcUS"
_HEX = re.compile(r"-?0x[0-9a-f]+")
_THEMSELVES = frozenset({type(None), bool, int, str})
_BASES = (int, float, str, list, tuple, dict, set, frozenset, bytes, deque)
_THEIR_OWN = frozenset({dict, defaultdict, Counter, OrderedDict})
"""Dicts of the library, which compare like one."""


class TooLarge(Exception):
    """Nested deeper than DEEPEST or with more than MOST_NODES values."""


class NotAValue(Exception):
    """A tree that `encode` would never have made."""


def encode(value: object) -> Tree:
    """Raise `TooLarge`. Nothing of `value`'s own code runs."""
    nodes = itertools.count(1)
    numpy = sys.modules.get("numpy")
    array, scalar = (numpy.ndarray, numpy.generic) if numpy else (None, None)

    def form(value: Any, depth: int) -> Tree:
        if next(nodes) > MOST_NODES or depth > DEEPEST:
            raise TooLarge(f"nested deeper than {DEEPEST}" if depth > DEEPEST else f"more than {MOST_NODES} values")
        kind = _kind(type(value))
        if value is None or kind is bool:
            return value
        if kind is str:
            return str.__str__(value)
        if kind is int:
            number = int.__int__(value)
            return number if abs(number) < _EXACT_BELOW else {"int": hex(number)}
        if kind is float:
            return {"float": float.hex(value)}
        if kind is list:
            return [form(item, depth + 1) for item in list.__iter__(value)]
        if kind is tuple or kind is deque:
            return {kind.__name__: [form(item, depth + 1) for item in kind.__iter__(value)]}
        if kind is set or kind is frozenset:
            return {"set": sorted((form(item, depth + 1) for item in kind.__iter__(value)), key=text_of)}
        if kind is dict:
            return {"dict": [[form(k, depth + 1), form(v, depth + 1)] for k, v in dict.items(value)]}
        if kind is bytes or kind is bytearray:
            return {"bytes": kind.hex(value)}
        if kind is complex:
            return {"complex": [value.real.hex(), value.imag.hex()]}
        if kind in _AS_TEXT:
            return {_AS_TEXT[kind]: value.isoformat() if kind.__module__ == "datetime" else str(value)}
        if kind is Fraction:
            if max(abs(value.numerator), value.denominator).bit_length() > 4 * (MOST_DIGITS - 3):
                raise TooLarge(f"a fraction of more than {MOST_DIGITS} digits")
            return {"fraction": [hex(value.numerator), hex(value.denominator)]}
        if kind is datetime.timedelta:
            return {"timedelta": [value.days, value.seconds, value.microseconds]}
        if kind is range:
            if max(map(abs, (value.start, value.stop, value.step))).bit_length() > 4 * (MOST_DIGITS - 3):
                raise TooLarge(f"a range to a number of more than {MOST_DIGITS} digits")
            return {"range": [form(edge, depth + 1) for edge in (value.start, value.stop, value.step)]}
        if kind is array and value.dtype.kind in _DTYPE_KINDS:
            return {"array": [value.dtype.str, list(value.shape), form(value.tolist(), depth)]}
        if scalar and issubclass(kind, scalar) and kind.__module__ == "numpy" and type(kind.tolist(value)) is not kind:
            return form(kind.tolist(value), depth)
        made_here = "solution." if type.__getattribute__(kind, "__module__") == "solution" else ""
        return {"object": made_here + type.__getattribute__(kind, "__name__")[:60]}

    return form(value, 0)


def decode(tree: Tree) -> Any:
    """Return the value of a tree. An object comes back as `Opaque`. Builds sets and dicts, so only ever called inside a
    sandbox.
    """
    if not isinstance(tree, dict | list):
        return tree
    if isinstance(tree, list):
        return [decode(item) for item in tree]
    ((tag, body),) = tree.items()
    return _MAKERS[tag](body)


def checked(tree: Tree) -> Tree:
    """Return the tree itself, where `encode` could have made it; in which order a set's items come is not looked at.

    Raises `NotAValue`. Hashes and sorts nothing and computes with no number: twice the tree takes twice the time.
    """
    left = 2 * MOST_NODES

    def walk(items: list[Tree], depth: int) -> None:
        nonlocal left
        left -= len(items)
        if left < 0 or depth > DEEPEST + 1:
            raise NotAValue("larger than any value may be")
        for item in items:
            kind = type(item)
            if kind is list:
                walk(item, depth + 1)
            elif kind is dict:
                walk(_held(item), depth + 1)
            elif kind not in _THEMSELVES:
                raise NotAValue(f"a {kind.__name__} is no value")

    walk([tree], 0)
    return tree


def _held(form: dict[str, Tree]) -> list[Tree]:
    """What a value holds that is a dict here. Raises `NotAValue`."""
    if len(form) != 1:
        raise NotAValue("a dict is no value")
    ((tag, body),) = form.items()
    if tag in _LEAVES:
        if not _is_leaf(tag, body):
            raise NotAValue(f"no {tag}")
        return []
    if isinstance(body, list):
        if tag in ("tuple", "set", "deque"):
            return body
        if tag == "dict" and all(type(pair) is list and len(pair) == 2 for pair in body):
            return body
        if tag == "range" and len(body) == 3 and all(_is_edge(edge) for edge in body):
            return body
        if tag == "array" and len(body) == 3 and _describes_array(*body[:2]):
            return body[2:]
    raise NotAValue(f"no form is called {str(tag)[:20]!r}")


def _is_leaf(tag: str, body: Tree) -> bool:
    if tag == "fraction":  # not made: to shorten one of millions of digits takes minutes
        return isinstance(body, list) and len(body) == 2 and all(map(_is_hex, body)) and int(body[1], 16) > 0
    try:
        _MAKERS[tag](body)
    except (TypeError, ValueError, OverflowError, ArithmeticError):
        return False
    return True


def _is_edge(tree: Tree) -> bool:
    return type(tree) is int or (isinstance(tree, dict) and list(tree) == ["int"] and _is_hex(tree["int"]))


def _is_hex(text: Tree) -> bool:
    return isinstance(text, str) and len(text) <= MOST_DIGITS and _HEX.fullmatch(text) is not None


def leaves(tree: Tree) -> Iterator[tuple[str, Tree]]:
    """Yield every value in the tree that holds no other, with its tag; "" for those that are themselves. In any
    order.
    """
    left = [tree]
    while left:
        tree = left.pop()
        if isinstance(tree, list):
            left += tree
        elif isinstance(tree, dict):
            ((tag, body),) = tree.items()
            if tag in _LEAVES:
                yield tag, body
            else:
                left.append(body)
        else:
            yield "", tree


def text_of(tree: Tree) -> str:
    """Spell a tree as text, equal trees alike."""
    return json.dumps(tree, sort_keys=True)


def _kind(kind: type) -> Any:
    """The type that decides the form: of a subclass its base, unless a class before that says what it is equal to."""
    if kind in _BASES or kind is bool or kind in _THEIR_OWN:
        return dict if kind in _THEIR_OWN else kind
    for ancestor in type.__getattribute__(kind, "__mro__"):
        if ancestor in _BASES or ancestor in _THEIR_OWN:
            return dict if ancestor in _THEIR_OWN else ancestor
        if ancestor is object or "__eq__" in type.__getattribute__(ancestor, "__dict__"):
            return kind
    return kind


class Opaque:
    """Stands for an object that cannot cross."""

    def __init__(self, name: str) -> None:
        self.name = name


def _describes_array(dtype: object, shape: object) -> bool:
    return (
        isinstance(dtype, str)
        and dtype[:1] in "<>|="
        and dtype[1:2] in _DTYPE_KINDS
        and dtype[2:].isdecimal()
        and isinstance(shape, list)
        and all(type(size) is int for size in shape)
    )


def _array(body: list[Any]) -> Any:
    dtype, shape, nested = body
    return sys.modules["numpy"].array(decode(nested), dtype=dtype).reshape(shape)


def _complex(parts: list[str]) -> complex:
    real, imaginary = parts
    return complex(float.fromhex(real), float.fromhex(imaginary))


_AS_TEXT: dict[type, str] = {
    Decimal: "decimal",
    datetime.date: "date",
    datetime.datetime: "datetime",
    datetime.time: "time",
}
_LEAVES = ("int", "float", "complex", "bytes", "object", "fraction", "timedelta", *_AS_TEXT.values())
_MAKERS: dict[str, Callable[[Any], Any]] = {
    "int": lambda body: int(body, 16),
    "float": float.fromhex,
    "complex": _complex,
    "bytes": bytes.fromhex,
    "object": lambda body: Opaque(body[:60] + ""),
    "tuple": lambda body: tuple(decode(item) for item in body),
    "set": lambda body: {decode(item) for item in body},
    "array": _array,
    "deque": lambda body: deque(decode(item) for item in body),
    "range": lambda body: range(*map(decode, body)),
    "decimal": Decimal,
    "fraction": lambda body: Fraction(*(int(part, 16) for part in body)),
    "date": datetime.date.fromisoformat,
    "datetime": datetime.datetime.fromisoformat,
    "time": datetime.time.fromisoformat,
    "timedelta": lambda body: datetime.timedelta(*map(int, body)),
    "dict": lambda body: {decode(key): decode(value) for key, value in body},
}
