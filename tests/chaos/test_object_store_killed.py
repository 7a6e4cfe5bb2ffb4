"""kill -9 of a writer at each of its writes to an object store, before the store hears of it and after: nothing torn,
nothing doubled, and no answer paid for twice by who comes back.
"""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from schemas.run import Ledger
from tests.conftest import ROOT
from tests.object_store import BUCKET, LACKS, ObjectServer, Seen, object_server
from warehouse import object_store
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

pytest.importorskip("obstore", reason="needs the extra `s3`")
pytestmark = pytest.mark.slow

WRITER = """
import asyncio, os, sys, traceback
from contextlib import closing
from time import sleep

import deltalake, obstore, fsspec  # so that a forked life need not

from schemas.attempt import Attempt
from schemas.budget import Charge
from schemas.call import SendEnd
from schemas.errors import Refused
from tests.unit.test_journal import call
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot
from warehouse.store_files import StoreFiles

PERIOD_S = 0.5
ROW = {"plan_id": "p", "shard_id": "s", "question_id": "q", "sample_index": 0, "prompt_version": None}
UNITS = {"one": "ab", "two": "cd"}

async def buy(journal, call_ids):
    for call_id in call_ids:
        n = await journal.reserve(call_id, Charge(tokens=10))
        if isinstance(n, int):
            await journal.settle(call_id, n, SendEnd.ANSWERED, call=call(call_id), spent=Charge(tokens=3))

def life(warehouse, naive, turn):
    warehouse.create()
    while True:
        try:
            with warehouse.sole_writer(PERIOD_S):
                work(warehouse, naive, turn)
            return
        except Refused as refused:
            if "another run is writing" not in str(refused):
                raise
            sleep(PERIOD_S)

def work(warehouse, naive, turn):
    with Snapshot(warehouse) as now, closing(Journal(warehouse.journal_path)) as journal:
        for unit, letters in UNITS.items():
            call_ids = [letter + turn for letter in letters]
            missing = set(call_ids) - now.present("calls", call_ids)
            asyncio.run(buy(journal, sorted(missing)))
            calls = [journal.answers([call_id])[call_id] for call_id in sorted(missing)]
            for part in [[each] for each in calls] if naive else [calls]:
                warehouse.land("calls", part, "run", unit + turn)
            journal.forget(call_ids)

for line in sys.stdin:
    url, state, kind, turn = line.split()
    child = os.fork()
    if not child:
        os.environ["XDG_STATE_HOME"] = state
        code = 1
        try:
            life(Warehouse(url), kind == "naive", turn)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    print(child, flush=True)
    _, status = os.waitpid(child, 0)
    print("ended", status, flush=True)
"""
LETTERS = "abcd"
"""The calls of a turn are these, each with its number."""


