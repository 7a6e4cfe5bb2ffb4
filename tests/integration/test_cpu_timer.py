"""Limits of processor time beside processes that sleep and wake, of which the kernel's clock ticks know little."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tasks import cpu_timer
from tasks.killable import KillableProcess
from tasks.sandbox.confinement import ResourceLimits
from tasks.sandbox.sandbox import Sandbox
from tasks.sandbox.snippet import End, SnippetEnded
from tests.integration.test_sandbox import called

WAKES = """
import time
while True:
    end = time.perf_counter() + 0.002
    while time.perf_counter() < end:
        pass
    time.sleep(0.001)
"""
RUNS = """
import time
def run(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return 1
"""


@pytest.fixture
def busy() -> Iterator[None]:
    others = [
        subprocess.Popen([sys.executable, "-c", WAKES], start_new_session=True) for _ in range(os.cpu_count() or 1)
    ]
    yield
    for other in others:
        other.kill()
        other.wait()


def test_a_call_has_all_of_its_time(tmp_path: Path, busy: None) -> None:
    (tmp_path / "runs.py").write_text(RUNS)
    with closing(KillableProcess("runs", "run", 1.0, paths=(str(tmp_path),))) as process:
        assert process.ask(0.9) == 1


def test_a_slow_answer_was_not_killed_from_outside(busy: None) -> None:
    with (
        closing(Sandbox(ResourceLimits(cpu_s=3))) as sandbox,
        sandbox.start() as snippet,
        pytest.raises(SnippetEnded) as ended,
    ):
        called(snippet, "def f():\n    while True: pass")
    assert ended.value.end is End.TOO_SLOW


def test_a_snippet_that_cannot_be_confined_is_not_at_fault() -> None:
    with closing(Sandbox()) as sandbox:
        sandbox.start().close()
        assert sandbox.zygote
        resource.prlimit(sandbox.zygote, resource.RLIMIT_SIGPENDING, (0, 0))
        with sandbox.start() as snippet, pytest.raises(SnippetEnded) as ended:
            called(snippet, "def f(): return 1")
    assert ended.value.end is End.KILLED


def test_a_system_without_such_timers(monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS has none: there a call has the time that the clock ticks give it."""
    assert isinstance(cpu_timer.cpu_timer(), cpu_timer.CpuTimer)
    monkeypatch.setattr(cpu_timer, "_libc", None)
    timer = cpu_timer.cpu_timer()
    assert isinstance(timer, cpu_timer.ProfilingTimer)
    timer.arm(60.0)
    assert signal.getitimer(signal.ITIMER_PROF)[0] > 0
    timer.arm(0)
