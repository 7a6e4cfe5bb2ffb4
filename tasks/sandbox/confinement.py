"""What the zygote gives up once and for all, and what each snippet gives up after it."""

import contextlib
import ctypes
import os
import resource
import signal
import struct
from typing import NamedTuple

from tasks.cpu_timer import CpuTimer
from tasks.sandbox import landlock, seccomp

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CAPABILITY_VERSION_3 = 0x20080522
_AT_USERS, _AT_EXECFN = (11, 12, 13, 14), 31
"""User and group in the auxiliary vector (getauxval(3)), and the file that was executed."""
_STACK_BYTES = 64 * 2**20
_HIGHEST_DESCRIPTOR = 64
"""The zygote holds five."""
_NOBODY = 2**32 - 1
_ENTRY_BYTES = struct.calcsize("NN")

_libc = ctypes.CDLL(None, use_errno=True)
_libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]


class ResourceLimits(NamedTuple):
    """What one snippet may use, over all its cases. Exceeding them is the snippet's own fault."""

    cpu_s: int = 5
    memory_bytes: int = 2**30
    """Of address space."""
    idle_s: float = 5.0
    """After which it may not be found asleep, or waiting for what never comes."""
    wall_s: float = 40.0
    """After which it is given up: longer than `cpu_s`, so that a busy machine fails no honest answer."""


def forget_host() -> None:
    """Hide the host: from here on this process and its forks are told no host name and no kernel, and libc remembers no
    user.

    Raises `OSError`.
    """
    machine = os.uname().machine
    os.uname = lambda: os.uname_result(("Linux", "sandbox", "", "", machine))
    with open("/proc/self/auxv", "rb") as file, open("/proc/self/maps") as maps:  # noqa: PTH123
        vector = file.read()
        (stack,) = [line.split()[0] for line in maps if line.rstrip().endswith("[stack]")]
    start, end = (int(address, 16) for address in stack.split("-"))
    at = start + ctypes.string_at(start, end - start).index(vector)
    for index, (kind, value) in enumerate(struct.iter_unpack("NN", vector)):
        if kind in _AT_USERS:
            ctypes.c_size_t.from_address(at + index * _ENTRY_BYTES + _ENTRY_BYTES // 2).value = _NOBODY
        if kind == _AT_EXECFN:
            ctypes.memset(value, 0, len(ctypes.string_at(value)))


def confine_zygote(limits: ResourceLimits) -> None:
    """Confine the zygote: no capabilities, no way to gain any, no file to open, no descriptor but the standard ones.

    And those limits of its snippets which it can live with itself: they inherit them. Raises `OSError`.
    """
    for descriptor in [int(name) for name in os.listdir("/proc/self/fd")]:  # noqa: PTH208 - the zygote has no pathlib
        if descriptor > 2:
            with contextlib.suppress(OSError):  # that of the list
                os.close(descriptor)
    gain_no_privileges()
    _prctl(_PR_SET_DUMPABLE, 0)
    header, none = struct.pack("Ii", _CAPABILITY_VERSION_3, 0), struct.pack("6I", *[0] * 6)
    if _libc.capset(header, none):
        raise OSError(ctypes.get_errno(), "capset")
    landlock.restrict()
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


def gain_no_privileges() -> None:
    """Set PR_SET_NO_NEW_PRIVS: from here on no program that this process or its forks execute has more rights. Raises
    `OSError`.
    """
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def confine_snippet(channel: int, zygote: int, limits: ResourceLimits, program: bytes) -> None:
    """Confine a snippet from here on: `limits`, the system calls of `program`, no descriptor but `channel`, no life
    after the zygote.

    Raises `OSError`, and `ProcessLookupError` when the zygote died before it could be watched.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != zygote:
        raise ProcessLookupError(f"process {zygote}")
    os.closerange(0, channel)
    os.closerange(channel + 1, _HIGHEST_DESCRIPTOR)
    CpuTimer(signal.SIGKILL).arm(limits.cpu_s)
    _lower(resource.RLIMIT_NPROC, 0)
    seccomp.load(program)


def _lower(kind: int, value: int) -> None:
    """Never above the limit that is in force already, which only root could raise."""
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), f"prctl({option})")
