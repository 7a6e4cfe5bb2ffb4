"""The parts of a release's page that need no warehouse: pieces of a trace, embedded JSON, sums, plots."""

import json
import re
from typing import Any

import pytest

from schemas.errors import BooksDoNotBalance
from schemas.trace import Span
from tasks.report.inline import embedded
from tasks.report.page import breaking
from tasks.report.plots import KEPT, bars_plot, histogram_plot
from tasks.report.queries import Query
from tasks.report.tables import Table, cell, shaped
from tasks.report.traces import pieces

FATES = ("source", "planned", "kept", "dropped", "failed", "pending")


def table(columns: tuple[str, ...], *rows: tuple[Any, ...], planned: int = 10) -> Table:
    return shaped(Query("t", "T", "v", "SELECT 1"), columns, rows, planned)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("plain", [("text", "plain")]),
        ("", []),
        (
            "<thinking>a<reflection>b</reflection></thinking><output>c</output>",
            [
                *(("tag", "<thinking>"), ("thinking", "a"), ("tag", "<reflection>"), ("reflection", "b")),
                *(("tag", "</reflection></thinking><output>"), ("output", "c"), ("tag", "</output>")),
            ],
        ),
        ("<output>never closed", [("tag", "<output>"), ("output", "never closed")]),
        ("x < y <b>", [("text", "x < y <b>")]),
    ],
)
def test_a_trace_is_cut_where_its_colour_changes(text: str, cut: list[tuple[str, str]]) -> None:
    assert [(piece.kind, piece.text) for piece in pieces(text, None, [], [])] == cut


def test_drafts_and_what_is_not_learnt_are_marked_and_nothing_is_lost() -> None:
    text = "<thinking>It is 3. <reflection>No</reflection> 4</thinking><output>4</output>"
    cut = pieces(text, None, [Span(start=16, end=17)], [Span(start=10, end=18)])
    assert "".join(piece.text for piece in cut) == text
    assert [(piece.text, piece.marks) for piece in cut if piece.marks] == [("It is ", "u"), ("3", "du"), (".", "u")]


def test_a_trace_of_a_million_tags_is_shown_in_part_and_soon() -> None:
    assert sum(len(piece.text) for piece in pieces("<reflection>" * 100_000, None, [], [])) == 16_000


def test_embedded_json_cannot_end_its_element() -> None:
    hostile = {"a": "</script><!-- <script> \u2028\u2029 &lt; \x00 \U0001f600"}
    text = embedded(hostile)
    assert not re.search("[<>&\u2028\u2029\x00]", text)
    assert json.loads(text) == hostile
    assert "<" in json.dumps(hostile), "the control: plain JSON does not do"


def test_tables_sum_counts_and_known_money_and_nothing_else() -> None:
    columns = (*FATES, "pass_rate", "cost_usd", "cost_usd_per_kept")
    made = table(columns, ("a", 6, 4, 1, 1, 0, 0.5, 0.25, 0.1), ("b", 4, 4, 0, 0, 0, None, 0.5, 0.1))
    assert made.total
    assert [c.text for c in made.total] == ["all", "10", "8", "1", "1", "0", "", "0.75", ""]
    unknown = table((*FATES, "cost_usd"), ("a", 6, 4, 1, 1, 0, None), ("b", 4, 4, 0, 0, 0, 0.5))
    assert unknown.total
    assert unknown.total[-1].text == "", "a sum with an unknown price in it is unknown"


@pytest.mark.parametrize(
    "rows",
    [
        [("a", 6, 4, 1, 0, 0), ("b", 4, 4, 0, 0, 0)],
        [("a", 6, 4, 1, 1, 0)],
    ],
    ids=["a row that does not add up", "a table that lost a row"],
)
def test_fates_that_do_not_add_up_are_no_page(rows: list[tuple[Any, ...]]) -> None:
    with pytest.raises(BooksDoNotBalance, match="report: t"):
        table(FATES, *rows)


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        ("planned", 12345, "12,345"),
        ("pass_rate", 0.8071, "80.7%"),
        ("median_ifd", 0.8, "0.800"),
        ("cost_usd", 0.000123, "0.000123"),
        ("cost_usd_per_kept", 0.000550087, "0.00055"),  # nine figures did not fit a phone's tile
        ("cost_usd_per_kept", 1234.5678, "1,234.57"),
        ("median", None, "—"),
        ("balanced", True, "yes"),
        ("source", "a<b", "a<b"),
    ],
)
def test_values_are_told(column: str, value: Any, text: str) -> None:
    assert cell(column, value).text == text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("reasoning_gym/letter_counting", "reasoning_<wbr>gym/<wbr>letter_<wbr>counting"),
        ("a/<b>_&_c/", "a/&lt;b&gt;_&amp;_<wbr>c/"),
        ("correct", "correct"),
    ],
)
def test_a_name_breaks_between_its_words(name: str, shown: str) -> None:
    """On a page of 1,280 pixels a family broke before an underscore, or within a word."""
    assert breaking(name) == shown


def test_plots_are_the_same_bytes_and_bring_no_style_of_their_own() -> None:
    bars = [("planned", 12), ("<script>$x^2$\x00é", 3)]
    rows = [(0.5, 1.5, 0, 3, 1), (0.5, 1.5, 7, 2, 0)]
    drawn = [bars_plot("one", "Bars", bars, KEPT), histogram_plot("two", "IFD", rows, 8)]
    assert drawn == [bars_plot("one", "Bars", bars, KEPT), histogram_plot("two", "IFD", rows, 8)]
    ids = [re.findall(r' id="([^"]+)"', svg) for svg in drawn]
    assert not set(ids[0]) & set(ids[1]), "two plots stand in one page"
    for svg in drawn:
        assert not re.search(r"style|<metadata|<script|https?:|#0[1-4]0", svg), "the security policy would refuse it"
        assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= set(re.findall(r' id="([^"]+)"', svg))
    assert "&lt;script&gt;$x^2$??" in drawn[0]


def test_a_histogram_says_that_its_ends_are_not_the_least_and_the_most() -> None:
    """Its axis ended at 2,900 characters, in a bar with a trace of 6,128."""
    drawn = histogram_plot("one", "Characters", [(114.0, 2900.0, 0, 3, 0), (114.0, 2900.0, 7, 0, 1)], 8)
    assert "Characters; an end bar holds all beyond it, too" in drawn


def test_a_histogram_of_one_value_is_drawn() -> None:
    assert "<svg" in histogram_plot("one", "IFD", [(0.5, 0.5, 0, 3, 0)], 8)
