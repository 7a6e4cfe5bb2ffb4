"""Nothing that model-written code tries gets through, as root or as an ordinary user; in plain Python it does."""

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration import escape_world, escapes

ROOT = Path(__file__).parents[2]
NOBODY = 65534


def run(mode: str, interpreter: str, user: int | None) -> dict[str, str | None]:
    done = subprocess.run(
        [interpreter, str(Path(escape_world.__file__)), mode],
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert printed["user"] == (os.getuid() if user is None else user)
    return dict(printed["through"])


def interpreter_of(user: int) -> str | None:
    """One that this user may start, with our code in reach; the one that runs the tests may lie in root's home."""
    for candidate in (sys.executable, shutil.which("python3", path="/usr/local/bin:/usr/bin") or sys.executable):
        command = [
            candidate,
            "-c",
            "import sys; sys.version_info < (3, 11) and sys.exit(1); import tasks.sandbox.sandbox",
        ]
        try:
            done = subprocess.run(
                command, env={"PYTHONPATH": str(ROOT)}, cwd="/", user=user, group=user, extra_groups=[], check=False
            )
        except PermissionError:
            continue
        if done.returncode == 0:
            return candidate
    return None


def test_the_table_is_long_enough() -> None:
    names = [attempt.name for attempt in escapes.ATTEMPTS]
    assert len(names) == len(set(names)) >= (150 if platform.machine() == "x86_64" else 120)


def test_nothing_gets_through_as_the_user_who_runs_the_tests() -> None:
    through = run("sandbox", sys.executable, None)
    assert len(through) == len(escapes.ATTEMPTS)
    assert {name: how for name, how in through.items() if how} == {}


def test_nothing_gets_through_as_an_ordinary_user() -> None:
    if os.getuid() != 0:
        pytest.skip("the tests themselves run as an ordinary user")
    interpreter = interpreter_of(NOBODY)
    if interpreter is None:
        pytest.skip("no Python 3.11 that another user may start")
    through = run("sandbox", interpreter, NOBODY)
    assert len(through) == len(escapes.ATTEMPTS)
    assert {name: how for name, how in through.items() if how} == {}


def test_plain_python_lets_most_through() -> None:
    """The control: attempts that never work anywhere would prove nothing. The rest needs a sandbox to be an attempt."""
    through = run("control", sys.executable, None)
    assert sum(how is not None for how in through.values()) >= 70
    assert not [name for name, how in through.items() if how and name in ("exit at once", "rubbish on the channel")]
