"""`reflectory sql` on a terminal and in a pipe: what a model wrote acts on neither, and the pipe gets all of it."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from warehouse.landing import Warehouse

EVIL = "\x1b]0;owned\x07\x9b31m\u202egpj.exe\u200b"
CHARACTERS = " || ".join(f"chr({ord(character)})" for character in EVIL)
QUERY = f"SELECT x, 2 AS x FROM (SELECT {CHARACTERS} AS x)"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("terminal")
    Warehouse(folder / "data" / "warehouse").create()
    return folder


def command(query: str, form: str) -> list[str]:
    return [sys.executable, "-m", "flows", "sql", query, "--format", form]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "TERM": "dumb"}


def in_a_pipe(folder: Path, query: str, form: str) -> str:
    done = subprocess.run(
        command(query, form), cwd=folder, env=environment(), capture_output=True, check=True, encoding="utf-8"
    )
    return done.stdout


def on_a_terminal(folder: Path, query: str, form: str) -> str:
    """What arrives at the other side of a pseudo-terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(command(query, form), cwd=folder, env=environment(), stdout=theirs) as process:
        os.close(theirs)
        pieces = []
        try:
            while piece := os.read(ours, 65536):
                pieces.append(piece)
        except OSError:  # Linux says so when the last writer has closed it
            pass
        assert process.wait(60) == 0
    os.close(ours)
    return b"".join(pieces).decode("utf-8")


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_nothing_acts_on_a_terminal(world: Path, form: str) -> None:
    shown = on_a_terminal(world, QUERY, form)
    assert not set(EVIL) - set("owned;0]31mgpj.exe") & set(shown)
    assert ("\\u001b" if form == "json" else "\ufffd") in shown


def test_a_pipe_gets_the_data(world: Path) -> None:
    assert json.loads(in_a_pipe(world, QUERY, "json")) == [{"x": EVIL, "x_1": 2}]
    assert in_a_pipe(world, QUERY, "csv") == f"x,x\n{EVIL},2\n"


def test_an_error_does_not_act_either(world: Path) -> None:
    query = f"SELECT CAST({CHARACTERS} AS INTEGER)"
    done = subprocess.run(
        command(query, "csv"), cwd=world, env=environment(), capture_output=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 2
    assert "Could not convert" in done.stderr
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\u200b"} & set(done.stderr)
