"""Compaction: the same rows in fewer files, whatever happens on the way."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from schemas.tables import TABLES
from tests.benchmarks.synthetic_warehouse import make
from tests.conftest import Reflectory
from warehouse.catalog import CATALOG, write_catalog
from warehouse.compaction import compact
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot
from warehouse.row_hash import row_hash

PIECES = 4
NOW = timedelta(0)
WEEK = timedelta(days=7)


def hashes(warehouse: Warehouse) -> list[str]:
    with Snapshot(warehouse) as now:
        return [row_hash(now, table) for table in TABLES]


def parquet(warehouse: Warehouse) -> set[Path]:
    return set((warehouse.folder / "traces").glob("*.parquet"))


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Landed in several commits, as many shards are."""
    folder = tmp_path_factory.mktemp("pieces") / "warehouse"
    for n in range(PIECES):
        make(folder, 4 * (n + 1), 4 * n)
    return folder


@pytest.fixture
def warehouse(pieces: Path, tmp_path: Path) -> Warehouse:
    copied = Warehouse(shutil.copytree(pieces, tmp_path / "it's a copy"))
    write_catalog(copied)
    return copied


def test_the_same_rows_in_one_file_and_readers_keep_theirs(warehouse: Warehouse) -> None:
    before, catalog = hashes(warehouse), str(warehouse.folder / CATALOG)
    with duckdb.connect(catalog, read_only=True) as reader, Snapshot(warehouse) as snapshot:
        rows = snapshot.ask("SELECT count(*), max(landed_at) FROM traces_full")
        done = {row.table: row for row in compact(warehouse, WEEK)}
        assert (done["traces"].files_before, done["traces"].files_after, done["traces"].removed) == (PIECES, 1, 0)
        assert snapshot.ask("SELECT count(*), max(landed_at) FROM traces_full") == rows
        assert [reader.execute("SELECT count(*), max(landed_at) FROM traces_full").fetchone()] == rows[1]
    assert hashes(warehouse) == before
    assert len(parquet(warehouse)) == PIECES + 1, "what was replaced stays until the keep time is over"
    done = {row.table: row for row in compact(warehouse, NOW)}
    assert (done["traces"].files_before, done["traces"].files_after, done["traces"].removed) == (1, 1, PIECES)
    assert (hashes(warehouse), len(parquet(warehouse))) == (before, 1)
    with duckdb.connect(catalog, read_only=True) as reader:
        assert [reader.execute("SELECT count(*), max(landed_at) FROM traces_full").fetchone()] == rows[1]


def test_what_has_landed_still_lands_once(warehouse: Warehouse) -> None:
    """The units stand in the Delta log, which compaction adds to and vacuum leaves."""
    before = hashes(warehouse)
    compact(warehouse, NOW)
    make(warehouse.folder, 4, 0)
    assert hashes(warehouse) == before


@pytest.mark.parametrize("progress", [1, 5])
def test_a_kill_leaves_a_sound_warehouse(warehouse: Warehouse, environment: Mapping[str, str], progress: int) -> None:
    before = hashes(warehouse)
    code = (
        "import sys; from datetime import timedelta; from pathlib import Path; from warehouse.landing import Warehouse;"
        "from warehouse.compaction import compact; compact(Warehouse(Path(sys.argv[1])), timedelta(0))"
    )
    commits = [warehouse.folder / table / "_delta_log" for table in TABLES]
    already = sum(len(list(log.glob("*.json"))) for log in commits)
    process = subprocess.Popen([sys.executable, "-c", code, str(warehouse.folder)], env=environment)
    while process.poll() is None and sum(len(list(log.glob("*.json"))) for log in commits) < already + progress:
        time.sleep(0.001)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert hashes(warehouse) == before
    with duckdb.connect(str(warehouse.folder / CATALOG), read_only=True) as reader:
        assert reader.execute("SELECT count(*) > 0 FROM traces_full").fetchone() == (True,)
    compact(warehouse, NOW)
    assert (hashes(warehouse), len(parquet(warehouse))) == (before, 1)


def test_the_command_refuses_while_a_run_is_writing(warehouse: Warehouse, reflectory: Reflectory) -> None:
    def command() -> tuple[int | None, str, str]:
        given = ("--warehouse", str(warehouse.folder), "--keep-days", "1")
        process = reflectory("compact", *given, cwd=warehouse.folder.parent)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    with warehouse.sole_writer():
        code, _, err = command()
    assert (code, "another run is writing" in err) == (2, True)
    before = hashes(warehouse)
    code, out, err = command()
    assert (code, "kept for 1 days" in out) == (0, True), err
    assert (hashes(warehouse), len(warehouse.files("traces").paths)) == (before, 1)
