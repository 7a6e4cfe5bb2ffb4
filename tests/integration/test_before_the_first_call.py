"""What a run needs is seen to be there before it buys anything; and a run that was refused everything says so."""

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from schemas.configuration import RunConfiguration
from schemas.errors import Refused, Stopped
from schemas.until import Until
from tasks.actors import RayWorkers
from tasks.asking.endpoint import TeacherAddress
from tasks.halt import Halt
from tasks.practice.process import PracticeTeacher
from tasks.ray_session import ray_session
from tests.chaos.test_run_drained import slow_answers
from tests.conftest import Reflectory
from tests.integration.test_practice_bad_day import faults_file
from tests.integration.test_run import World

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ray_here() -> Iterator[None]:
    with ray_session(cpus=2, gpus=0):
        yield


def workers(folder: Path, halt: Event | None = None, **sections: dict[str, Any]) -> RayWorkers:
    run = RunConfiguration.model_validate(
        {"questions": {"source": "reasoning_gym"}, "run": {"watchdog_s": 120}, **sections}
    )
    address = TeacherAddress("http://127.0.0.1:9/v1")
    return RayWorkers(run, address, Until.SCORE, folder / "calls.sqlite", halt or Halt())


def test_what_is_there_passes(ray_here: None, tmp_path: Path) -> None:
    """The control for what follows."""
    workers(tmp_path).check()


@pytest.mark.parametrize(
    ("sections", "told"),
    [
        ({"student": {"model": "{folder}/no-such-model"}}, "no-such-model"),
        ({"student": {"num_gpus": 1}, "run": {"watchdog_s": 20}}, "student: no actor after 20 s; Ray has"),
        ({"student": {"template": "chat"}}, "template"),
        (
            {"student": {"backend": "vllm", "base_url": "http://127.0.0.1:9/v1", "max_length": 100}},
            "no answer from /models of http://127.0.0.1:9/v1",
        ),
    ],
    ids=["no model", "no GPU", "no template", "no server"],
)
def test_an_actor_that_cannot_start_is_refused_in_a_line(
    sections: dict[str, Any], told: str, ray_here: None, tmp_path: Path
) -> None:
    given = json.loads(json.dumps(sections).replace("{folder}", str(tmp_path)))
    with pytest.raises(Refused) as refused:
        workers(tmp_path, **given).check()
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_journal_that_takes_nothing_is_refused(ray_here: None, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="the journal cannot be opened"):
        workers(tmp_path / "file").check()


def test_a_halt_ends_the_wait(ray_here: None, tmp_path: Path) -> None:
    halt = Halt()
    halt.set()
    with pytest.raises(Stopped):
        workers(tmp_path, halt, student={"num_gpus": 1}).check()


def test_a_student_that_does_not_load_costs_no_call(tmp_path: Path, reflectory: Reflectory) -> None:
    made = World(tmp_path, reflectory)
    sums = ["--set", "questions.source=jsonl", "--set", "questions.path=questions.jsonl"]
    (tmp_path / "student").mkdir()
    (tmp_path / "student" / "config.json").write_text("{}")
    with PracticeTeacher() as teacher:
        to = ["--set", f"teacher.base_url={teacher.base_url}"]
        said = made.run(*sums, *to, "--set", "student.model=./student", code=2)
        assert slow_answers(teacher) == 0, said
        made.run(*sums, *to, "--until", "generate")
        assert slow_answers(teacher) > 0, "the control"


def test_a_run_whose_every_call_is_refused_ends_with_the_endpoints_words(
    tmp_path: Path, reflectory: Reflectory
) -> None:
    made = World(tmp_path, reflectory)
    sums = ["--set", "questions.source=jsonl", "--set", "questions.path=questions.jsonl", "--until", "generate"]
    with PracticeTeacher(faults=faults_file(tmp_path, '[rates]\n"400" = 1.0')) as teacher:
        to = ["--set", f"teacher.base_url={teacher.base_url}"]
        said = made.run(*sums, *to, code=1)
    assert "the endpoint refused every call (24): refused: HTTP 400" in said
    assert made.ask("select ended from runs") == [{"ended": "failed"}]
    assert made.ask("select books.failed as n from runs") == [{"n": 24}]
