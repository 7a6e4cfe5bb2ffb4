"""What a question expects of a candidate's answer, and whether the data that came back is that. Pure; on trees of
`tasks.sandbox.values`, so nothing of the candidate's is ever hashed, compared or printed by code of its own.

    same    the same data of the same types
    equal   what a test's own `==` calls equal
    close   a number within a tolerance
    true    truthy data, such as a non-empty list
    false   falsy data
"""

import math
from collections.abc import Callable
from typing import Literal, NamedTuple

from tasks.judging.equality import equal, number_of, same, taken_apart
from tasks.sandbox.values import Tree, decode, leaves

SHOWN_CHARACTERS = 120
_BRACKETS = {"list": ("[", "]"), "tuple": ("(", ")"), "set": ("{", "}"), "deque": ("deque([", "])")}
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
    "deque": ({"deque": []}, {"deque": [None]}),
    "range": ({"range": [0, 0, 1]}, {"range": [0, 1, 1]}),
    "decimal": ({"decimal": "0"}, {"decimal": "1"}),
    "fraction": ({"fraction": ["0x0", "0x1"]}, {"fraction": ["0x1", "0x1"]}),
    "timedelta": ({"timedelta": [0, 0, 0]}, {"timedelta": [1, 0, 0]}),
    **dict.fromkeys(("date", "datetime", "time"), (None, None)),
    "object": (None, None),
}


class ExpectedCall(NamedTuple):
    """One question to the candidate, and what is to come back."""

    args: Tree
    kwargs: Tree
    expect: Literal["same", "equal", "close", "true", "false"]
    value: Tree = None
    within: Tree = None
    """Tolerance of `close`."""
    json: bool = False
    """Written as JSON."""

    def met_by(self, answer: Tree, note: Callable[[str], None] = lambda _: None) -> bool:
        """Return whether an answer is what the call should give. `note` is told "bool" or "float" wherever one of these
        is as good as the int that is expected.
        """
        if self.expect == "same":
            return same(self.value, answer, self.json)
        if self.expect == "equal":
            return equal(self.value, answer, note)
        if self.expect == "close":
            if taken_apart(self.value)[0] == "int" and taken_apart(answer)[0] == "float":
                note("float")
            return _close(self.value, answer, self.within)
        return _truth(answer) is (self.expect == "true")

    def described(self) -> str:
        """Return what would have been right."""
        if self.expect == "close":
            return f"{shown(self.value)} within {shown(self.within)}"
        return (
            shown(self.value)
            if self.expect in ("same", "equal")
            else f"something {'truthy' if self.expect == 'true' else 'falsy'}"
        )

    def spoilt(self) -> "ExpectedCall":
        """Return the same question with an expectation that no answer to this one meets."""
        if self.expect == "true" or self.expect == "false":
            return self._replace(expect="false" if self.expect == "true" else "true")
        if self.expect in ("same", "equal"):
            return self._replace(value=spoilt(self.value))
        value, within = number_of(self.value) or 0, number_of(self.within) or 0
        return self._replace(value={"float": _beyond(value, within).hex()}, within=0)


def has_nan(tree: Tree) -> bool:
    found = list(leaves(tree))
    numbers = [part for tag, body in found if tag in ("float", "complex") for part in _parts(body)]
    return any(math.isnan(float.fromhex(number)) for number in numbers) or any(
        tag == "decimal" and decode({tag: body}).is_nan() for tag, body in found
    )


def has_objects(tree: Tree, of_library: bool = False) -> bool:
    """Return whether a value holds objects. `of_library`: of a type that the answer did not make itself, such as a
    match, which is true, or a generator.
    """
    return any(tag == "object" and not (of_library and body.startswith("solution.")) for tag, body in leaves(tree))


def shown(tree: Tree) -> str:
    """Spell a value as Python would write it, shortened."""
    return _cut(_spelled(tree, SHOWN_CHARACTERS))


def shown_call(name: str, args: Tree) -> str:
    """Spell a call as `f(1, 'a')`, shortened."""
    return f"{name}({_cut(_spelled(args['tuple'], SHOWN_CHARACTERS)[1:-1])})"


def falsified(answer: Tree) -> Tree:
    """Return another answer of the same type, if it can be: truthy where this one is falsy, falsy where it is
    truthy.
    """
    return _FALSY_AND_TRUTHY[taken_apart(answer)[0]][_truth(answer) is False]


def spoilt(tree: Tree) -> Tree:
    """Return a value of the same kind with other items, so that a test which looks at one of them fails as well."""
    tag, body = taken_apart(tree)
    if tag == "float":
        value = float.fromhex(body)
        return {"float": (value + abs(value) + 1 if math.isfinite(value) else 1.0).hex()}
    if tag == "int":
        return int(tree) + 1 if isinstance(tree, int) else {"int": hex(int(body, 16) + 1)}
    if tag == "bool":
        return not tree
    if tag == "str":
        return f"{tree}~"
    if tag == "list":
        return [*map(spoilt, body), None]
    if tag == "array":
        return []
    if tag == "set":
        return {tag: [f"~{n}" for n in range(len(body) + 1)]}
    if tag == "dict":
        return {tag: [*([key, spoilt(value)] for key, value in body), ["~", None]]}
    return {tag: [*map(spoilt, body), None]} if tag in ("tuple", "deque") else "~"


def _beyond(value: float, within: float) -> float:
    """What is nearer than `within` to `value` is not this; NaN, which nothing is, where there is no such number."""
    try:
        beyond = float(value + abs(value) + 3 * within + 1)
    except OverflowError:
        return math.nan
    return beyond if math.isfinite(beyond) else math.nan


def _close(expected: Tree, answer: Tree, within: Tree) -> bool:
    numbers = [number_of(tree) for tree in (expected, answer, within)]
    if any(number is None for number in numbers):
        return False
    value, number, tolerance = (number or 0 for number in numbers)
    try:
        return abs(value - number) <= tolerance or value == number
    except OverflowError:
        return False


def _truth(tree: Tree) -> bool | None:
    """None for NaN, arrays and objects, which are neither, or nobody knows."""
    tag, body = taken_apart(tree)
    if tag in ("object", "array") or has_nan(tree):
        return None
    if tag in ("float", "complex"):
        return any(float.fromhex(part) != 0 for part in _parts(body))
    return bool(decode(tree) if tag in ("decimal", "fraction", "range", "timedelta") else body)


def _parts(body: Tree) -> list[str]:
    return [body] if isinstance(body, str) else list(body)


def _spelled(tree: Tree, room: int) -> str:
    """Stops looking once `room` characters are there."""
    tag, body = taken_apart(tree)
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
    if tag in _BRACKETS:
        start, end = _BRACKETS[tag]
        lone = "," if tag == "tuple" and len(body) == 1 else ""
        return f"{start}{_joined([_spelled(item, room) for item in body[:room]])}{lone}{end}"
    if tag in ("decimal", "fraction", "date", "datetime", "time", "timedelta", "range"):
        return repr(decode(tree)).removeprefix("datetime.")[: room + 1]
    return repr(tree)


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def _joined(parts: list[str]) -> str:
    return ", ".join(parts)
