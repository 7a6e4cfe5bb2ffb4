"""Thirty runs, and four on a small disk, each struck once by something, in some stage, at some moment; the same
command then finishes each.

The draws follow from a seed, which each test prints: CHAOS_SEED=7 draws others, `-k "draw12]"` repeats one.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from shutil import copyfile, rmtree
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, NamedTuple

import psutil
import pytest

from tasks.practice.process import PracticeTeacher
from tests.chaos.test_bad_day import counters
from tests.chaos.test_run_drained import flow_run_of
from tests.chaos.test_run_killed import commits
from tests.prefect_api import ask_prefect
from tests.processes import command
from tests.sums import SUM
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

pytestmark = pytest.mark.slow
Reflectory = Callable[..., subprocess.Popen[str]]

SEED = int(os.environ.get("CHAOS_SEED", "15"))
DRAWS, DISK_DRAWS = 30, 4
QUESTIONS = 12
PATIENCE_S = 600.0
CONFIGURATION = """
[questions]
source = "jsonl"
path = "questions.jsonl"

[teacher]
base_url = "{}"
max_in_flight = 4
strategy = "draft_reflect_revise"

[run]
shard_size = 3
shards_in_flight = 2
"""
STAGES: dict[str, Callable[[Path], bool]] = {
    "start": lambda folder: any((folder / "data/warehouse/unfinished").glob("*.json")),
    "generate": lambda folder: answered(folder) >= 3,
    "verify": lambda folder: commits(folder, "traces") >= 1,
    "score": lambda folder: commits(folder, "verdicts") >= 1,
}
ENDS = """
SELECT (SELECT count(*) FROM attempts), (SELECT count(DISTINCT trace_id) FROM traces), (SELECT count(*) FROM failures),
    (SELECT count(DISTINCT subject_id) FROM scores)
