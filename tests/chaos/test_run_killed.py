"""kill -9 of the driver in each stage, the same command again: the rows of an undisturbed run, none doubled, and no
answer paid for twice.
"""

import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from schemas.verdict import Verdict
from tests.conftest import OWN, Command, Reflectory, asked
from tests.processes import command
from tests.sums import write_sums
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

CONFIGURATION = """
[questions]
source = "jsonl"
path = "questions.jsonl"

[teacher]
samples = 2
strategy = "draft_reflect_revise"

[run]
shard_size = 9
shards_in_flight = 2
"""
TABLES = ("questions", "attempts", "calls", "traces", "failures", "verdicts", "scores")
DEADLINE_S = 120


def commits(folder: Path, table: str) -> int:
    """Commits that landed rows; the first one made the table."""
    return len(list((folder / "data/warehouse" / table / "_delta_log").glob("*.json"))) - 1


def journaled(folder: Path) -> int:
    path = folder / "data/warehouse/journal/calls.sqlite"
    if not path.exists():
        return 0
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as journal:
            return int(journal.execute("SELECT count(*) FROM sends WHERE outcome = 'answered'").fetchone()[0])
    except sqlite3.OperationalError:
        return 0  # it is being made at this moment


MOMENTS: dict[str, Callable[[Path], bool]] = {
    "while the first answers come in": lambda folder: journaled(folder) >= 3,
    "once traces have landed": lambda folder: commits(folder, "traces") >= 1,
    "once verdicts have landed": lambda folder: commits(folder, "verdicts") >= 2,
    "once scores have landed": lambda folder: commits(folder, "scores") >= 3,
    "once more scores have landed": lambda folder: commits(folder, "scores") >= 5,
}
*KILLS, STOP = MOMENTS
Kills = dict[str, dict[str, str]]
"""By moment: whose Prefect and Ray the run has that is killed then, those of all tests where it does not say. Ones of
its own take ten processor seconds."""


def begin(reflectory: Reflectory, folder: Path, **whose: str) -> Command:
    write_sums(folder / "questions.jsonl", 36)
    (folder / "run.toml").write_text(CONFIGURATION)
    return reflectory("run", "run.toml", cwd=folder, **whose)


def finish(reflectory: Reflectory, folder: Path) -> str:
    process = begin(reflectory, folder)
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, f"{out}\n{err}"
    return out


def started_until(reflectory: Reflectory, folder: Path, moment: str, **whose: str) -> Command:
    """A run at the moment. Raises `AssertionError` when it ended before, or the moment did not come."""
    process = begin(reflectory, folder, **whose)
    deadline = time.monotonic() + DEADLINE_S
    while not (reached := MOMENTS[moment](folder)) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert process.poll() is None, f"the run ended before the moment, {moment}: {process.communicate()}"
    assert reached, f"the moment has not come within {DEADLINE_S:g} s: {moment}"
    return process


def kill_when(reflectory: Reflectory, folder: Path, moment: str, **whose: str) -> None:
    """Start a run and kill it at the moment. Nothing that it started outlives it."""
    process = started_until(reflectory, folder, moment, **whose)
    started = psutil.Process(process.pid).children(recursive=True)
    ours = [child for child in started if any(word.startswith(("flows.", "tasks.")) for word in command(child))]
    assert ours
    process.kill()
    process.wait()
    _, orphans = psutil.wait_procs(ours, timeout=60)  # Ray's own agents and workers take up to a minute
    assert not [found for orphan in orphans if (found := command(orphan))]


def stop_when(reflectory: Reflectory, folder: Path, moment: str, killed: int) -> None:
    """Start a run that was `killed` so often, and stop it at the moment, as a user does."""
    process = started_until(reflectory, folder, moment)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 5, err
    assert "the same command continues" in err
    assert "Traceback" not in err
    ended = asked(folder / "data/warehouse", "select ended from runs order by ended_at")
    assert [row["ended"] for row in ended] == [*["crashed"] * killed, "stopped"]


def hashes(reflectory: Reflectory, folder: Path) -> dict[str, str]:
    out, _ = reflectory("hashes", cwd=folder).communicate()
    return {table: digest for digest, table in (line.split() for line in out.splitlines())}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, reflectory: Reflectory) -> dict[str, str]:
    """The hashes of a run that nobody disturbs."""
    calm = tmp_path_factory.mktemp("calm")
    finish(reflectory, calm)
    return hashes(reflectory, calm)


FIRST_AND_LAST = pytest.param({KILLS[0]: {}, KILLS[-1]: OWN}, id="in the first stage and in the last")
EVERY = pytest.param(
    {moment: {} for moment in KILLS} | {KILLS[0]: OWN, KILLS[-1]: OWN}, marks=pytest.mark.slow, id="in every stage"
)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kills", [FIRST_AND_LAST, EVERY])
def test_killed_and_stopped_it_ends_as_an_undisturbed_run(
    kills: Kills, undisturbed: dict[str, str], tmp_path: Path, reflectory: Reflectory
) -> None:
    killed = tmp_path
    for moment, whose in kills.items():
        kill_when(reflectory, killed, moment, **whose)
    stop_when(reflectory, killed, STOP, len(kills))
    assert "+ pending 0" in finish(reflectory, killed)

    survived = hashes(reflectory, killed)
    assert {table: survived[table] for table in TABLES} == {table: undisturbed[table] for table in TABLES}
    with sqlite3.connect(killed / "data/warehouse/journal/calls.sqlite") as journal:
        twice = "SELECT call_id FROM sends WHERE outcome = 'answered' GROUP BY call_id HAVING count(*) > 1"
        assert journal.execute(twice).fetchall() == []
    warehouse = Warehouse(killed / "data/warehouse")
    with Snapshot(warehouse) as now:
        assert now.ask("SELECT * FROM doubled_keys")[1] == []
        _, [(subject_id,)] = now.ask("SELECT subject_id FROM verdicts ORDER BY verdict_id LIMIT 1")
        doubled = now.rows(Verdict, "subject_id", [subject_id])

    # the control: a row that a broken committer would have doubled is seen, in the hash and in the books
    warehouse.land("verdicts", doubled, "nobody", "by mistake")
    assert hashes(reflectory, killed)["verdicts"] != undisturbed["verdicts"]
    process = reflectory("run", "run.toml", cwd=killed)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 4, err
    assert "do not balance" in err
