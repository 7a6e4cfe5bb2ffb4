"""What a sandbox must not let through, each tried in a way that does no harm where it is let through.

Sent as source into a snippet by `tasks.sandbox.check`; a test runs the same unconfined, to see that every one bites.
"""

import contextlib
import ctypes
import errno
import os
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

_libc = ctypes.CDLL(None, use_errno=True)
_UNSHARE = {"x86_64": 272, "aarch64": 97}
_PROCESS_VM_READV = {"x86_64": 310, "aarch64": 270}
_IO_URING_SETUP = 425


class RefusedByDesign(Exception):
    """An attempt that ends without an error of the kernel's, and without success."""


def reached(target: dict[str, Any]) -> list[str]:
    """Return the attempts that got through. `target`: a `folder` with a file `kept`, the `judge`'s process id,
    `memory`.
    """
    machine, kept = os.uname().machine, os.path.join(target["folder"], "kept")  # noqa: PTH118
    attempts: dict[str, Callable[[], object]] = {
        "read a file": lambda: os.open(kept, os.O_RDONLY),
        "list a folder": lambda: os.listdir(target["folder"]),  # noqa: PTH208
        "look at a file": lambda: os.stat(kept),  # noqa: PTH116
        "see whether there is a file": lambda: _need(_outcome(kept) != _outcome(f"{kept}.not")),
        "learn the name of the host": socket.gethostname,
        "learn the name of the user": lambda: _need(os.getuid() >= 0),
        "learn of its parent": lambda: _need(os.getppid() > 0),
        "list processes": lambda: os.listdir("/proc"),  # noqa: PTH208
        "write a file": lambda: os.open(kept, os.O_WRONLY),
        "make a file": lambda: os.open(f"{kept}.new", os.O_WRONLY | os.O_CREAT),
        "empty a file": lambda: os.open(kept, os.O_RDONLY | os.O_TRUNC),
        "remove a file": lambda: os.unlink(kept),  # noqa: PTH108
        "see the environment": lambda: _need(os.environ),
        "have descriptors": lambda: _need(_descriptors()[1:]),
        "open a TCP socket": lambda: socket.socket(socket.AF_INET),
        "open a UDP socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "open a unix socket": lambda: socket.socket(socket.AF_UNIX),
        "fork": _fork,
        "start a thread": lambda: threading.Thread(target=int).start(),
        "execute a program": lambda: os.posix_spawn("/bin/true", ["true"], {}),
        "signal the judge": lambda: os.kill(target["judge"], 0),
        "read the judge's memory": lambda: _system_call(_PROCESS_VM_READV[machine], target["judge"], 0, 0, 0, 0, 0),
        "leave its namespaces": lambda: _system_call(_UNSHARE[machine], 0),
        "set up io_uring": lambda: _system_call(_IO_URING_SETUP, 1, 0),
        "have more memory": lambda: bytearray(target["memory"]),
    }
    return [name for name, attempt in attempts.items() if _succeeds(attempt)]


def works(number: int) -> list[object]:
    """Return what an honest snippet does: compute, print, and import a module that nobody has imported before it."""
    import colorsys

    print("nobody reads this", file=sys.stderr)
    return [sum(range(number)), (0.5, None, {"a": {1, 2}}), colorsys.rgb_to_hsv(0, 0, 0)]


def _succeeds(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (OSError, RuntimeError, MemoryError, RefusedByDesign):  # a thread's is a RuntimeError
        return False
    return True


def _need(found: object) -> None:
    if not found:
        raise RefusedByDesign


def _outcome(path: str) -> int:
    """The error of opening it."""
    try:
        os.close(os.open(path, os.O_RDONLY))
    except OSError as error:
        return error.errno or -1
    return 0


def _descriptors() -> list[int]:
    found = []
    for descriptor in range(64):
        try:
            os.lseek(descriptor, 0, os.SEEK_CUR)
        except OSError as error:
            if error.errno == errno.EBADF:
                continue
        found.append(descriptor)
    return found


def _fork() -> None:
    process = os.fork()
    if process == 0:
        os._exit(0)
    with contextlib.suppress(OSError):  # to wait for it may be denied; that it is there is enough
        os.waitpid(process, 0)


def _system_call(number: int, *arguments: int) -> None:
    """EFAULT is a success: the call was let in, and only disliked its arguments."""
    if _libc.syscall(number, *(ctypes.c_long(argument) for argument in arguments)) < 0:
        code = ctypes.get_errno()
        if code == 1:  # EPERM
            raise PermissionError(code, "denied")
