"""What was taught is the next round's teacher: a run asks it like any endpoint, and a view compares the two."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.configuration import StudentSettings
from tasks.serving.process import StudentServer
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
def test_teacher_against_teacher(tmp_path: Path, reflectory: Callable[..., subprocess.Popen[str]]) -> None:
    def call(*arguments: str) -> str:
        out, err = (process := reflectory(*arguments, cwd=tmp_path)).communicate(timeout=240)
        assert process.returncode == 0, f"{out}\n{err}"
        return out

    write_sums(tmp_path / "questions.jsonl", 8)
    (tmp_path / "run.toml").write_text(CONFIGURATION)
    call("run", "run.toml", "--until", "verify")
    with StudentServer(StudentSettings(served_as="taught")) as student:
        at = ("--set", f"teacher.base_url={student.base_url}", "--set", "teacher.model=taught")
        call("run", "run.toml", "--until", "verify", *at)
    [row] = json.loads(call("sql", "from teacher_against_teacher", "--format", "json"))
    assert (row["teacher"], row["rival"]) == ("practice", "taught")
    assert 0 < row["questions"] <= 8
    [books] = json.loads(call("sql", "select sum(pending) p, sum(planned) n from books", "--format", "json"))
    assert (books["p"], books["n"]) == (0, 16)
