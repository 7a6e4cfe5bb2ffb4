"""Landing, reading and the views, on a small plan whose every row is written here."""

import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError

from flows.run_row import land_run
from schemas.attempt import Attempt
from schemas.call import Call, CallEnd, Message, Sampling, Usage
from schemas.errors import Refused
from schemas.failure import Failure, FailureReason
from schemas.question import AnswerKind, Question
from schemas.record import Provenance, Record
from schemas.ruling import GoldRuling, OnGold
from schemas.run import NO_BOOKS, Ledger, RunEnd
from schemas.tables import TABLES
from schemas.trace import Structure, Trace
from schemas.verdict import EffectReason, Reason, Ruling, Verdict, VerdictSubject
from warehouse import landing, reading
from warehouse.arrow_schema import to_arrow
from warehouse.catalog import CATALOG, LISTING, connect, write_catalog
from warehouse.compaction import compact
from warehouse.defining import quoted
from warehouse.delta_log import CommitsMissing, read_log
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot
from warehouse.row_hash import row_hash

QUESTION = Question.of(text="1+1? 'quoted' \u2603", gold="2", kind=AnswerKind.NUMBER, source="s")


def attempt(index: int) -> Attempt:
    return Attempt(
        attempt_id=f"a{index}",
        plan_id="p",
        shard_id="s",
        question_id=QUESTION.question_id,
        sample_index=index,
        call_id=f"c{index}",
        prompt_version=None,
    )


def call(index: int, ended: CallEnd = CallEnd.ANSWERED, cost: float | None = 0.5) -> Call:
    return Call(
        call_id=f"c{index}",
        endpoint="e",
        model_asked="m",
        model_answered=None,
        messages=(Message(role="user", content="1+1?"),),
        sampling=Sampling(temperature=None, top_p=0.95, max_tokens=None, seed=7),
        sample_index=index,
        fresh="",
        ended=ended,
        error=None,
        raw_response=b"\xff\x00raw",
        content="2",
        reasoning=None,
        finish_reason="stop",
        usage=Usage(prompt_tokens=3),
        cost_usd=cost,
        latency_s=1.0,
        tries=1,
    )


def trace(index: int) -> Trace:
    return Trace(
        trace_id=f"t{index}",
        attempt_id=f"a{index}",
        plan_id="p",
        question_id=QUESTION.question_id,
        sample_index=index,
        call_ids=(f"c{index}",),
        grammar="g",
        text="2",
        structure=Structure.UNTAGGED,
        thinking=None,
        reflections=(),
        output=None,
        answer="2",
        draft_answers=(),
    )


def failure(index: int) -> Failure:
    return Failure(attempt_id=f"a{index}", plan_id="p", reason=FailureReason.REFUSED, call_ids=(f"c{index}",))


def verdict(index: int, ruling: Ruling, version: str = "1") -> Verdict:
    return Verdict(
        verdict_id=f"v{index}-{version}",
        subject=VerdictSubject.TRACE,
        subject_id=f"t{index}",
        verifier="number",
        verifier_version=version,
        verdict=ruling,
        reason=Reason.EQUAL,
        answer="2",
        effect=None,
        effect_reason=EffectReason.NO_REFLECTION,
        reflection_effects=(),
        duration_s=0.0,
    )


def land(warehouse: Warehouse, table: str, *rows: Record, unit: str = "u") -> int:
    return warehouse.land(table, rows, "run", unit)


@pytest.fixture
def landed(warehouse: Warehouse) -> Warehouse:
    """Six attempts: verified, verified, unverified, failed, without a call, without a verdict."""
    land(warehouse, "questions", QUESTION)
    land(warehouse, "attempts", *(attempt(i) for i in range(6)))
    land(warehouse, "calls", call(0), call(1), call(2), call(3, CallEnd.REFUSED), call(5))
    land(warehouse, "traces", trace(0), trace(1), trace(2), trace(5))
    land(warehouse, "failures", failure(3))
    land(warehouse, "verdicts", verdict(0, Ruling.CORRECT), verdict(1, Ruling.INCORRECT), verdict(2, Ruling.UNVERIFIED))
    return warehouse


@pytest.fixture
def now(landed: Warehouse) -> Iterator[Snapshot]:
    with Snapshot(landed) as snapshot:
        yield snapshot


