"""Values as they cross: JSON in which only data of exact types has a form.

    None, bool, int, str        themselves; an int of 2^53 or more is {"int": hex}
    float, complex              {"float": hex}, {"complex": [hex, hex]}: every bit crosses, NaN and infinities too
    list, tuple, set, frozenset a list, {"tuple": [...]}, {"set": [...]} sorted by their JSON
    dict                        {"dict": [[key, value], ...]} in its order, which a program may rely on
    bytes, bytearray            {"bytes": hex}
    anything else               {"object": its type's name}: it can be named, never asked

defaultdict, Counter and OrderedDict are dicts, deque is a list: what they hold is read by the base type's own code.
An instance of any other subclass is an object, whatever its methods say. Scalars of numpy's cross as Python's, arrays
of numbers and text as {"array": [dtype, shape, nested lists]}.
"""

import itertools
import json
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from typing import Any

Tree = Any
"""A value in the form above."""

DEEPEST, MOST_NODES = 100, 500_000

_EXACT_BELOW = 2**53
"""JSON readers elsewhere would round beyond."""
_DTYPE_KINDS = "biufcUS"
_DICTS = (dict, defaultdict, Counter, OrderedDict)


class TooLarge(Exception):
    """Nested deeper than DEEPEST or with more than MOST_NODES values."""


class NotAValue(Exception):
    """A tree that `encode` would never have made."""


def encode(value: object) -> Tree:
    """Raises `TooLarge`. Nothing of `value`'s own code runs."""
    nodes = itertools.count(1)
    numpy = sys.modules.get("numpy")
    array, scalar = (numpy.ndarray, numpy.generic) if numpy else (None, None)

    def form(value: Any, depth: int) -> Tree:
        if next(nodes) > MOST_NODES or depth > DEEPEST:
            raise TooLarge(f"nested deeper than {DEEPEST}" if depth > DEEPEST else f"more than {MOST_NODES} values")
        kind = type(value)
        if value is None or kind is bool or kind is str:
            return value
        if kind is int:
            return value if abs(value) < _EXACT_BELOW else {"int": hex(value)}
        if kind is float:
            return {"float": value.hex()}
        if kind is list or kind is deque:
            return [form(item, depth + 1) for item in value]
        if kind is tuple:
            return {"tuple": [form(item, depth + 1) for item in value]}
        if kind is set or kind is frozenset:
            return {"set": sorted((form(item, depth + 1) for item in value), key=text_of)}
        if kind in _DICTS:
            return {"dict": [[form(k, depth + 1), form(v, depth + 1)] for k, v in dict.items(value)]}
        if kind is bytes or kind is bytearray:
            return {"bytes": value.hex()}
        if kind is complex:
            return {"complex": [value.real.hex(), value.imag.hex()]}
        if kind is array and value.dtype.kind in _DTYPE_KINDS:
            return {"array": [value.dtype.str, list(value.shape), form(value.tolist(), depth)]}
        if scalar and issubclass(kind, scalar) and kind.__module__ == "numpy" and type(kind.tolist(value)) is not kind:
            return form(kind.tolist(value), depth)
        return {"object": type.__getattribute__(kind, "__name__")[:60]}

    return form(value, 0)


def decode(tree: Tree) -> Any:
    """The value. An object comes back as `Opaque`. Builds sets and dicts, so only ever called inside a sandbox."""
    if not isinstance(tree, dict | list):
        return tree
    if isinstance(tree, list):
        return [decode(item) for item in tree]
    ((tag, body),) = tree.items()
    return _MAKERS[tag](body)


def checked(tree: Tree) -> Tree:
    """The tree as `encode` would have ordered it. Raises `NotAValue`. Hashes nothing, so collisions cost nothing."""
    nodes = itertools.count(1)

    def walk(tree: Tree, depth: int) -> Tree:
        if next(nodes) > 2 * MOST_NODES or depth > DEEPEST + 1:
            raise NotAValue("larger than any value may be")
        if tree is None or isinstance(tree, bool | int | str):
            return tree
        if isinstance(tree, list):
            return [walk(item, depth + 1) for item in tree]
        if not isinstance(tree, dict) or len(tree) != 1:
            raise NotAValue(f"a {type(tree).__name__} is no value")
        ((tag, body),) = tree.items()
        if tag in ("tuple", "set") and isinstance(body, list):
            items = [walk(item, depth + 1) for item in body]
            return {tag: sorted(items, key=text_of) if tag == "set" else items}
        if tag == "dict" and isinstance(body, list) and all(isinstance(p, list) and len(p) == 2 for p in body):
            return {tag: [[walk(k, depth + 1), walk(v, depth + 1)] for k, v in body]}
        if tag == "array" and isinstance(body, list) and len(body) == 3 and _describes_array(*body[:2]):
            return {tag: [*body[:2], walk(body[2], depth)]}
        if tag in _LEAVES:
            try:
                _MAKERS[tag](body)
            except (TypeError, ValueError, OverflowError):
                raise NotAValue(f"no {tag}") from None
            return tree
        raise NotAValue(f"no form is called {str(tag)[:20]!r}")

    return walk(tree, 0)


def leaves(tree: Tree) -> Iterator[tuple[str, Tree]]:
    """Every value in the tree that holds no other, with its tag; "" for those that are themselves."""
    if isinstance(tree, list):
        for item in tree:
            yield from leaves(item)
    elif isinstance(tree, dict):
        ((tag, body),) = tree.items()
        if tag in _LEAVES:
            yield tag, body
        else:
            yield from leaves(body)
    else:
        yield "", tree


def text_of(tree: Tree) -> str:
    """One spelling for each tree."""
    return json.dumps(tree, sort_keys=True)


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


_LEAVES = ("int", "float", "complex", "bytes", "object")
_MAKERS: dict[str, Callable[[Any], Any]] = {
    "int": lambda body: int(body, 16),
    "float": float.fromhex,
    "complex": _complex,
    "bytes": bytes.fromhex,
    "object": lambda body: Opaque(body[:60] + ""),
    "tuple": lambda body: tuple(decode(item) for item in body),
    "set": lambda body: {decode(item) for item in body},
    "array": _array,
    "dict": lambda body: {decode(key): decode(value) for key, value in body},
}
