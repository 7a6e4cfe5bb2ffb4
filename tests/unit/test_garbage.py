"""What a long run leaves to Python's search for cycles is found while the run goes on."""

import gc
import uuid
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from enum import StrEnum
from threading import Event
from types import SimpleNamespace

import pytest

from flows import sending, stage_progress
from flows.sending import send_all
from flows.stage_progress import shown_in_prefect
from tasks import garbage
from tasks.actors import starting
from tasks.shards import ShardPipeline
from warehouse.landing import Warehouse


class Stage(StrEnum):
    VERIFY = "verify"


class Held:
    """As a client of Prefect's: a cycle, with much at hand."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def as_in_a_run(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = gc.get_threshold()
    garbage.collect_rarely()
    monkeypatch.setattr(garbage, "_EVERY_S", 0.0)
    yield
    gc.set_threshold(*before)


def left_after_shards(warehouse: Warehouse) -> int:
    """How many of the cycles that the tasks of two shards made are left when the run goes on to its end."""
    held = weakref.WeakSet[Held]()
    over = Future[None]()
    over.set_result(None)

    def submit(shard_id: str, **_: object) -> SimpleNamespace:
        held.add(Held())
        return SimpleNamespace(wrapped_future=over)

    stage = SimpleNamespace(submit=submit)
    send_all(ShardPipeline(warehouse, "run", Event()), [stage, stage], ["a", "b"], 1)  # type: ignore[list-item]
    return len(held)


@pytest.mark.parametrize(("collects", "left"), [(garbage.collect_now_and_then, 0), (lambda: None, 4)])
def test_what_the_tasks_of_a_shard_leave_is_collected_after_it(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, collects: Callable[[], None], left: int
) -> None:
    monkeypatch.setattr(sending, "collect_now_and_then", collects)
    gc.collect()
    assert left_after_shards(Warehouse(tmp_path_factory.mktemp("warehouse"))) == left


def test_it_is_looked_for_twice_a_minute_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0

    def collect() -> None:
        nonlocal looked
        looked += 1

    monkeypatch.setattr(garbage, "_EVERY_S", 30.0)
    monkeypatch.setattr(garbage, "gc", SimpleNamespace(collect=collect))
    monkeypatch.setattr(garbage, "_collected_at", 0.0)
    for now in (29.0, 30.0, 59.0, 61.0):
        monkeypatch.setattr(garbage, "monotonic", lambda now=now: now)
        garbage.collect_now_and_then()
    assert looked == 2


def test_it_is_looked_for_rarely_where_a_plain_class_is_an_actor_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(starting.ray, "remote", lambda made: made)
    actor = starting.as_actor(SimpleNamespace)
    for made, threshold in ((SimpleNamespace, 700), (actor, 50_000)):
        gc.set_threshold(700)
        assert made(name="given").name == "given"
        assert gc.get_threshold()[0] == threshold
    assert actor.__name__ == actor.__qualname__ == "SimpleNamespace", "ps and Ray show it, idle and at work"


def test_progress_is_told_to_prefect_by_one_client(monkeypatch: pytest.MonkeyPatch) -> None:
    said, made = list[str](), 0

    def client(sync_client: bool) -> SimpleNamespace:
        nonlocal made
        made += 1
        return SimpleNamespace(
            create_artifact=lambda given: said.append(given.description) or SimpleNamespace(id=uuid.uuid4()),
            update_artifact=lambda _, given: said.append(given.description),
        )

    monkeypatch.setattr(stage_progress, "get_client", client)
    with shown_in_prefect("synthesize", {Stage.VERIFY: 4}, uuid.uuid4()) as shown:
        for n in (1, 3):
            shown.rows(Stage.VERIFY, n)
            shown.tell()  # type: ignore[attr-defined]
            shown.tell()  # type: ignore[attr-defined]
    assert (said, made) == (["verify: 1 of 4 rows", "verify: 4 of 4 rows"], 1)
