"""EIO, ENOSPC and kill -9 at the system calls of a landing on a disk, by strace: nothing torn, and the same work again
lands what is missing.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

pytestmark = pytest.mark.slow

CALLS = "write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,link,linkat,mkdir,ftruncate"
WRITER = """
import os, signal, sys

import deltalake, pyarrow.compute

from schemas.attempt import Attempt
from schemas.errors import ReflectoryError
from warehouse.landing import Warehouse

ROW = {"plan_id": "p", "shard_id": "s", "question_id": "q", "sample_index": 0, "prompt_version": None, "call_id": "c"}

def life(folder, naive):
    warehouse = Warehouse(folder)
    warehouse.create()
    with warehouse.sole_writer():
        for unit in ("ab", "cd"):
            rows = [Attempt.model_validate(ROW | {"attempt_id": letter}) for letter in unit]
            for part in [[row] for row in rows] if naive else [rows]:
                warehouse.land("attempts", part, "run", unit)

for line in sys.stdin:
    folder, kind = line.split()
    child = os.fork()
    if not child:
        try:
            if kind != "free":
                os.kill(os.getpid(), signal.SIGSTOP)  # until strace is there
            life(folder, kind == "naive")
        except BaseException as error:
            os._exit(2 if isinstance(error, (ReflectoryError, OSError)) else 3)
        os._exit(0)
    print(child, flush=True)
    _, status = os.waitpid(child, 0)
    print(status, flush=True)
"""
Writers = subprocess.Popen[str]


@pytest.fixture
def writers() -> Iterator[Writers]:
    """A process that forks a writer for each line that it is told."""
    command = [sys.executable, "-c", WRITER]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "RUST_BACKTRACE": "0"}
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        yield process
        process.kill()


def begin(writers: Writers, folder: Path, kind: str) -> int:
    assert writers.stdin
    assert writers.stdout
    writers.stdin.write(f"{folder} {kind}\n")
    writers.stdin.flush()
    return int(writers.stdout.readline())


def ended(writers: Writers) -> int:
    assert writers.stdout
    return int(writers.stdout.readline())


def injected(writers: Writers, folder: Path, inject: str, kind: str = "ours") -> int:
    """How many of the calls a writer made, to whom this happened."""
    log = folder.parent / f"{folder.name}.strace"
    pid = begin(writers, folder, kind)
    while "T (stopped)" not in Path(f"/proc/{pid}/status").read_text():
        time.sleep(0.01)
    what = ["-e", f"inject={CALLS}:{inject}"] if inject else []
    command = ["strace", "-f", "-p", str(pid), "-o", str(log), "-e", f"trace={CALLS}", *what]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
        assert strace.stderr
        if "attached" not in (said := strace.stderr.readline()):
            os.kill(pid, signal.SIGKILL)
            pytest.skip(f"strace may not look at a process here: {said}")
        os.kill(pid, signal.SIGCONT)
        try:
            strace.wait(8 if inject else 60)
        except subprocess.TimeoutExpired:
            # a thread of deltalake's could not wake another, by a write to an event: whoever started it would end it
            os.kill(pid, signal.SIGKILL)
    ended(writers)
    return sum("(" in line for line in log.read_text(errors="replace").splitlines())


def landed(folder: Path) -> str:
    with Snapshot(Warehouse(folder)) as now:
        return "".join(letter for (letter,) in now.ask("SELECT attempt_id FROM attempts ORDER BY ALL")[1])


@pytest.fixture
def empty(writers: Writers, tmp_path: Path) -> Path:
    """A warehouse without rows."""
    if not shutil.which("strace"):
        pytest.skip("needs strace")
    Warehouse(tmp_path / "empty").create()
    return tmp_path / "empty"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("inject", ["error=EIO", "error=ENOSPC", "signal=KILL"])
def test_a_landing_that_fails_at_any_system_call(inject: str, writers: Writers, empty: Path, tmp_path: Path) -> None:
    shutil.copytree(empty, tmp_path / "calm")
    n_calls = injected(writers, tmp_path / "calm", "")
    assert landed(tmp_path / "calm") == "abcd"
    assert n_calls > 30
    seen = set()
    for at in range(1, n_calls + 1, max(1, n_calls // 12)):
        folder = tmp_path / str(at)
        shutil.copytree(empty, folder)
        injected(writers, folder, f"{inject}:when={at}")
        torn = landed(folder)
        assert torn in ("", "ab", "abcd"), (at, torn)
        seen.add(torn)
        begin(writers, folder, "free")
        assert ended(writers) == 0, at
        assert landed(folder) == "abcd", at
        shutil.rmtree(folder)
    assert len(seen) > 1


@pytest.mark.timeout(600)
def test_control_a_writer_that_lands_row_by_row_is_torn(writers: Writers, empty: Path, tmp_path: Path) -> None:
    found = set()
    for at in range(20, 200, 6):
        folder = tmp_path / str(at)
        shutil.copytree(empty, folder)
        injected(writers, folder, f"signal=KILL:when={at}", "naive")
        found.add(landed(folder))
        if found & {"a", "abc"}:
            return
    raise AssertionError(found)
