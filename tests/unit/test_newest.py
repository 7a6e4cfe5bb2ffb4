"""That a view of newest rows need not look for older ones is believed of those files only of which it was found out."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from schemas.tables import TABLES
from tests.benchmarks.synthetic_warehouse import make
from warehouse.catalog import connect, connect_for, write_catalog
from warehouse.catalog_paths import CATALOG, NOTE
from warehouse.compaction import compact
from warehouse.defining import PAST, WHOLE
from warehouse.landing import Warehouse
from warehouse.newest import known_whole, note_whole
from warehouse.reading import Snapshot

TRACES, VERDICTS, BOTH = {"newest_traces"}, {"newest_verdicts"}, set(WHOLE)
NEWER_TRACE = "SELECT * REPLACE (md5(trace_id) AS trace_id, '2' AS grammar) FROM traces ORDER BY trace_id LIMIT 3"
NEWER_VERDICT = "SELECT * REPLACE (md5(verdict_id) AS verdict_id, 'incorrect' AS verdict) FROM verdicts LIMIT 3"
OTHER_TRACE = "SELECT * REPLACE (md5(trace_id) AS trace_id, md5(attempt_id) AS attempt_id) FROM traces LIMIT 3"
PAIRS_VERDICT = "SELECT * REPLACE (md5(verdict_id) AS verdict_id, 'pair' AS subject) FROM verdicts LIMIT 3"
VIEWS = (*WHOLE, "disputes", "traces_full", "fates")


@pytest.fixture(scope="module")
def noted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two commits of traces and their verdicts, one of each for an attempt; and the note of it."""
    folder = tmp_path_factory.mktemp("noted") / "warehouse"
    for first, last in ((0, 40), (40, 80)):
        make(folder, last, first)
    return folder


@pytest.fixture
def warehouse(noted: Path, tmp_path: Path) -> Warehouse:
    copied = tmp_path / "it's a copy"
    for file in filter(Path.is_file, noted.rglob("*")):
        (copied / file.relative_to(noted)).parent.mkdir(parents=True, exist_ok=True)
        (copied / file.relative_to(noted)).write_bytes(file.read_bytes())
    return Warehouse(copied)


def known(warehouse: Warehouse) -> set[str]:
    return known_whole(warehouse, warehouse.all_files(TABLES.keys()))


def note(warehouse: Warehouse) -> None:
    with Snapshot(warehouse) as now:
        now.note_newest()


def land(warehouse: Warehouse, table: str, query: str) -> None:
    with connect_for(warehouse, query) as connection:
        rows = connection.sql(f"SELECT * EXCLUDE (landed_by, landed_at) FROM ({query})").to_arrow_table()
    warehouse.land_columns(table, rows, "later", query)


