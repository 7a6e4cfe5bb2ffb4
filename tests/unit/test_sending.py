"""How many shards are under way at once."""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic, sleep
from types import SimpleNamespace

import pytest

from flows import sending
from flows.sending import send_all
from schemas.configuration import RunSettings
from tasks.shards import ShardPipeline
from warehouse.landing import Warehouse

SHARDS = [f"s{n}" for n in range(8)]


class Stage:
    """Its tasks end when they are told to."""

    def __init__(self) -> None:
        self.tasks: dict[str, Future[int]] = {}

    def submit(self, shard_id: str, **_: object) -> SimpleNamespace:
        return SimpleNamespace(wrapped_future=self.tasks.setdefault(shard_id, Future()))

    def end(self, shard_id: str) -> None:
        self.tasks[shard_id].set_result(0)


class Sent:
    """Two stages of shards, of which at most two are under way, and four while the teacher is hungry."""

    def __init__(self, pipeline: ShardPipeline, most: int = 4) -> None:
        self.asking, self.judging = Stage(), Stage()
        self.hungry = Event()
        self.left: list[str] = []
        pipeline.leave = self.left.append  # type: ignore[method-assign]
        stages = [self.asking, self.judging]
        self.thread = Thread(target=send_all, args=(pipeline, stages, SHARDS, 2, most, self.hungry.is_set), daemon=True)
        self.thread.start()

    def begun(self, n: int) -> bool:
        """Whether so many have begun, and after ten looks no more."""
        deadline = monotonic() + 10
        while len(self.asking.tasks) < n and monotonic() < deadline:
            sleep(0.002)
        sleep(0.05)
        return len(self.asking.tasks) == n

    def end(self, shard_id: str) -> None:
        self.asking.end(shard_id)
        self.judging.end(shard_id)


@contextmanager
def sent(warehouse: Warehouse, most: int = 4) -> Iterator[Sent]:
    pipeline = ShardPipeline(warehouse, "run", Event())
    under_way = Sent(pipeline, most)
    yield under_way
    pipeline.halt()
    for stage in (under_way.asking, under_way.judging):
        for task in stage.tasks.values():
            if not task.done():
                task.set_result(0)
    under_way.thread.join(10)
    assert not under_way.thread.is_alive()


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_LOOK_S", 0.005)


def test_while_the_teacher_has_enough_two_are_under_way(warehouse: Warehouse) -> None:
    with sent(warehouse) as shards:
        assert shards.begun(2)


def test_a_slow_call_of_the_first_holds_up_no_other(warehouse: Warehouse) -> None:
    """It waited for the first one, whatever else was done: 4,000 calls of 2 s on average, 1,000 in flight, took 271 s
    where the slowest took 47.
    """
    with sent(warehouse) as shards:
        assert shards.begun(2)
        shards.end("s1")
        assert shards.begun(3)
        shards.hungry.set()
        assert shards.begun(5)
        assert shards.left == ["s1"]
        for shard in ("s2", "s3", "s4"):
            shards.end(shard)
        assert shards.begun(8)


def test_shards_that_wait_for_later_stages_count_however_hungry_the_teacher(warehouse: Warehouse) -> None:
    """Else a teacher would be far ahead of a slow student, in the memory of the driver."""
    with sent(warehouse) as shards:
        assert shards.begun(2)
        for shard in ("s0", "s1"):
            shards.asking.end(shard)
        shards.hungry.set()
        assert shards.begun(2)


def test_no_more_than_were_chosen(warehouse: Warehouse) -> None:
    with sent(warehouse, most=2) as shards:
        shards.hungry.set()
        assert shards.begun(2)
    assert [RunSettings(shards_in_flight=n).most_in_flight for n in (1, 2, 16)] == [1, 2, 16]
    assert RunSettings().most_in_flight == 16
    assert [RunSettings(shard_size=n).open_at_once for n in (10, 100)] == [0, 4]


def test_of_a_run_that_halts_no_further_one_begins(warehouse: Warehouse) -> None:
    with sent(warehouse) as shards:
        assert shards.begun(2)
    assert len(shards.asking.tasks) == 2
    assert sorted(shards.left) == ["s0", "s1"]
