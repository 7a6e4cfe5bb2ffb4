"""When an answer is the one expected: by data and exact types, with floats as the only tolerance."""

import math
import re
from collections import Counter, OrderedDict, deque, namedtuple
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy
import pytest

from tasks.judging.equality import equal, same
from tasks.judging.expectation import ExpectedCall, falsified, has_nan, has_objects, shown, shown_call
from tasks.sandbox.values import decode, encode

NAN, INF = math.nan, math.inf
Point = namedtuple("Point", "x y")

AS_IT_IS: list[tuple[object, object, bool]] = [
    (1, 1, True),
    (1, 2, False),
    (1, 1.0, False),  # a float where an int is asked
    (1, True, False),  # a bool where an int is asked
    (True, 1, False),
    (True, True, True),
    (0, None, False),
    (0, "", False),
    (0, [], False),
    (2**70, 2**70, True),
    (2**70, 2**70 + 1, False),
    (1.0, 1, True),
    (1.0, True, False),
    (0.3, 0.1 + 0.2, True),
    (0.3, 0.30001, False),
    (0.0, 1e-17, True),
    (0.0, 1e-6, False),
    (1e-15, 0.0, False),
    (1e300, 10**400, False),
    (INF, INF, True),
    (INF, -INF, False),
    (INF, 1e308, False),
    (NAN, NAN, False),
    (1.0, NAN, False),
    ("a", "a", True),
    ("1", 1, False),
    (b"a", "a", False),
    (b"a", bytearray(b"a"), True),
    ([1, 2], [1, 2], True),
    ([1, 2], [2, 1], False),
    ([1, 2], [1], False),
    ([1, 2], (1, 2), False),
    ((1, 2), (1, 2), True),
    ((1, 2), [1, 2], False),
    ([1.0, [2.0]], [1, [2 + 1e-15]], True),
    ([NAN], [NAN], False),
    ({1, 2}, {2, 1}, True),
    ({1, 2}, frozenset({1, 2}), True),
    ({1, 2}, [1, 2], False),
    ({"a": 0.3, "b": 1}, {"b": 1, "a": 0.1 + 0.2}, True),
    ({"a": 1}, {"a": 1, "b": 2}, False),
    ({1: "a"}, {"1": "a"}, False),
    ({1: "a"}, {True: "a"}, False),
    (1 + 2j, 1 + 2j, True),
    (1 + 2j, complex(NAN, 2), False),
    (None, None, True),
    ([None], [object()], False),
    ([1.0], numpy.array([1.0]), False),
    (numpy.array([0.3]), numpy.array([0.1 + 0.2]), True),
    (numpy.zeros((0, 2)), numpy.zeros((0, 3)), False),
]

BY_TEST: list[tuple[object, object, bool]] = [
    (1, 1, True),
    (1, True, True),
    (0, False, True),
    (2, True, False),
    (True, 1, True),
    (1, 1.0, True),
    (1, 1.0000001, False),
    (1.0, 1, True),
    (1.0, True, True),
    (0.3, 0.1 + 0.2, True),
    (0.3, 0.30001, False),
    (2**70, float(2**70), True),
    (2**70 + 1, float(2**70), False),
    (2, Decimal(2), True),
    (Decimal("0.5"), 0.5, True),
    (Fraction(1, 2), 0.5, True),
    (Fraction(1, 3), 0.3333, False),
    (1, 1 + 0j, True),
    (NAN, NAN, False),
    (1, Decimal("sNaN"), False),
    ([1, 2], [1.0, 2.0], True),
    ([1, 2], (1, 2), False),
    ((1, 2), [1, 2], False),
    ((2, 2), Point(2, 2), True),
    ([(2, 2)], [Point(2, 2)], True),
    ([1, 2], deque([1, 2]), False),
    (deque([1, 2]), deque([1, 2]), True),
    ({1, 2}, frozenset({1.0, 2}), True),
    ({1, 2}, [1, 2], False),
    ({1: "a"}, {True: "a"}, True),
    ({1: "a"}, {"1": "a"}, False),
    ({"a": 1}, OrderedDict(a=1.0), True),
    ({"a": 1}, Counter("a"), True),
    ({"a": 1}, {"a": 1, "b": 2}, False),
    ({(1, 2): 3}, {(1.0, 2): 3}, True),
    ("1", 1, False),
    ("a", b"a", False),
    (range(3), range(0, 3, 1), True),
    (range(0, 4, 2), range(0, 3, 2), True),
    ([0, 1, 2], range(3), False),
    (date(2020, 1, 1), date(2020, 1, 1), True),
    (date(2020, 1, 1), datetime(2020, 1, 1), False),
    (datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))), True),
    (timedelta(days=1), timedelta(hours=24), True),
    (1, object(), False),
    (None, False, False),
]

AS_JSON: list[tuple[object, object, bool]] = [
    ([1, 2], (1, 2), True),
    ([[1], [2]], [(1,), (2,)], True),
    ([1, 2], deque([1, 2]), True),
    ([1, 2], Point(1, 2), True),
    ([1, 2], {1, 2}, False),
    ({"1": "a"}, {1: "a"}, True),
    ({"1.5": "a"}, {1.5: "a"}, True),
    ({"true": 1}, {True: 1}, True),
    ({"null": 1}, {None: 1}, True),
    ({"1": "a"}, {1: "a", "1": "a"}, False),
    ({"(1, 2)": 1}, {(1, 2): 1}, False),
    ([[1.0, 2.0]], numpy.array([[1.0, 2.0]]), True),
    ([1, 2], numpy.array([1.0, 2.0]), False),
    (1, 1.0, False),
    (1, True, False),
    ("a", "a", True),
]


