"""A run that is stopped in its tracks is replaced once its lease has ended; awake again, it lands nothing."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from tasks.practice.process import PracticeTeacher
from tests.chaos.test_run_drained import QUESTIONS, Reflectory, Running
from warehouse.lease import PERIOD_S

pytestmark = pytest.mark.slow


@pytest.mark.timeout(500)
def test_a_run_that_was_replaced_ends_and_the_books_are_exact(
    tmp_path: Path, reflectory: Reflectory, prefect_api: str
) -> None:
    with PracticeTeacher(latency_s=2.0) as teacher:
        run = Running(reflectory, teacher, tmp_path, prefect_api)
        run.process.send_signal(signal.SIGSTOP)
        stopped = time.monotonic()
        again = reflectory(*run.command, cwd=tmp_path)
        _, said = again.communicate(timeout=120)
        assert again.returncode == 2, said
        assert f"process {run.process.pid} on" in said
        time.sleep(max(stopped + 2 * PERIOD_S + 1 - time.monotonic(), 0))
        again = reflectory(*run.command, cwd=tmp_path)
        run.wait_for(lambda: _holds(tmp_path, again))
        run.process.send_signal(signal.SIGCONT)
        code, said = run.ends()
        assert code == 1, said
        assert f"was taken over by process {again.pid} on" in said
        _, said = again.communicate(timeout=200)
        assert again.returncode == 0, said
    rows = "select ended, books.planned as planned, books.doubled as doubled from runs order by ended_at"
    assert run.ask(rows) == [
        {"ended": "crashed", "planned": QUESTIONS, "doubled": 0},
        {"ended": "done", "planned": QUESTIONS, "doubled": 0},
    ]
    assert run.ask("select count(*) as n, count(distinct call_id) as calls from calls") == [
        {"n": QUESTIONS, "calls": QUESTIONS}
    ]


def _holds(folder: Path, process: subprocess.Popen[str]) -> bool:
    leases = (folder / "data/warehouse").glob(".lease.*")
    return any(f'"process": {process.pid},' in lease.read_text() for lease in leases)
