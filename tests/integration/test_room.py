"""A cluster with too little for a run's actors is waited for, and it is said what is missing."""

import os
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from schemas.errors import Stopped
from tasks.halt import Halt
from tasks.ray_session import ray_session
from tests.integration.test_before_the_first_call import workers

pytestmark = pytest.mark.slow
ROOM = "waiting for Ray to have room, at most run.watchdog_s: the actors of this run take "


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Ray with two CPUs, whatever this machine has."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with ray_session(cpus=2, gpus=0):
        yield


@pytest.mark.parametrize(
    ("sections", "told"),
    [
        ({"student": {"num_gpus": 1}}, ["2 CPUs and 1 GPUs; of the cluster's 2 CPUs and 0 GPUs it had 2 CPUs and 0"]),
        ({"verifier": {"actors": 3}}, ["4 CPUs and 0 GPUs; of the cluster's 2 CPUs and 0 GPUs it had 2 CPUs and 0"]),
        ({}, []),
    ],
    ids=["no GPU", "few CPUs", "the control"],
)
def test_a_cluster_that_is_too_small_is_told_once_what_it_lacks(
    sections: dict[str, Any],
    told: list[str],
    small: None,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tasks.actors.workers._ROOM_S", 0.0)
    halt = Halt()
    stop = Timer(8, halt.set)
    if told:
        stop.start()
    asking = workers(tmp_path, halt, **sections)
    with pytest.raises(Stopped) if told else nullcontext():
        asking.check()
    stop.cancel()
    found = [record.message for record in caplog.records if ROOM in record.message]
    assert [told[0] in line for line in found] == [True] * len(told), found