def landed_run(warehouse: Warehouse) -> str:
    """The run_id of one whose row lands now."""
    given = {"run_id": "run", "plan_id": "p", "flow": "synthesize", "configuration": "{}", "scored_by": None}
    ended = {"ended": RunEnd.DONE, "error": None, "started_at": datetime.now(UTC)}
    bill = {"books": NO_BOOKS, "ledger": Ledger(sent=0, answered=0, failed=0, unknown=0), "cost_usd": 0.0}
    return land_run(warehouse, **given, **ended, **bill).run_id


def ask(warehouse: Warehouse, sql: str) -> list[tuple[Any, ...]]:
    with Snapshot(warehouse) as snapshot:
        return snapshot.ask(sql)[1]


def books(warehouse: Warehouse) -> tuple[object, ...]:
    (found,) = ask(warehouse, "SELECT planned, verified, unverified, failed, pending, doubled, balanced FROM books")
    return found


def test_an_empty_warehouse_has_every_table_and_view(warehouse: Warehouse) -> None:
    with connect(warehouse) as connection:
        listed = connection.execute(LISTING).fetchall()
        names = [name for name, kind, _, _ in listed if kind != "macro"]
        for name in names:
            assert connection.execute(f"SELECT count(*) FROM {name}").fetchall() == [(0,)]
    assert all(comment and columns for _, _, comment, columns in listed)
    assert {*TABLES, "traces_full", "yield_by_source", "books", "fates"} <= set(names)


def test_the_same_rows_of_the_same_unit_land_once(warehouse: Warehouse) -> None:
    assert land(warehouse, "traces", trace(0), trace(1)) == 2
    assert land(warehouse, "traces", trace(0), trace(1)) == 0
    assert land(warehouse, "traces", trace(2)) == 1, "other rows of the same unit are a commit of their own"
    assert land(warehouse, "traces", trace(3), unit="other") == 1


def test_what_is_streamed_lands_once_and_is_what_lands_at_once(warehouse: Warehouse) -> None:
    rows = [attempt(n) for n in range(5)]
    columns = pa.Table.from_pylist([row.model_dump() for row in rows])
    keys = [[[row.plan_id, row.attempt_id] for row in some] for some in (rows[:3], rows[3:])]
    for _ in range(2):
        warehouse.land_stream("attempts", (columns[:3], columns[3:]), keys, "run", "unit")
    assert len(read_log(warehouse.folder / "attempts").names) == 1
    warehouse.land_stream("attempts", (), (), "run", "unit")
    assert ask(warehouse, "SELECT count(*), count(DISTINCT landed_at) FROM attempts") == [(5, 1)]
    with Snapshot(warehouse) as now:
        assert now.rows(Attempt, "attempt_id", [row.attempt_id for row in rows]) == rows


def test_each_commit_is_on_the_disk_before_it_counts(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """And none of before: a slow disk takes 20 ms for each."""
    synced: list[tuple[str, list[int], int]] = []

    def sync(folder: Path, versions: range) -> None:
        synced.append((folder.name, list(versions), DeltaTable(folder).version()))

    monkeypatch.setattr("warehouse.place.sync_commits", sync)
    for n in range(2):
        land(warehouse, "traces", trace(n))
    assert synced == [("traces", [1], 1), ("traces", [2], 2)]


@pytest.mark.parametrize("arrived", [True, False])
def test_a_commit_whose_answer_was_lost_has_landed_if_it_is_there(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, arrived: bool
) -> None:
    """A store then sees a second try conflict with the first: landed again the rows would stand there twice."""

    def lost(*given: Any, **more: Any) -> None:
        if arrived:
            write_deltalake(*given, **more)
        raise CommitFailedError("a concurrent commit")

    monkeypatch.setattr("warehouse.delta_package.write_deltalake", lost)
    with nullcontext() if arrived else pytest.raises(CommitFailedError):
        assert land(warehouse, "traces", trace(0)) == 1
    monkeypatch.undo()
    assert land(warehouse, "traces", trace(0)) == (not arrived)
    assert ask(warehouse, "SELECT count(*) FROM traces") == [(1,)]


def test_rows_come_back_as_they_went_in(now: Snapshot) -> None:
    assert now.rows(Call, "call_id", ["c0", "nobody"]) == [call(0)]
    assert now.rows(Question, "question_id", [QUESTION.question_id]) == [QUESTION]
    assert now.present("calls", ["c0", "c3", "c9"]) == {"c0", "c3"}
    assert now.present("calls", ["c0", "c3", "c9"], where="ended <> 'answered'") == {"c3"}


def test_books_say_where_every_attempt_is(landed: Warehouse) -> None:
    assert books(landed) == (6, 2, 1, 1, 2, 0, True)


def test_fates_name_what_is_missing(now: Snapshot) -> None:
    fates = now.ask("SELECT fate, fate_reason FROM fates ORDER BY attempt_id")[1]
    assert fates == [
        *[("pending", "not_curated")] * 3,
        ("failed", "refused"),
        ("pending", "no_call"),
        ("pending", "no_verdict"),
    ]


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("calls", call(0)),
        ("traces", trace(0)),
        ("verdicts", verdict(0, Ruling.CORRECT)),
        ("attempts", attempt(0)),
        ("failures", failure(3)),
    ],
)
def test_a_doubled_row_unbalances_the_books(landed: Warehouse, table: str, row: Record) -> None:
    land(landed, table, row, unit="by mistake")
    assert books(landed)[-1] is False


