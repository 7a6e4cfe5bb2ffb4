"""One confined process as the judge sees it: a channel, a time limit, and how it ended.

It believes nothing that comes out of the process but its form.
"""

import contextlib
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path

from tasks.sandbox import frames
from tasks.sandbox.confinement import ResourceLimits
from tasks.sandbox.frames import Message

CPU_MARGIN_S = 0.5
"""The kernel looks at a process's limit less often than it counts its time."""
DYING_S = 2.0
"""From a closed channel to the end of its process, on a machine that is busy."""
MOST_REPLIED_BYTES = 16 * frames.LARGEST_REPLY
"""By one process, over all its replies."""
SHORTEST_WAIT_S = 0.05
"""For a reply that comes when the time is over already: nobody is found asleep who was not let run."""


class End(StrEnum):
    """How a snippet ended that did not answer."""

    TOO_SLOW = "too_slow"
    """Used up its processor time, or slept."""
    TOO_LARGE = "too_large"
    """Said more than a reply may hold."""
    GONE = "gone"
    """Its process exited or crashed."""
    BAD_FRAME = "bad_frame"
    """Something other than our side of it wrote on the channel."""
    STARVED = "starved"
    """Wanted to run, and the machine did not let it: nobody knows what it would have answered."""
    KILLED = "killed"
    """By something outside, such as the kernel short of memory, or it could not be started at all."""


class SnippetEnded(Exception):
    def __init__(self, end: End, detail: str) -> None:
        super().__init__(f"{end}: {detail}")
        self.end, self.detail = end, detail


_End = Callable[[int, bool], Message]
"""Of a process; how it had ended, if that is waited for."""


class Snippet:
    """One confined process, ready for requests (`tasks.sandbox.agent`). Leaving the `with` ends it."""

    def __init__(self, channel: socket.socket, process: int, end: _End, limits: ResourceLimits) -> None:
        self.process, self._channel, self._end, self._limits = process, channel, end, limits
        self._received = bytearray()
        self._replied_bytes = 0
        self._spent_s = 0.0
        """From requests to their replies."""

    def __enter__(self) -> "Snippet":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it, whatever it is doing. Idempotent."""
        if self._channel.fileno() >= 0:
            self._end(self.process, False)  # before it could hear that nobody listens, and begin to leave
            self._channel.close()

    def ask(self, request: Message) -> Message:
        """Send a request and return the snippet's reply. Raises `SnippetEnded` when it gives none; it is then
        closed.
        """
        self.send(request)
        return self.receive()

    def send(self, *requests: Message) -> None:
        """Send what `receive` then has the replies to. Raises `SnippetEnded` likewise."""
        with self._in_time() as deadline:
            self._send(b"".join(map(frames.packed, requests)), deadline)

    def receive(self) -> Message:
        """Return the next reply. Raises `SnippetEnded` likewise."""
        with self._in_time() as deadline:
            return frames.unpacked_reply(self._receive(deadline))

    @contextlib.contextmanager
    def _in_time(self) -> "Iterator[_Deadline]":
        deadline = _Deadline(self.process, self._limits, self._spent_s)
        try:
            yield deadline
        except frames.BadFrame as error:
            self.close()
            raise SnippetEnded(End.BAD_FRAME, str(error)) from None
        except SnippetEnded:
            self.close()
            raise
        except OSError:  # it closed its end, or reset it by dying
            raise self._post_mortem() from None
        finally:
            self._spent_s = deadline.spent_s()

    def _send(self, data: bytes, deadline: "_Deadline") -> None:
        left = memoryview(data)
        self._channel.setblocking(False)
        while left:
            deadline.wait(self._channel, writing=True)
            with contextlib.suppress(BlockingIOError):
                left = left[self._channel.send(left) :]

    def _receive(self, deadline: "_Deadline") -> bytes:
        size = int.from_bytes(self._exactly(frames.LENGTH_BYTES, deadline), "big")
        if size > frames.LARGEST_REPLY:
            raise SnippetEnded(End.TOO_LARGE, f"a message of {size} bytes")
        self._replied_bytes += size
        if self._replied_bytes > MOST_REPLIED_BYTES:
            raise SnippetEnded(End.TOO_LARGE, f"messages of more than {MOST_REPLIED_BYTES >> 20} MiB")
        return self._exactly(size, deadline)

    def _exactly(self, size: int, deadline: "_Deadline") -> bytes:
        while len(self._received) < size:
            deadline.wait(self._channel, writing=False)
            piece = self._channel.recv(65536)
            if not piece:
                raise self._post_mortem()
            self._received += piece
        taken = bytes(self._received[:size])
        del self._received[:size]
        return taken

    def _post_mortem(self) -> SnippetEnded:
        """After its channel has closed. One that lives on has closed it itself, and nothing from outside killed it."""
        died = _dies(self.process, DYING_S)
        self._channel.close()
        ended = self._end(self.process, True)
        if "status" not in ended:
            return SnippetEnded(End.KILLED, "with the process that it was forked from")
        if not died:
            return SnippetEnded(End.GONE, "closed its channel and went on")
        code, cpu_s = os.waitstatus_to_exitcode(ended["status"]), ended["cpu_s"]
        if code == -signal.SIGKILL and cpu_s > self._limits.cpu_s - CPU_MARGIN_S:
            return SnippetEnded(End.TOO_SLOW, f"more than {self._limits.cpu_s} s of processor time")
        if code == -signal.SIGKILL:
            return SnippetEnded(End.KILLED, "from outside")
        how = f"exited with code {code}" if code >= 0 else f"died of {signal.Signals(-code).name}"
        return SnippetEnded(End.GONE, how)


def _dies(process: int, within_s: float) -> bool:
    """Whether it has ended by then. Nobody else gets its number: it is collected only once it is ended."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:  # with the process that it was forked from
        return True
    try:
        return ready(handle, within_s)
    finally:
        os.close(handle)


class _Deadline:
    """The time for one reply, which all replies of a snippet share. A process that is found asleep when `idle_s` are
    over waits for what will not come; one that runs has its processor time to lose, and until `wall_s` to get it.
    """

    def __init__(self, process: int, limits: ResourceLimits, spent_s: float) -> None:
        self._process, self._limits = process, limits
        self._start = time.monotonic() - spent_s

    def spent_s(self) -> float:
        return time.monotonic() - self._start

    def wait(self, channel: socket.socket, writing: bool) -> None:
        """Until `channel` is ready. Raises `SnippetEnded`."""
        left_s = max(self._limits.idle_s - self.spent_s(), SHORTEST_WAIT_S)
        while not ready(channel, left_s, writing):
            asleep = _state(self._process) == "S"
            if ready(channel, 0.0, writing):  # it may have replied just before it slept
                return
            if asleep:
                raise SnippetEnded(End.TOO_SLOW, f"asleep after {self._limits.idle_s:g} s")
            if self.spent_s() > self._limits.wall_s:
                raise SnippetEnded(End.STARVED, f"still running after {self._limits.wall_s:g} s, on a busy machine")
            left_s = min(1.0, self._limits.idle_s)


def ready(channel: socket.socket | int, timeout_s: float, writing: bool = False) -> bool:
    """Return whether a descriptor can be read within that time. Not `select`, which takes no descriptor above 1023."""
    poll = select.poll()
    poll.register(channel, select.POLLOUT if writing else select.POLLIN)
    return bool(poll.poll(timeout_s * 1000))


def _state(process: int) -> str:
    """R (runs, or would), S (asleep), D, Z ... (proc(5)); "" when it is not to be seen."""
    try:
        return Path(f"/proc/{process}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""
