"""A system call filter (seccomp(2), SECCOMP_MODE_FILTER): what is not named here fails with EPERM.

Assembled here, because the bindings on PyPI need libseccomp.so, which slim images lack, and a program takes 40 lines.
"""

import ctypes
import errno
import functools
import os
import struct

SYSCALLS: dict[str, tuple[int | None, int | None]] = {
    # name: number on x86_64 and on aarch64 (None: that architecture has it not)
    "read": (0, 63),
    "write": (1, 64),
    "readv": (19, 65),
    "writev": (20, 66),
    "pread64": (17, 67),
    "lseek": (8, 62),
    "close": (3, 57),
    "getcwd": (79, 17),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "brk": (12, 214),
    "futex": (202, 98),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "times": (100, 153),
    "getrusage": (98, 165),
    "poll": (7, None),
    "ppoll": (271, 73),
    "select": (23, None),
    "pselect6": (270, 72),
    "sched_yield": (24, 124),
    "getrandom": (318, 278),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
"""Allowed whatever their arguments: to compute, to wait, to talk on what is open. Whatever takes a path is not, as the
answer says whether there is such a file; nor what says on which machine, for whom and under whom one runs, as even the
state of one's own channel does.

Not `fcntl`: F_SETOWN with F_SETSIG sends any signal to any process of the user.
"""

IOCTL = (16, 29)
"""Answered with ENOTTY: Python asks of every file that it opens whether it is a terminal."""

MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""`uname -m` to the column above and the AUDIT_ARCH of linux/audit.h."""

LOAD, EQUALS, RETURN = 0x20, 0x15, 0x06
"""BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K (linux/bpf_common.h)."""
KILL, ERRNO, ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
NUMBER, ARCHITECTURE = 0, 4
"""Offsets in struct seccomp_data."""

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2

_libc = ctypes.CDLL(None, use_errno=True)
_libc.prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong]


class UnsupportedMachine(Exception):
    """No table of system calls for this architecture."""


def assemble(machine: str) -> bytes:
    """Return the program for `machine`, as an array of struct sock_filter."""
    column, program = begin(machine)
    program += on(IOCTL[column], ERRNO | errno.ENOTTY)
    for numbers in SYSCALLS.values():
        program += on(numbers[column], ALLOW)
    return b"".join([*program, step(RETURN, ERRNO | errno.EPERM)])


def begin(machine: str) -> tuple[int, list[bytes]]:
    """Return the column of `machine` in a table of numbers, and the steps that load a call's number; a call by another
    architecture's numbers kills. Raises `UnsupportedMachine`.
    """
    if machine not in MACHINES:
        raise UnsupportedMachine(f"no system call filter for {machine}; there is one for {', '.join(MACHINES)}")
    column, architecture = MACHINES[machine]
    return column, [
        step(LOAD, ARCHITECTURE),
        step(EQUALS, architecture, 1, 0),
        step(RETURN, KILL),
        step(LOAD, NUMBER),
    ]


def on(number: int | None, action: int) -> list[bytes]:
    """Return the steps that answer the call of this number with `action`; none for None."""
    return [] if number is None else [step(EQUALS, number, 0, 1), step(RETURN, action)]


@functools.cache
def described(program: bytes) -> ctypes.Array[ctypes.c_char]:
    """Return a program's struct sock_fprog, which keeps it alive. Made once, before the forks."""
    steps = ctypes.create_string_buffer(program, len(program))
    description = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(steps)))
    description.steps = steps  # type: ignore[attr-defined]
    return description


def load(program: bytes) -> None:
    """Hold this process to `program` for the rest of its life. Needs PR_SET_NO_NEW_PRIVS. Raises `OSError`."""
    if _libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, described(program), 0, 0):
        code = ctypes.get_errno()
        raise OSError(code, f"seccomp: {os.strerror(code)}")


def step(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """Return a struct sock_filter; of a jump, how many steps to leave out either way."""
    return struct.pack("HBBI", code, if_true, if_false, operand)
