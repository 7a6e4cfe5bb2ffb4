"""The command line as a user starts it: a process of its own, in a folder of its own, without the user's settings."""

import fcntl
import gc
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.forked import Forked
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

Command = subprocess.Popen[str] | Forked
Reflectory = Callable[..., Command]

ROOT = Path(__file__).parents[1]


_FOLDER = "REFLECTORY_TESTS"
"""The variable that names the folder of a test run, for all its workers."""


def pytest_configure(config: pytest.Config) -> None:
    """Make that folder, and in it a pipe that is open for as long as the tests run."""
    if not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="reflectory-tests-")
        os.environ[_FOLDER] = folder
        os.mkfifo(f"{folder}/open")
        config.stash[_OPEN] = os.open(f"{folder}/open", os.O_RDWR)


@pytest.hookimpl(hookwrapper=True)
def pytest_collection() -> Iterator[None]:
    """Ten thousand tests and what they import are here to stay: no collection of garbage looks at them again."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what the workers share: it reads the pipe."""
    gc.unfreeze()  # else libraries tell of leaks
    if held := config.stash.get(_OPEN, None):
        os.close(held)
        shutil.rmtree(os.environ[_FOLDER], ignore_errors=True)


_OPEN = pytest.StashKey[int]()
_started: list[subprocess.Popen[str]] = []


def shared(name: str, make: Callable[[Path], str]) -> str:
    """What `make` says, in the folder of the test run: of one worker, for all of them."""
    folder = Path(os.environ[_FOLDER])
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = folder / name
        if not said.exists():
            said.write_text(make(folder))
        return said.read_text()


def start(command: Sequence[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    """A process that ends when its standard input does: with the test run."""
    with (Path(environment[_FOLDER]) / "open").open() as pipe:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdin=pipe, stdout=subprocess.PIPE, text=True
        )
    _started.append(process)
    return process


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """One Prefect home for all tests: making its database takes longer than most runs."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT", "RAY", "OPENAI"))}
    return inherited | {
        "PREFECT_HOME": shared("home", lambda folder: tempfile.mkdtemp(dir=folder)),
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "true",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PYTHONPATH": str(ROOT),
        "RAY_AUTH_MODE": "token",  # of a Ray of its own that is the default, but not of one to connect to
        "RAY_AUTH_TOKEN": shared(
            "token", lambda _: secrets.token_hex()
        ),  # else two that start at once write the user's
    }


@pytest.fixture(scope="session")
def prefect_api(environment: dict[str, str]) -> str:
    """The API URL of a Prefect server for all tests: a run that starts its own takes several processor seconds more."""

    def serve(_: Path) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = start(["-m", "flows.prefect_server", str(port)], environment)
        url = f"http://127.0.0.1:{port}/api"
        while server.poll() is None and not answers(f"{url}/health"):
            time.sleep(0.2)
        return url

    return shared("prefect", serve)


_RAY = """
import sys
from tasks.ray_session import address, ray_session
with ray_session(cpus=8, gpus=0):
    print(address(), flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="session")
def ray_address(environment: dict[str, str]) -> str:
    """The address of a Ray for all tests: a run that starts its own takes several processor seconds more."""
    return shared("ray", lambda _: first_line(start(["-c", _RAY], environment)))


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
def fork_server(services: dict[str, str]) -> Path:
    """Where `tests.forked` listens."""
    return _forking("forked", services)


@pytest.fixture(scope="session")
def fork_server_of_libraries(services: dict[str, str]) -> Path:
    """Where one listens that has imported nothing of this project."""
    return _forking("forked-libraries", services, "libraries")


def _forking(name: str, services: dict[str, str], *more: str) -> Path:
    def serve(folder: Path) -> str:
        path = str(folder / f"{name}.socket")
        assert first_line(start(["-m", "tests.forked", path, *more], services))
        return path

    return Path(shared(name, serve))


@pytest.fixture(scope="session")
def reflectory(services: dict[str, str], fork_server: Path) -> Iterator[Reflectory]:
    """Starts `reflectory ARGUMENTS` in the folder `cwd` and returns the process, its output in pipes.

    With another Prefect or Ray, such as `**OWN`, it is a Python of its own, as a user starts it. What a failed test
    leaves running is killed in the end.
    """
    started: list[Command] = []

    def reflectory(*arguments: str, cwd: Path, **more: str) -> Command:
        whose = more.keys() & OWN.keys()
        process: Command = (
            _popen(arguments, cwd, services | more) if whose else Forked(fork_server, arguments, cwd, more)
        )
        started.append(process)
        return process

    yield reflectory
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


@pytest.fixture(scope="module")
def verifier() -> Iterator[Any]:
    """A verifier, whose processes the tests of a file share."""
    from tasks.judging.verify import Verifier

    with closing(Verifier()) as made:
        yield made
