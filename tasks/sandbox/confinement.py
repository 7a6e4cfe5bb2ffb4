"""What the zygote gives up once and for all, and what each snippet gives up after it."""

import ctypes
import os
import resource
import signal
import struct
import sys
from collections.abc import Sequence
from typing import NamedTuple

from tasks.sandbox import landlock, seccomp

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CAPABILITY_VERSION_3 = 0x20080522
_PACKAGE_FOLDERS = ("site-packages", "dist-packages")
_TIME_ZONES = "/usr/share/zoneinfo"
_STACK_BYTES = 64 * 2**20
_HIGHEST_DESCRIPTOR = 64
"""The zygote holds five."""

_libc = ctypes.CDLL(None, use_errno=True)
_libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]


class Limits(NamedTuple):
    """What one snippet may use, over all its cases. Exceeding them is the snippet's own fault."""

    cpu_s: int = 5
    memory_bytes: int = 2**30
    """Of address space."""
    idle_s: float = 5.0
    """After which it may not be found asleep, or waiting for what never comes."""
    wall_s: float = 40.0
    """After which it is given up: longer than `cpu_s`, so that a busy machine fails no honest answer."""


def confine_zygote(packages: Sequence[str], limits: Limits) -> None:
    """No capabilities, no way to gain any, nothing to read but the standard library and the folders `packages`.

    And those limits of its snippets which it can live with itself: they inherit them. Raises `OSError`.
    """
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _prctl(_PR_SET_DUMPABLE, 0)
    header, none = struct.pack("Ii", _CAPABILITY_VERSION_3, 0), struct.pack("6I", *[0] * 6)
    if _libc.capset(header, none):
        raise OSError(ctypes.get_errno(), "capset")
    landlock.restrict([*standard_library(), *packages])
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_STACK, _STACK_BYTES),
        (resource.RLIMIT_NOFILE, _HIGHEST_DESCRIPTOR),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        _lower(kind, value)


def confine_snippet(channel: int, zygote: int, limits: Limits, program: bytes) -> None:
    """From here on: `limits`, the system calls of `program`, no descriptor but `channel`, no life after the zygote.

    Raises `OSError`, and `ProcessLookupError` when the zygote died before it could be watched.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != zygote:
        raise ProcessLookupError(f"process {zygote}")
    os.closerange(0, channel)
    os.closerange(channel + 1, _HIGHEST_DESCRIPTOR)
    _lower(resource.RLIMIT_CPU, limits.cpu_s)
    _lower(resource.RLIMIT_NPROC, 0)
    seccomp.load(program)


def standard_library() -> list[str]:
    """What is on the import path, entry by entry, without the packages that are installed there.

    Landlock grants what lies beneath a path and cannot take a part of it back. To import needs no more: the zygote has
    listed the folders before, and the import system lists them again only when they have changed.
    """
    folders = [path for path in sys.path if os.path.isdir(path) and os.path.dirname(path) not in sys.path]  # noqa: PTH112, PTH120
    entries = [entry for folder in folders for entry in os.scandir(folder)]
    library = [entry.path for entry in entries if entry.name not in _PACKAGE_FOLDERS]
    return library + [path for path in (_TIME_ZONES,) if os.path.isdir(path)]  # noqa: PTH112


def _lower(kind: int, value: int) -> None:
    """Never above the limit that is in force already, which only root could raise."""
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), f"prctl({option})")
