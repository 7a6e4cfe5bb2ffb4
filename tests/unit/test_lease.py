"""Who may write a warehouse, over machines: what a claimant finds, and that nothing of a writer lands that lost it."""

import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from schemas.attempt import Attempt
from schemas.errors import DiskTrouble, LeaseLost, PlaceGone, Refused
from warehouse import lease
from warehouse.landing import Warehouse
from warehouse.lease import Lease, hold_lease
from warehouse.reading import Snapshot

ROOT = Path(__file__).parents[2]
HERE, ELSEWHERE = "this boot", "another boot"
PERIOD_S = 0.5
ROW = {"plan_id": "p", "shard_id": "s", "question_id": "q", "sample_index": 0, "call_id": "c", "prompt_version": None}
WRITER = """
import sys
from pathlib import Path
from schemas.attempt import Attempt
from schemas.errors import LeaseLost
from tests.unit.test_lease import PERIOD_S, land
from warehouse.landing import Warehouse
warehouse = Warehouse(Path(sys.argv[1]))
warehouse.create()
with warehouse.sole_writer(PERIOD_S):
    land(warehouse, "before")
    print("landed", flush=True)
    sys.stdin.readline()
    try:
        land(warehouse, "late")
        print("landed", flush=True)
    except LeaseLost as lost:
        print(lost, flush=True)
    warehouse.lease = None
    land(warehouse, "unfenced")
"""


def land(warehouse: Warehouse, attempt_id: str) -> None:
    warehouse.land("attempts", [Attempt.model_validate(ROW | {"attempt_id": attempt_id})], "run", attempt_id)


def landed(warehouse: Warehouse) -> list[str]:
    with Snapshot(warehouse) as now:
        return [row for (row,) in now.ask("SELECT attempt_id FROM attempts ORDER BY ALL")[1]]


@pytest.mark.parametrize(
    ("boot", "locked", "ended", "age_s", "found"),
    [
        (HERE, True, False, 0, "refused"),
        (HERE, False, False, 0, "free"),  # killed on this machine: at once
        (HERE, True, False, 31, "expired"),  # stopped, or so busy that it gives no sign
        (ELSEWHERE, False, False, 0, "refused"),  # locks of another machine may not be seen here
        (ELSEWHERE, False, False, 29, "refused"),
        (ELSEWHERE, False, False, 31, "expired"),
        (ELSEWHERE, False, True, 0, "free"),
        (None, True, False, 0, "refused"),  # it has made its file and not yet written it
        (None, False, False, 0, "refused"),
        (None, False, False, 31, "expired"),  # and was killed then
    ],
)
def test_what_a_claimant_finds(
    boot: str | None,
    locked: bool,
    ended: bool,
    age_s: float,
    found: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lease, "_boot", lambda: HERE)
    path = tmp_path / ".lease.7"
    holder = {"host": "h", "process": 1, "boot": boot, "period_s": 15.0, "ended": ended}
    path.write_text(json.dumps(holder) if boot else "")
    os.utime(path, (time.time() - age_s,) * 2)
    with path.open() as file:
        if locked:
            fcntl.flock(file, fcntl.LOCK_EX)
        if found == "refused":
            with pytest.raises(Refused, match="another run is writing") as refused, hold_lease(tmp_path):
                pass
            assert ("process 1 on h" in str(refused.value)) == bool(boot)
            assert path.exists()
            return
        with hold_lease(tmp_path) as (held, expired):
            assert (held.number, expired) == (8, found == "expired")
            assert not path.exists()


@pytest.mark.parametrize("ahead_s", [PERIOD_S, 3600, 1e9])
def test_of_a_holder_before_the_clock_was_set_back_the_lease_ends_too(tmp_path: Path, ahead_s: float) -> None:
    """The bug: a machine that began again with its clock a day late could not write for that day."""
    path = tmp_path / ".lease.7"
    path.write_text(json.dumps({"host": "h", "process": 1, "boot": ELSEWHERE, "period_s": PERIOD_S, "ended": 0}))
    os.utime(path, (time.time() + ahead_s,) * 2)
    with pytest.raises(Refused, match="its lease ends in 1 s"), hold_lease(tmp_path, PERIOD_S):
        pass
    time.sleep(2.2 * PERIOD_S)  # a file system counts in ticks
    with hold_lease(tmp_path, PERIOD_S) as (held, expired):
        assert (held.number, expired) == (8, True)


