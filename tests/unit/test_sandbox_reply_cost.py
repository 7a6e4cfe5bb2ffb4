"""However a reply is nested, it costs the judge about what a flat one of the same size costs."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tasks.judging.expectation import ExpectedCall, has_nan, has_objects, shown
from tasks.sandbox.frames import LARGEST_REPLY, BadFrame, packed, unpacked_reply
from tasks.sandbox.values import NotAValue, checked

ROOM = LARGEST_REPLY - 100
TIMES_FLAT = 10
"""Measured are about 3; what is not linear costs hundreds (the control)."""


def filled(unit: str, room: int = ROOM) -> str:
    return f"[{','.join([unit] * (room // (len(unit) + 1)))}]"


def chain(start: str, end: str, depth: int = 90) -> str:
    return start * depth + "1" + end * depth


FLAT = filled('{"float":"0x1.0p+0"}')
TUPLES = filled('{"tuple":[]}')
NESTED = {
    "empty lists": filled("[]"),
    "empty tuples": TUPLES,
    "lists": filled(chain("[", "]")),
    "tuples": filled(chain('{"tuple":[', "]}")),
    "sets": filled(chain('{"set":[', "]}")),
    "fewer sets": filled(chain('{"set":[', "]}", 30) + ',"' + "x" * 300 + '"'),
    "a set of sets": f'{{"set":{filled(chain(chr(123) + chr(34) + "set" + chr(34) + ":[", "]}"))}}}',
    "keys": f'{{"dict":{filled("[" + chain(chr(123) + chr(34) + "tuple" + chr(34) + ":[", "]}") + ",1]")}}}',
    "dicts": filled('{"dict":[[1,1]]}'),
    "one list": "[" * (ROOM // 2) + "]" * (ROOM // 2),
    "lists too deep": filled(chain("[", "]", 900)),
    "brackets in texts": filled('"[["'),
    "no forms": filled("{}"),
    "a large int": f'{{"int":"0x{"f" * ROOM}"}}',
    "a large fraction": f'{{"fraction":["0x{"f" * (ROOM // 2)}","0x{"e" * (ROOM // 2)}"]}}',
    "a large range": f'{{"range":[0,{{"int":"0x{"f" * (ROOM // 2)}"}},{{"int":"0x{"e" * (ROOM // 4)}"}}]}}',
    "a large decimal": f'{{"decimal":"{"9" * ROOM}"}}',
}
CASES = [ExpectedCall({"tuple": []}, {"dict": []}, "same", value) for value in ([1], {"set": [1]}, {"dict": [[1, 1]]})]


def look_at(value: str) -> None:
    """All that the judge does with a reply."""
    try:
        tree = checked(unpacked_reply(f'{{"case":0,"value":{value}}}'.encode())["value"])
    except (BadFrame, NotAValue):
        return
    for case in CASES:
        case.met_by(tree)
    has_nan(tree), has_objects(tree), shown(tree)


def cpu_s(work: Callable[[str], Any], value: str) -> float:
    start = time.process_time()
    work(value)
    return time.process_time() - start


@pytest.fixture(scope="module")
def flat_s() -> float:
    return max(cpu_s(look_at, FLAT) for _ in range(2))


@pytest.mark.parametrize("name", NESTED)
def test_a_nested_reply_costs_about_what_a_flat_one_does(name: str, flat_s: float) -> None:
    assert len(NESTED[name]) <= LARGEST_REPLY
    assert any(cpu_s(look_at, NESTED[name]) < TIMES_FLAT * flat_s for _ in range(2))


def test_sorting_by_spelling_costs_much_more() -> None:
    """The control, on a twentieth of a reply: how sets were put in order once."""

    def ordered(tree: Any) -> Any:
        if isinstance(tree, list):
            return [ordered(item) for item in tree]
        return {"set": sorted(map(ordered, tree["set"]), key=json.dumps)} if isinstance(tree, dict) else tree

    room = ROOM // 20
    flat = cpu_s(look_at, filled('{"float":"0x1.0p+0"}', room))
    assert cpu_s(lambda value: ordered(json.loads(value)), filled(chain('{"set":[', "]}"), room)) > TIMES_FLAT * flat


def test_what_is_counted_are_no_brackets_in_a_text() -> None:
    for text in ("[" * (ROOM // 2), '"[' * 500_000, "\\[" * 500_000):
        assert unpacked_reply(packed({"value": text})[4:]) == {"value": text}
    with pytest.raises(BadFrame, match="lists"):
        unpacked_reply(f'{{"value": ["\\"", {filled("[]")}]}}'.encode())
