"""Stopped, cancelled, suspended or paused with calls in flight: nothing more is sent, and what is in flight lands."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from flows.unfinished import Started
from tasks.practice.process import PracticeTeacher
from tests.conftest import ROOT, Reflectory
from tests.prefect_api import ask_prefect
from tests.sums import write_sums

pytestmark = pytest.mark.slow
LATENCY_S = 4.0
IN_FLIGHT = 4
QUESTIONS = 40
DEADLINE_S = 150.0
CONFIGURATION = """
[questions]
source = "jsonl"
path = "questions.jsonl"

[run]
shard_size = 10
"""

Order = Callable[["Running"], None]


class Running:
    """A run whose teacher takes seconds for each answer, at a moment when some are in flight."""

    def __init__(self, reflectory: Reflectory, server: PracticeTeacher, folder: Path, api: str, *more: str) -> None:
        self._reflectory, self._server, self._api, self.folder = reflectory, server, api, folder
        write_sums(folder / "questions.jsonl", QUESTIONS)
        (folder / "run.toml").write_text(CONFIGURATION)
        base = ["--set", f"teacher.base_url={server.base_url}", "--set", f"teacher.max_in_flight={IN_FLIGHT}"]
        self.command = ["run", "run.toml", *base, "--until", "generate"]
        before = self.counters()["answered"]
        self.process = reflectory(*self.command, *more, cwd=folder)
        self.wait_for(lambda: self.counters()["in_flight"] == IN_FLIGHT and self.counters()["answered"] > before)
        self.flow_run_id = flow_run_of(folder)

    def counters(self) -> dict[str, Any]:
        with urllib.request.urlopen(self._server.base_url.removesuffix("/v1") + "/counters") as response:
            return dict(json.load(response))

    def wait_for(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not true():
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.05)

    def flow_run(self) -> dict[str, Any]:
        return dict(ask_prefect(self._api, f"flow_runs/{self.flow_run_id}"))

    def set_state(self, type_: str, name: str, **details: object) -> None:
        asked = {"state": {"type": type_, "name": name, "state_details": details}, "force": True}
        ask_prefect(self._api, f"flow_runs/{self.flow_run_id}/set_state", asked)

    def ends(self) -> tuple[int, str]:
        """Its exit code, and what it said on standard error."""
        out, err = self.process.communicate(timeout=DEADLINE_S)
        assert "Traceback" not in out + err, out + err
        return self.process.returncode, err

    def landed(self) -> tuple[int, int]:
        """Answers that the journal has heard of, and sends that it has not."""
        with sqlite3.connect(self.folder / "data/warehouse/journal/calls.sqlite") as journal:
            [counts] = journal.execute("SELECT sum(outcome = 'answered'), sum(outcome = 'unknown') FROM sends")
        return int(counts[0]), int(counts[1])

    def ask(self, query: str) -> list[dict[str, Any]]:
        out, _ = self._reflectory("sql", query, "--format", "json", cwd=self.folder).communicate()
        return list(json.loads(out))

    def logs(self) -> str:
        asked = {"logs": {"flow_run_id": {"any_": [self.flow_run_id]}}}
        return "\n".join(row["message"] for row in ask_prefect(self._api, "logs/filter", asked))


def flow_run_of(folder: Path) -> str | None:
    """The flow run under way in a folder. Not the newest of the server: other workers of the tests have runs there."""
    for file in (folder / "data/warehouse/unfinished").glob("*.json"):
        with suppress(FileNotFoundError):  # it has just ended
            return Started.read(file).flow_run_id
    return None


@pytest.fixture(scope="module")
def slow() -> Any:
    with PracticeTeacher(latency_s=LATENCY_S) as server:
        yield server


ORDERS: dict[str, Order] = {
    "Ctrl-C": lambda run: run.process.send_signal(signal.SIGINT),
    "SIGTERM": lambda run: run.process.send_signal(signal.SIGTERM),
    "cancelled in the UI": lambda run: run.set_state("CANCELLING", "Cancelling"),
    "suspended": lambda run: run.set_state("PAUSED", "Suspended", pause_reschedule=True),
}


@pytest.mark.timeout(400)
@pytest.mark.parametrize("how", ORDERS)
def test_what_is_in_flight_lands(
    how: str, tmp_path: Path, reflectory: Reflectory, slow: PracticeTeacher, prefect_api: str
) -> None:
    before = slow_answers(slow)
    run = Running(reflectory, slow, tmp_path, prefect_api)
    ORDERS[how](run)
    code, said = run.ends()
    assert code == 5, said
    assert "nothing more is sent; what is in flight has 60 s to land" in said
    assert ("Ctrl-C once more" in said) is (how == "Ctrl-C")
    assert "the same command continues" in said
    answered, unknown = run.landed()
    assert unknown == 0
    assert answered == slow_answers(slow) - before < QUESTIONS, "each answer that was paid for is in the journal"
    assert run.ask("select ended from runs") == [{"ended": "stopped"}]
    assert run.ask("select count(*) as n from traces") == [{"n": answered}]
    state = run.flow_run()["state"]
    assert state["type"] == ("PAUSED" if how == "suspended" else "CANCELLED"), state
    assert "Traceback" not in run.logs()


@pytest.mark.timeout(400)
def test_an_order_is_for_one_run_of_a_server(
    tmp_path: Path, reflectory: Reflectory, slow: PracticeTeacher, prefect_api: str
) -> None:
    """As tests of several workers share one. The control: the newest run is not the one that is meant."""
    for name in ("meant", "newer"):
        (tmp_path / name).mkdir()
    with PracticeTeacher(latency_s=4 * LATENCY_S) as other:
        meant = Running(reflectory, other, tmp_path / "meant", prefect_api)
        newer = Running(reflectory, slow, tmp_path / "newer", prefect_api)
        assert newer.flow_run()["start_time"] > meant.flow_run()["start_time"]
        ORDERS["cancelled in the UI"](meant)
        assert meant.ends()[0] == 5
        states = [run.flow_run()["state"]["type"] for run in (meant, newer)]
        assert (states, newer.process.poll()) == (["CANCELLED", "RUNNING"], None)
        ORDERS["SIGTERM"](newer)
        assert newer.ends()[0] == 5


def slow_answers(server: PracticeTeacher) -> int:
    with urllib.request.urlopen(server.base_url.removesuffix("/v1") + "/counters") as response:
        return int(json.load(response)["answered"])


@pytest.mark.timeout(400)
@pytest.mark.parametrize("given", [["--set", "run.grace_s=0"], []], ids=["no grace", "Ctrl-C twice"])
def test_without_grace_it_ends_at_once_and_loses_what_is_in_flight(
    given: list[str], tmp_path: Path, reflectory: Reflectory, slow: PracticeTeacher, prefect_api: str
) -> None:
    """The control: the losses are seen where nothing drains."""
    run = Running(reflectory, slow, tmp_path, prefect_api, *given)
    run.process.send_signal(signal.SIGINT)
    if not given:
        time.sleep(0.3)
        os.kill(run.process.pid, signal.SIGINT)
    code, said = run.ends()
    assert code == 5, said
    assert run.landed()[1] > 0
    assert run.ask("select ended from runs") == [{"ended": "stopped"}]


@pytest.mark.timeout(500)
def test_a_paused_run_stops_sending_and_continues_on_resume(
    tmp_path: Path, reflectory: Reflectory, slow: PracticeTeacher, prefect_api: str
) -> None:
    run = Running(reflectory, slow, tmp_path, prefect_api)
    run.set_state("PAUSED", "Paused")
    time.sleep(2)
    received = run.counters()["received"]
    run.wait_for(lambda: run.counters()["in_flight"] == 0)
    time.sleep(LATENCY_S)
    assert run.counters()["received"] == received, "it sends nothing while it is paused"
    assert run.landed()[1] == 0
    run.set_state("RUNNING", "Running")
    code, said = run.ends()
    assert code == 0, said
    assert run.landed() == (QUESTIONS, 0)
    assert run.ask("select ended, ledger.sent as sent from runs") == [{"ended": "done", "sent": QUESTIONS}]
    assert run.flow_run()["state"]["type"] == "COMPLETED"


IN_PROCESS = """
import sys
from pathlib import Path
from schemas.teacher import TeacherSettings
from schemas.errors import Stopped
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.in_process import teacher_in_process
from tests.integration.hostile import ask

settings, journal, grace_s = TeacherSettings(max_in_flight=4), Path(sys.argv[2]), float(sys.argv[3])
asked = [ask(f"{n} + {n}?", model="practice") for n in range(40)]
try:
    with teacher_in_process(settings, TeacherAddress(sys.argv[1]), journal, None, grace_s) as answer:
        answer(asked)
except Stopped as stopped:
    print(stopped)
"""


@pytest.mark.parametrize("grace_s", [60, 0], ids=["drains", "control"])
def test_calls_that_no_actor_makes_land_too(grace_s: int, tmp_path: Path, slow: PracticeTeacher) -> None:
    """A sample, questions to be written, a judge's word."""
    journal, before = tmp_path / "calls.sqlite", slow_answers(slow)
    command = [sys.executable, "-c", IN_PROCESS, slow.base_url, str(journal), str(grace_s)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + DEADLINE_S
        while slow_answers(slow) - before < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert out.strip() == "stopped; the same command continues", err
    assert err == ""
    with sqlite3.connect(journal) as sends:
        [(answered, unknown)] = sends.execute("SELECT sum(outcome = 'answered'), sum(outcome = 'unknown') FROM sends")
    assert (unknown == 0) is (grace_s > 0)
    assert 2 <= answered < 40