def test_a_newer_verdict_is_in_force_and_the_older_one_stays(landed: Warehouse) -> None:
    land(landed, "verdicts", verdict(1, Ruling.CORRECT, version="2"))
    assert ask(landed, "SELECT verdict FROM traces_full WHERE trace_id = 't1'") == [("correct",)]
    assert ask(landed, "SELECT count(*) FROM verdicts WHERE subject_id = 't1'") == [(2,)]
    assert books(landed) == (6, 2, 1, 1, 2, 0, True)


BACK = {"an hour": timedelta(hours=1), "a year": timedelta(days=365), "nothing at all": timedelta()}


def set_clock(monkeypatch: pytest.MonkeyPatch, back: timedelta) -> None:
    stopped = datetime.now(UTC) - back

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return stopped

    monkeypatch.setattr(landing, "datetime", Clock)


def ruling(name: str, said: OnGold, follows: str | None = None) -> GoldRuling:
    new = {"gold": "3", "replaced_by": "other"} if said is OnGold.GOLD_REPLACED else {"gold": None, "replaced_by": None}
    about = {"question_id": QUESTION.question_id, "ruled_by": None, "note": None}
    return GoldRuling(ruling_id=name, ruling=said, follows=follows, **about, **new)


@pytest.mark.parametrize("back", BACK.values(), ids=BACK)
def test_what_lands_later_is_newer_whatever_the_clock_says(
    landed: Warehouse, monkeypatch: pytest.MonkeyPatch, back: timedelta
) -> None:
    """A clock is set back, or the next run is on a machine whose clock is late: the older row stayed in force."""
    with landed.sole_writer():
        land(landed, "rulings", ruling("r1", OnGold.GOLD_REPLACED))
        land(landed, "verdicts", verdict(1, Ruling.UNVERIFIED, version="1.1"))
        run = landed_run(landed)
        set_clock(monkeypatch, back)
        compact(landed, timedelta(days=7))
    other = Warehouse(landed.folder)
    with other.sole_writer():
        land(other, "verdicts", verdict(1, Ruling.CORRECT, version="2"))
        land(other, "rulings", ruling("r2", OnGold.OPEN, follows="r1"))
    assert ask(other, "SELECT verdict FROM newest_verdicts WHERE subject_id = 't1'") == [("correct",)]
    assert ask(other, "SELECT ruling FROM newest_rulings") == [("open",)]
    assert ask(other, "SELECT verdict FROM traces_full WHERE trace_id = 't1'") == [("correct",)]
    was = f"SELECT verdict, reason FROM traces_full_at('{run}') WHERE trace_id = 't1'"
    assert ask(other, was) == [("unverified", "ruled_out")], "as the run left it"


def test_a_judging_model_is_outranked_by_every_other_verifier(landed: Warehouse) -> None:
    opinion = verdict(1, Ruling.CORRECT, version="9").model_copy(update={"verifier": "judge"})
    alone = verdict(5, Ruling.CORRECT, version="9").model_copy(update={"verifier": "judge"})
    land(landed, "verdicts", opinion, alone, unit="later")
    asked = "SELECT verdict FROM traces_full WHERE trace_id IN ('t1', 't5') ORDER BY trace_id"
    assert ask(landed, asked) == [("incorrect",), ("correct",)]


