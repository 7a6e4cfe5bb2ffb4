"""Who may write a warehouse on an object store: what a claimant finds there, and what a holder hears."""

import fcntl
import json
import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from schemas.errors import DiskTrouble, LeaseLost, Refused
from warehouse import lease
from warehouse.object_store import ObjectStore, Stored, Taken
from warehouse.store_lease import hold_store_lease

HERE, ELSEWHERE = "this boot", "another boot"
NAME = "lease.json"


class Objects:
    """A store in memory, whose objects have versions and ages."""

    url = "s3://bucket/w"

    def __init__(self) -> None:
        self.made: dict[str, Stored] = {}
        self.age = timedelta()
        self.before: Callable[[], None] = lambda: None
        """Called before the next object is replaced, once."""

    def said(self) -> dict[str, Any]:
        return dict(json.loads(self.made[NAME].body))

    def say(self, **said: object) -> None:
        self.write(NAME, json.dumps(said).encode())

    def write(self, name: str, body: bytes) -> str:
        self.made[name] = Stored(body, os.urandom(8).hex(), datetime.now(UTC) - self.age)
        return self.made[name].version

    def read(self, name: str) -> Stored | None:
        return self.made.get(name)

    def create(self, name: str, body: bytes) -> str:
        if name in self.made:
            raise Taken(name)
        return self.write(name, body)

    def replace(self, name: str, body: bytes, version: str) -> str:
        before, self.before = self.before, lambda: None
        before()
        if name not in self.made or self.made[name].version != version:
            raise Taken(name)
        return self.write(name, body)

    def delete(self, names: Sequence[str]) -> None:
        for name in names:
            del self.made[name]


def hold(store: Objects, folder: Path, period_s: float = 15.0) -> Any:
    return hold_store_lease(cast(ObjectStore, store), folder, period_s)


@pytest.mark.parametrize(
    ("boot", "folder", "ended", "age_s", "found"),
    [
        (HERE, True, False, 0, "free"),  # killed on this machine, which has its lock
        (HERE, True, True, 0, "free"),
        (ELSEWHERE, True, False, 0, "refused"),  # a copy of its folder, or this machine before it was started anew
        (ELSEWHERE, True, False, 31, "expired"),
        (HERE, False, False, 0, "refused"),
        (HERE, False, False, 29, "refused"),
        (HERE, False, False, 31, "expired"),
        (ELSEWHERE, False, True, 0, "free"),
    ],
)
def test_what_a_claimant_finds(
    boot: str, folder: bool, ended: bool, age_s: float, found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_boot", lambda: HERE)
    store = Objects()
    with hold(store, tmp_path) as (first, expired):
        assert (first.number, expired) == (1, False), "nobody was there"
        mine = store.said()
    assert (mine["ended"], store.said()["ended"]) == (False, True)
    store.age = timedelta(seconds=age_s)
    other = {"host": "h", "process": 1, "boot": boot, "period_s": 15.0, "ended": ended, "number": 7, "holder": "x"}
    store.say(folder=mine["folder"] if folder else "another", **other)
    store.age = timedelta()
    if found == "refused":
        with (
            pytest.raises(Refused, match="another run is writing s3://bucket/w: process 1 on h"),
            hold(store, tmp_path),
        ):
            pass
        assert store.said()["number"] == 7
        return
    with hold(store, tmp_path, 5.0) as (held, expired):
        assert (held.number, expired) == (8, found == "expired")
        assert (store.said()["number"], store.said()["period_s"]) == (8, 5.0)
    assert list(store.made) == [NAME], "no probe is left"


def test_of_two_on_one_machine_one_has_it_and_of_two_that_come_together(tmp_path: Path) -> None:
    store = Objects()
    with hold(store, tmp_path), pytest.raises(Refused, match="another run on this machine"), hold(store, tmp_path):
        pass
    store.before = lambda: store.say(number=9)
    with pytest.raises(Refused, match="a process that has begun just now"), hold(store, tmp_path):
        pass


def test_a_store_that_lets_two_write_one_object_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Objects()
    with monkeypatch.context() as careless:
        careless.setattr(store, "create", store.write)
        with pytest.raises(Refused, match="took an object twice"), hold(store, tmp_path):
            pass
    monkeypatch.setattr(store, "read", lambda name: None)
    monkeypatch.setattr(store, "delete", lambda names: None)
    with pytest.raises(Refused, match="does not show what was just written"), hold(store, tmp_path):
        pass


def beats(store: Objects, n: int) -> None:
    """Wait for as many signs of life."""
    seen, deadline = set[str](), time.monotonic() + 60
    while len(seen) < n and time.monotonic() < deadline:
        seen.add(store.said()["beat"])
        time.sleep(0.01)
    assert len(seen) >= n


def test_a_holder_gives_signs_of_life_also_after_one_whose_answer_was_lost(tmp_path: Path) -> None:
    store = Objects()

    def lose() -> None:
        store.write(NAME, store.made[NAME].body)  # it had arrived: the version is another one

    with hold(store, tmp_path, 0.05) as (held, _):
        beats(store, 3)
        store.before = lose
        beats(store, 4)
        held.check()


@pytest.mark.parametrize("number", [1, 2])
def test_a_holder_hears_that_it_has_lost(tmp_path: Path, number: int) -> None:
    """Also to one of the same number, which begins again at 1 where somebody has removed the object."""
    store = Objects()
    with hold(store, tmp_path, 60) as (held, _):
        held.check()
        store.say(number=number, holder="x", ended=False, host="h", process=1)
        with pytest.raises(LeaseLost, match="was taken over by process 1 on h"):
            held.check()
    assert store.said()["ended"] is False, "what another holds does not end with this process"
    removed = Objects()
    with hold(removed, tmp_path, 60) as (held, _):
        removed.made.clear()
        with pytest.raises(LeaseLost, match="by somebody who has removed its lease"):
            held.check()


def test_a_store_that_is_away_at_the_end_keeps_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Objects()

    def away(*_: object) -> str:
        raise DiskTrouble("away")

    with hold(store, tmp_path):
        monkeypatch.setattr(store, "replace", away)
    monkeypatch.undo()
    assert not store.said()["ended"]
    with (tmp_path / "lease.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_name_that_a_kill_left_empty_is_made_again_and_kept(tmp_path: Path) -> None:
    (tmp_path / "name").touch()
    names = []
    for _ in range(2):
        store = Objects()
        with hold(store, tmp_path):
            names.append(store.said()["folder"])
    assert names[0] == names[1]
    assert len(names[0].split()[0]) == 32
