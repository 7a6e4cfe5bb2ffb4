"""A run that Prefect's runner started is cancelled in the UI, with calls in flight: they land before it ends."""

import sqlite3
import time
from pathlib import Path

import pytest

from tasks.practice.process import PracticeTeacher
from tests.chaos.test_run_drained import CONFIGURATION, IN_FLIGHT, LATENCY_S, QUESTIONS, slow_answers
from tests.integration.test_schedule import PATIENCE_S, ask, end, server, start
from tests.prefect_api import ask_prefect
from tests.sums import write_sums

pytestmark = pytest.mark.slow

__all__ = ["server"]


@pytest.mark.timeout(500)
def test_a_served_run_that_is_cancelled_loses_no_answer(server: dict[str, str], tmp_path: Path) -> None:
    write_sums(tmp_path / "questions.jsonl", QUESTIONS)
    with PracticeTeacher(latency_s=LATENCY_S) as teacher:
        to = f'\n[teacher]\nbase_url = "{teacher.base_url}"\nmax_in_flight = {IN_FLIGHT}\n'
        (tmp_path / "run.toml").write_text(CONFIGURATION + to)
        command = ["flows", "serve", "run.toml", "--every", "3600", "--name", "hourly", "--until", "generate"]
        serving = start(command, server, tmp_path)
        try:
            deadline = time.monotonic() + 2 * PATIENCE_S
            triggered = False
            while slow_answers(teacher) < IN_FLIGHT:
                assert time.monotonic() < deadline
                found = (
                    []
                    if triggered
                    else ask(server, "deployments/filter", {"deployments": {"name": {"any_": ["hourly"]}}})
                )
                if found:
                    ask(server, f"deployments/{found[0]['id']}/create_flow_run", {})
                    triggered = True
                time.sleep(0.2)
            [run, *_] = ask(server, "flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["RUNNING"]}}}})
            asked = {"state": {"type": "CANCELLING", "name": "Cancelling"}}
            ask(server, f"flow_runs/{run['id']}/set_state", asked)
            state = ""
            while state != "CANCELLED":
                assert time.monotonic() < deadline, state
                time.sleep(0.5)
                state = ask_prefect(server["PREFECT_API_URL"], f"flow_runs/{run['id']}")["state"]["type"]
                assert state in ("CANCELLING", "CANCELLED")
        finally:
            end(serving)
        answered = slow_answers(teacher)
    assert IN_FLIGHT <= answered < QUESTIONS
    with sqlite3.connect(tmp_path / "data/warehouse/journal/calls.sqlite") as journal:
        [counts] = journal.execute("SELECT sum(outcome = 'answered'), sum(outcome = 'unknown') FROM sends")
    assert counts == (answered, 0)