def test_numbers_only_grow(tmp_path: Path) -> None:
    numbers = []
    for _ in range(3):
        with hold_lease(tmp_path) as (held, expired):
            numbers.append(held.number)
            assert not expired
    assert numbers == [1, 2, 3]
    assert len(list(tmp_path.glob(".lease.*"))) == 1


def test_of_two_that_take_the_same_number_one_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "_free", lambda folder: (1, False))
    with hold_lease(tmp_path), pytest.raises(Refused, match="begun just now"), hold_lease(tmp_path):
        pass


def test_a_holder_gives_signs_of_life_and_hears_that_it_has_lost(tmp_path: Path) -> None:
    halt = Event()
    with hold_lease(tmp_path, PERIOD_S) as (held, _), held.halting(halt):
        claim = tmp_path / f".lease.{held.number}"
        began = claim.stat().st_mtime
        while claim.stat().st_mtime < began + 3 * PERIOD_S:  # without a sign of life it is free after two
            time.sleep(0.02)
        with pytest.raises(Refused, match="another run is writing"), hold_lease(tmp_path, PERIOD_S):
            pass
        assert not halt.is_set()
        (tmp_path / f".lease.{held.number + 1}").touch()
        assert halt.wait(60)


@pytest.mark.parametrize(
    ("left", "other"),
    [([".lease.2"], "a process that has begun just now"), ([], "somebody who has removed its lease")],
)
def test_who_asks_to_be_halted_after_the_lease_was_lost_is_halted_at_once(
    tmp_path: Path, left: list[str], other: str
) -> None:
    """Nobody looks a second time: it would have gone on buying what cannot land."""
    with hold_lease(tmp_path, 60) as (held, _):
        (tmp_path / ".lease.1").unlink()
        for name in left:
            (tmp_path / name).touch()
        with pytest.raises(LeaseLost, match=f"was taken over by {other}, .* for 120 s"):
            held.check()
        halt = Event()
        with held.halting(halt):
            assert halt.is_set()


@pytest.mark.parametrize("trouble", [OSError(errno.EIO, "gone"), DiskTrouble("the disk is gone")])
def test_a_holder_whose_folder_is_away_for_a_while_goes_on_giving_signs_of_life(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    """Else the warehouse was free for somebody else two periods after one bad moment, under a run that lived."""
    tried: list[int] = []

    def touch(claim: lease.FileClaim) -> None:
        tried.append(len(tried))
        if len(tried) < 3:
            raise trouble

    monkeypatch.setattr(lease.FileClaim, "touch", touch)
    with hold_lease(tmp_path, 0.05):
        deadline = time.monotonic() + 60
        while len(tried) < 5 and time.monotonic() < deadline:
            time.sleep(0.02)
    assert len(tried) >= 5


@pytest.mark.parametrize("boot_id", [None, ""])
def test_where_the_system_names_no_boot_a_lease_is_had_and_ends_with_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, boot_id: str | None
) -> None:
    """Every run was refused there: "cannot write to …: No such file or directory"."""
    monkeypatch.setattr(lease, "_BOOT", named := tmp_path / "boot_id")
    if boot_id is not None:
        named.write_text(boot_id)
    monkeypatch.setattr(lease, "_boot", cache(lease._boot.__wrapped__))
    with hold_lease(tmp_path, 60):
        left = (claim := tmp_path / ".lease.1").read_text()
    claim.write_text(left.replace('"ended": 1', '"ended": 0'))  # as a kill leaves it
    monkeypatch.setattr(lease, "_boot", cache(lease._boot.__wrapped__))  # another process
    with pytest.raises(Refused, match=r"its lease ends in 1\d\d s"), hold_lease(tmp_path, 60):
        pass


