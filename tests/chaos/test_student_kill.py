"""kill -9 of a student actor in the middle of scoring: the same scores, none missing, none doubled."""

import os
import signal
from pathlib import Path

import psutil
import pytest
from ray.exceptions import RayActorError

from schemas.configuration import RunConfiguration
from schemas.errors import ReflectoryError
from schemas.score import Score
from schemas.student import StudentSettings
from schemas.until import Until
from tasks.actors import RayWorkers
from tasks.actors.pool import ActorPool
from tasks.halt import Halt
from tasks.ray_session import ray_session
from tasks.scoring import student
from tasks.scoring.score import ScoredText
from tests.processes import command

CONFIGURATION = RunConfiguration.model_validate(
    {"questions": {"source": "reasoning_gym"}, "student": {"device": "cpu", "actors": 2}}
)
SUBJECTS = [
    ScoredText(str(n), f"What is {n} + {n % 7}? Say how.", "", f"{n} and {n % 7} is {n + n % 7}. " * (1 + n % 9))
    for n in range(400)
]


def student_processes() -> list[int]:
    ours = psutil.Process().children(recursive=True)
    return sorted(process.pid for process in ours if "Student" in "".join(command(process)[:1]))


class Killer:
    """Kills one student when so many subjects have come back."""

    def __init__(self, after: int) -> None:
        self._after, self._done = after, 0
        self.killed_at: int | None = None

    def tick(self, rows: int) -> None:
        self._done += rows
        if self.killed_at is None and self._done >= self._after:
            os.kill(student_processes()[0], signal.SIGKILL)
            self.killed_at = self._done


def scored(folder: Path, killer: Killer) -> list[Score]:
    with ray_session(cpus=2, gpus=0):
        students = RayWorkers(CONFIGURATION, None, Until.SCORE, folder / "calls.sqlite", Halt(), verifies=False)
        return students.score_texts(SUBJECTS, killer.tick)


@pytest.fixture(scope="module")
def expected() -> list[Score]:
    return student.Student(StudentSettings(device="cpu")).score_texts(SUBJECTS)


@pytest.mark.slow
def test_a_killed_student_is_replaced_and_its_batch_repeated(tmp_path: Path, expected: list[Score]) -> None:
    killer = Killer(after=64)
    found = scored(tmp_path, killer)
    assert killer.killed_at is not None
    assert killer.killed_at < len(SUBJECTS) - 64
    assert found == expected


@pytest.mark.slow
def test_without_a_replacement_the_loss_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ActorPool, "replace", lambda *_: None)
    with pytest.raises((RayActorError, ReflectoryError)):
        scored(tmp_path, Killer(after=64))
