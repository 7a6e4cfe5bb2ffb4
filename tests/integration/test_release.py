"""A release: its bytes, its place, and what may not become one."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pyarrow.parquet as pq
import pytest
from huggingface_hub import DatasetCard

from flows.release import ReleaseOrder, make_release, releases_beside
from schemas.curation import Curation
from schemas.errors import BooksDoNotBalance, Refused
from schemas.proving import Pool
from schemas.release import Release
from schemas.release_format import ReleaseFormat
from tasks.proving.pools import Pools
from tasks.publishing import decided, sorted_runs
from tasks.publishing.comparisons import QUESTION_FORMS
from tasks.publishing.content import PARQUET
from tasks.publishing.conversations import TRACE_FORMS
from tasks.publishing.manifest import altered_files, read_manifest
from tests.judged_trace import SYSTEM
from tests.released_world import HOSTILE, build, question
from warehouse.landing import Warehouse
from warehouse.reading import FRUGAL, Snapshot

QUESTIONS = [question(n) for n in range(3)] + [question(9, "wor|ds\n<b>", None)]
ALL = tuple(ReleaseFormat)


class World:
    """A warehouse with a curation, and releases of it."""

    def __init__(self, warehouse: Warehouse, curation: Curation) -> None:
        self.warehouse = warehouse
        self.curation = curation
        self.root = releases_beside(warehouse)

    def release(self, name: str = "demo", **order: Any) -> Release:
        return make_release(self.warehouse, self.curation, ReleaseOrder(name, self.root, ALL, **order), "run").release

    def lines(self, file: str, name: str = "demo") -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.root / name / file).read_text("ascii").splitlines()]


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bool], Path]:
    """Folders with the same rows, landed in one go or one by one in reverse."""

    def made(reverse: bool) -> Path:
        warehouse = Warehouse(tmp_path_factory.mktemp("world") / "warehouse")
        warehouse.create()
        build(warehouse, QUESTIONS, reverse)
        return warehouse.folder

    return made


@pytest.fixture(scope="module")
def built(landed: Callable[[bool], Path]) -> Path:
    return landed(False)


def copied(built: Path, folder: Path) -> World:
    warehouse = Warehouse(shutil.copytree(built, folder / "it's" / "warehouse"))
    with Snapshot(warehouse) as now:
        [curation] = now.rows(Curation, "curation_id", ["c"])
    return World(warehouse, curation)


@pytest.fixture
def world(built: Path, tmp_path: Path) -> World:
    return copied(built, tmp_path)


@pytest.fixture(scope="module")
def demo(built: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Release]:
    """With a release that tests only read, made once."""
    made = copied(built, tmp_path_factory.mktemp("demo"))
    return made, made.release()


@pytest.fixture
def released(demo: tuple[World, Release], tmp_path: Path) -> World:
    """A copy of it, to do something to."""
    shutil.copytree(demo[0].root, tmp_path / "it's" / demo[0].root.name)
    return copied(demo[0].warehouse.folder, tmp_path)


def files_of(folder: Path) -> dict[str, bytes]:
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def test_one_that_a_kill_left_without_its_row_is_new_when_it_lands(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bug: nobody was told of it, so that what follows a release did not."""
    order = ReleaseOrder("demo", world.root)
    with monkeypatch.context() as patched:
        patched.setattr(Warehouse, "land", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            make_release(world.warehouse, world.curation, order, "run")
    assert (world.root / "demo").is_dir()
    assert [make_release(world.warehouse, world.curation, order, "run").is_new for _ in range(2)] == [True, False]


def test_what_a_kill_left_of_a_release_is_removed_by_the_next_of_its_name(world: World) -> None:
    """The bug: a draft has the number of its process, so that the next one found only its own."""
    left, others = [".demo.1", f".demo.{os.getpid()}"], [".demo.1.2", ".demo.old", ".other.1"]
    for name in (*left, *others):
        (world.root / name).mkdir(parents=True)
    make_release(world.warehouse, world.curation, ReleaseOrder("demo", world.root), "run")
    assert sorted(path.name for path in world.root.iterdir()) == [*others, "demo"]


def test_every_format_holds_the_kept_traces_and_the_manifest_what_it_was_made_from(
    demo: tuple[World, Release],
) -> None:
    world, made = demo
    folder = world.root / "demo"
    assert set(files_of(folder)) == {
        *("README.md", "collator.py", "dataset_info.json", "manifest.json"),
        *(f"{form}.jsonl" for form in (*TRACE_FORMS, *QUESTION_FORMS)),
        *(f"environment/{name}" for name in ("pyproject.toml", "reflectory_demo/__init__.py")),
        *(f"environment/reflectory_demo/{name}" for name in ("taskset.py", "questions-train.jsonl")),
        *(f"verl/{name}" for name in ("questions-train.parquet", "reward.py")),
        *(f"{form}.parquet" for form in PARQUET),
    }
    assert {form: len(world.lines(f"{form}.jsonl")) for form in TRACE_FORMS} == dict.fromkeys(TRACE_FORMS, 8)
    for form in PARQUET:
        assert pq.read_table(folder / f"{form}.parquet").to_pylist() == world.lines(f"{form}.jsonl")
    assert [row["label"] for row in world.lines("kto.jsonl")].count(True) == 8
    assert [(row["n"], row["n_correct"]) for row in world.lines("best_of_n.jsonl")] == [(3, 2)] * 4
    chat = world.lines("chat.jsonl")
    assert pq.read_table(folder / "chat.parquet").to_pylist() == chat
    assert [row["trace_id"] for row in chat] == sorted(made.trace_ids)
    assert len(chat) == 8
    assert {row["id"] for row in world.lines("sharegpt.jsonl")} == set(made.trace_ids)
    assert world.lines("alpaca.jsonl")[0]["system"] == SYSTEM
    corrected = next(row for row in chat if row["effect"] == "corrected")
    said = corrected["messages"][-1]["content"]
    learnt = [said[span["start"] : span["end"]] for span in corrected["training_spans"]]
    assert learnt[0] == "<thinking>"
    assert learnt[1].startswith(" <reflection>No")
    pairs = world.lines("dpo.jsonl")
    assert len(pairs) == 4, "one incorrect trace each, used once"
    assert {pair["chosen_id"] for pair in pairs} <= set(made.trace_ids)
    assert not {pair["rejected_id"] for pair in pairs} & set(made.trace_ids)
    stated = read_manifest(folder)
    assert stated["fates"] == {"planned": 12, "kept": 8, "dropped": 4, "failed": 0, "pending": 0}
    assert {"query", "table_versions", "code_version", "configuration", "policy", "libraries"} <= stated.keys()
    assert not altered_files(folder)


def test_rows_come_into_their_order_run_by_run(
    demo: tuple[World, Release], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, whole = demo
    monkeypatch.setattr(decided, "_AT_ONCE", 3)
    monkeypatch.setattr(sorted_runs, "_RUN", 1)
    assert world.release().files == whole.files
    assert not [*world.root.glob(".*")], "nothing of the way is left"
    shutil.rmtree(world.root / "demo")
    lossy = f"FROM ({decided._IN_PLACE['texts']}) WHERE text NOT LIKE '%\u2028%'"
    monkeypatch.setattr(decided, "_IN_PLACE", {**decided._IN_PLACE, "texts": lossy})
    with pytest.raises(BooksDoNotBalance, match="texts are not those"):
        world.release()


def test_hostile_text_stays_one_row_and_one_line(demo: tuple[World, Release]) -> None:
    world, _ = demo
    raw = (world.root / "demo" / "chat.jsonl").read_bytes()
    assert raw.isascii()
    assert raw.count(b"\n") == len(raw.decode().splitlines()) == 8
    texts = {row["messages"][-1]["content"] for row in world.lines("chat.jsonl")}
    assert HOSTILE.format(gold=QUESTIONS[0].gold) in texts


def test_the_same_rows_in_another_warehouse_are_the_same_bytes(
    demo: tuple[World, Release], landed: Callable[[bool], Path]
) -> None:
    world, made = demo
    other = World(Warehouse(landed(True)), world.curation)
    assert made.content_hash == other.release().content_hash
    a, b = files_of(world.root / "demo"), files_of(other.root / "demo")
    assert a.pop("manifest.json") != b.pop("manifest.json"), "the versions of the tables differ, and stand there"
    assert a == b


def test_the_same_release_again_changes_nothing(released: World) -> None:
    before = files_of(released.root)
    released.release()
    assert files_of(released.root) == before
    with Snapshot(released.warehouse) as now:
        assert now.ask("SELECT count(*), any_value(len(trace_ids)) FROM releases")[1] == [(1, 8)]


def test_a_kill_before_the_row_landed_is_made_good(world: World, built: Path) -> None:
    draft = world.root / f".demo.{os.getpid()}"
    draft.mkdir(parents=True)
    (draft / "half").write_text("of a killed process with the same number")
    world.release()
    before = files_of(world.root)
    shutil.rmtree(world.warehouse.folder)
    shutil.copytree(built, world.warehouse.folder)
    world.release()
    assert files_of(world.root) == before
    with Snapshot(world.warehouse) as now:
        assert now.ask("SELECT name FROM releases")[1] == [("demo",)]


def test_a_name_that_has_other_content_is_refused(released: World) -> None:
    before = files_of(released.root)
    with pytest.raises(Refused, match=r"exists with other content .* then `reflectory diff demo OTHER` says"):
        released.release(system="none")
    shutil.move(released.root / "demo", released.root / "elsewhere")
    with pytest.raises(Refused, match="exists with other content"):
        released.release(system="none")  # the table remembers it, wherever the folder went
    assert sorted(before) == sorted(name.replace("elsewhere", "demo") for name in files_of(released.root))


def test_an_altered_release_is_seen(released: World) -> None:
    with (released.root / "demo" / "chat.jsonl").open("a") as file:
        file.write("{}\n")
    with pytest.raises(Refused, match=r"chat\.jsonl was altered"):
        released.release()


@pytest.mark.parametrize("name", ["../../x", "", ".hidden", "a/b", "a" * 97, "-x", "a\n"])
def test_a_name_that_is_no_folder_name_is_refused(world: World, name: str) -> None:
    with pytest.raises(Refused, match="name"):
        world.release(name)
    assert not world.root.exists()


def test_rows_that_are_not_those_decided_on_are_no_release(world: World) -> None:
    world.curation = world.curation.model_copy(update={"kept": 9, "dropped": 3})
    with pytest.raises(BooksDoNotBalance, match="kept 9, rows 8"):
        world.release()
    assert files_of(world.root) == {}, "nothing is left at its place, nor beside it"


def test_the_card_says_licences_fates_and_files_and_no_name_acts(demo: tuple[World, Release]) -> None:
    world, _ = demo
    card = DatasetCard.load(world.root / "demo" / "README.md")
    assert card.data.license == ["mit", "unknown"]
    assert [c["config_name"] for c in card.data.configs] == [str(form) for form in PARQUET]
    assert "Of 12 planned attempts 8 were kept, 4 dropped, 0 failed and 0 are pending." in card.text
    assert "| wor\\|ds &lt;b&gt; | not stated | 2 |" in card.text
    assert "| sums | MIT | 6 |" in card.text
    assert "No benchmark was looked for" in card.text
    assert "Of these rows 4 have a masked draft" in card.text


def test_a_system_message_may_be_left_out_or_given(world: World) -> None:
    world.release("none", system="none")
    world.release("given", system="Reflect.")
    assert {len(row["messages"]) for row in world.lines("chat.jsonl", "none")} == {2}
    assert {row["messages"][0]["content"] for row in world.lines("chat.jsonl", "given")} == {"Reflect."}
    spans = [row["training_spans"][0]["message"] for row in world.lines("chat.jsonl", "none")]
    assert set(spans) == {1}


def test_arms_are_made_of_all_that_was_decided_on(demo: tuple[World, Release]) -> None:
    world, made = demo
    with Snapshot(world.warehouse, FRUGAL) as now:
        pools = Pools(world.root / "demo", now)
        every, right = pools.rows(Pool.ALL), pools.rows(Pool.VERIFIED)
    assert len(every) == 12
    assert [row["trace_id"] for row in right] == sorted(made.trace_ids)
    assert [row["messages"] for row in right] == [row["messages"] for row in world.lines("chat.jsonl")]