"""
OWN_RAY = {"RAY_ADDRESS": ""}
POOL = "chaos"


class Run:
    """One run of the plan of a folder, under way."""

    def __init__(self, reflectory: Reflectory, folder: Path, api: str, **whose: str) -> None:
        self.folder, self._api = folder, api
        self.process = self._begin(reflectory, whose)

    def _begin(self, reflectory: Reflectory, whose: dict[str, str]) -> subprocess.Popen[str]:
        return reflectory("run", "run.toml", cwd=self.folder, **whose)

    def started(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def kill(self, name: str) -> bool:
        """SIGKILL to the first process that it has started whose name or command line begins so."""
        for each in self.started():
            try:
                if each.name().startswith(name) or any(word.startswith(name) for word in each.cmdline()[:4]):
                    each.kill()
                    return True
            except psutil.Error:
                continue
        return False

    def order(self, type_: str, name: str, **details: object) -> bool:
        """Set the state of its flow run; whether there is one yet."""
        self.flow_run_id = flow_run_of(self.folder)
        if self.flow_run_id is None:
            return False
        if ask_prefect(self._api, f"flow_runs/{self.flow_run_id}")["state"]["type"] != "RUNNING":
            return False
        self.state(type_, name, **details)
        return True

    def state(self, type_: str, name: str, **details: object) -> None:
        asked = {"state": {"type": type_, "name": name, "state_details": details}, "force": True}
        ask_prefect(self._api, f"flow_runs/{self.flow_run_id}/set_state", asked)

    def pause(self) -> bool:
        if not self.order("PAUSED", "Paused"):
            return False
        time.sleep(3)
        if self.process.poll() is None:
            self.state("RUNNING", "Running")
        return True


class WorkerRun(Run):
    """One that a worker of Prefect starts; its process is the worker's, which ends with it."""

    def _begin(self, reflectory: Reflectory, whose: dict[str, str]) -> subprocess.Popen[str]:
        name = self.folder.name
        deploying = reflectory("deploy", "run.toml", "--name", name, "--pool", POOL, cwd=self.folder)
        out, err = deploying.communicate(timeout=PATIENCE_S)
        assert deploying.returncode == 0, out + err
        deployment = ask_prefect(self._api, f"deployments/name/synthesize/{name}")
        ask_prefect(self._api, f"deployments/{deployment['id']}/create_flow_run", {})
        worker = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--work-queue", out.split()[-1]]
        return subprocess.Popen(
            [*worker, "--run-once", "--limit", "1"],
            cwd=self.folder,
            env=whose | {"PWD": str(self.folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def kill_worker(self) -> bool:
        """What it has started goes on, with nobody at the other end of its output."""
        flow = self._flow()
        self.process.kill()
        flow.wait(PATIENCE_S)
        return True

    def kill_both(self) -> bool:
        flow = self._flow()
        self.process.kill()
        flow.kill()
        flow.wait(PATIENCE_S)  # its lease ends with it
        return True

    def _flow(self) -> psutil.Process:
        return next(each for each in self.started() if "prefect.engine" in command(each))


class Strike(NamedTuple):
    """What befalls a run: how it is done, and how the run may end after it."""

    do: Callable[[Any], bool]
    """Whether what it strikes was there."""
    ends: dict[int, tuple[str, ...]]
    """By exit code, what the run's row may say."""
    whose: Mapping[str, str] = MappingProxyType({})
    """Of the environment."""
    small_disk: bool = False
    """Whether its warehouse is on a file system of its own."""
    begin: type[Run] = Run


def to_process(signum: int) -> Callable[[Run], bool]:
    def send(run: Run) -> bool:
        run.process.send_signal(signum)
        return True

    return send


DONE, STOPPED = {0: ("done",)}, {5: ("stopped",)}
GIVEN_UP = DONE | {1: ("failed", "crashed")}
KILLED = {-signal.SIGKILL: ("crashed",)}
STRIKES = {
    "the flow is killed": Strike(to_process(signal.SIGKILL), KILLED),
    # a run ends without its node or its head where all actors live until it has done its work
    "the teacher's actor is killed": Strike(lambda run: run.kill("ray::Teacher"), DONE, OWN_RAY),
    "the verifier is killed": Strike(lambda run: run.kill("ray::Verifier"), DONE, OWN_RAY),
    "the student is killed": Strike(lambda run: run.kill("ray::StudentActor"), DONE, OWN_RAY),
    "the node is killed": Strike(lambda run: run.kill("raylet"), GIVEN_UP, OWN_RAY),
    "the head is killed": Strike(lambda run: run.kill("gcs_server"), GIVEN_UP, OWN_RAY),
    "Prefect's server is killed": Strike(lambda run: run.kill("flows.prefect_server"), DONE, {"PREFECT_API_URL": ""}),
    "SIGTERM": Strike(to_process(signal.SIGTERM), STOPPED),
    "it is cancelled": Strike(lambda run: run.order("CANCELLING", "Cancelling"), STOPPED),
    "it is suspended": Strike(lambda run: run.order("PAUSED", "Suspended", pause_reschedule=True), STOPPED),
    "it is paused": Strike(lambda run: run.pause(), DONE),
    "the worker is killed": Strike(WorkerRun.kill_worker, {-signal.SIGKILL: ("done",)}, begin=WorkerRun),
    "the worker and the flow are killed": Strike(WorkerRun.kill_both, KILLED, begin=WorkerRun),
    "the disk is full": Strike(lambda run: fill(run.folder), GIVEN_UP, OWN_RAY, small_disk=True),
    "the disk is read-only": Strike(lambda run: forbid(run.process.pid), GIVEN_UP, OWN_RAY, small_disk=True),
}


class SmallDisk:
    """48 MB of a mount namespace, at `data` in a folder."""

    def __init__(self, folder: Path, services: dict[str, str]) -> None:
        (folder / "data").mkdir()
        mount = "mount -t tmpfs -o size=48m none data && echo mounted && exec sleep infinity"
        command = ["unshare", "-Urm", "bash", "-c", mount]
        self._holder = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
        assert self._holder.stdout
        if self._holder.stdout.readline() != "mounted\n":
            pytest.skip("no namespaces here")
        self._services = services
        self.view = Path(f"/proc/{self._holder.pid}/root{folder}")
        """The folder as a process of the namespace sees it."""

    def reflectory(self, *arguments: str, cwd: Path, **more: str) -> subprocess.Popen[str]:
        """As the fixture, in the namespace."""
        mine = self._services | OWN_RAY | more | {"RUST_BACKTRACE": "0"}
        command, piped = [*inside(self._holder.pid), sys.executable, "-m", "flows", *arguments], subprocess.PIPE
        return subprocess.Popen(command, cwd=cwd, env=mine, stdout=piped, stderr=piped, text=True)

    def mend(self) -> None:
        """Make room, and let it be written to."""
        mend = "[ -w data ] || umount --lazy data; rm -f data/fill"
        subprocess.run([*inside(self._holder.pid), "sh", "-c", mend], check=True)

    def end(self) -> None:
        self._holder.kill()
        self._holder.communicate()


def inside(pid: int) -> list[str]:
    """What goes before a command that sees the file systems of a process."""
    return ["nsenter", "--preserve-credentials", "-U", "-m", "-w", "-t", str(pid)]


def fill(folder: Path) -> bool:
    with suppress(OSError), (folder / "data/fill").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(2**20))
    return True


def forbid(pid: int) -> bool:
    """Let nothing be opened for writing any more; what is open, such as the journal, still can be written to."""
    mount = "mount --bind data data && mount -o remount,bind,ro data"
    return not subprocess.run([*inside(pid), "sh", "-c", mount]).returncode


class Draw(NamedTuple):
    """What befalls a run, and when."""

    n: int
    what: str
    stage: str
    after_s: float

    def __str__(self) -> str:
        return f"{self.what}, {self.stage} and {self.after_s:.2f} s, draw{self.n}"


def draws(seed: int) -> Iterator[Draw]:
    """Every strike about as often as any other; the disks last, so that the others keep their numbers."""
    disks = [name for name, strike in STRIKES.items() if strike.small_disk]
    others = [name for name in STRIKES if name not in disks]
    for n in range(DRAWS + DISK_DRAWS):
        luck = random.Random(f"{seed}/{n}")
        what = others[n % len(others)] if n < DRAWS else disks[n % len(disks)]
        yield Draw(n, what, luck.choice(list(STAGES)), luck.uniform(0, 1.5))


@pytest.fixture(scope="module")
def teacher() -> Iterator[PracticeTeacher]:
    with PracticeTeacher(latency_s=0.3) as server:
        yield server


def set_up(folder: Path, teacher: PracticeTeacher, n: int) -> None:
    """Questions that no other draw asks: the teacher counts by what it is asked."""
    rows = [{"question": SUM.format(1000 * n + each, 7), "gold": str(1000 * n + each + 7)} for each in range(QUESTIONS)]
    (folder / "questions.jsonl").write_text("\n".join(json.dumps(row | {"kind": "number"}) for row in rows))
    (folder / "run.toml").write_text(CONFIGURATION.format(teacher.base_url))


def strike(run: Run, draw: Draw) -> tuple[bool, int, str]:
    """Whether it was struck before it ended, its exit code, and what it said on standard error."""
    deadline, struck = time.monotonic() + PATIENCE_S, False
    while run.process.poll() is None and not STAGES[draw.stage](run.folder):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    time.sleep(draw.after_s)
    while run.process.poll() is None and not struck:
        assert time.monotonic() < deadline, "waited in vain"
        if not (struck := STRIKES[draw.what].do(run)):
            time.sleep(0.1)
    _, err = run.process.communicate(timeout=PATIENCE_S)
    return struck, run.process.returncode, err


def bought_twice(teacher: PracticeTeacher, before: dict[str, Any]) -> int:
    made = {key: counts[1] for key, counts in counters(teacher, "/keys").items()}
    return sum(max(n - 1, 0) for key, n in made.items() if key not in before)


@contextmanager
def journal_of(folder: Path) -> Iterator[sqlite3.Connection]:
    """A copy, for SQLite takes the root of another's file systems for that of ours."""
    with TemporaryDirectory() as copy:
        for name in ("calls.sqlite", "calls.sqlite-wal"):
            with suppress(FileNotFoundError):
                copyfile(folder / "data/warehouse/journal" / name, f"{copy}/{name}")
        with closing(sqlite3.connect(f"{copy}/calls.sqlite")) as journal:
            yield journal


def answered(folder: Path) -> int:
    try:
        with journal_of(folder) as journal:
            return int(journal.execute("SELECT count(*) FROM sends WHERE outcome = 'answered'").fetchone()[0])
    except sqlite3.DatabaseError:
        return 0  # it was written to at that moment


def unknown(folder: Path) -> int:
    with journal_of(folder) as journal:
        twice = "SELECT call_id FROM sends WHERE outcome = 'answered' GROUP BY call_id HAVING count(*) > 1"
        assert journal.execute(twice).fetchall() == []
        return int(journal.execute("SELECT coalesce(sum(outcome = 'unknown'), 0) FROM sends").fetchone()[0])


def finish(reflectory: Reflectory, folder: Path) -> str:
    process = reflectory("run", "run.toml", cwd=folder)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, out + err
    return out


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("draw", list(draws(SEED)), ids=str)
def test_struck_at_random_nothing_is_lost_or_doubled_or_bought_twice(
    draw: Draw,
    tmp_path: Path,
    reflectory: Reflectory,
    services: dict[str, str],
    prefect_api: str,
    teacher: PracticeTeacher,
    request: pytest.FixtureRequest,
) -> None:
    print(f"CHAOS_SEED={SEED}: {draw}")
    set_up(tmp_path, teacher, draw.n)
    before, folder, of = counters(teacher, "/keys"), tmp_path, STRIKES[draw.what]
    disk = SmallDisk(tmp_path, services) if of.small_disk else None
    if disk:
        request.addfinalizer(disk.end)
        reflectory, folder = disk.reflectory, disk.view
    whose = services if of.begin is WorkerRun else of.whose
    struck, code, err = strike(of.begin(reflectory, folder, prefect_api, **whose), draw)
    assert "Traceback" not in err, err
    ends = of.ends if struck else DONE
    assert code in ends, err
    if disk:
        disk.mend()
    said = finish(reflectory, folder)
    assert f"books: planned {QUESTIONS} = verified" in said
    assert "+ pending 0" in said

    with Snapshot(Warehouse(folder / "data/warehouse")) as now:
        assert now.ask("SELECT balanced, doubled FROM books")[1] == [(True, 0)]
        [(planned, traces, failed, scored)] = now.ask(ENDS)[1]
        ended = [end for (end,) in now.ask("SELECT ended FROM runs ORDER BY ended_at")[1]]
    assert planned == QUESTIONS == traces + failed
    assert scored == traces
    assert bought_twice(teacher, before) <= unknown(folder)
    print(code, ended, err)
    assert ended[0] in ends[code]
    assert ended == list(dict.fromkeys([ended[0], "done"])), "one that has nothing left to do leaves no row"


def test_control_without_the_journal_answers_are_bought_twice(
    tmp_path: Path, reflectory: Reflectory, prefect_api: str, teacher: PracticeTeacher
) -> None:
    set_up(tmp_path, teacher, -1)
    before = counters(teacher, "/keys")
    strike(Run(reflectory, tmp_path, prefect_api), Draw(-1, "the flow is killed", "generate", 0))
    rmtree(tmp_path / "data/warehouse/journal")
    finish(reflectory, tmp_path)
    assert bought_twice(teacher, before) > unknown(tmp_path)
