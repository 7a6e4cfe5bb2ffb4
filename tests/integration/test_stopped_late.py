"""A run that is stopped when its row has landed, before its process has ended."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import asked

CONFIGURATION = """
[questions]
source = "recorded"
path = "rows.jsonl"
[questions.columns]
question = "question"
gold = "gold"
responses = ["response"]
"""
ROW = '{"question": "1 + 1?", "gold": "2", "response": "<output>2</output>"}\n'
STOPPED = """
import os, signal
from flows import execution
execution.{function} = lambda *_: os.kill(os.getpid(), signal.{signal})
from flows.cli.main import main
main()
"""


@pytest.mark.parametrize("signal", ["SIGTERM", "SIGINT"])
@pytest.mark.parametrize(
    ("function", "code", "ended"),
    [("publish_run", 0, "done"), ("check_answered", 5, "stopped")],
    ids=["after", "before"],
)
def test_what_is_stopped_behind_its_row_is_complete(
    tmp_path: Path, services: dict[str, str], function: str, code: int, ended: str, signal: str
) -> None:
    (tmp_path / "run.toml").write_text(CONFIGURATION)
    (tmp_path / "rows.jsonl").write_text(ROW)
    command = ["run", "run.toml", "--until", "verify", "--warehouse", "w"]
    script = STOPPED.format(function=function, signal=signal)
    done = subprocess.run(
        [sys.executable, "-c", script, *command],
        cwd=tmp_path,
        env=services,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert [row["ended"] for row in asked(tmp_path / "w", "SELECT ended FROM runs")] == [ended], done.stderr
    assert done.returncode == code, done.stderr
    assert ("reflectory: stopped" in done.stderr) is (code == 5)
