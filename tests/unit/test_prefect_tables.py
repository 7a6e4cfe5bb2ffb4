"""A new Prefect database is what Prefect's own migrations make, and never made for another version of it."""

import errno
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import pytest

from flows import prefect_tables
from flows.prefect_tables import TABLES, make_tables

ROOT = Path(__file__).parents[2]
OF = TABLES.read_text("utf-8").removeprefix("-- of prefect ").partition(",")[0]
"""The version of Prefect that the file is of."""


def schema(database: Path) -> set[tuple[str, str, str]]:
    with closing(sqlite3.connect(database)) as connection:
        return set(connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"))


def statements(script: str) -> Counter[tuple[str, ...]]:
    """Each by its lines, whose order within a table, and between indexes of one, the migrations leave to chance."""
    return Counter(
        tuple(sorted(line.strip(" \t,") for line in statement.strip().splitlines()))
        for statement in script.split(";\n")
    )


def test_it_is_made_once_and_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefect_tables, "version", lambda name: OF)
    database = tmp_path / "prefect.db"
    assert make_tables(database)
    assert {"flow", "flow_run", "task_run", "artifact"} <= {name for _, name, _ in schema(database)}
    with closing(sqlite3.connect(database)) as connection:
        assert len(connection.execute("SELECT version_num FROM alembic_version").fetchall()) == 1
    before = database.read_bytes()
    assert not make_tables(database)
    assert database.read_bytes() == before
    assert list(tmp_path.iterdir()) == [database]


def test_what_another_server_has_made_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefect_tables, "version", lambda name: OF)
    database = tmp_path / "prefect.db"
    database.write_bytes(b"theirs")
    monkeypatch.setattr(Path, "exists", lambda self: False)
    assert not make_tables(database)
    assert database.read_bytes() == b"theirs"


def test_a_file_system_without_links_leaves_it_to_the_migrations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAT has none, and the server ended with an error."""

    def refuse(*paths: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    assert not make_tables(tmp_path / "prefect.db")
    assert list(tmp_path.iterdir()) == []


def test_another_version_makes_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefect_tables, "version", lambda name: OF + "0")
    assert not make_tables(tmp_path / "prefect.db")
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_of_the_version_that_is_locked() -> None:
    """Else every fresh folder waits for the migrations again: run `python -m flows.prefect_tables`."""
    [locked] = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if line.startswith("prefect==")]
    assert locked.removeprefix("prefect==") == OF


@pytest.mark.slow
@pytest.mark.skipif(version("prefect") != OF, reason=f"the file is of prefect {OF}")
def test_the_file_is_what_the_migrations_make(tmp_path: Path) -> None:
    """In a process of its own, which imports Prefect. The control: an index less is seen."""
    code = (
        "import sys; from pathlib import Path; from flows.prefect_tables import *; print(migrated(Path(sys.argv[1])))"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], cwd=ROOT, capture_output=True, text=True, check=True)
    shipped = TABLES.read_text("utf-8")
    assert statements(done.stdout) == statements(shipped)
    assert statements(done.stdout) != statements(shipped.replace("CREATE UNIQUE INDEX", "CREATE INDEX", 1))
