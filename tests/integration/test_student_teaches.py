"""What was taught is the next round's teacher: a run asks it like any endpoint, and a view compares the two."""

import asyncio
import json
from contextlib import aclosing
from pathlib import Path

import pytest

from flows.answering import model_of
from flows.configure import read_as
from schemas.configuration import LineConfiguration
from schemas.student import StudentSettings
from tasks.asking.stream import stream_answer
from tasks.serving.process import ServedStudent
from tests.conftest import Reflectory
from tests.sums import write_sums

CONFIGURATION = """
[questions]
source = "jsonl"
path = "questions.jsonl"

[teacher]
max_tokens = 150
"""


@pytest.mark.slow
@pytest.mark.timeout(500)
def test_teacher_against_teacher(tmp_path: Path, reflectory: Reflectory) -> None:
    def call(*arguments: str) -> str:
        out, err = (process := reflectory(*arguments, cwd=tmp_path)).communicate(timeout=240)
        assert process.returncode == 0, f"{out}\n{err}"
        return out

    write_sums(tmp_path / "questions.jsonl", 8)
    (tmp_path / "run.toml").write_text(CONFIGURATION)
    call("run", "run.toml", "--until", "verify")
    with ServedStudent(StudentSettings(served_as="taught")) as student:
        at = ("--set", f"teacher.base_url={student.base_url}", "--set", "teacher.model=taught")
        call("run", "run.toml", "--until", "verify", *at)
    [row] = json.loads(call("sql", "from teacher_against_teacher", "--format", "json"))
    assert (row["teacher"], row["rival"]) == ("practice", "taught")
    assert 0 < row["questions"] <= 8
    [books] = json.loads(call("sql", "select sum(pending) p, sum(planned) n from books", "--format", "json"))
    assert (books["p"], books["n"]) == (0, 16)


@pytest.mark.slow
def test_a_student_is_served_for_as_long_as_it_is_asked() -> None:
    """Equal seeds give equal answers, and its calls name no port."""
    model = model_of("tasks/practice/student", read_as(LineConfiguration, None, ["teacher.max_tokens=120"]))
    assert model.endpoint.startswith("student/practice/")

    async def texts() -> list[str]:
        found = []
        with model.listening() as address:
            for seed in (1, 1, 2):
                asked = stream_answer(model.settings, address, model.request("What is 12 + 30?", seed))
                async with aclosing(asked) as pieces:
                    found.append("".join([piece async for piece in pieces if isinstance(piece, str)]))
        return found

    first, again, other = asyncio.run(texts())
    assert first == again != other
    assert first.startswith("<thinking>")
