"""The worker of deploy/compose.yaml: it hears of `docker stop`, and no time is promised that it does not take."""

import os
import shlex
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

WORKER = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]["worker"]
FAKE = """#!/bin/sh
[ "$1" = worker ] || exit 0
trap 'touch stopped; exit 0' TERM
touch began
while :; do sleep 0.1; done
"""
needs_dash = pytest.mark.skipif(not shutil.which("dash"), reason="needs dash, the image's sh")


def is_told(folder: Path, command: list[str]) -> bool:
    """Whether a SIGTERM for the service's process reaches the worker that it has started."""
    (folder / "prefect").write_text(FAKE)
    (folder / "prefect").chmod(0o755)
    settings = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}
    service = subprocess.Popen(command, cwd=folder, env=settings, process_group=0)
    try:
        for _ in range(200):
            if (folder / "began").exists():
                break
            time.sleep(0.05)
        service.terminate()
        service.wait(20)
        time.sleep(0.5)
        return (folder / "stopped").exists()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(service.pid, signal.SIGKILL)


@needs_dash
def test_the_worker_is_told_to_stop(tmp_path: Path) -> None:
    command = shlex.split(WORKER["command"])
    assert command[:2] == ["sh", "-c"]
    assert is_told(tmp_path, ["dash", *command[1:]])


@needs_dash
def test_a_shell_that_waits_for_the_worker_keeps_it_to_itself(tmp_path: Path) -> None:
    """The control."""
    line = shlex.split(WORKER["command"])[2].replace("exec ", "")
    assert not is_told(tmp_path, ["dash", "-c", line])


def test_no_drain_is_promised() -> None:
    """Prefect's process worker kills its runs when it is stopped (findings/prefect_worker_stop_kills_runs.sh)."""
    assert "stop_grace_period" not in WORKER
