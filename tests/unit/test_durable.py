"""What has landed is on the disk before anybody is told so: a paid answer leaves the synced journal only then."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from deltalake import DeltaTable

from schemas.question import AnswerKind, Question
from warehouse import landing
from warehouse.compaction import compact
from warehouse.durable import sync_commits
from warehouse.landing import Warehouse

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
    question = Question.of(text=f"1+{n}?", gold=str(1 + n), kind=AnswerKind.NUMBER, source="s")
    assert warehouse.land("questions", [question], "run", str(n)) == 1
    return warehouse


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
    monkeypatch.setattr(landing, "sync_commits", lambda *_: None)
    assert not written(land(tmp_path, 0)) & synced
