"""The page of a release: its bytes, its sums, its queries, and that a reader can open it."""

import json
import re
from contextlib import closing
from pathlib import Path

import pytest

from flows.release import ReleaseOrder, make_release, releases_beside
from flows.report import write_report
from schemas.curation import Curation
from schemas.errors import BooksDoNotBalance, Refused
from schemas.release import Release
from tasks.publishing.manifest import altered_files
from tasks.report.page import report_page
from tests.integration.report_reading import CHROMIUM, Page, driven, opened
from tests.released_world import build, question
from warehouse.catalog import connect
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

QUESTIONS = [question(n, f"family {n % 3}") for n in range(9)]
FATES = ("kept", "dropped", "failed", "pending")


def released(folder: Path, reverse: bool = False) -> tuple[Warehouse, Curation]:
    warehouse = Warehouse(folder / "warehouse")
    warehouse.create()
    curation = build(warehouse, QUESTIONS, reverse)
    make_release(warehouse, curation, ReleaseOrder("demo", releases_beside(warehouse)), "run")
    return warehouse, curation


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return released(tmp_path_factory.mktemp("world"))[0]


@pytest.fixture(scope="module")
def written(world: Warehouse) -> Path:
    return write_report(world, "demo", releases_beside(world))


@pytest.fixture(scope="module")
def page(written: Path) -> Page:
    return Page(written.read_text("utf-8"))


def test_the_same_rows_are_the_same_bytes_in_whatever_order_they_landed(written: Path, tmp_path: Path) -> None:
    other, _ = released(tmp_path, reverse=True)
    again = write_report(other, "demo", releases_beside(other))
    assert written.read_bytes() == again.read_bytes()
    assert not altered_files(again.parent), "the page is not part of the content"
    assert not [file for file in again.parent.iterdir() if file.name.startswith(".")]


def test_the_fates_of_every_table_add_up_to_what_was_planned(page: Page) -> None:
    planned = 3 * len(QUESTIONS)
    by_fate = [block for block in page.blocks.values() if set(FATES) <= set(block.heads)]
    assert len(by_fate) >= 8
    for block in by_fate:
        rows = [dict(zip(block.heads, row, strict=True)) for row in block.rows]
        assert sum(int(row["planned"]) for row in rows) == planned, block.name
        for row in [*rows, dict(zip(block.heads, block.total, strict=True)) if block.total else rows[0]]:
            assert int(row["planned"]) == sum(int(row[fate]) for fate in FATES), block.name
        if block.total:
            assert int(block.total[block.heads.index("planned")]) == planned
    [book] = page.blocks["books"].rows
    told = dict(zip(page.blocks["books"].heads, book, strict=True))
    assert told["balanced"] == "yes"
    assert planned == sum(int(told[name]) for name in ("verified", "unverified", "failed", "pending"))


def test_the_query_under_a_table_gives_that_table(page: Page, world: Warehouse) -> None:
    with Snapshot(world) as now:
        for block in page.blocks.values():
            columns, rows = now.ask(block.sql)
            assert len(rows) == len(block.rows), block.name
            for row, shown in zip(rows, block.rows, strict=True):
                counts = [(c, str(v), s) for c, v, s in zip(columns, row, shown, strict=True) if type(v) is int]
                assert all(value == text.replace(",", "") for _, value, text in counts), (block.name, counts)
        assert len(page.sql) > len(page.blocks), "plots and traces have a query, too"
        for sql in page.sql:
            now.ask(sql)


def test_it_shows_what_was_asked_for(page: Page, written: Path) -> None:
    names = {"funnel_steps", "fates_by_family", "pass_rate_by_family", "verdicts", "effects", "each_reflection"}
    names |= {"spread_ifd", "spread_rifd", "spread_characters", "costs", "contamination", "disputes", "books", "files"}
    assert names <= page.blocks.keys()
    sample = json.loads(page.scripts[0])
    assert len(sample) == 3 * len(QUESTIONS)
    assert sum(tag == "svg" and attributes.get("class") == "plot" for tag, attributes in page.elements) >= 3
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", written.read_text("utf-8")), "nothing from a network"
    corrected = next(trace for trace in sample if trace["effect"] == "corrected")
    kinds = {kind for kind, _, _ in corrected["pieces"]}
    assert kinds == {"tag", "thinking", "reflection", "output"}
    assert any("u" in marks for _, marks, _ in corrected["pieces"]), "the wrong draft is not learnt, and told"


def test_books_that_do_not_balance_are_no_page(world: Warehouse) -> None:
    with Snapshot(world) as now:
        [curation], [release] = now.rows(Curation, "curation_id", ["c"]), now.rows(Release, "name", ["demo"])
    with closing(connect(world)) as connection, pytest.raises(BooksDoNotBalance, match="planned 28"):
        report_page(connection, release, curation.model_copy(update={"planned": 28}))


def test_no_release_no_page(world: Warehouse, tmp_path: Path) -> None:
    for name, root in (("other", releases_beside(world)), ("demo", tmp_path)):
        with pytest.raises(Refused, match="report: no"):
            write_report(world, name, root)


@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no {CHROMIUM}")
def test_it_opens_from_disk_without_a_word_on_the_console(written: Path) -> None:
    dom, console = opened(written)
    assert not console
    assert "27 of 27 sampled traces" in dom
    assert dom.count('class="trace"') == 25, "and a button for more"
    assert '<span class="reflection ">No: count again.</span>' in dom


TRIES = """
const said = [];
const form = document.getElementById("filters");
const count = document.getElementById("count");
const pick = (name, start) => {
  const options = [...form.elements[name].options];
  form.elements[name].value = options.find((option) => option.text.startsWith(start)).value;
};
const tell = () => { form.dispatchEvent(new Event("input")); said.push(parseInt(count.textContent)); };
pick("fate", "dropped"); tell();
pick("effect", "corrected"); tell();
form.reset(); tell();
pick("family", "family 1"); pick("verdict", "correct"); tell();
form.reset(); pick("why", "verdict: incorrect"); tell();
form.reset(); form.elements.words.value = "COUNT again"; tell();
form.elements.words.value = "no such words"; tell();
document.documentElement.dataset.said = said.join(" ");
"""


@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no {CHROMIUM}")
def test_search_and_filters_find_what_they_say(written: Path, tmp_path: Path) -> None:
    page = tmp_path / "driven.html"
    page.write_text(driven(written.read_text("utf-8"), TRIES), encoding="utf-8", newline="\n")
    dom, _ = opened(page)
    [said] = re.findall(r'data-said="([^"]*)"', dom)
    assert said == "9 0 27 6 9 9 0"
