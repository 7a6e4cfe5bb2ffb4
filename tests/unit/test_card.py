"""The card that a run leaves in Prefect: nothing in it acts on its reader, and its picture is in it."""

from base64 import b64decode
from xml.etree import ElementTree

import duckdb
import pytest

from flows.artifact import NARROW, funnel_image, plain, table


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("reasoning_gym by gpt", r"reasoning\_gym by gpt"),
        ("[a](http://b) ![c](d)", r"\[a\](http://b) \!\[c\](d)"),
        ("<script>x</script>", r"\<script\>x\</script\>"),
        ("a | b\n# c", r"a \| b \# c"),
        ("`code` *b* &amp;", r"\`code\` \*b\* \&amp;"),
    ],
)
def test_what_others_wrote_is_shown_as_it_is(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_a_table_is_as_wide_as_its_columns_and_says_what_it_leaves_out() -> None:
    lines = table(("a|b_c", "n"), [("x\ny", None), *([("z", 0.123456)] * 50)]).splitlines()
    assert lines[:4] == [r"| a\|b c | n |", "| --- | --- |", "| x y |  |", "| z | 0.1235 |"]
    assert lines[-1] == "11 more rows"
    assert len(lines) == 2 + 40 + 2


def test_the_yield_of_a_card_is_as_wide_as_the_page_has_room() -> None:
    """With nine columns the last ones lay under the details of the run, on a page of 1,280 pixels."""
    columns = ("source", "traces", "correct", "incorrect", "unverified", "pass_rate", "well_formed", "ifd_q1", "ifd")
    shown = duckdb.sql(NARROW.format(f"SELECT {', '.join(f'1 AS {column}' for column in columns)}")).columns
    assert shown == ["source", "traces", "correct", "unverified", "pass_rate", "ifd"]


def test_the_funnel_is_an_image_without_a_file() -> None:
    text = funnel_image([("planned", 60), ("kept_<b>", 6), ("none", 0)])
    drawn = ElementTree.fromstring(b64decode(text.rpartition("base64,")[2].removesuffix(")")))
    words = [element.text for element in drawn if element.tag.endswith("text")]
    assert words == ["planned", "60 (100%)", "kept <b>", "6 (10%)", "none", "0 (0%)"]
    widths = [int(element.attrib["width"]) for element in drawn if element.tag.endswith("rect")]
    assert widths[0] == pytest.approx(10 * widths[1], abs=5)
    assert funnel_image([]).startswith("![](data:image/svg+xml;base64,")