def test_row_hash_sees_content_and_not_order_time_or_run(
    landed: Warehouse, empty_warehouse: Path, tmp_path: Path
) -> None:
    other = Warehouse(shutil.copytree(empty_warehouse, tmp_path / "other"))
    for index in (5, 2, 1, 0):
        other.land("traces", [trace(index)], "another run", f"u{index}")
    with Snapshot(landed) as one, Snapshot(other) as two:
        assert row_hash(one, "traces") == row_hash(two, "traces")
        assert row_hash(one, "calls") != row_hash(two, "calls")
    land(other, "traces", trace(7))
    with Snapshot(landed) as one, Snapshot(other) as two:
        assert row_hash(one, "traces") != row_hash(two, "traces")


def test_a_column_that_older_rows_lack_is_in_their_hash_only_where_it_has_a_value(
    tmp_path: Path,
) -> None:
    """A text that spells the absent column is no absent column."""
    tricky = call(0).model_copy(update={"content": ',"extra_body":null'})
    hashes = []
    for n, row in enumerate([call(0), tricky, call(0).model_copy(update={"extra_body": "{}"})]):
        other = Warehouse(tmp_path / f"other{n}")
        other.create()
        other.land("calls", [row], "run", "u")
        with Snapshot(other) as now:
            hashes.append(row_hash(now, "calls"))
    assert len(set(hashes)) == 3


def test_a_snapshot_makes_the_views_that_a_query_names(landed: Warehouse) -> None:
    with Snapshot(landed) as now:
        assert now.ask("SELECT view_name FROM duckdb_views() WHERE NOT internal AND view_name LIKE 'fat%'")[1] == []
        assert now.ask("SELECT count(*) AS n FROM fates_at(now())") == now.ask("SELECT count(*) AS n FROM fates")
        assert [row["n"] for row in now.stream("SELECT count(*) AS n FROM books")] == [1]


def test_one_writer_at_a_time(warehouse: Warehouse) -> None:
    with (
        warehouse.sole_writer(),
        pytest.raises(Refused, match="another run is writing"),
        Warehouse(warehouse.folder).sole_writer(),
    ):
        pass
    with warehouse.sole_writer():
        pass


def test_what_older_code_did_not_know_is_null(landed: Warehouse) -> None:
    """A warehouse from before a column and a table is read, and gets both when rows land."""
    older = to_arrow([call(0)], Provenance(landed_by="r", landed_at=datetime.now(UTC))).drop_columns(["refusal"])
    for table in ("calls", "failures"):
        shutil.rmtree(landed.folder / table)
    write_deltalake(str(landed.folder / "calls"), older)
    assert landed.exists()
    with Snapshot(landed) as now:
        assert now.rows(Call, "call_id", ["c0"]) == [call(0)]
        assert now.ask("SELECT count(*) FROM failures")[1] == [(0,)]
    landed.create()
    land(landed, "calls", call(1).model_copy(update={"refusal": "no"}), unit="later")
    assert ask(landed, "SELECT refusal FROM calls ORDER BY call_id") == [(None,), ("no",)]
    write_catalog(landed)
    assert (landed.folder / CATALOG).exists()


def test_a_file_has_every_column_that_its_table_had(landed: Warehouse) -> None:
    """So the footers of all files need only be read where a table has been widened: `Files.alike`."""
    calls = str(landed.folder / "calls")
    older = to_arrow([call(7)], Provenance(landed_by="r", landed_at=datetime.now(UTC))).drop_columns(["refusal"])
    write_deltalake(calls, older, mode="append", schema_mode="merge")
    assert len(landed.files("calls").paths) > 1
    assert landed.files("calls").alike
    assert ask(landed, "SELECT refusal FROM calls WHERE call_id = 'c7'") == [(None,)]
    write_deltalake(calls, older.append_column("newer", pa.array([1])), mode="append", schema_mode="merge")
    assert not landed.files("calls").alike
    assert ask(landed, "SELECT count(*), count(newer) FROM calls WHERE call_id = 'c7'") == [(2, 1)]


