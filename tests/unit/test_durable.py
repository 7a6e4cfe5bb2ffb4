"""What has landed is on the disk before anybody is told so: a paid answer leaves the synced journal only then."""

import errno
import json
import os
import stat
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest
from deltalake import DeltaTable

from flows.release import ReleaseOrder, _settle
from schemas.errors import DiskTrouble, Refused
from schemas.question import AnswerKind, Question
from schemas.release import Release
from warehouse import place
from warehouse.compaction import compact
from warehouse.disk import replacing
from warehouse.durable import sync_commits
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

Synced = set[Path]


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> Synced:
    """The files and folders that were synced so far."""
    found: Synced = set()

    def fsync(descriptor: int) -> None:
        found.add(Path(f"/proc/self/fd/{descriptor}").readlink())

    monkeypatch.setattr(os, "fsync", fsync)
    return found


def land(folder: Path, n: int) -> Warehouse:
    warehouse = Warehouse(folder)
    warehouse.create()
    assert warehouse.land("questions", [question(n)], "run", str(n)) == 1
    return warehouse


def question(n: int) -> Question:
    return Question.of(text=f"1+{n}?", gold=str(1 + n), kind=AnswerKind.NUMBER, source="s")


def written(warehouse: Warehouse) -> Synced:
    table = warehouse.folder / "questions"
    log = table / "_delta_log"
    return {*map(Path, warehouse.files("questions").paths), *log.glob("*.json"), table, log}


def test_a_landing_is_on_the_disk_when_it_returns(tmp_path: Path, synced: Synced) -> None:
    for n in range(2):
        assert written(land(tmp_path, n)) <= synced


def test_what_compaction_wrote_is_on_the_disk_before_the_old_files_go(tmp_path: Path, synced: Synced) -> None:
    for n in range(3):
        warehouse = land(tmp_path, n)
    compact(warehouse, timedelta(0))
    assert len(warehouse.files("questions").paths) == 1
    assert written(warehouse) <= synced


def test_a_checkpoint_goes_with_its_commit(tmp_path: Path, synced: Synced) -> None:
    table = land(tmp_path, 0).folder / "questions"
    DeltaTable(str(table)).create_checkpoint()
    sync_commits(table, [1])
    assert {file.name for file in synced} >= {"_last_checkpoint", f"{1:020}.checkpoint.parquet"}


def test_the_control_without_it_nothing_is_synced(
    tmp_path: Path, synced: Synced, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "sync_commits", lambda *_: None)
    assert not written(land(tmp_path, 0)) & synced


NO_SYNC = "the disk syncs nothing that is written to it, and would lose paid answers"
SYNC_FAILS = [
    (True, errno.EINVAL, None),  # a file system that syncs no folders
    (True, errno.ENOTSUP, None),
    (True, errno.EIO, "the disk fails to write; look at its health"),
    (False, errno.EINVAL, NO_SYNC),
    (False, errno.ENOTSUP, NO_SYNC),
    (False, errno.ENOSYS, NO_SYNC),
    (False, errno.EIO, "the disk fails to write; look at its health"),
]


def fail_to_sync(monkeypatch: pytest.MonkeyPatch, of_folders: bool, error: int) -> None:
    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode) is of_folders:
            raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.parametrize(("of_folders", "error", "told"), SYNC_FAILS)
def test_what_cannot_be_synced_has_not_landed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, of_folders: bool, error: int, told: str | None
) -> None:
    """Of a file that its disk does not sync, there was a bare `OSError: [Errno 22] Invalid argument`."""
    warehouse = land(tmp_path, 0)
    fail_to_sync(monkeypatch, of_folders, error)
    with pytest.raises(DiskTrouble, match=told) if told else nullcontext():
        warehouse.land("questions", [question(1)], "run", "1")


@pytest.mark.parametrize(("of_folders", "error", "told"), SYNC_FAILS)
def test_a_disk_that_cannot_be_synced_is_refused_before_anything_is_bought(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, of_folders: bool, error: int, told: str | None
) -> None:
    fail_to_sync(monkeypatch, of_folders, error)
    refused = f"^--warehouse: {(told or '').replace('the disk', f'the disk of {tmp_path}')}.*, or give another folder"
    with pytest.raises(Refused, match=refused) if told else nullcontext():
        Warehouse(tmp_path).create()


def test_a_file_is_on_the_disk_before_it_takes_the_place_of_another(tmp_path: Path, synced: Synced) -> None:
    """Else a loss of power leaves an empty one there, and the old one is gone."""
    (tmp_path / "a").write_text("old")
    with replacing(tmp_path / "a") as draft:
        draft.write_text("new")
    assert synced == {draft}


