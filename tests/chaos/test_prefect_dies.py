"""Prefect's server is killed while a run goes: the run ends as it would have, and the next one tells a server of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tasks.practice.process import PracticeTeacher
from tests.chaos.test_run_drained import QUESTIONS, Reflectory, Running
from tests.conftest import ROOT
from tests.prefect_api import ask_prefect, free_port, prefect_server

pytestmark = pytest.mark.slow

LATENCY_S = 2.0
EVENTS = 40
TELLING = f"""
import sys
from prefect.events.worker import EventsWorker
from flows.events import RUN_FINISHED, announce, give_up_waiting_events
announce(RUN_FINISHED, "wh", {{}})
[worker] = EventsWorker._instances.values()
worker.wait_until_empty()
print("connected", flush=True)
sys.stdin.readline()
for n in range({EVENTS}):
    announce(RUN_FINISHED, "wh", {{"n": n}})
give_up_waiting_events(patience_s=0.5)
"""


@pytest.mark.timeout(500)
def test_a_run_whose_prefect_dies_ends_done_and_is_told_of_later(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, reflectory: Reflectory, environment: dict[str, str]
) -> None:
    port = free_port()
    own = environment | {"PREFECT_HOME": str(tmp_path_factory.mktemp("own-prefect"))}
    api = f"http://127.0.0.1:{port}/api"

    def start(*arguments: str, cwd: Path) -> subprocess.Popen[str]:
        return reflectory(*arguments, cwd=cwd, PREFECT_API_URL=api, PREFECT_HOME=own["PREFECT_HOME"])

    with PracticeTeacher(latency_s=LATENCY_S) as teacher:
        with prefect_server(own, port) as server:
            run = Running(start, teacher, tmp_path, api)
            before = run.flow_run()
            assert before["state"]["type"] == "RUNNING"
            server.kill()
        code, said = run.ends()
        assert code == 0, said
        assert "the next run tells it" in said
        assert run.landed() == (QUESTIONS, 0)
        assert run.ask("select ended from runs") == [{"ended": "done"}]
        kept = tmp_path / "data/warehouse/unpublished"
        assert [file.stem for file in kept.iterdir()] == [before["id"]]

        with prefect_server(own, port):
            found = ask_prefect(api, f"flow_runs/{before['id']}")
            assert found["state"]["type"] == "RUNNING", "the control: nobody has told it"
            process = start(*run.command, "--set", "questions.limit=2", "--fresh", "more", cwd=tmp_path)
            _, err = process.communicate(timeout=200)
            assert process.returncode == 0, err
            told = ask_prefect(api, f"flow_runs/{before['id']}")
            assert told["state"]["type"] == "COMPLETED"
            asked = {"artifacts": {"flow_run_id": {"any_": [before["id"]]}}}
            found = ask_prefect(api, "artifacts/filter", asked)
            [table], [_] = ([each for each in found if each["key"] == key] for key in ("yield", "yield-card"))
            assert f"planned {QUESTIONS} =" in table["description"]
            assert list(kept.iterdir()) == []


def test_what_waits_to_be_told_does_not_hold_up_the_end_of_a_process(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    port = free_port()
    own = environment | {"PREFECT_HOME": str(tmp_path), "PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}
    with prefect_server(own, port) as server:
        process = subprocess.Popen(
            [sys.executable, "-c", TELLING], cwd=ROOT, env=own, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdout
        assert process.stdout.readline() == "connected\n"
        server.kill()
        server.wait()
        process.communicate("go on\n", timeout=EVENTS * 7 / 2)  # Prefect by itself takes seven seconds for each
    assert process.returncode == 0
