"""A process that may hang, crash or eat memory, and is there for the next request all the same."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.verdict import Reason
from tasks.killable import GRACE_S, WALL_FACTOR, KillableProcess

LIMIT_S = 0.5
FATAL = [
    ("builtins", "sum", [range(10**12)], Reason.VERIFIER_TIMEOUT),  # in C, where no signal handler runs
    ("re", "fullmatch", ["(a+)+$", "a" * 40 + "b"], Reason.VERIFIER_TIMEOUT),
    ("ctypes", "string_at", [0], Reason.VERIFIER_CRASHED),
    ("os", "abort", [], Reason.VERIFIER_CRASHED),
    ("builtins", "bytearray", [3 * 2**30], Reason.VERIFIER_CRASHED),
    ("builtins", "int", ["no number"], Reason.VERIFIER_CRASHED),
    # the bug: one of these codes was that of a fork that is done, and its request was waited for until its wall time
    *[("os", "_exit", [code], Reason.VERIFIER_CRASHED) for code in (0, 1, 2, 3, 4, 255)],
    ("sys", "exit", [3], Reason.VERIFIER_CRASHED),
]


@pytest.fixture
def run() -> Iterator[KillableProcess]:
    process = KillableProcess("builtins", "eval", LIMIT_S)
    yield process
    process.close()


def call(module: str, function: str, arguments: list[object]) -> str:
    return f"__import__({module!r}).{function}(*{arguments!r}) and 0"


@pytest.mark.parametrize(("module", "function", "arguments", "reason"), FATAL, ids=lambda case: str(case)[:20])
def test_it_names_what_happened_and_lives(
    run: KillableProcess, module: str, function: str, arguments: list[object], reason: Reason
) -> None:
    assert run.ask("1 + 1") == 2
    start = time.monotonic()
    assert run.ask(call(module, function, arguments)) is reason
    assert time.monotonic() - start < LIMIT_S * WALL_FACTOR + GRACE_S
    assert run.ask("2 + 2") == 4


def test_what_waits_uses_no_processor_time_and_ends_by_the_wall(run: KillableProcess) -> None:
    assert run.ask("1 + 1") == 2
    start = time.monotonic()
    assert run.ask(call("time", "sleep", [60])) is Reason.VERIFIER_TIMEOUT
    assert LIMIT_S < time.monotonic() - start < LIMIT_S * WALL_FACTOR + 2 * GRACE_S
    assert run.ask("2 + 2") == 4


def test_a_signal_handler_is_not_enough() -> None:
    """The control: `signal.alarm` with a handler, by which math-verify limits itself, waits until C code returns."""
    code = "import signal; signal.signal(signal.SIGALRM, exit); signal.setitimer(signal.ITIMER_REAL, 0.1); {}"
    subprocess.run([sys.executable, "-c", code.format("signal.pause()")], timeout=60, check=False)
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run([sys.executable, "-c", code.format("sum(range(10**12))")], timeout=1, check=False)


def test_what_the_function_prints_is_no_reply(run: KillableProcess) -> None:
    assert run.ask("print('{\"returned\": 13}', flush=True) or 7") == 7
    assert run.ask("__import__('os').write(1, b'noise\\n')") == 6
    assert run.ask("8") == 8


def test_a_late_reply_does_not_become_the_next_ones_verdict(run: KillableProcess) -> None:
    """A fork ended from outside between two requests leaves word of it in the pipe, where a reply is looked for.

    The bug: the request after it was given up as crashed, answered later by the next fork, and read as the answer
    to the one after that.
    """
    fork = run.ask("__import__('os').getpid()")
    os.kill(fork, signal.SIGKILL)
    while Path(f"/proc/{fork}").exists():  # until who started it has collected it
        time.sleep(0.02)
    assert run.ask("10") is Reason.VERIFIER_CRASHED
    assert [run.ask("11"), run.ask("12")] == [11, 12]


def test_nothing_of_ours_is_in_its_environment(run: KillableProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted")
    names = run.ask("sorted(__import__('os').environ)")
    assert "OPENAI_API_KEY" not in names
    assert set(names) <= {"HOME", "LC_CTYPE", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PYTHONHASHSEED", "PYTHONPATH"}


def test_close_ends_it_and_the_next_request_starts_another(run: KillableProcess) -> None:
    first = run.ask("__import__('os').getpid()")
    run.close()
    assert not running(Path(f"/proc/{first}"))
    assert run.ask("__import__('os').getpid()") != first


def test_it_does_not_outlive_a_killed_owner() -> None:
    code = """
import os, signal
from tasks.killable import KillableProcess
run = KillableProcess("builtins", "eval", 1.0)
print(run.ask("__import__('os').getpid()"), run.ask("__import__('os').getppid()"), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    root = Path(__file__).parents[2]
    owner = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    left = [Path(f"/proc/{pid}") for pid in owner.stdout.split()]
    deadline = time.monotonic() + 60
    while any(running(process) for process in left) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(left) == 2
    assert not any(running(process) for process in left)


def running(process: Path) -> bool:
    """Not gone, and not a zombie that whatever adopted it has yet to collect."""
    try:
        return process.joinpath("stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_judge_that_cannot_start_is_a_broken_program() -> None:
    """Not a verdict: every row would fail alike."""
    broken = KillableProcess("no_such_module", "nothing", LIMIT_S)
    with pytest.raises(RuntimeError, match="did not start"):
        broken.ask()
