"""What a query gives, on its way out: nothing lost, nothing that acts on a terminal or in a spreadsheet."""

import csv
import io
import json
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from rich.console import Console

from flows.rendering import as_csv, as_json, distinct, printable, rich_table

ACTING = {
    "escape": "\x1b[31mred\x1b[0m",
    "title": "\x1b]0;owned\x07",
    "C1 CSI": "\x9b31m",
    "carriage return": "right\rwrong",
    "backspace": "no\x08\x08yes",
    "delete": "a\x7fb",
    "right-to-left override": "\u202egpj.exe",
    "isolate": "\u2066a\u2069",
    "embedding": "\u202aa\u202c",
    "marks": "\u200e\u200f\u061c",
    "zero width": "a\u200b\u200c\u200db",
    "byte order mark": "\ufeffa",
    "word joiner": "a\u2060b",
    "line separator": "a\u2028b\u2029c",
    "tags": "a\U000e0041b",
    "annotation": "\ufff9a\ufffab\ufffb",
}
HARMLESS = "tab\tnewline\nßäé 中文 עברית العربية ∑ ½ 😀 \u00a0\u202f"


@pytest.mark.parametrize("text", ACTING.values(), ids=ACTING)
def test_what_acts_is_a_mark_one_for_one(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text)
    assert "\ufffd" in shown
    assert printable(shown) == shown


def test_everything_else_stays() -> None:
    assert printable(HARMLESS) == HARMLESS


@pytest.mark.parametrize("text", [*ACTING.values(), HARMLESS], ids=[*ACTING, "harmless"])
def test_json_is_lossless_and_never_acts(text: str) -> None:
    shown = as_json([text], [(text,), ([text, {text: text}],)])
    assert json.loads(shown) == [{text: text}, {text: [text, {text: text}]}]
    assert printable(shown) == shown


@pytest.mark.parametrize("text", ACTING.values(), ids=ACTING)
def test_a_table_never_acts_in_cells_or_headers(text: str) -> None:
    out = io.StringIO()
    Console(file=out, force_terminal=False, width=200).print(rich_table([f"[red]{text}"], [(text,), ([text],)]))
    assert printable(out.getvalue()) == out.getvalue()
    assert "[red]" in out.getvalue(), "a column's name is no markup"


SAME_NAMES = [
    ("SELECT 1 AS a, 2 AS a", [{"a": 1, "a_1": 2}]),
    ("SELECT 1 AS a, 2 AS a, 3 AS a_1, 4 AS a", [{"a": 1, "a_2": 2, "a_1": 3, "a_3": 4}]),
    ("SELECT 3 AS a_1, 1 AS a, 2 AS a", [{"a_1": 3, "a": 1, "a_2": 2}]),
    ("SELECT 1 AS a, 2 AS A", [{"a": 1, "A": 2}]),
    ("SELECT x.n, y.n FROM range(1) x(n), range(7, 8) y(n)", [{"n": 0, "n_1": 7}]),
]


@pytest.mark.parametrize(("query", "rows"), SAME_NAMES)
def test_columns_of_one_name_are_kept_apart(query: str, rows: list[dict[str, Any]]) -> None:
    with duckdb.connect() as connection:
        result = connection.execute(query)
        columns = [column[0] for column in result.description or []]
        assert json.loads(as_json(columns, result.fetchall())) == rows


def test_names_are_as_many_as_columns_and_all_differ() -> None:
    columns = ["a", "a", "a_1", "a_1", "a", "", "", "b"]
    names = distinct(columns)
    assert names == ["a", "a_2", "a_1", "a_1_1", "a_3", "", "_1", "b"]
    assert len(set(names)) == len(columns)
    assert distinct(["a", "b"]) == ["a", "b"]


WIDE = "A question of many words, " * 9
ROWS = [("t1", WIDE, 0.5), ("t2", "[red]short\nof two lines", None)]


def shown(rows: list[Any], width: int, columns: tuple[str, ...] = ("trace_id", "question", "ifd")) -> str:
    out = io.StringIO()
    Console(file=out, force_terminal=False, width=width).print(rich_table(columns, rows, "Traces"))
    return out.getvalue()


def test_a_table_that_is_wider_than_the_terminal_turns_to_records() -> None:
    narrow = shown(ROWS, 80)
    assert "━" not in narrow
    lines = [line.strip() for line in narrow.splitlines()]
    assert lines[:3] == ["Traces", "row 1 of 2", "trace_id  t1"]
    assert "[red]short" in narrow
    assert all(len(line) <= 80 for line in narrow.splitlines())
    assert "".join(narrow.split()).count("Aquestionofmanywords,") == 9, "nothing of the text is lost"
    assert "━" in shown(ROWS, 400)
    assert "━" in shown([], 20), "without rows the names are all there is"
    assert "━" in shown([("t1", "short", 0.5)], 40)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.123456789, "0.1235"),
        (12345.678912, "12345.6789"),
        (3.0, "3.0"),
        (0.0, "0.0"),
        (-0.00012345678, "-0.0001235"),
        (1e-9, "1e-09"),
        (float("inf"), "inf"),
        ([0.123456789, None], "[0.1235, None]"),
        ({"usd": 0.123456789}, "{'usd': 0.1235}"),
        (Decimal("0.123456789"), "0.123456789"),
        (123456789, "123456789"),
        ("0.123456789", "0.123456789"),
    ],
)
def test_floats_have_four_digits_for_a_person(value: Any, told: str) -> None:
    assert f" {told} " in shown([(value,)], 80, ("x",))
    if isinstance(value, float) and value < 1e9:
        assert json.loads(as_json(["x"], [(value,)])) == [{"x": value}], "a program gets all of them"


def read_csv(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@pytest.mark.parametrize("text", ["a\rb", "a\nb", "a\r\nb", 'a"b', "a,b", " a ", "a", "a\x1bb", "", "'"])
def test_csv_gives_back_what_it_got(text: str) -> None:
    assert read_csv(as_csv(["n", text], [(1, text), (2, text)])) == [["n", text], ["1", text], ["2", text]]


def test_csv_of_a_lone_carriage_return_is_quoted() -> None:
    assert as_csv(["n"], [("a\rb",), ("c",)]) == 'n\n"a\rb"\nc'


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_no_text_is_a_formula(sign: str) -> None:
    text = f'{sign}HYPERLINK("http://127.0.0.1/?"&A1)'
    assert read_csv(as_csv([text, "b"], [(text, text.encode())])) == [["'" + text, "b"], ["'" + text, "'" + text]]


def test_a_number_below_nought_is_none() -> None:
    assert as_csv(["a", "b", "c"], [(-1, Decimal("-1.50"), -0.5)]) == "a,b,c\n-1,-1.50,-0.5"


def test_csv_ends_where_its_last_row_does() -> None:
    assert as_csv(["a"], [(None,), ("",)]) == 'a\n""\n""'
    assert as_csv(["a"], []) == "a"
