"""The command line as a user starts it: a process of its own, in a folder of its own, without the user's settings."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Reflectory = Callable[..., subprocess.Popen[str]]

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One Prefect home for all tests: making its database takes longer than most runs."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT", "RAY", "OPENAI"))}
    return inherited | {
        "PREFECT_HOME": str(tmp_path_factory.mktemp("prefect")),
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "true",
        "PYTHONPATH": str(ROOT),
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
        while server.poll() is None and not _answers(f"{url}/health"):
            time.sleep(0.2)
        yield url


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False


@pytest.fixture(scope="session")
def reflectory(environment: dict[str, str], prefect_api: str) -> Iterator[Reflectory]:
    """Starts `reflectory ARGUMENTS` in the folder `cwd` and returns the process, its output in pipes.

    With `PREFECT_API_URL=""` it has to see to a Prefect server itself. What a failed test leaves running is killed in
    the end.
    """
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, cwd: Path, **more: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows", *arguments],
            cwd=cwd,
            env=environment | {"PREFECT_API_URL": prefect_api} | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data, never copied into the project; tests that need it are skipped where it is not."""
    folder = Path(os.environ.get("REFLECTORY_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}; set REFLECTORY_SHARED_DATA")
    return folder