def test_the_log_says_what_deltalake_says(landed: Warehouse) -> None:
    folder = landed.folder / "calls"
    for n in range(20, 24):
        land(landed, "calls", call(n), unit=f"more {n}")
    compact(landed, timedelta(days=7))
    log, opened = read_log(folder), DeltaTable(str(folder))
    assert log
    assert log.version == opened.version()
    assert log.names == opened.get_add_actions(flatten=True)["path"].to_pylist()
    assert len(log.names) == 1
    assert log.columns == {field.name for field in opened.schema().fields}
    assert read_log(landed.folder / "nothing") is None


@pytest.mark.parametrize("more", [0, 2])
@pytest.mark.parametrize("cleaned", ["the first", "all but the last"])
def test_a_table_whose_log_another_program_has_cleaned_up_is_read_and_written(
    landed: Warehouse, more: int, cleaned: str
) -> None:
    """Neither could be where it had several files: the first commit was asked for its columns, and was to be synced."""
    for n in range(20, 20 + more):
        land(landed, "calls", call(n), unit=f"more {n}")
    before, [(rows,)] = landed.files("calls"), ask(landed, "SELECT count(*) FROM calls")
    DeltaTable(str(landed.folder / "calls")).create_checkpoint()
    commits = sorted((landed.folder / "calls" / "_delta_log").glob("*.json"))
    for commit in commits[: 1 if cleaned == "the first" else -1]:
        commit.unlink()
    if more or cleaned == "the first":
        with pytest.raises(CommitsMissing):
            read_log(landed.folder / "calls")
    assert landed.files("calls").paths == before.paths
    assert ask(landed, "SELECT count(*) FROM calls") == [(rows,)]
    assert land(landed, "calls", call(30), unit="after") == 1
    assert land(landed, "calls", call(30), unit="after") == 0
    compact(landed, timedelta(0))
    assert ask(landed, "SELECT count(*) FROM calls") == [(rows + 1,)]


def traces_in(catalog: Path | str, attached: bool = False, **settings: str) -> int:
    """How many traces a program sees that opens the catalog, or attaches it to a database of its own."""
    with duckdb.connect("" if attached else str(catalog), read_only=not attached, config=settings) as reader:
        if attached:
            reader.execute(f"ATTACH {quoted(str(catalog))} AS other (READ_ONLY); USE other")
        return len(reader.execute("SELECT trace_id FROM traces_full").fetchall())