def ids(case: object) -> str:
    return re.sub(r" at 0x[0-9a-f]+", "", repr(case))[:30]  # an address would be another name in each process


@pytest.mark.parametrize(("expected", "answer", "equal"), AS_IT_IS, ids=ids)
def test_the_same_data(expected: object, answer: object, equal: bool) -> None:
    assert same(encode(expected), encode(answer)) is equal


@pytest.mark.parametrize(("expected", "answer", "as_python"), BY_TEST, ids=ids)
def test_what_a_test_calls_equal(expected: object, answer: object, as_python: bool) -> None:
    assert equal(encode(expected), encode(answer)) is as_python
    if not isinstance(expected, float):
        assert isinstance(answer, Decimal) or (expected == answer) is as_python  # the control: Python itself


def test_what_stands_for_an_int_is_noted() -> None:
    for expected, answer, noted in (
        ([1, {"a": 1}], [True, {"a": 1.0}], {"bool", "float"}),
        ([1.0, True], [1, 1], set()),
        ([1], [1], set()),
    ):
        found: set[str] = set()
        assert equal(encode(expected), encode(answer), found.add)
        assert found == noted


@pytest.mark.parametrize(("expected", "answer", "equal"), AS_JSON, ids=ids)
def test_json_cannot_say_tuple_nor_a_key_that_is_no_text(expected: object, answer: object, equal: bool) -> None:
    assert same(encode(expected), encode(answer), as_json=True) is equal


def case(expect: Any, value: object = None, within: object = None) -> ExpectedCall:
    return ExpectedCall(encode((1,)), encode({}), expect, encode(value), encode(within))


@pytest.mark.parametrize(
    ("expected", "answer", "met"),
    [
        (case("close", 0.5, 0.1), 0.55, True),
        (case("close", 0.5, 0.1), 0.65, False),
        (case("close", 1, 0), 1, True),
        (case("close", 0.5, 1.0), True, False),
        (case("close", 0.5, 1.0), NAN, False),
        (case("close", 0.5, INF), NAN, False),
        (case("close", INF, 0.1), INF, True),
        (case("close", 0.5, 0.1), "0.5", False),
        (case("close", 0.5, 0.1), 10**400, False),
        (case("true"), [0], True),
        (case("true"), 0.0, False),
        (case("true"), NAN, False),
        (case("true"), object(), False),
        (case("true"), 1 + 0j, True),
        (case("false"), {}, True),
        (case("false"), set(), True),
        (case("false"), None, True),
        (case("false"), NAN, False),
        (case("false"), object(), False),
        (case("false"), "no", False),
    ],
    ids=ids,
)
def test_other_expectations(expected: ExpectedCall, answer: object, met: bool) -> None:
    assert expected.met_by(encode(answer)) is met


VALUES = [
    None,
    True,
    False,
    0,
    -1,
    2**60,
    0.0,
    1.5,
    -3.7e300,
    INF,
    "",
    "x",
    b"",
    b"x",
    2j,
    [],
    [1],
    (),
    (1,),
    set(),
    {1},
    {},
    {1: 2},
    deque([1]),
    range(2),
    Decimal("1.5"),
    Fraction(1, 2),
    timedelta(1),
]


@pytest.mark.parametrize("value", [*VALUES, date(2020, 1, 1)], ids=ids)
def test_a_spoilt_expectation_is_never_met_by_what_met_it_before(value: object) -> None:
    answer = encode(value)
    cases = [case("same", value), case("equal", value), case("true" if value else "false")]
    if isinstance(value, int | float) and not isinstance(value, bool):
        cases.append(case("close", value, 1e-6))
    for expected in cases:
        assert expected.met_by(answer)
        assert not expected.spoilt().met_by(answer)


@pytest.mark.parametrize("value", [*VALUES, NAN], ids=ids)
def test_a_falsified_answer_is_another_of_the_same_type(value: object) -> None:
    answer = encode(value)
    other = falsified(answer)
    assert not same(answer, other)
    assert type(decode(other)) is type(value) or value is None
    assert case("true").met_by(answer) + case("true").met_by(other) == 1 or value is NAN


def test_an_array_is_neither_truthy_nor_falsy() -> None:
    ones = encode(numpy.ones(2))
    assert not case("true").met_by(ones)
    assert not case("false").met_by(ones)
    assert not case("equal", numpy.ones(2)).spoilt().met_by(ones)
    assert not same(ones, falsified(ones))


def test_what_must_not_slip_through_is_found_wherever_it_is() -> None:
    assert has_nan(encode([1, {"a": (NAN,)}]))
    assert has_nan(encode({complex(0, NAN)}))
    assert not has_nan(encode([1.0, INF, "nan"]))
    assert has_objects(encode({"a": [object()]}))
    assert not has_objects(encode({"object": "object"}))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([1, (2,), {"a": None}], "[1, (2,), {'a': None}]"),
        ((), "()"),
        (2**70, hex(2**70)),
        (1.5, "1.5"),
        (b"a", "b'a'"),
        (object(), "an object of type object"),
        ({1, 2}, "{1, 2}"),
    ],
    ids=ids,
)
def test_evidence_reads_like_python(value: object, text: str) -> None:
    assert shown(encode(value)) == text


def test_evidence_is_short_whatever_came_back() -> None:
    for value in (10**4000, "x" * 10**6, [["y" * 1000] * 1000] * 100, b"z" * 10**6):
        assert len(shown(encode(value))) <= 121
    assert shown_call("f", encode((1, "a"))) == "f(1, 'a')"
    assert shown_call("f", encode((1,))) == "f(1)"
