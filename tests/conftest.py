"""The command line as a user starts it: a process of its own, in a folder of its own, without the user's settings."""

import os
import subprocess
import sys
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
def reflectory(environment: dict[str, str]) -> Iterator[Reflectory]:
    """Starts `reflectory ARGUMENTS` in the folder `cwd` and returns the process, its output in pipes.

    What a failed test leaves running is killed in the end.
    """
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, cwd: Path, **more: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows", *arguments],
            cwd=cwd,
            env=environment | more,
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
