"""kill -9 of a writer at each of its calls to an object store, before the store hears of it and after: nothing torn,
nothing doubled, and no answer paid for twice by who comes back.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from schemas.run import Ledger
from tests.conftest import ROOT
from tests.object_store import BUCKET, ObjectServer, Seen, object_server
from warehouse import object_store
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

pytest.importorskip("moto", reason="needs moto[server]==5.2.5")
pytest.importorskip("obstore", reason="needs the extra `s3`")
pytestmark = pytest.mark.slow

WRITER = """
import asyncio, os, sys
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
UNITS = {"one": ["a", "b"], "two": ["c", "d"]}

async def buy(journal, call_ids):
    for call_id in call_ids:
        n = await journal.intend(call_id, Charge(tokens=10))
        if isinstance(n, int):
            await journal.settle(call_id, n, SendEnd.ANSWERED, call=call(call_id), spent=Charge(tokens=3))

def life(warehouse, naive):
    warehouse.create()
    while True:
        try:
            with warehouse.sole_writer(PERIOD_S):
                work(warehouse, naive)
            return
        except Refused as refused:
            if "another run is writing" not in str(refused):
                raise
            sleep(PERIOD_S)

def work(warehouse, naive):
    with Snapshot(warehouse) as now, closing(Journal(warehouse.journal_path)) as journal:
        for unit, call_ids in UNITS.items():
            missing = set(call_ids) - now.present("calls", call_ids)
            asyncio.run(buy(journal, sorted(missing)))
            calls = [journal.answers([call_id])[call_id] for call_id in sorted(missing)]
            for part in [[each] for each in calls] if naive else [calls]:
                warehouse.land("calls", part, "run", unit)
            journal.forget(call_ids)

for line in sys.stdin:
    url, state, naive = line.split()
    child = os.fork()
    if not child:
        os.environ["XDG_STATE_HOME"] = state
        code = 1
        try:
            life(Warehouse(url), naive == "naive")
            code = 0
        finally:
            sys.stdout.flush()
            os._exit(code)
    print(child, flush=True)
    _, status = os.waitpid(child, 0)
    print("ended", status, flush=True)
"""
CALLS = ("a", "b", "c", "d")


class Lives:
    """Writers, each a fork of a process that has imported what they need."""

    def __init__(self, process: "subprocess.Popen[str]", server: ObjectServer) -> None:
        self._process, self._server = process, server

    def begin(self, url: str, state: Path, kind: str = "ours") -> int:
        """The process id of a new one."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{url} {state} {kind}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def end(self) -> int:
        """Wait for it; its status."""
        assert self._process.stdout
        return int(self._process.stdout.readline().split()[1])

    def killed(self, url: str, state: Path, at: int, fault: str, kind: str = "ours") -> bool:
        """Live until the call `at`, and whether there was one."""
        self._server.begin_again(lambda seen: fault if seen.number == at else None)
        pid = self.begin(url, state, kind)
        while not self._server.holding.wait(0.02):
            if self._over():
                return False
        os.kill(pid, signal.SIGKILL)
        assert self.end() == signal.SIGKILL
        self._server.begin_again()
        return True

    def lived(self, url: str, state: Path, kind: str = "ours") -> list[Seen]:
        """Live to the end; what it asked of the store."""
        self._server.begin_again()
        self.begin(url, state, kind)
        assert self.end() == 0
        return list(self._server.seen)

    def _over(self) -> bool:
        import select

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


def landed(url: str) -> list[str]:
    with Snapshot(Warehouse(url)) as now:
        return [call_id for (call_id,) in now.ask("SELECT call_id FROM calls ORDER BY ALL")[1]]


def ledger(url: str) -> Ledger:
    journal = Journal(Warehouse(url).journal_path)
    try:
        return journal.ledger(CALLS)
    finally:
        journal.close()


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("fault", ["hold", "held"])
def test_killed_at_any_call_to_the_store(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`hold`: the store never hears of the call; `held`: the writer never hears the answer. Every second time the disk
    is lost, too: then what is paid twice is at most what no segment had yet.
    """
    with object_server() as server, lives(server) as writers:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        object_store.bucket.cache_clear()
        n_calls = len(writers.lived(f"s3://{BUCKET}/calm/w", tmp_path / "calm"))
        first = next(i for i, seen in enumerate(server.seen, 1) if "lease" in seen.path)
        points = [*range(1, first, 12), *range(first, n_calls + 1)]  # most of what comes before makes tables, all alike
        for at in points:
            url, home = f"s3://{BUCKET}/{fault}{at}/w", tmp_path / f"{fault}{at}"
            assert writers.killed(url, home, at, fault)
            torn = landed(url)
            assert torn in ([], ["a", "b"], [*CALLS]), (at, torn)
            keeps = at % 2 == 0
            state = home if keeps else tmp_path / f"{fault}{at}-other"
            writers.lived(url, state)
            assert landed(url) == [*CALLS], at
            monkeypatch.setenv("XDG_STATE_HOME", str(state))
            found = ledger(url)
            assert found.answered == found.sent, at
            assert found.sent == 4 if keeps else 4 <= found.sent <= 6, (at, found)
        assert len(points) > 20


@pytest.mark.timeout(600)
def test_control_a_writer_that_lands_row_by_row_is_torn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with object_server() as server, lives(server) as writers:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        object_store.bucket.cache_clear()
        seen = writers.lived(f"s3://{BUCKET}/calm/w", tmp_path / "calm", "naive")
        commits = [each.number for each in seen if each.method == "PUT" and "calls/_delta_log" in each.path]
        url = f"s3://{BUCKET}/naive/w"
        assert writers.killed(url, tmp_path / "naive", commits[2], "hold", "naive")
        assert landed(url) == ["a"]
