"""Batches behind an actor: hours without a row are no stall while the endpoint answers, else they are."""

import logging
import threading
import time
from pathlib import Path

import pytest

from schemas.configuration import RunConfiguration
from schemas.until import Until
from tasks.actors import RayWorkers, WorkerStalled
from tasks.actors.asking import BatchActor, Ticked
from tasks.asking.batch_steps import BatchState
from tasks.asking.endpoint import TeacherAddress
from tasks.halt import Halt
from tasks.practice.process import PracticeTeacher
from tasks.ray_session import ray_session
from tests.integration.batching import asks


@pytest.mark.slow
def test_the_watchdog_heeds_the_endpoint_and_not_the_rows(tmp_path: Path) -> None:
    faults = tmp_path / "faults.toml"
    faults.write_text("[batches]\nseconds_per_line = 0.4\n")
    settings = RunConfiguration.model_validate(
        {
            "questions": {"source": "reasoning_gym"},
            "teacher": {"batch": True, "batch_poll_s": 0.1, "timeout_s": 6},
            "run": {"watchdog_s": 6},
        }
    )
    requests, ticks = asks(20), list[int]()
    with PracticeTeacher(faults=faults) as teacher, ray_session(1, 0):
        address = TeacherAddress(teacher.base_url)
        workers = RayWorkers(settings, address, Until.GENERATE, tmp_path / "calls.sqlite", Halt())
        workers.expect(lambda: requests)
        shards = [workers.answer(requests[:10], ticks.append)]
        assert len(ticks) > 2, "the endpoint's counts, while the batch was under way"
        shards.append(workers.answer(requests[10:], ticks.append))
        assert [outcome.call_id for shard in shards for outcome in shard] == [request.call_id for request in requests]
        assert sum(ticks) == 20
        workers.expect(lambda: asks(20, start=100))
        threading.Timer(1.0, teacher.__exit__, (None, None, None)).start()
        with pytest.raises(WorkerStalled, match="the same command collects them"):
            workers.answer(asks(20, start=100), ticks.append)


def test_a_state_of_an_unknown_name_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    states = [{}, {"paused": "batch_0"}, {"paused": "batch_0"}, {"paused": "batch_0", "done": "batch_1"}]

    class Asked:
        class state:  # noqa: N801
            remote = staticmethod(lambda: BatchState(time.monotonic(), 0, None, states.pop(0)))

    batches = BatchActor.__new__(BatchActor)
    batches.actor, batches.ticked, batches._patience_s, batches._told = Asked, Ticked(), 60.0, set()
    monkeypatch.setattr("ray.get", lambda state, timeout: state)
    with caplog.at_level(logging.WARNING, "reflectory"):
        for _ in range(4):
            batches.watch(lambda rows: None)
    assert [line.partition(", and")[0] for line in caplog.messages] == [
        "batch batch_0 is in a state of an unknown name, 'paused'",
        "batch batch_1 is in a state of an unknown name, 'done'",
    ]