def of_views(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The number of rows of each view and a hash over all of its columns."""
    query = "SELECT count(*), bit_xor(hash(COLUMNS(*))) FROM"
    return {view: connection.execute(f"{query} {view}").fetchall() for view in VIEWS}


def looked_for(warehouse: Warehouse) -> dict[str, Any]:
    """What the views have that look for newer rows, whatever is noted."""
    before = warehouse.folder / NOTE
    hidden = before.rename(before.with_suffix(".hidden")) if before.exists() else None
    with connect_for(warehouse, " ".join(VIEWS)) as connection:
        rows = of_views(connection)
    if hidden:
        hidden.rename(before)
    return rows


NEWEST = "SELECT (SELECT count(*) FROM newest_traces), (SELECT count(*) FROM newest_verdicts)"


def newest(warehouse: Warehouse) -> list[Any]:
    """How many traces and verdicts are newest."""
    with Snapshot(warehouse) as now:
        return now.ask(NEWEST)[1]


def with_all_readers(warehouse: Warehouse) -> list[Any]:
    """The same as each kind of reader sees them."""
    with connect(warehouse) as one, connect_for(warehouse, NEWEST) as other:
        return [*one.execute(NEWEST).fetchall(), *other.execute(NEWEST).fetchall(), *newest(warehouse)]


LANDED = {
    "nothing": ([], BOTH, BOTH),
    "a newer trace": ([("traces", NEWER_TRACE)], VERDICTS, VERDICTS),
    "a newer verdict": ([("verdicts", NEWER_VERDICT)], TRACES, TRACES),
    "traces of other attempts": ([("traces", OTHER_TRACE)], VERDICTS, BOTH),
    "verdicts on pairs": ([("verdicts", PAIRS_VERDICT)], TRACES, BOTH),
}
"""What has landed since; what is known then, and what is once that is noted."""


@pytest.mark.parametrize(("rows", "before", "after"), LANDED.values(), ids=LANDED.keys())
def test_what_has_landed_since_is_looked_for(
    warehouse: Warehouse, rows: list[tuple[str, str]], before: set[str], after: set[str]
) -> None:
    """As after a kill between a landing and the note of it, and then once the next run has ended."""
    for table, query in rows:
        land(warehouse, table, query)
    expected = looked_for(warehouse)
    assert known(warehouse) == before
    with connect_for(warehouse, " ".join(VIEWS)) as connection:
        assert of_views(connection) == expected
    seen = with_all_readers(warehouse)
    assert seen == seen[:1] * 3
    note(warehouse)
    write_catalog(warehouse)
    assert known(warehouse) == after
    with duckdb.connect(str(warehouse.folder / CATALOG)) as catalog:
        catalog.execute("SET TimeZone = 'UTC'")
        assert of_views(catalog) == expected
    assert with_all_readers(warehouse) == seen


def test_a_note_that_is_believed_of_other_files_shows(warehouse: Warehouse) -> None:
    """The control: were the files of a note not compared, each reader would show rows that a newer one replaces."""
    land(warehouse, "traces", NEWER_TRACE)
    land(warehouse, "verdicts", NEWER_VERDICT)
    right, expected = with_all_readers(warehouse), looked_for(warehouse)
    note_whole(warehouse, warehouse.all_files(TABLES.keys()), lambda _: True)
    wrong = [(traces + 3, verdicts + 3) for traces, verdicts in right]
    assert with_all_readers(warehouse) == wrong
    with connect_for(warehouse, " ".join(VIEWS)) as connection:
        shown = of_views(connection)
    assert {view for view in VIEWS if shown[view] != expected[view]} >= {*WHOLE, "traces_full", "fates"}
    for view in sorted(set(PAST) & set(VIEWS)):
        with connect_for(warehouse, f"{view}_at") as connection:
            found = connection.execute(f"SELECT count(*) FROM {view}_at(now())").fetchall()
        assert found == [expected[view][0][:1]]


SPOILT = {
    "torn": lambda text: text[:20],
    "empty": lambda text: "",
    "of no object": lambda text: "[1]",
    "of other values": lambda text: json.dumps(dict.fromkeys(WHOLE, True)),
    "of other words": lambda text: text.replace("true", '"true"'),
    "of other files": lambda text: text.replace('["', '["0'),
    "no text": lambda text: "\udcff",
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT.keys())
def test_a_note_that_is_not_ours_says_nothing(warehouse: Warehouse, spoil: Callable[[str], str]) -> None:
    file = warehouse.folder / NOTE
    before, text = newest(warehouse), file.read_text()
    file.write_bytes(spoil(text).encode(errors="surrogateescape"))
    assert known(warehouse) == set(), "which is all that a reader asks of it"
    assert newest(warehouse) == before
    note(warehouse)
    assert file.read_text() == text


def test_it_is_asked_once_of_the_same_files(warehouse: Warehouse) -> None:
    asked: list[str] = []

    def remembered(query: str) -> bool:
        asked.append(query)
        return False

    files = warehouse.all_files(TABLES.keys())
    note_whole(warehouse, files, remembered)
    assert asked == []
    (warehouse.folder / NOTE).unlink()
    for _ in range(2):
        note_whole(warehouse, files, remembered)
    assert len(asked) == len(WHOLE)
    assert known(warehouse) == set()


def test_compacting_notes_it_of_the_new_files_and_a_reader_of_the_old_ones_is_right(warehouse: Warehouse) -> None:
    with Snapshot(warehouse) as before:
        compact(warehouse, timedelta(days=7))
        assert known(warehouse) == BOTH
        assert [before.ask(f"SELECT count(*) FROM {view}")[1] for view in WHOLE] == [
            before.ask(f"SELECT count(*) FROM {table}")[1] for table, _ in WHOLE.values()
        ]
        land(warehouse, "traces", NEWER_TRACE)
        compact(warehouse, timedelta(0))
    assert known(warehouse) == VERDICTS
    with connect_for(warehouse, " ".join(VIEWS)) as connection:
        assert of_views(connection) == looked_for(warehouse)


def test_a_moved_warehouse_keeps_its_note_and_reading_writes_none(warehouse: Warehouse, tmp_path: Path) -> None:
    moved = Warehouse(warehouse.folder.rename(tmp_path / "moved"))
    assert known(moved) == BOTH
    (moved.folder / NOTE).unlink()
    listed = sorted(moved.folder.rglob("*"))
    with_all_readers(moved)
    assert sorted(moved.folder.rglob("*")) == listed
