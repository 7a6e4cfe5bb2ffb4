"""When an answer is the data that was expected. Pure; on trees of `tasks.sandbox.values`, so no code of the candidate's
is asked what it is equal to.

    same    of the same types: a bool is no int, a float no int, a list no tuple. Where a float is expected an int of
            that value will do, and floats that agree in nine digits are the same, since another order of summation is
            no error. NaN is never the same as anything.
    equal   by Python's own `==`, but for the nine digits: `1 == 1.0 == True`, a list is no tuple

Expectations that were written as JSON cannot say tuple, nor a key that is no text: there a tuple, a deque or an array
is as good as a list, and a key as good as its JSON spelling.
"""

import json
import math
from collections.abc import Callable

from tasks.sandbox.values import Tree, decode, text_of

RELATIVE_TOLERANCE = 1e-9
ZERO_TOLERANCE = 1e-12
"""How near to an expected 0.0 a float has to be: there no digits agree."""
_NUMBERS = ("bool", "int", "float", "complex", "decimal", "fraction")
_SEQUENCES = ("list", "tuple", "deque")


def same(expected: Tree, answer: Tree, as_json: bool = False) -> bool:
    tag, body = taken_apart(expected)
    answer_tag, answer_body = taken_apart(answer)
    if tag == "float":
        number = number_of(answer)
        return number is not None and agree(float.fromhex(body), number)
    if as_json and tag == "list" and answer_tag in ("tuple", "deque", "array"):
        answer_tag, answer_body = "list", answer_body[2] if answer_tag == "array" else answer_body
    if tag != answer_tag or tag == "object":
        return False
    if tag == "array":
        return bool(body[1] == answer_body[1]) and same(body[2], answer_body[2])
    if tag in _SEQUENCES:
        return len(body) == len(answer_body) and all(
            same(one, other, as_json) for one, other in zip(body, answer_body, strict=True)
        )
    if tag == "dict":
        ours, theirs = _by_json_key(body, as_json), _by_json_key(answer_body, as_json)
        return len(ours) == len(theirs) and all(
            key == other_key and same(value, other, as_json)
            for (key, value), (other_key, other) in zip(ours, theirs, strict=True)
        )
    if tag == "complex":
        return all(
            agree(float.fromhex(one), float.fromhex(other)) for one, other in zip(body, answer_body, strict=True)
        )
    return text_of(body) == text_of(answer_body)


def equal(expected: Tree, answer: Tree, note: Callable[[str], None] = lambda _: None) -> bool:
    """Return whether `expected == answer`. `note` is told "bool" or "float" wherever one of these stands for an int."""
    tag, body = taken_apart(expected)
    answer_tag, answer_body = taken_apart(answer)
    if tag in _NUMBERS and answer_tag in _NUMBERS:
        if tag == "int" and answer_tag in ("bool", "float"):
            note(answer_tag)
        one, other = decode(expected), decode(answer)
        if isinstance(one, float) and isinstance(other, int | float):
            return agree(one, other)
        try:
            return bool(one == other)
        except ArithmeticError:  # a signalling NaN
            return False
    if tag != answer_tag or tag == "object":
        return False
    if tag in _SEQUENCES:
        pairs = zip(body, answer_body, strict=False)
        return len(body) == len(answer_body) and all(equal(one, other, note) for one, other in pairs)
    if tag == "dict":
        ours, theirs = _by_key(body), _by_key(answer_body)
        return ours.keys() == theirs.keys() and all(equal(value, theirs[key], note) for key, value in ours.items())
    if tag == "set":
        return len(body) == len(answer_body) and sorted(map(_key, body)) == sorted(map(_key, answer_body))
    if tag in ("range", "datetime"):  # equal in more than one spelling
        return bool(decode(expected) == decode(answer))
    return same(expected, answer)


def _by_key(items: list[Tree]) -> dict[str, Tree]:
    return {_key(key): value for key, value in items}


def _key(tree: Tree) -> str:
    """One spelling for all keys that are equal, such as 1, 1.0 and True."""
    tag, body = taken_apart(tree)
    if tag == "bool":
        return str(int(tree))
    if tag == "float":
        value = float.fromhex(body)
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else text_of(tree)
    if tag in ("tuple", "set"):
        parts = map(_key, body)
        return f"{tag}({', '.join(sorted(parts) if tag == 'set' else parts)})"
    return text_of(tree)


def taken_apart(tree: Tree) -> tuple[str, Tree]:
    """Return a value's tag (the type's name for values that are themselves) and what it holds."""
    if isinstance(tree, dict):
        ((tag, body),) = tree.items()
        return tag, body
    return type(tree).__name__, tree


def _by_json_key(items: list[Tree], as_json: bool) -> list[tuple[str, Tree]]:
    """Sorted by the spelling of their keys, or of what JSON would make of these."""

    def spelling(key: Tree) -> str:
        number = None if isinstance(key, bool) else number_of(key)
        if as_json and (number is not None or key is None or isinstance(key, bool)):
            return text_of(json.dumps(key if number is None else number))
        return text_of(key)

    return sorted(((spelling(key), value) for key, value in items), key=lambda item: item[0])


def number_of(tree: Tree) -> int | float | None:
    tag, body = taken_apart(tree)
    if tag == "int":
        return tree if isinstance(tree, int) else int(body, 16)
    return float.fromhex(body) if tag == "float" else None


def agree(expected: float, number: float) -> bool:
    try:
        return math.isclose(expected, number, rel_tol=RELATIVE_TOLERANCE, abs_tol=0 if expected else ZERO_TOLERANCE)
    except OverflowError:  # an int beyond all floats
        return False
