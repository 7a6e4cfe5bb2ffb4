"""Runs on a schedule, against a real Prefect server: served from a laptop, and deployed to a work pool."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.prefect_api import ask_prefect

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow  # a server, four commands of Prefect, a worker and its runs: over 30 processor seconds
PATIENCE_S = 150.0
CONFIG = """
[questions]
source = "reasoning_gym"
limit = 6
"""


@pytest.fixture(scope="module")
def server(
    environment: dict[str, str], ray_address: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """The environment of a client of a `prefect server start` of its own, with a database of its own: in one that it
    shares, the runs of other tests are its runs.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mine = environment | {
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_HOME": str(tmp_path_factory.mktemp("home")),
        "RAY_ADDRESS": ray_address,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_ENABLED": "false",
        "PREFECT_WORKER_QUERY_SECONDS": "2",
        "PREFECT_RUNNER_POLL_FREQUENCY": "2",
    }
    process = start(["prefect", "server", "start", "--port", str(port)], mine, ROOT)
    wait_until(lambda: answers(f"{mine['PREFECT_API_URL']}/health"))
    yield mine
    end(process)


def start(command: list[str], environment: dict[str, str], cwd: Path) -> subprocess.Popen[bytes]:
    program, *arguments = command
    module = [sys.executable, "-m", program, *arguments]
    return subprocess.Popen(
        module,
        env=environment | {"PWD": str(cwd)},
        cwd=cwd,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a test in the background has it ignored
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """As Ctrl-C on a terminal: the whole group hears it."""
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(PATIENCE_S)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_S):
            return True
    except OSError:  # of a status, too
        return False


def wait_until(true: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.5)


def ask(server: dict[str, str], path: str, body: dict[str, Any]) -> Any:
    return ask_prefect(server["PREFECT_API_URL"], path, body)


def completed(server: dict[str, str], deployment: str) -> list[dict[str, Any]]:
    """The runs of a deployment that are over, oldest first; none may have failed."""
    of_deployment = {"deployments": {"name": {"any_": [deployment]}}, "sort": "EXPECTED_START_TIME_ASC"}
    runs = ask(server, "flow_runs/filter", of_deployment)
    bad = [run for run in runs if run["state_type"] in ("FAILED", "CRASHED")]
    assert not bad, bad
    return [run for run in runs if run["state_type"] == "COMPLETED"]


def runs_landed(folder: Path, environment: dict[str, str]) -> Any:
    query = """
        select ended, books.planned, books.verified + books.unverified as judged, ledger.sent
        from runs order by started_at
    """
    asked = [sys.executable, "-m", "flows", "sql", query, "--format", "json"]
    return json.loads(subprocess.check_output(asked, cwd=folder, env=environment))


def test_a_served_run_fires_and_lands_and_the_second_makes_no_call(server: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text(CONFIG)
    serving = start(["flows", "serve", "run.toml", "--every", "5", "--name", "often"], server, tmp_path)
    try:
        wait_until(lambda: len(completed(server, "often")) >= 2)
    finally:
        end(serving)
    assert serving.returncode == 0
    first, second, *_ = runs_landed(tmp_path, server)
    assert first == {"ended": "done", "planned": 6, "judged": 6, "sent": 6}
    assert second == first, "the ledger is over all runs: nothing more was sent"
    [deployment] = ask(server, "deployments/filter", {"deployments": {"name": {"any_": ["often"]}}})
    assert deployment["paused"]


def test_each_run_leaves_a_table_with_yield_and_books(server: dict[str, str]) -> None:
    """Of the served runs before; other tests' runs may lie in the same database."""
    served = [run["id"] for run in completed(server, "often")]
    artifacts = ask(
        server, "artifacts/filter", {"artifacts": {"key": {"any_": ["yield"]}, "flow_run_id": {"any_": served}}}
    )
    assert len(artifacts) == len(served) >= 2
    for artifact in artifacts:
        assert artifact["type"] == "table"
        assert "planned 6 = verified" in artifact["description"]
        assert "reasoning_gym/chain_sum" in artifact["data"]


def test_the_nightly_deployment_runs_on_a_work_pool(server: dict[str, str], tmp_path: Path) -> None:
    def prefect(*arguments: str) -> None:
        command = [sys.executable, "-m", "prefect", *arguments]
        subprocess.run(command, env=server | {"PWD": str(tmp_path)}, cwd=tmp_path, check=True, timeout=PATIENCE_S)

    prefect("work-pool", "create", "reflectory", "--type", "process")
    prefect("--no-prompt", "deploy", "--all", "--prefect-file", str(ROOT / "deploy" / "prefect.yaml"))
    found = ask(server, "deployments/filter", {"deployments": {"name": {"any_": ["nightly"]}}})
    [[schedule]] = [each["schedules"] for each in found if each["schedules"]]
    assert schedule["schedule"]["cron"] == "0 2 * * *"
    prefect("deployment", "run", "synthesize/nightly")
    worker = start(["prefect", "worker", "start", "--pool", "reflectory", "--limit", "1"], server, tmp_path)
    try:
        wait_until(lambda: completed(server, "nightly"))
    finally:
        end(worker)
    [landed] = runs_landed(tmp_path, server)
    assert landed["ended"] == "done"
    assert landed["planned"] == landed["judged"] == landed["sent"] > 0
