"""A process for work that may hang, crash or eat memory on hostile input, and the side of it that we keep.

Not a sandbox: it limits time and memory, and shares no secret (clean start, empty environment, JSON lines both ways,
nothing is unpickled), but its user could still read files. Code that a model wrote does not run here.

The started process imports the heavy library once and forks; the fork answers requests, one at a time. Before
each it arms kernel timers whose default action ends it, so not even C code that never returns can outlast its
time. The parent reports how the fork ended and forks the next, in milliseconds. Time is processor time: a busy
machine makes a verdict late, not another one. Wall time is limited too, for work that waits, but many times more.
"""

import contextlib
import importlib
import json
import mmap
import os
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from schemas.record import Json
from schemas.verdict import Reason
from tasks.cpu_timer import cpu_timer
from tasks.installed_code import import_paths

MEMORY_BYTES = 2**30
START_S = 60.0
"""To import the library on a busy machine; not part of any request's time."""
WALL_FACTOR = 8.0
"""Seconds on the wall for each of a request's processor seconds: what a machine with so much load gives."""
GRACE_S = 0.4
"""After a request's time: for the kernel and the parent to report its end."""
REQUESTS_PER_FORK = 500
"""Then a fresh fork: caches of the library do not grow for ever."""


class KillableProcess:
    """Calls `module.function(*arguments)` there. Started at the first `ask`; usable from one thread at a time."""

    def __init__(
        self, module: str, function: str, timeout_s: float, setup: tuple[str, ...] = (), paths: tuple[str, ...] = ()
    ) -> None:
        """`timeout_s` is processor time, for each request. With `setup`, the function is called with it when the
        process starts, and what it returns answers the requests. `paths` are where else the process finds modules.
        """
        self._command = [sys.executable, "-P", "-m", __name__, module, function, str(timeout_s), *setup]
        self._paths, self._timeout_s = paths, timeout_s
        self._process: subprocess.Popen[bytes] | None = None
        self._received = b""

    def ask(self, *arguments: Json) -> Any:
        """Return what the function returned; VERIFIER_TIMEOUT or VERIFIER_CRASHED when it did not return in time or at
        all.

        The next call finds a process that is alive, whatever this one did, and never a late reply to this one: only
        after the timer, which runs during requests alone, is the process kept.
        """
        process = self._started()
        try:
            self._send(arguments)
            reply = self._receive(self._timeout_s * WALL_FACTOR + GRACE_S)
        except BrokenPipeError:
            reply = None
        if reply and "returned" in reply:
            return reply["returned"]
        if reply and reply.get("ended") in (signal.SIGPROF, signal.SIGALRM):
            return Reason.VERIFIER_TIMEOUT
        hangs = reply is None and process.poll() is None
        if not reply or "ended" in reply:
            self.close()
        return Reason.VERIFIER_TIMEOUT if hangs else Reason.VERIFIER_CRASHED

    def close(self) -> None:
        """End it and its fork. Idempotent; a later `ask` starts another."""
        if self._process is None:
            return
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        try:
            self._process.wait(GRACE_S)  # an idle one goes by itself, and takes its fork along
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process, self._received = None, b""

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(self._paths),
                cwd="/",
                start_new_session=True,
            )
            if self._receive(START_S) is None:
                self.close()
                raise RuntimeError(f"{' '.join(self._command)} did not start within {START_S:.0f} s; run it by hand")
        return self._process

    def _send(self, request: Json) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()

    def _receive(self, timeout_s: float) -> dict[str, Any] | None:
        """The next line, or None when it did not come in time or the process is gone."""
        assert self._process is not None
        assert self._process.stdout is not None
        pipe, deadline = self._process.stdout.fileno(), time.monotonic() + timeout_s
        while b"\n" not in self._received:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                return None
            piece = os.read(pipe, 65536)
            if not piece:
                return None
            self._received += piece
        line, _, self._received = self._received.partition(b"\n")
        reply: dict[str, Any] = json.loads(line)
        return reply


def _environment(paths: Sequence[str]) -> dict[str, str]:
    """Nothing of ours but the way to our code; one hash seed, so that two runs order terms alike."""
    return {
        "PYTHONPATH": os.pathsep.join([*import_paths(), *paths]),
        "HOME": os.environ.get("HOME", "/"),  # where libraries keep what they have worked out
        "PYTHONHASHSEED": "0",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


def serve(find: Callable[[], Callable[..., Json]], timeout_s: float) -> None:
    """Answers lines on standard input until it closes; a fork does the work, this process only watches it."""
    replies = os.dup(1)
    os.dup2(2, 1)  # what a library prints is no reply
    function = find()
    _send(replies, {"ready": True})
    is_busy = mmap.mmap(-1, 1)  # shared with the forks: no exit code tells a fork that is done from one that was ended
    while True:
        is_busy[0] = False
        fork = os.fork()
        if fork == 0:
            _work(function, timeout_s, replies, is_busy)
        _, status = os.waitpid(fork, 0)
        if os.WIFSIGNALED(status):
            _send(replies, {"ended": os.WTERMSIG(status)})
        elif is_busy[0]:
            _send(replies, {"ended": 0})  # the work itself ended the process
        elif os.WEXITSTATUS(status) == 0:
            return


def _work(function: Callable[..., Json], timeout_s: float, replies: int, is_busy: mmap.mmap) -> NoReturn:
    """Answer requests, and end with 0 when there are no more, with 1 when it has done enough of them."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    for ends in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(ends, signal.SIG_DFL)
    processor_time = cpu_timer()
    for _ in range(REQUESTS_PER_FORK):
        line = _read_line()
        if not line:
            os._exit(0)
        is_busy[0] = True
        arguments = json.loads(line)
        processor_time.arm(timeout_s)
        signal.setitimer(signal.ITIMER_REAL, timeout_s * WALL_FACTOR)
        try:
            reply: dict[str, Json] = {"returned": function(*arguments)}
        except Exception as error:  # noqa: BLE001 - reported by its name, as a crash
            reply = {"raised": type(error).__name__}
        processor_time.arm(0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        is_busy[0] = False
        _send(replies, reply)
    os._exit(1)


def _read_line() -> bytes:
    """One request; none follows before its reply."""
    pieces: list[bytes] = []
    while not pieces or not pieces[-1].endswith(b"\n"):
        piece = os.read(0, 65536)
        if not piece:
            return b""
        pieces.append(piece)
    return b"".join(pieces)


def _send(replies: int, reply: dict[str, Json]) -> None:
    os.write(replies, json.dumps(reply).encode() + b"\n")


if __name__ == "__main__":
    module, name, limit_s, *given = sys.argv[1:]

    def find() -> Callable[..., Json]:
        function: Callable[..., Any] = getattr(importlib.import_module(module), name)
        return function(*given) if given else function

    serve(find, float(limit_s))
