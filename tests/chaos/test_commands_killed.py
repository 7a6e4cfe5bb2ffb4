"""kill -9 of the commands beside `run`, at random moments, the same command again: the rows and files of an undisturbed
one, and no call bought twice but those of unknown outcome.

The moments follow from a seed, which each test prints: CHAOS_SEED=7 draws others.
"""

import hashlib
import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from shutil import copytree
from types import MappingProxyType
from typing import NamedTuple

import pytest

from schemas.tables import TABLES
from tasks.practice.process import PracticeTeacher
from tests.chaos.test_bad_day import counters
from tests.conftest import ROOT, Reflectory
from tests.sums import write_sums
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot
from warehouse.row_hash import row_hash

pytestmark = pytest.mark.slow

SEED = int(os.environ.get("CHAOS_SEED", "15"))
KILLS, QUESTIONS = 3, 20
CONFIGURATION = """
[questions]
source = "jsonl"
path = "questions.jsonl"
[teacher]
base_url = "{url}"
samples = 2
[run]
shard_size = 5
"""
RECYCLE = f"""
[pairs]
path = "{ROOT / "deploy/recycle_pairs.jsonl"}"
limit = 24
[teacher]
base_url = "{{url}}"
[run]
shard_size = 6
"""
RUN = ("run", "run.toml")
BATCH = {"teacher.batch": "true", "teacher.batch_poll_s": "0.2", "teacher.batch_size": "13"}
BATCHES = tuple(word for name, value in BATCH.items() for word in ("--set", f"{name}={value}"))
COMPARE = ("compare", "a.jsonl", "b.jsonl", "--questions", "questions.jsonl", "--set", "judge.base_url={url}")
FORMATS = "chat,dpo,kto,best_of_n,verifiers"


class Killed(NamedTuple):
    """A command, and what comes before it."""

    command: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = (RUN,)


COMMANDS: Mapping[str, Killed] = MappingProxyType(
    {
        "batches": Killed((*RUN, *BATCHES), ()),
        "recycle": Killed(("recycle", "recycle.toml"), ()),
        "rescore": Killed(("rescore", "run.toml"), ((*RUN, "--until", "verify"),)),
        "curate": Killed(("curate",)),
        "release": Killed(("release", "r", "--formats", FORMATS, "--splits", "train=0.8,test=0.2")),
        "compact": Killed(("compact", "--keep-days", "1")),
        "compare": Killed(COMPARE, ()),
    }
)


@pytest.fixture(scope="module")
def teacher() -> Iterator[PracticeTeacher]:
    with PracticeTeacher(latency_s=0.1) as server:
        yield server


def set_up(folder: Path, url: str) -> None:
    folder.mkdir(parents=True)
    write_sums(folder / "questions.jsonl", QUESTIONS)
    (folder / "run.toml").write_text(CONFIGURATION.format(url=url))
    (folder / "recycle.toml").write_text(RECYCLE.format(url=url))
    asked = (folder / "questions.jsonl").read_text()
    for side in "ab":
        (folder / f"{side}.jsonl").write_text(asked.replace('"gold": "', f'"response": "{side}: '))


def finish(reflectory: Reflectory, folder: Path, *command: str) -> float:
    """How many seconds it takes."""
    began = time.monotonic()
    process = reflectory(*command, cwd=folder)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, out + err
    return time.monotonic() - began


def kill(reflectory: Reflectory, folder: Path, command: tuple[str, ...], after_s: float) -> None:
    process = reflectory(*command, cwd=folder)
    time.sleep(after_s)
    process.kill()
    process.communicate(timeout=600)


def state(folder: Path) -> dict[str, object]:
    """Of each table its rows, whether few files hold them, and the files of releases."""
    releases = folder / "data/releases"
    found: dict[str, object] = {
        path.relative_to(releases).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in releases.rglob("*")
        if path.is_file() and path.name not in ("manifest.json", "report.html")
    }
    warehouse = Warehouse(folder / "data/warehouse")
    if warehouse.exists():
        with Snapshot(warehouse) as now:
            found |= {table: row_hash(now, table) for table in TABLES if table not in ("runs", "releases")}
            found["releases"] = now.ask("SELECT name, content_hash FROM releases")[1]
            found["books"] = now.ask("SELECT balanced, doubled FROM books")[1]
            assert now.ask("FROM doubled_keys")[1] == []
        found["is_compact"] = len(warehouse.files("traces").paths) < 2
    return found


def sends(teacher: PracticeTeacher) -> dict[str, int]:
    return {key: counts[1] for key, counts in counters(teacher, "/keys").items()}


def bought(teacher: PracticeTeacher, work: Callable[[], object]) -> dict[str, int]:
    """How often each call was answered meanwhile."""
    before = sends(teacher)
    work()
    return {key: n - before.get(key, 0) for key, n in sends(teacher).items() if n > before.get(key, 0)}


def unknown(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "data/warehouse/journal/calls.sqlite")) as journal:
        return int(journal.execute("SELECT coalesce(sum(outcome = 'unknown'), 0) FROM sends").fetchone()[0])


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", COMMANDS)
def test_killed_at_random_moments_it_ends_as_if_undisturbed(
    name: str, tmp_path: Path, reflectory: Reflectory, teacher: PracticeTeacher
) -> None:
    luck, (given, before) = random.Random(f"{SEED}/{name}"), COMMANDS[name]
    command = tuple(word.format(url=teacher.base_url) for word in given)
    base, calm, struck = (tmp_path / each / "folder" for each in ("base", "calm", "struck"))
    set_up(base, teacher.base_url)
    for each in before:
        finish(reflectory, base, *each)
    copytree(base, calm)
    copytree(base, struck)
    took: list[float] = []
    once = bought(teacher, lambda: took.append(finish(reflectory, calm, *command)))
    assert state(base) != state(calm), "the control: what the command does is seen"

    moments = [luck.uniform(0, took[0]) for _ in range(KILLS)]
    print(f"CHAOS_SEED={SEED}: {name} killed after {moments} of {took[0]:.2f} s")

    def live() -> None:
        for after_s in moments:
            kill(reflectory, struck, command, after_s)
        finish(reflectory, struck, *command)

    again = bought(teacher, live)
    assert state(struck) == state(calm)
    assert again.keys() == once.keys()
    assert sum(again.values()) - sum(once.values()) <= unknown(struck)
