"""A run that appears at a Prefect server whose database is Postgres, as in deploy/compose.yaml."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Reflectory
from tests.integration.test_run import SUMS, World
from tests.prefect_api import ask_prefect, free_port, prefect_server

pytestmark = pytest.mark.slow
USER = "postgres"
"""Postgres does not run as root; Debian's package makes this user."""


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """The URL of a database of its own on loopback."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs or os.geteuid() != 0:
        pytest.skip("needs Debian's package postgresql, and root to run it as its own user")
    listens = free_port()
    made = subprocess.run(["mktemp", "-d"], user=USER, capture_output=True, text=True, check=True).stdout.strip()
    settings = {"user": USER, "cwd": "/", "env": {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}}
    subprocess.run([programs[-1] / "initdb", "--auth=trust", "-D", made], check=True, capture_output=True, **settings)
    options = ["-D", made, "-p", str(listens), "-c", "listen_addresses=127.0.0.1", "-k", made]
    server = subprocess.Popen([programs[-1] / "postgres", *options], stderr=subprocess.DEVNULL, **settings)
    ready = [programs[-1] / "pg_isready", "-h", "127.0.0.1", "-p", str(listens)]
    while subprocess.run(ready, capture_output=True).returncode:
        assert server.poll() is None
        time.sleep(0.2)
    yield f"postgresql+asyncpg://{USER}@127.0.0.1:{listens}/postgres"
    server.send_signal(signal.SIGINT)
    server.wait(30)
    shutil.rmtree(made)


def test_a_run_and_its_artifact_stand_in_postgres(
    tmp_path: Path, database: str, reflectory: Reflectory, environment: dict[str, str]
) -> None:
    listens = free_port()
    api = f"http://127.0.0.1:{listens}/api"
    settings = environment | {
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": database,
        "PREFECT_HOME": str(tmp_path / "home"),
    }
    with prefect_server(settings, listens, "full"):
        made = World(tmp_path, reflectory)
        printed = made.run(*SUMS, PREFECT_API_URL=api)
        assert "books: planned 24 = verified" in printed
        (run,) = ask_prefect(api, "flow_runs/filter", {})
        assert (run["state_type"], run["state_name"]) == ("COMPLETED", "Completed")
        artifacts = ask_prefect(api, "artifacts/filter", {})
        assert {"yield"} <= {each["key"] for each in artifacts}
    assert not list((tmp_path / "home").glob("*.db")), "the control: nothing went to a file of Prefect's own"
