"""What DuckDB cannot hold in memory: where it goes, and what becomes of it with the process."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.conftest import ROOT
from warehouse import spilling
from warehouse.catalog import connect, connect_for
from warehouse.landing import Warehouse
from warehouse.spilling import spill_folder, spill_trouble

LARGE = "SELECT count(*) FROM (SELECT md5(i::VARCHAR) AS key FROM range(3000000) t(i) GROUP BY key)"
SPILLS = """
import sys, duckdb
from warehouse.spilling import spill_folder
connection = duckdb.connect(config={"temp_directory": spill_folder(), "memory_limit": "60MB", "threads": "2"})
connection.execute("CREATE TABLE a AS SELECT md5(i::VARCHAR) AS key FROM range(3000000) t(i)")
print(flush=True)
sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The temporary folder that TMPDIR names."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    spilling._of_this_process.cache_clear()
    yield tmp_path
    spilling._of_this_process.cache_clear()


def started() -> "subprocess.Popen[str]":
    piped = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", SPILLS], stdin=piped, stdout=piped, cwd=ROOT, text=True)
    assert process.stdout
    assert process.stdout.readline()
    return process


def test_what_a_killed_process_spilled_is_removed(place: Path) -> None:
    """And not what one that lives has; nothing is left where one ends by itself."""
    living, killed = started(), started()
    assert len([file for file in place.rglob("*") if file.is_file()]) >= 2
    killed.kill()
    killed.wait()
    assert len(list(place.iterdir())) == 2
    spill_folder()
    assert len(list(place.iterdir())) == 2  # ours, and that of the living
    assert any(file.is_file() for file in place.rglob("*"))
    living.communicate("", timeout=60)
    assert len(list(place.iterdir())) == 1


@pytest.mark.parametrize("query", [LARGE, None], ids=["for a query", "for all"])
def test_every_connection_spills_there(place: Path, query: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those without a limit of memory spilled into the folder from which the command was started."""
    (place / "here").mkdir()
    monkeypatch.chdir(place / "here")
    warehouse = Warehouse(place / "w")
    warehouse.create()
    with connect_for(warehouse, query) if query else connect(warehouse) as connection:
        connection.execute("SET memory_limit = '60MB'; SET threads = 2")
        connection.execute("CREATE TABLE a AS SELECT md5(i::VARCHAR) AS key FROM range(3000000) t(i)")
        assert any(file.is_file() for file in place.glob("reflectory-spilled-*/*/*"))
    assert not any(file.is_file() for file in place.glob("reflectory-spilled-*/*/*"))
    assert not list((place / "here").iterdir())


def test_a_full_place_is_said_in_a_sentence(place: Path) -> None:
    with duckdb.connect(config={"temp_directory": spill_folder(), "memory_limit": "60MB"}) as connection:
        connection.execute("SET max_temp_directory_size = '1MB'")
        with pytest.raises(duckdb.OutOfMemoryException) as raised:
            connection.execute("CREATE TABLE a AS SELECT md5(i::VARCHAR) AS key FROM range(3000000) t(i)")
    assert f"does not fit into {place} either; make room there, or name another by TMPDIR" in str(
        spill_trouble(raised.value)
    )
    assert spill_trouble(duckdb.OutOfMemoryException("Out of Memory Error: of another kind")) is None


def test_where_nothing_can_be_written_memory_has_to_do(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(place / "not there"))
    assert not spill_folder()
    with duckdb.connect(config={"temp_directory": spill_folder()}) as connection:
        assert connection.sql("SELECT 1").fetchall() == [(1,)]