def test_a_copy_of_a_warehouse_reads_itself(landed: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_catalog(landed)
    copy = Warehouse(Path(shutil.copytree(landed.folder, tmp_path / "a copy {of} it's")))
    land(landed, "traces", trace(7))
    compact(landed, timedelta(0))
    (tmp_path / "link").symlink_to(copy.folder)
    monkeypatch.chdir(tmp_path)
    for folder in (copy.folder, tmp_path / "link", Path("link")):
        assert traces_in(folder / CATALOG) == 4
    assert ask(copy, "SELECT count(*) FROM traces") == [(4,)]
    assert traces_in(landed.folder / CATALOG) == 5


def test_a_link_that_is_switched_leads_no_writer_to_another_warehouse(tmp_path: Path) -> None:
    """The bug: a run went on in the other warehouse, where the number of its lease was the newest one, too."""
    for name in ("a", "b"):
        made = Warehouse(tmp_path / name)
        made.create()
        with made.sole_writer():
            pass
    shutil.rmtree(tmp_path / "a")
    (link := tmp_path / "link").symlink_to("a")
    (loop := tmp_path / "loop").symlink_to("loop")
    for nowhere in (link, loop):
        with pytest.raises(Refused, match="cannot make"):
            Warehouse(nowhere).create()
    (tmp_path / "a").mkdir()
    through = Warehouse(link)
    through.create()
    with through.sole_writer():
        link.unlink()
        link.symlink_to("b")
        land(through, "traces", trace(1))
    there = [ask(Warehouse(tmp_path / name), "SELECT count(*) FROM traces") for name in ("a", "b", "link")]
    assert there == [[(1,)], [(0,)], [(0,)]]


def test_a_moved_warehouse_reads_itself_and_not_what_is_at_its_old_place(
    landed: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_catalog(landed)
    moved = Warehouse(landed.folder.rename(tmp_path / "moved"))
    landed.create()
    land(landed, "traces", trace(8))
    write_catalog(landed)
    monkeypatch.chdir(moved.folder)
    assert traces_in(moved.folder / CATALOG) == traces_in(CATALOG) == 4
    with Snapshot(moved) as now:
        assert now.ask("SELECT count(*) FROM traces") == (["count_star()"], [(4,)])
    assert land(moved, "traces", trace(9)) == 1
    write_catalog(moved)
    assert traces_in(CATALOG) == 5
    assert ask(landed, "SELECT trace_id FROM traces") == [(trace(8).trace_id,)]


def test_a_copied_catalog_says_so_where_it_cannot_know_where_it_is(
    landed: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_catalog(landed)
    assert traces_in(landed.folder / CATALOG, attached=True) == 4
    assert traces_in(landed.folder / CATALOG, temp_directory=str(tmp_path / "spilt")) == 4
    copy = Warehouse(Path(shutil.copytree(landed.folder, tmp_path / "copy")))
    with pytest.raises(duckdb.Error, match=f"made at {landed.folder}/.*`reflectory compact`"):
        traces_in(copy.folder / CATALOG, attached=True)
    with pytest.raises(duckdb.Error, match=f"made at {landed.folder}/"):
        traces_in(copy.folder / CATALOG, temp_directory=str(tmp_path / "spilt"))
    write_catalog(copy)
    assert traces_in(copy.folder / CATALOG, attached=True) == 4


def test_readers_keep_what_they_opened_while_the_catalog_is_replaced(landed: Warehouse) -> None:
    write_catalog(landed)
    with duckdb.connect(str(landed.folder / CATALOG), read_only=True) as reader:
        land(landed, "traces", trace(7))
        write_catalog(landed)
        assert reader.execute("SELECT count(*) FROM traces").fetchone() == (4,)
    with duckdb.connect(str(landed.folder / CATALOG), read_only=True) as reader:
        assert reader.execute("SELECT count(*) FROM traces").fetchone() == (5,)
    assert not list(landed.folder.glob(f".{CATALOG}*"))


def test_many_keys_are_looked_up_as_few_are(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an Arrow table, in place of a parameter."""
    warehouse.land("calls", [call(index) for index in range(3)], "r", "u")
    with Snapshot(warehouse) as now:
        few = now.present("calls", ["c0", "c2", "none"]), now.rows(Call, "call_id", ["c1", "c0"])
        monkeypatch.setattr(reading, "_FEW", 0)
        assert (now.present("calls", ["c0", "c2", "none"]), now.rows(Call, "call_id", ["c1", "c0"])) == few
    assert few[0] == {"c0", "c2"}
    assert [row.call_id for row in few[1]] == ["c0", "c1"]


@pytest.mark.parametrize(("at_most", "lifted"), [("200MB", False), ("5MB", True)])
def test_a_query_that_does_not_fit_goes_on_on_disk_and_then_without_a_limit(
    warehouse: Warehouse, at_most: str, lifted: bool
) -> None:
    query = "SELECT count(*) FROM (SELECT md5(i::VARCHAR) AS key FROM range(400000) t(i) GROUP BY key)"
    with Snapshot(warehouse, at_most) as now:
        assert now.ask(query)[1] == [(400_000,)]
        _, [(limit,)] = now.ask("SELECT current_setting('memory_limit')")
        _, [(folder,)] = now.ask("SELECT current_setting('temp_directory')")
        assert ("GiB" in limit) == lifted
    assert not Path(folder).exists()


def test_a_stream_that_does_not_fit_says_so_wherever_it_is(warehouse: Warehouse, tmp_path: Path) -> None:
    file = tmp_path / "long_ones_last.parquet"
    texts = "repeat(md5(i::VARCHAR), CASE WHEN i < 200000 THEN 1 ELSE 20000 END)"
    with Snapshot(warehouse) as now:
        now.ask(f"COPY (SELECT {texts} AS text FROM range(200100) t(i)) TO '{file}' (ROW_GROUP_SIZE 2048)")
    with Snapshot(warehouse, "20MB") as now:
        now.ask("SET threads = 1")
        batches = now.batches(f"FROM '{file}'", None, 1000)
        assert len(next(batches))
        with pytest.raises(duckdb.OutOfMemoryException):
            list(batches)
