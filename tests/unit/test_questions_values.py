"""What stands in a row: paths into it, and text, number, kind and spec of what is there."""

from decimal import Decimal
from typing import Any

import pytest

from schemas.question import AnswerKind
from tasks.rows.values import infer_kind, last_match, look_up, parse_spec, plain_text

NESTED = {
    "a": {"b": {"c": 1}},
    "a.b": {"c": 2},
    "x.y": 3,
    "x": {"y": 4},
    "m": [{"t": 5}, {"t": 6}],
    "n": None,
    "": 7,
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a", {"b": {"c": 1}}),
        ("a.b.c", 2),  # the column named a.b comes first
        ("x.y", 3),  # and so does x.y
        ("m.0.t", 5),
        ("m.-1.t", 6),
        ("n", None),
        ("", 7),
    ],
)
def test_look_up(path: str, found: Any):
    assert look_up(NESTED, path) == found


@pytest.mark.parametrize("path", ["b", "a.c", "n.a", "m.2.t", "m.t", "m.0.t.u", "x.y.z", ".", "a..b"])
def test_look_up_finds_nothing(path: str):
    with pytest.raises(LookupError):
        look_up(NESTED, path)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("18", "18"),
        (" a\x00b\ud800 ", None),  # cleaned; see below
        (18, "18"),
        (-3, "-3"),
        (18.0, "18"),
        (0.1, "0.1"),
        (100.0, "100"),
        (1e-7, "0.0000001"),
        (1e21, "1000000000000000000000"),
        (Decimal("1.50"), "1.50"),
        (Decimal("100"), "100"),
        (Decimal("1E+2"), "100"),
    ],
)
def test_plain_text(value: Any, text: str | None):
    if text is None:
        plain = plain_text(value)
        assert plain is not None
        assert plain.startswith(" a\ufffdb\ufffd")
    else:
        assert plain_text(value) == text


@pytest.mark.parametrize("value", [None, True, float("nan"), float("inf"), [1], {}, b"x", Decimal("NaN")])
def test_what_is_neither_text_nor_number(value: Any):
    assert plain_text(value) is None


@pytest.mark.parametrize(
    "gold",
    ["18", "0", "-5", "+5", "1,234", "1,234,567.50", "0.5", ".5", "-3/4", "$18", "-$18", "$1,234.00", " 7 "],
)
def test_plain_numbers(gold: str):
    assert infer_kind(gold) is AnswerKind.NUMBER


@pytest.mark.parametrize(
    "gold",
    [
        None,
        "",
        "x",
        "18 apples",
        "50%",
        "007",
        "0110",
        "12:30",
        "1,23",
        "1/0",
        "1/2/2020",
        "1e9",
        "5.",
        "--5",
        "$",
        "٣",
        "1 000",
    ],
)
def test_what_is_no_plain_number(gold: str | None):
    assert infer_kind(gold) is AnswerKind.EXACT


def test_the_last_match_counts():
    assert last_match(r"(?m)^A: (.+)$", "A: 1\nso B: 5\nA: 2 ") == "2"
    assert last_match(r"#### (.+)", "none") is None
    assert last_match(r"a(x)?", "a") is None  # the group took no part


@pytest.mark.parametrize("value", ["[]", "x", "", [], 5, {"a": float("nan")}, {"a": b"x"}, "[" * 100_000])
def test_what_is_no_spec(value: Any):
    assert parse_spec(value) is None


def test_a_spec_has_one_spelling():
    assert parse_spec({"b": [1], "a": "é", "n": None}) == parse_spec('{"a": "\\u00e9", "b": [1]}')
