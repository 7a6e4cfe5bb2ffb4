"""The command line as a user starts it: a process of its own, in a folder of its own, without the user's settings."""

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.forked import Forked
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

Command = subprocess.Popen[str] | Forked
Reflectory = Callable[..., Command]

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One Prefect home for all tests: making its database takes longer than most runs."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT", "RAY", "OPENAI"))}
    return inherited | {
        "PREFECT_HOME": str(tmp_path_factory.mktemp("prefect")),
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "true",
        "PYTHONPATH": str(ROOT),
        "RAY_AUTH_MODE": "token",  # of a Ray of its own that is the default, but not of one to connect to
        "RAY_AUTH_TOKEN": secrets.token_hex(),  # else two that start at once write the user's
    }


@pytest.fixture(scope="session")
def prefect_api(environment: dict[str, str]) -> Iterator[str]:
    """The API URL of a Prefect server for all tests: a run that starts its own takes several processor seconds more."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "flows.prefect_server", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE) as server:
        url = f"http://127.0.0.1:{port}/api"
        while server.poll() is None and not answers(f"{url}/health"):
            time.sleep(0.2)
        yield url


@pytest.fixture(scope="session")
def ray_address(environment: dict[str, str]) -> Iterator[str]:
    """The address of a Ray for all tests: a run that starts its own takes several processor seconds more."""
    code = """
import ray, sys
from tasks.ray_session import ray_session
with ray_session(cpus=4, gpus=0):
    print(ray.get_runtime_context().gcs_address, flush=True)
    sys.stdin.read()
"""
    command, piped = [sys.executable, "-c", code], subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=piped, stdout=piped, text=True) as cluster:
        assert cluster.stdout
        yield cluster.stdout.readline().strip()


def answers(url: str) -> bool:
    """Whether a GET of it is answered with success."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False


@pytest.fixture(scope="session")
def services(environment: dict[str, str], prefect_api: str, ray_address: str) -> dict[str, str]:
    """The environment of somebody who has a Prefect server and a Ray running."""
    return environment | {"PREFECT_API_URL": prefect_api, "RAY_ADDRESS": ray_address}


OWN = {"PREFECT_API_URL": "", "RAY_ADDRESS": ""}
"""For a run that has to see to both itself."""


@pytest.fixture(scope="session")
def fork_server(services: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where `tests.forked` listens."""
    path = tmp_path_factory.mktemp("forked") / "socket"
    command, piped = [sys.executable, "-m", "tests.forked", str(path)], subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=services, stdin=piped, stdout=piped, text=True) as server:
        assert server.stdout
        server.stdout.readline()
        yield path


@pytest.fixture(scope="session")
def reflectory(services: dict[str, str], fork_server: Path) -> Iterator[Reflectory]:
    """Starts `reflectory ARGUMENTS` in the folder `cwd` and returns the process, its output in pipes.

    With other variables, such as `**OWN`, it is a Python of its own, as a user starts it. What a failed test leaves
    running is killed in the end.
    """
    started: list[Command] = []

    def start(*arguments: str, cwd: Path, **more: str) -> Command:
        process: Command = _popen(arguments, cwd, services | more) if more else Forked(fork_server, arguments, cwd)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()


def _popen(arguments: Sequence[str], cwd: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    command, piped = [sys.executable, "-m", "flows", *arguments], subprocess.PIPE
    return subprocess.Popen(command, cwd=cwd, env=environment, stdout=piped, stderr=piped, text=True)


def asked(warehouse: Path, query: str) -> list[dict[str, Any]]:
    """The rows of a query to the warehouse in a folder, without a process for `reflectory sql`."""
    with Snapshot(Warehouse(warehouse)) as now:
        columns, rows = now.ask(query)
    return [dict(zip(columns, row, strict=True)) for row in rows]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data, never copied into the project; tests that need it are skipped where it is not."""
    folder = Path(os.environ.get("REFLECTORY_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}; set REFLECTORY_SHARED_DATA")
    return folder
