"""What a landing costs grows little with the landings before it."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.question import AnswerKind, Question
from tests.conftest import ROOT
from warehouse import landing
from warehouse.compaction import compact
from warehouse.landing import LOG, Warehouse

BEFORE = {"delta.enableExpiredLogCleanup": "false", "delta.checkpointInterval": "10"}
"""With what older code made its tables."""


def land(warehouse: Warehouse, n: int) -> dict[str, Any]:
    """What the log says of the file of a landing."""
    question = Question.of(text=f"1+{n}?", gold=str(1 + n), kind=AnswerKind.NUMBER, source="s")
    assert warehouse.land("questions", [question], "run", str(n)) == 1
    commit = sorted((warehouse.folder / "questions" / "_delta_log").glob("*.json"))[-1]
    [added] = [json.loads(line)["add"] for line in commit.read_text("utf-8").splitlines() if '"add"' in line]
    return dict(json.loads(added["stats"]))


@pytest.mark.parametrize(("made_with", "values"), [(LOG, False), (BEFORE, True)])
def test_the_log_has_of_a_file_how_many_rows_and_no_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made_with: dict[str, str], values: bool
) -> None:
    monkeypatch.setattr(landing, "LOG", made_with)
    warehouse = Warehouse(tmp_path)
    warehouse.create()
    stats = land(warehouse, 0)
    assert (stats["numRecords"], bool(stats["minValues"])) == (1, values)


def test_a_table_of_older_code_has_it_so_after_a_compaction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as older:
        older.setattr(landing, "LOG", BEFORE | {"delta.checkpointInterval": "7"})
        warehouse = Warehouse(tmp_path)
        warehouse.create()
        assert all(land(warehouse, n)["minValues"] for n in range(2))
    with warehouse.sole_writer():
        for _ in range(2):
            compact(warehouse, timedelta(0))
        assert not land(warehouse, 2)["minValues"]
    opened = warehouse.open("questions")
    assert opened.metadata().configuration == LOG | {"delta.checkpointInterval": "7"}
    assert [commit["operation"] for commit in opened.history()].count("SET TBLPROPERTIES") == 1
    log = warehouse.place.log("questions")
    assert log
    assert (len(log.names), log.alike) == (2, True)


COUNTED = """
import os, sys
from importlib.abc import MetaPathFinder

class Tell(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "deltalake":
            told = os.environ.get("_RJEM_MALLOC_CONF")
            os.environ["_RJEM_MALLOC_CONF"] = ",".join(filter(None, [told, "stats_print:true"]))

sys.meta_path.insert(0, Tell())
import {module}
print(os.environ.get("_RJEM_MALLOC_CONF"))
"""


def allocated(module: str, given: str | None = None) -> tuple[str, str]:
    """With how many arenas the library that writes the tables goes to work, and what is left in the environment."""
    environment = {name: value for name, value in os.environ.items() if name != "_RJEM_MALLOC_CONF"}
    environment |= {"PYTHONPATH": str(ROOT)} | ({"_RJEM_MALLOC_CONF": given} if given else {})
    done = subprocess.run(
        [sys.executable, "-c", COUNTED.format(module=module)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    [arenas] = [line.split()[-1] for line in done.stderr.splitlines() if "opt.narenas:" in line]
    return arenas, done.stdout.strip()


def test_the_library_that_writes_has_one_arena_unless_the_user_says_otherwise() -> None:
    assert allocated("warehouse.delta_package") == ("1", "None")
    assert allocated("warehouse.delta_package", "narenas:3")[0] == "3"


@pytest.mark.skipif(os.cpu_count() == 1, reason="jemalloc has one arena there anyway")
def test_the_control_it_has_more_where_it_is_imported_alone() -> None:
    assert int(allocated("deltalake")[0]) > 1
