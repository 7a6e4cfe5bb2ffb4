"""What a command and all that it starts cost: wall clock, CPU seconds, memory. They are killed together if wanted."""

import ctypes
import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil

SAMPLE_S = 0.2
PR_SET_CHILD_SUBREAPER = 36


class Cost(NamedTuple):
    status: int | None
    """None: it was ended for its time."""
    wall_s: float
    cpu_s: float
    """Of the command and all its descendants, whoever became their parent."""
    peak_mib: float
    """Most memory of all of them at one time; pages that several share count once."""


def adopt_orphans() -> None:
    """Makes this process the parent of descendants that lose theirs, so that their CPU seconds are counted."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run(
    command: Sequence[str], environment: dict[str, str], log: Path, timeout_s: float, doomed: Callable[[], bool] | None
) -> Cost:
    """Runs it to its end; or kills it with all its descendants once it is doomed, or out of time."""
    others = {child.pid for child in psutil.Process().children()}
    before, started = _children_cpu_s(), time.perf_counter()
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=log.parent
        )
    memory = _Memory(others)
    memory.start()
    status = _wait(process, started + timeout_s, doomed or bool)
    if status is None or doomed:
        _kill(others)
        process.wait()
    wall_s = time.perf_counter() - started
    memory.end()
    _settle(others)
    return Cost(status, wall_s, _children_cpu_s() - before, memory.peak / 2**20)


def _wait(process: subprocess.Popen[bytes], until: float, doomed: Callable[[], bool]) -> int | None:
    while time.perf_counter() < until:
        if doomed():
            return -signal.SIGKILL
        with suppress(subprocess.TimeoutExpired):
            return process.wait(0.05)
    return None


class _Memory(threading.Thread):
    def __init__(self, others: set[int]) -> None:
        super().__init__(daemon=True)
        self._others, self._ended, self.peak = others, threading.Event(), 0

    def run(self) -> None:
        while not self._ended.wait(SAMPLE_S):
            self.peak = max(self.peak, sum(map(_memory, _descendants(self._others))))

    def end(self) -> None:
        self._ended.set()
        self.join()


def _memory(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.Error, OSError):
        return 0


def _descendants(others: set[int]) -> Iterator[psutil.Process]:
    for child in psutil.Process().children():
        if child.pid not in others:
            yield child
            with suppress(psutil.Error):
                yield from child.children(recursive=True)


def _kill(others: set[int]) -> None:
    """All at once, as when a machine goes; until none is left."""
    while found := [process for process in _descendants(others) if _lives(process)]:
        for process in found:
            with suppress(psutil.Error):
                process.kill()
        time.sleep(0.02)


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def _settle(others: set[int], patience_s: float = 10.0) -> None:
    """Waits for what it left running, then ends it, and takes the CPU seconds of all."""
    until = time.perf_counter() + patience_s
    while any(map(_lives, _descendants(others))) and time.perf_counter() < until:
        time.sleep(0.1)
    _kill(others)
    for child in psutil.Process().children():
        if child.pid not in others:
            with suppress(ChildProcessError):
                os.waitpid(child.pid, 0)


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
