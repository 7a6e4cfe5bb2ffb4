"""Each storage call of a landing goes wrong once: a kill before or in the midst of it, EIO, ENOSPC. Nothing is torn."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.one_landing import IN_A_SENTENCE, LANDED, UNITS, WAYS, rows
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

ALL = sorted(row.question_id for unit in range(UNITS) for row in rows(unit))


def keys(unit: int) -> set[str]:
    return {row.question_id for row in rows(unit)}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (compiler := shutil.which("cc")):
        pytest.skip("needs a C compiler, cc")
    made = tmp_path_factory.mktemp("library") / "storage_calls.so"
    source = Path(__file__).with_name("storage_calls.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", made, source, "-ldl"], check=True)
    return made


def lives(library: Path, folder: Path, writer: str, way: str) -> tuple[int, list[dict[str, Any]]]:
    """How many storage calls a landing makes, and what came of each life in which one went wrong."""
    command = [sys.executable, "-m", "tests.chaos.one_landing", str(library), str(folder), writer, way]
    own = os.environ | {"LD_PRELOAD": str(library), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first, *others = map(json.loads, done.stdout.splitlines())
    return first["calls"], others


def torn(life: dict[str, Any]) -> str | None:
    """What is wrong with a life; None where nothing is."""
    after = life["after"]
    if _waits(life):
        return None
    if isinstance(after, str):
        return f"a reader fails: {after}"
    seen = Counter(after)
    if set(seen) - set(ALL) or max(seen.values(), default=1) > 1:
        return "a reader sees rows twice"
    if any(0 < len(keys(unit) & set(seen)) < len(keys(unit)) for unit in range(UNITS)):
        return "a reader sees half of a unit"
    if life["code"] == LANDED and sorted(after) != ALL:
        return "it said that all had landed"
    return None if sorted(life["again"]) == ALL else f"landed again: {len(life['again'])} rows, not {len(ALL)}"


def _waits(life: dict[str, Any]) -> bool:
    """A kill between a lease and its first word: whoever comes next has to wait until it has ended."""
    return "its lease ends in" in life["after"]


ENDS = {"killed": -9, "torn": -9, "EIO": IN_A_SENTENCE, "ENOSPC": IN_A_SENTENCE}
"""How a landing ends in which one call goes wrong so, unless it can do without it."""


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("way", WAYS)
def test_whatever_goes_wrong_a_landing_is_whole_or_not_at_all(way: str, library: Path, tmp_path: Path) -> None:
    n_calls, found = lives(library, tmp_path, "ours", way)
    assert n_calls > 80
    assert len(found) == n_calls
    assert [(life["n"], wrong) for life in found if (wrong := torn(life))] == []
    assert sum(map(_waits, found)) <= 2
    ended = Counter(life["code"] for life in found)
    print(n_calls, "storage calls;", way, dict(ended))
    assert set(ended) <= {ENDS[way], LANDED}, [life for life in found if life["code"] not in (ENDS[way], LANDED)]
    assert ended[ENDS[way]] > 40


@pytest.mark.timeout(600)
def test_the_control_a_naive_writer_tears(library: Path, tmp_path: Path) -> None:
    found = [life for way in WAYS for life in lives(library, tmp_path / way, "naive", way)[1]]
    wrong = Counter(told.partition(":")[0] for life in found if (told := torn(life)))
    print(len(found), "lives;", dict(wrong))
    assert {"a reader fails", "landed again"} <= set(wrong), wrong