def test_a_disk_that_syncs_nothing_takes_what_somebody_writes_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_to_sync(monkeypatch, of_folders=False, error=errno.EINVAL)
    with replacing(tmp_path / "a") as draft:
        draft.write_text("new")
    assert (tmp_path / "a").read_text() == "new"


def test_a_release_is_on_the_disk_before_its_row_says_that_it_is_there(tmp_path: Path, synced: Synced) -> None:
    order, draft = ReleaseOrder("r", tmp_path), tmp_path / ".r.1"
    (draft / "environment").mkdir(parents=True)
    for name in ("chat.jsonl", "environment/pyproject.toml"):
        (draft / name).write_text("{}")
    assert _settle(order, Release.model_construct(content_hash="h"), draft, [])
    assert synced == {
        draft,
        draft / "chat.jsonl",
        draft / "environment",
        draft / "environment/pyproject.toml",
        tmp_path,
    }


TORN: dict[str, Callable[[Path, Path], object]] = {
    "an empty commit": lambda commit, rows: commit.write_bytes(b""),
    "half a commit": lambda commit, rows: commit.write_bytes(commit.read_bytes()[: commit.stat().st_size // 2]),
    "a commit of zeros": lambda commit, rows: commit.write_bytes(bytes(commit.stat().st_size)),
    "no rows": lambda commit, rows: rows.unlink(),
    "half the rows": lambda commit, rows: rows.write_bytes(rows.read_bytes()[:-9]),
    "rows that end as rows do": lambda commit, rows: rows.write_bytes(rows.read_bytes()[:99] + b"PAR1"),
    "rows that are zeros": lambda commit, rows: rows.write_bytes(bytes(rows.stat().st_size)),
}
"""What a loss of power leaves of a landing that had not returned."""


def cut_off(folder: Path) -> None:
    """Let a writer have held the warehouse that never said that it ended."""
    with Warehouse(folder).sole_writer():
        pass
    [lease] = folder.glob(".lease.*")
    lease.write_text(json.dumps(json.loads(lease.read_text("utf-8")) | {"ended": 0}), "utf-8")


@pytest.mark.parametrize("checkpoint", [False, True])
@pytest.mark.parametrize("name", TORN)
def test_a_landing_that_a_loss_of_power_tore_is_undone_and_lands_again(
    tmp_path: Path, name: str, checkpoint: bool
) -> None:
    """Also one that a checkpoint had a copy of, by which the table would be read."""
    before = set(land(tmp_path, 0).files("questions").paths)
    [rows] = set(land(tmp_path, 1).files("questions").paths) - before
    if checkpoint:
        DeltaTable(tmp_path / "questions").create_checkpoint()
    cut_off(tmp_path)
    TORN[name](tmp_path / "questions" / "_delta_log" / f"{2:020}.json", Path(rows))
    with Warehouse(tmp_path).sole_writer(), Snapshot(land(tmp_path, 1)) as now:
        assert now.ask("SELECT count(*) FROM questions")[1] == [(2,)]


def test_what_is_whole_is_not_undone(tmp_path: Path) -> None:
    files = land(tmp_path, 0).files("questions")
    cut_off(tmp_path)
    with Warehouse(tmp_path).sole_writer():
        assert Warehouse(tmp_path).files("questions") == files


def test_a_table_that_a_loss_of_power_left_empty_is_made_again(tmp_path: Path) -> None:
    Warehouse(tmp_path).create()
    (tmp_path / "questions" / "_delta_log" / f"{0:020}.json").write_bytes(b"")
    assert len(land(tmp_path, 0).files("questions").paths) == 1


def test_whoever_reads_a_torn_table_is_told_what_mends_it(tmp_path: Path) -> None:
    warehouse = land(tmp_path, 0)
    (tmp_path / "questions" / "_delta_log" / f"{1:020}.json").write_bytes(b'{"add":')
    with pytest.raises(Refused, match="the next run, or `reflectory compact`, undoes it"):
        warehouse.files("questions")


def test_what_a_killed_writer_had_committed_is_synced_before_anybody_builds_on_it(
    tmp_path: Path, synced: Synced, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(place, "sync_commits", lambda *_: None)
        warehouse = land(tmp_path, 0)
    cut_off(tmp_path)
    assert not written(warehouse) & synced
    with warehouse.sole_writer():
        assert written(warehouse) <= synced