def test_a_holder_whose_folder_is_moved_is_halted_and_hears_of_it(tmp_path: Path) -> None:
    """It was told that somebody else had taken over, and went on buying until something was to land."""
    halt, folder = Event(), tmp_path / "w"
    folder.mkdir()
    with hold_lease(folder, PERIOD_S) as (held, _), held.halting(halt):
        folder.rename(tmp_path / "moved")
        assert halt.wait(60)
        with pytest.raises(PlaceGone, match="/w is gone: "):
            held.check()


@pytest.mark.parametrize("fails", ["Path.open", "lease._write"])
def test_a_folder_that_takes_no_lease_is_refused_and_keeps_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    owner, _, name = fails.partition(".")
    monkeypatch.setattr(Path if owner == "Path" else lease, name, full)
    with pytest.raises(Refused, match=r"cannot write to .*: No space left on device"), hold_lease(tmp_path):
        pass
    assert not list(tmp_path.iterdir())


def test_a_full_disk_on_which_a_file_can_be_made_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bug: closing the file wrote again what had failed, and its bare error took the place of the refusal."""
    opened: Any = Path.open

    def full(path: Path, mode: str, **how: int) -> object:
        return opened(Path("/dev/full"), mode.replace("x", "w"), **how) if "x" in mode else opened(path, mode, **how)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(Refused, match=r"cannot write to .*: No space left on device"), hold_lease(tmp_path):
        pass


def test_a_stopped_writer_lands_nothing_once_it_has_been_replaced(tmp_path: Path) -> None:
    """Without its lease it does: the control."""
    warehouse = Warehouse(tmp_path / "w")
    command = [sys.executable, "-c", WRITER, str(warehouse.folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    ) as stopped:
        assert stopped.stdout
        assert stopped.stdin
        assert stopped.stdout.readline() == "landed\n"
        with pytest.raises(Refused, match=f"process {stopped.pid} on"), warehouse.sole_writer(PERIOD_S):
            pass
        stopped.send_signal(signal.SIGSTOP)
        time.sleep(2.5 * PERIOD_S)
        with warehouse.sole_writer(PERIOD_S):
            land(warehouse, "mine")
            stopped.send_signal(signal.SIGCONT)
            said, _ = stopped.communicate("go\n", timeout=60)
            assert f"was taken over by process {os.getpid()} on" in said
            assert stopped.returncode == 0
            assert landed(warehouse) == ["before", "mine", "unfenced"]
            land(warehouse, "mine too")


@pytest.mark.parametrize("fenced", [True, False])
def test_a_commit_that_had_begun_does_not_land_beside_its_successor(
    fenced: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its writer has looked at the lease, and stops right then. Without the successor's signature it lands."""
    first, second = Warehouse(tmp_path), Warehouse(tmp_path)
    first.create()
    if not fenced:
        monkeypatch.setattr(Warehouse, "_shut_out", lambda self: None)
    check = Lease.check
    with first.sole_writer(30):

        def overtaken(held: Lease) -> None:
            check(held)
            if held is first.lease:
                monkeypatch.setattr(Lease, "check", check)
                os.utime(next(tmp_path.glob(".lease.*")), (0, 0))
                with second.sole_writer(30):
                    pass

        monkeypatch.setattr(Lease, "check", overtaken)
        if fenced:
            with pytest.raises(LeaseLost, match="taken over"):
                land(first, "late")
        else:
            land(first, "late")
    assert landed(first) == ([] if fenced else ["late"])


def test_a_holder_whose_file_went_as_it_was_looked_at_is_not_known_to_have_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two runs that began together one ended with an error of the system, not with a refusal."""
    monkeypatch.setattr(lease, "_newest", lambda folder: 7)
    assert lease.was_cut_off(tmp_path)


def test_a_disk_that_fails_as_the_last_holder_is_looked_for_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(tmp_path))

    monkeypatch.setattr(Path, "glob", fails)
    with pytest.raises(DiskTrouble, match="What has landed is safe"):
        lease.was_cut_off(tmp_path)
