"""What a test's side of the sandbox notes of its comparisons, and shows of changed arguments."""

from typing import Any

import pytest

from tasks.sandbox.comparison import Noted, noting
from tasks.sandbox.remote import show


@pytest.mark.parametrize(
    ("test", "stood_in"),
    [
        ("assert x == 1", {"bool"}),
        ("assert not x != 1", {"bool"}),
        ("assert abs(x - 1) < 1e-6", {"bool"}),
        ("assert 1.0 == 1 and 1 == x", {"bool", "float"}),
        ("assert [(x,), {'a': 2.0}] == [(1,), {'a': 2}]", {"bool", "float"}),
        ("assert x == True and 1 == 1 and 1.0 == 1.0", set()),
        ("def f(a): return a == 1\nassert f(x)", {"bool"}),
        ("assert 0 < x < 2", set()),
    ],
)
def test_what_stands_for_an_int_is_noted(test: str, stood_in: set[str]) -> None:
    noted = Noted()
    exec(compile(noting(test), "<test>", "exec"), noted.names() | {"x": True})
    assert noted.stood_in == stood_in


def test_a_rewritten_test_means_the_same() -> None:
    noted = Noted()
    test = "r = [3 - 1, 1 == 2, 1 != 2, {1} - {2}, 'a' == 1]"
    names: dict[str, Any] = noted.names()
    exec(compile(noting(test), "<test>", "exec"), names)
    assert names["r"] == [2, False, True, {1}, False]


@pytest.mark.parametrize(
    ("given", "after"),
    [
        ([3, 1], [1, 3]),
        ([3, 1], []),
        ([[1, 2], [3]], [[2, 1], [3]]),
        ([[1, 2], [3]], [[3]]),
        ({"a": [1]}, {"a": [2]}),
        ({"a": 1}, {}),
        ({1}, {2}),
        ([1], [True, "x"]),
    ],
)
def test_an_argument_becomes_what_the_candidate_made_of_it(given: object, after: object) -> None:
    show(given, after)
    assert given == after


def test_what_is_inside_stays_the_same_object() -> None:
    inner = [1, 2]
    outer = [inner, {"a": inner}]
    show(outer, [[2, 1], {"a": [2, 1]}])
    assert outer[0] is inner
    assert inner == [2, 1]
