"""The night: a run is followed by a release and by maintenance, and a run whose process and worker died has crashed."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tasks.practice.process import PracticeTeacher
from tests.integration.test_schedule import CONFIG, PATIENCE_S, ask, end, runs_landed, server, start, wait_until

pytestmark = pytest.mark.slow

__all__ = ["server"]


def runs(server: dict[str, str], folder: Path) -> dict[str, dict[str, Any]]:
    """By flow, the last run over the folder's warehouse that has begun."""
    found = ask(server, "flow_runs/filter", {"sort": "EXPECTED_START_TIME_ASC"})
    mine = [run for run in found if str(folder) in str(run["parameters"]) and run["start_time"]]
    flows = {flow["id"]: flow["name"] for flow in ask(server, "flows/filter", {})}
    return {flows[run["flow_id"]]: run for run in mine}


@pytest.mark.timeout(900)
def test_one_run_is_followed_by_a_release_and_by_maintenance(server: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text(CONFIG)
    serving = start(["flows", "serve", "run.toml", "--all", "--every", "3600", "--name", "chain"], server, tmp_path)
    try:

        def deployed() -> dict[str, str]:
            found = ask(server, "deployments/filter", {"deployments": {"name": {"any_": ["chain"]}}})
            return {each["entrypoint"].rpartition(".")[2]: each["id"] for each in found}

        wait_until(lambda: len(deployed()) == 7)
        ask(server, f"deployments/{deployed()['synthesize']}/create_flow_run", {})
        for flow in ("synthesize", "release", "maintain"):
            wait_until(lambda flow=flow: runs(server, tmp_path).get(flow, {}).get("state_type") == "COMPLETED")  # type: ignore[misc]
    finally:
        end(serving)
    [landed] = runs_landed(tmp_path, server)
    assert landed["ended"] == "done"
    [folder] = (tmp_path / "data/releases").glob("nightly-*")
    assert (folder / "report.html").exists()
    made = runs(server, tmp_path)
    of_runs = {"flow_run_id": {"any_": [run["id"] for run in made.values()]}}
    artifacts = {each["key"]: each for each in ask(server, "artifacts/filter", {"artifacts": of_runs})}
    progress = {f"synthesize-{stage}" for stage in ("generate", "verify", "score")}
    assert set(artifacts) == {"yield", "yield-card", "release", "release-card", "maintenance", *progress}
    assert {float(artifacts[key]["data"]) for key in progress} == {100.0}
    assert (folder / "report.html").as_uri() in artifacts["release-card"]["data"]
    assert "data:image/svg+xml;base64," in artifacts["yield-card"]["data"]


@pytest.mark.timeout(900)
def test_a_run_that_was_killed_with_its_worker_has_crashed(server: dict[str, str], tmp_path: Path) -> None:
    """Without the automation it stays RUNNING for ever, and keeps its place in the queue."""
    with PracticeTeacher(latency_s=60) as teacher:
        (tmp_path / "run.toml").write_text(f'{CONFIG}\n[teacher]\nbase_url = "{teacher.base_url}"\n')
        deploy = [sys.executable, "-m", "flows", "deploy", "run.toml", "--name", "ghost", "--pool", "ghosts"]
        said = subprocess.run(deploy, env=server, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
        queue = said.split()[-1]
        subprocess.run(
            [sys.executable, "-m", "prefect", "deployment", "run", "synthesize/ghost"], env=server, check=True
        )
        worker = start(["prefect", "worker", "start", "--pool", "ghosts", "--work-queue", queue], server, tmp_path)
        wait_until(lambda: runs(server, tmp_path).get("synthesize", {}).get("state_type") == "RUNNING")
        time.sleep(40)  # a heartbeat or two
        for process in (psutil.Process(worker.pid), *psutil.Process(worker.pid).children(recursive=True)):
            process.kill()  # the run has a group of its own, and goes on without its worker
        worker.wait()
    assert runs(server, tmp_path)["synthesize"]["state_type"] == "RUNNING"
    began = time.monotonic()
    wait_until(lambda: runs(server, tmp_path)["synthesize"]["state_type"] == "CRASHED")
    assert time.monotonic() - began < PATIENCE_S


@pytest.mark.timeout(900)
def test_a_run_that_reaches_its_budget_goes_on_once_the_form_gives_more(server: dict[str, str], tmp_path: Path) -> None:
    """What is too little, or nothing, suspends it once more. It is resumed at once: the form is there by then."""
    prices = "usd_per_million_input = 1.0\nusd_per_million_output = 1.0\nmax_tokens = 1000"
    budget = "usd = 0.0035  # a call costs 0.0004, and 0.0025 at worst\ntokens = 1_000_000"
    (tmp_path / "run.toml").write_text(f"{CONFIG}\n[budget]\n{budget}\n[teacher]\n{prices}\n")
    command = ["flows", "serve", "run.toml", "--every", "3600", "--name", "poor", "--until", "generate"]
    serving = start(command, server, tmp_path)

    def becomes(state: str) -> None:
        wait_until(lambda: runs(server, tmp_path).get("synthesize", {}).get("state_name") == state)

    try:
        wait_until(lambda: ask(server, "deployments/filter", {"deployments": {"name": {"any_": ["poor"]}}}))
        [served] = ask(server, "deployments/filter", {"deployments": {"name": {"any_": ["poor"]}}})
        run = ask(server, f"deployments/{served['id']}/create_flow_run", {})
        for n, usd in enumerate((0.0035, 0.0035, 0.0039), 1):
            becomes("Suspended")
            [said] = ask(server, f"flow_runs/{run['id']}/input/filter", {"prefix": f"suspended-budget-{n}-description"})
            assert f"of {usd} USD and" in said["value"]
            assert "of 1,000,000 tokens" in said["value"], "what a form leaves out stays"
            given: dict[str, float] = ({}, {"usd": 0.0039}, {"usd": 1.0})[n - 1]
            resumed = ask(server, f"flow_runs/{run['id']}/resume", {"run_input": given})
            assert resumed["status"] == "ACCEPT", resumed
        becomes("Completed")
    finally:
        end(serving)
    query = "select ended, ledger.answered as answered from runs order by started_at"
    asked = [sys.executable, "-m", "flows", "sql", query, "--format", "json"]
    landed = json.loads(subprocess.check_output(asked, cwd=tmp_path, env=server))
    assert [run["ended"] for run in landed] == [*["budget_reached"] * 3, "done"]
    first, again, more, all_ = (run["answered"] for run in landed)
    assert 0 < first == again < more < all_ == 6
