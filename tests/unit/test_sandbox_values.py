"""What crosses between judge and snippet: data of exact types, and nothing that could answer for itself."""

import json
import math
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import Any

import pytest

from tasks.sandbox.frames import BadFrame, packed, unpacked
from tasks.sandbox.values import DEEPEST, NotAValue, Opaque, TooLarge, checked, decode, encode


class Loud(dict[str, int]):
    def items(self) -> Any:
        raise AssertionError("its own code was run")


class Level(IntEnum):
    ONE = 1


SAME = [
    None,
    True,
    0,
    -(2**53),
    2**5000,
    1.5,
    -0.0,
    math.inf,
    "caf\u00e9 \ud800 \x00",
    b"\x00\xff",
    1 + 2j,
    [],
    [1, [2, (3,)]],
    (),
    {1, 2},
    {"b": 1, "a": {"c": (1, 2)}},
    {(1, "x"): [None]},
    {},
    deque([1, (2,)]),
    range(1, 2**60, 3),
    Decimal("1.50"),
    Fraction(-3, 2**70),
    date(2020, 2, 29),
    datetime(2020, 2, 29, 1, 2, 3, 4, UTC),
    time(1, 2),
    timedelta(days=-1, microseconds=7),
]


@pytest.mark.parametrize("value", SAME, ids=lambda value: repr(value)[:20])
def test_data_comes_back_the_same(value: object) -> None:
    tree = json.loads(json.dumps(checked(encode(value))))
    back = decode(tree)
    assert back == value
    assert type(back) is type(value)
    assert encode(back) == tree


def test_nan_and_the_sign_of_zero_cross() -> None:
    assert math.isnan(decode(encode(math.nan)))
    assert math.copysign(1, decode(encode(-0.0))) == -1


def test_a_dict_keeps_its_order() -> None:
    """The bug: sorted by key, HumanEval/95's argument came to its own solution in another order, and failed it."""
    assert list(decode(checked(encode({"p": 1, "A": 2, "B": 3})))) == ["p", "A", "B"]


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (defaultdict(int, {1: 2}), {1: 2}),
        (Counter("aab"), {"a": 2, "b": 1}),
        (OrderedDict(a=1), {"a": 1}),
        (namedtuple("P", "x y")(1, 2), (1, 2)),
        (Level.ONE, 1),
        (Loud(a=1), {"a": 1}),
        (frozenset({1}), {1}),
        (bytearray(b"x"), b"x"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_library_s_containers_cross_as_what_they_hold(value: object, plain: object) -> None:
    assert decode(encode(value)) == plain


class Liar(int):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


class Spoof:
    @property
    def __class__(self) -> type:  # type: ignore[override]
        return int


@pytest.mark.parametrize(
    "value",
    [Liar(2), Spoof(), object(), len, int, iter([1]), {1: 2}.keys()],
    ids=lambda value: type(value).__name__,
)
def test_everything_else_only_has_a_name(value: object) -> None:
    assert encode(value) == {"object": type(value).__name__}
    assert isinstance(decode(encode([value]))[0], Opaque)


def test_numpy_s_numbers_and_arrays_cross() -> None:
    numpy = pytest.importorskip("numpy")
    for scalar, plain in ((numpy.int64(5), 5), (numpy.float32(0.5), 0.5), (numpy.bool_(True), True)):
        assert (decode(encode(scalar)), type(decode(encode(scalar)))) == (plain, type(plain))
    for array in (numpy.eye(2), numpy.zeros((0, 3), dtype="int8"), numpy.array(["a", "bc"])):
        back = decode(json.loads(json.dumps(checked(encode(array)))))
        assert (back.dtype, back.shape, back.tolist()) == (array.dtype, array.shape, array.tolist())
    assert encode(numpy.array([object()])) == {"object": "ndarray"}


def test_size_and_depth_end_somewhere() -> None:
    nested: list[object] = []
    for _ in range(DEEPEST - 1):
        nested = [nested]
    assert checked(encode(nested))
    for much in ([[nested]], [0] * 500_001, _shared(20)):
        with pytest.raises(TooLarge):
            encode(much)


def _shared(levels: int) -> list[object]:
    """Ten times the one before: small in memory, enormous when written out."""
    value: list[object] = [0]
    for _ in range(levels):
        value = [value] * 10
    return value


def test_a_list_that_holds_itself_ends() -> None:
    itself: list[object] = []
    itself.append(itself)
    with pytest.raises(TooLarge):
        encode(itself)


@pytest.mark.parametrize(
    "tree",
    [
        1.5,
        {"code": "1"},
        {"tuple": 3},
        {"tuple": [], "list": []},
        {},
        {"dict": [[1]]},
        {"dict": {"a": 1}},
        {"int": 5},
        {"int": "zz"},
        {"float": "nought"},
        {"float": 1},
        {"complex": ["0x1p0"]},
        {"bytes": "0"},
        {"object": 5},
        {"array": ["|O8", [1], [1]]},
        {"array": ["<f8", "x", [1]]},
        {"array": ["<f8", [1], [{"pickle": ""}]]},
        [{"set": [{"pickle": ""}]}],
    ],
    ids=str,
)
def test_what_encode_never_makes_is_refused(tree: object) -> None:
    with pytest.raises(NotAValue):
        checked(tree)


def test_a_forged_set_is_neither_hashed_nor_sorted() -> None:
    """Integers that all hash alike would take the judge minutes to put into a set. Out of order it equals nothing."""
    assert checked({"set": [3, 1, [2]]}) == {"set": [3, 1, [2]]}
    collide = [k * (2**61 - 1) for k in range(1, 20_000)]
    assert checked({"set": [hex(n) for n in collide]})


def test_a_frame_is_a_json_object() -> None:
    assert unpacked(packed({"a": [1]})[4:]) == {"a": [1]}
    for body in (b"[]", b"", b"\xff", b"{", b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"):
        with pytest.raises(BadFrame):
            unpacked(body)