class Lives:
    """Writers, each a fork of a process that has imported what they need."""

    def __init__(self, process: "subprocess.Popen[str]", server: ObjectServer) -> None:
        self._process, self._server = process, server

    def begin(self, url: str, state: Path, turn: int, kind: str = "ours") -> int:
        """The process id of a new one."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{url} {state} {kind} {turn}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def end(self) -> int:
        """Wait for it; its status."""
        assert self._process.stdout
        return int(self._process.stdout.readline().split()[1])

    def killed(self, pid: int) -> bool:
        """Live until a call is held and kill it then, and whether there was one."""
        while not self._server.holding.wait(0.02):
            if self._over():
                return False
        os.kill(pid, signal.SIGKILL)
        assert self.end() == signal.SIGKILL
        self._server.begin_again()
        return True

    def lived(self, url: str, state: Path, turn: int = 0) -> list[Seen]:
        """Live to the end; what it asked of the store."""
        self._server.begin_again()
        self.begin(url, state, turn)
        assert self.end() == 0
        return list(self._server.seen)

    def _over(self) -> bool:
        assert self._process.stdout
        if not select.select([self._process.stdout], [], [], 0)[0]:
            return False
        assert self.end() == 0
        return True


@contextmanager
def lives(server: ObjectServer) -> Iterator[Lives]:
    command = [sys.executable, "-c", WRITER]
    environment = os.environ | server.environment | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Lives(process, server)
        finally:
            process.kill()


def writes(seen: Seen) -> bool:
    """Whether the store may be another after it."""
    return seen.method in ("PUT", "POST", "DELETE")


def landed(url: str, turn: int) -> str:
    """The letters of the calls that have landed of a turn."""
    with Snapshot(Warehouse(url)) as now:
        found = now.present("calls", [f"{letter}{turn}" for letter in LETTERS])
        assert now.ask("SELECT count(*) = count(DISTINCT call_id) FROM calls")[1] == [(True,)], "doubled"
    return "".join(sorted(call_id[0] for call_id in found))


def ledger(url: str, turn: int) -> Ledger:
    journal = Journal(Warehouse(url).journal_path)
    try:
        return journal.ledger([f"{letter}{turn}" for letter in LETTERS])
    finally:
        journal.close()


@pytest.fixture(params=sorted(LACKS))
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectServer]:
    with object_server(request.param) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        object_store.bucket.cache_clear()
        yield server


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("fault", ["hold", "held"])
def test_killed_at_any_write_to_the_store(
    fault: str, server: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`hold`: the store never hears of the call; `held`: the writer never hears the answer. Every second time the disk
    is lost, too: then what is paid twice is at most what no segment had yet, here the two calls of a unit.
    """
    url, state = f"{server.scheme}://{BUCKET}/{fault}/w", tmp_path / "first"
    n_killed = 0
    with lives(server) as writers:
        writers.lived(url, state)
        n_calls = sum(map(writes, writers.lived(url, state, 1)))
        for turn in range(2, n_calls + 2):
            calls = count(2)
            server.begin_again(lambda seen, at=turn, calls=calls: fault if writes(seen) and next(calls) == at else None)  # type: ignore[misc]
            if not writers.killed(writers.begin(url, state, turn)):
                continue  # it gave a sign of life less than the one before
            n_killed += 1
            assert landed(url, turn) in ("", "ab", "abcd"), f"torn at {turn}"
            if loses_disk := bool(turn % 2):
                state = tmp_path / str(turn)
            writers.lived(url, state, turn)
            assert landed(url, turn) == "abcd", turn
            monkeypatch.setenv("XDG_STATE_HOME", str(state))
            found = ledger(url, turn)
            assert found.answered == found.sent, turn
            assert 4 <= found.sent <= (6 if loses_disk else 4), (turn, found)
    assert n_killed > 10


@pytest.mark.timeout(600)
@pytest.mark.parametrize("fault", ["hold", "held"])
def test_killed_while_it_makes_the_tables(fault: str, server: ObjectServer, tmp_path: Path) -> None:
    with lives(server) as writers:
        for at in (1, 2, 3, 20, 40, 60):
            url = f"{server.scheme}://{BUCKET}/{fault}{at}/w"
            server.begin_again(lambda seen, at=at: fault if seen.number == at else None)  # type: ignore[misc]
            assert writers.killed(writers.begin(url, tmp_path / "state", 0)), at
            writers.lived(url, tmp_path / "state")
            assert landed(url, 0) == "abcd"


@pytest.mark.timeout(600)
def test_control_a_writer_that_lands_row_by_row_is_torn(server: ObjectServer, tmp_path: Path) -> None:
    url, commits = f"{server.scheme}://{BUCKET}/naive/w", count(1)

    def fault(seen: Seen) -> str | None:
        is_commit = seen.method == "PUT" and "w/calls/_delta_log/" in seen.path
        return "hold" if is_commit and next(commits) == 3 else None  # 1 makes the table

    with lives(server) as writers:
        server.begin_again(fault)
        assert writers.killed(writers.begin(url, tmp_path, 0, "naive"))
        assert landed(url, 0) == "a"
