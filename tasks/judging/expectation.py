"""What a question expects of a candidate's answer, compared with the data that came back. Pure; on trees of
`tasks.sandbox.values`, so nothing of the candidate's is ever hashed, compared or printed by code of its own.

    equal   the same data of the same types: a bool is no int, a float no int, a list no tuple. Where a float is
            expected an int of that value will do, and floats that agree in nine digits are the same, since another
            order of summation is no error. NaN is never the same as anything.
    close   a number within a tolerance
    true    truthy data, such as a non-empty list
    false   falsy data

Expectations that were written as JSON cannot say tuple, nor a key that is no text: there a tuple or an array is as good
as a list, and a key as good as its JSON spelling.
"""

import json
import math
from typing import Literal, NamedTuple

from tasks.sandbox.values import Tree, leaves, text_of

RELATIVE_TOLERANCE = 1e-9
ZERO_TOLERANCE = 1e-12
"""How near to an expected 0.0 a float has to be: there no digits agree."""
SHOWN_CHARACTERS = 120
_FALSY_AND_TRUTHY: dict[str, tuple[Tree, Tree]] = {
    "NoneType": (True, True),
    "bool": (False, True),
    "int": (0, 1),
    "str": ("", "~"),
    "float": ({"float": "0x0.0p+0"}, {"float": "0x1.0p+0"}),
    "complex": ({"complex": ["0x0.0p+0", "0x0.0p+0"]}, {"complex": ["0x1.0p+0", "0x0.0p+0"]}),
    "bytes": ({"bytes": ""}, {"bytes": "00"}),
    "list": ([], [None]),
    "tuple": ({"tuple": []}, {"tuple": [None]}),
    "set": ({"set": []}, {"set": [None]}),
    "dict": ({"dict": []}, {"dict": [[None, None]]}),
    "array": ([], []),
}


class Case(NamedTuple):
    """One question to the candidate, and what is to come back."""

    args: Tree
    kwargs: Tree
    expect: Literal["equal", "close", "true", "false"]
    value: Tree = None
    within: Tree = None
    """Tolerance of `close`."""
    json: bool = False
    """Written as JSON."""

    def met_by(self, answer: Tree) -> bool:
        if self.expect == "equal":
            return same(self.value, answer, self.json)
        if self.expect == "close":
            return _close(self.value, answer, self.within)
        return _truth(answer) is (self.expect == "true")

    def described(self) -> str:
        """What would have been right."""
        if self.expect == "close":
            return f"{shown(self.value)} within {shown(self.within)}"
        return (
            shown(self.value)
            if self.expect == "equal"
            else f"something {'truthy' if self.expect == 'true' else 'falsy'}"
        )

    def spoilt(self) -> "Case":
        """The same question with an expectation that no answer to this one meets."""
        if self.expect == "true" or self.expect == "false":
            return self._replace(expect="false" if self.expect == "true" else "true")
        if self.expect == "equal":
            return self._replace(value=_other(self.value))
        value, within = _number(self.value) or 0, _number(self.within) or 0
        return self._replace(value={"float": _beyond(value, within).hex()}, within=0)


def same(expected: Tree, answer: Tree, as_json: bool = False) -> bool:
    tag, body = _taken_apart(expected)
    answer_tag, answer_body = _taken_apart(answer)
    if tag == "float":
        number = _number(answer)
        return number is not None and _agree(float.fromhex(body), number)
    if as_json and tag == "list" and answer_tag in ("tuple", "array"):
        answer_tag, answer_body = "list", answer_body if answer_tag == "tuple" else answer_body[2]
    if tag != answer_tag or tag == "object":
        return False
    if tag == "array":
        return bool(body[1] == answer_body[1]) and same(body[2], answer_body[2])
    if tag in ("list", "tuple"):
        return len(body) == len(answer_body) and all(
            same(one, other, as_json) for one, other in zip(body, answer_body, strict=True)
        )
    if tag == "dict":
        return _same_items(body, answer_body, as_json)
    if tag == "complex":
        return all(
            _agree(float.fromhex(one), float.fromhex(other)) for one, other in zip(body, answer_body, strict=True)
        )
    return text_of(body) == text_of(answer_body)


def has_nan(tree: Tree) -> bool:
    numbers = [part for tag, body in leaves(tree) if tag in ("float", "complex") for part in _parts(body)]
    return any(math.isnan(float.fromhex(number)) for number in numbers)


def has_objects(tree: Tree) -> bool:
    return any(tag == "object" for tag, _ in leaves(tree))


def shown(tree: Tree) -> str:
    """As Python would write it, shortened."""
    return _cut(_spelled(tree, SHOWN_CHARACTERS))


def shown_call(name: str, args: Tree) -> str:
    """`f(1, 'a')`, shortened."""
    return f"{name}({_cut(_spelled(args['tuple'], SHOWN_CHARACTERS)[1:-1])})"


def falsified(answer: Tree) -> Tree:
    """Another answer of the same type, if it can be: truthy where this one is falsy, falsy where it is truthy."""
    return _FALSY_AND_TRUTHY[_taken_apart(answer)[0]][_truth(answer) is False]


def _other(tree: Tree) -> Tree:
    """A value of the same type that is not the same."""
    tag, body = _taken_apart(tree)
    if tag == "float":
        value = float.fromhex(body)
        return {"float": (value + abs(value) + 1 if math.isfinite(value) else 1.0).hex()}
    if tag == "int":
        return int(tree) + 1 if isinstance(tree, int) else {"int": hex(int(body, 16) + 1)}
    if tag == "bool":
        return not tree
    if tag == "str":
        return f"{tree}~"
    if tag == "NoneType":
        return 0
    if tag == "bytes":
        return {"bytes": f"{body}00"}
    if tag == "list":
        return [*body, None]
    if tag == "array":
        return []
    if tag == "complex":
        return {"complex": [_other({"float": body[0]})["float"], body[1]]}
    return {tag: [*body, ["~", None]] if tag == "dict" else [*body, "~"]}


def _taken_apart(tree: Tree) -> tuple[str, Tree]:
    """Its tag (the type's name for values that are themselves) and what it holds."""
    if isinstance(tree, dict):
        ((tag, body),) = tree.items()
        return tag, body
    return type(tree).__name__, tree


def _beyond(value: float, within: float) -> float:
    """What is nearer than `within` to `value` is not this; NaN, which nothing is, where there is no such number."""
    try:
        beyond = float(value + abs(value) + 3 * within + 1)
    except OverflowError:
        return math.nan
    return beyond if math.isfinite(beyond) else math.nan


def _same_items(expected: list[Tree], answer: list[Tree], as_json: bool) -> bool:
    """Whatever their order."""
    ours, theirs = _by_key(expected, as_json), _by_key(answer, as_json)
    return len(ours) == len(theirs) and all(
        key == other_key and same(value, other, as_json)
        for (key, value), (other_key, other) in zip(ours, theirs, strict=True)
    )


def _by_key(items: list[Tree], as_json: bool) -> list[tuple[str, Tree]]:
    """Sorted by the spelling of their keys, or of what JSON would make of these."""

    def spelling(key: Tree) -> str:
        number = None if isinstance(key, bool) else _number(key)
        if as_json and (number is not None or key is None or isinstance(key, bool)):
            return text_of(json.dumps(key if number is None else number))
        return text_of(key)

    return sorted(((spelling(key), value) for key, value in items), key=lambda item: item[0])


def _number(tree: Tree) -> int | float | None:
    tag, body = _taken_apart(tree)
    if tag == "int":
        return tree if isinstance(tree, int) else int(body, 16)
    return float.fromhex(body) if tag == "float" else None


def _agree(expected: float, number: float) -> bool:
    try:
        return math.isclose(expected, number, rel_tol=RELATIVE_TOLERANCE, abs_tol=0 if expected else ZERO_TOLERANCE)
    except OverflowError:  # an int beyond all floats
        return False


def _close(expected: Tree, answer: Tree, within: Tree) -> bool:
    numbers = [_number(tree) for tree in (expected, answer, within)]
    if any(number is None for number in numbers):
        return False
    value, number, tolerance = (number or 0 for number in numbers)
    try:
        return abs(value - number) <= tolerance or value == number
    except OverflowError:
        return False


def _truth(tree: Tree) -> bool | None:
    """None for NaN, arrays and objects, which are neither."""
    tag, body = _taken_apart(tree)
    if tag in ("object", "array") or has_nan(tree):
        return None
    if tag in ("float", "complex"):
        return any(float.fromhex(part) != 0 for part in _parts(body))
    return bool(body)


def _parts(body: Tree) -> list[str]:
    return [body] if isinstance(body, str) else list(body)


def _spelled(tree: Tree, room: int) -> str:
    """Stops looking once `room` characters are there."""
    tag, body = _taken_apart(tree)
    if tag == "int":
        return str(body)[: room + 1]
    if tag == "str":
        return repr(body[:room])
    if tag == "float":
        return repr(float.fromhex(body))
    if tag == "complex":
        return f"complex({', '.join(repr(float.fromhex(part)) for part in body)})"
    if tag == "bytes":
        return repr(bytes.fromhex(body[: 2 * room]))
    if tag in ("object", "array"):
        return f"an object of type {body}" if tag == "object" else f"array({_spelled(body[2], room)})"
    if tag == "dict":
        return f"{{{_joined([f'{_spelled(k, room)}: {_spelled(v, room)}' for k, v in body[:room]])}}}"
    if tag in ("list", "tuple", "set"):
        start, end = {"list": ("[", "]"), "tuple": ("(", ")"), "set": ("{", "}")}[tag]
        lone = "," if tag == "tuple" and len(body) == 1 else ""
        return f"{start}{_joined([_spelled(item, room) for item in body[:room]])}{lone}{end}"
    return repr(tree)


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def _joined(parts: list[str]) -> str:
    return ", ".join(parts)
