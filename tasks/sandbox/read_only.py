"""A system call filter for code that is not hostile but may be wrong: it may read and run files, and change none.

No sandbox: it reads what its user may read, and has a network. Unlike Landlock it needs no kernel with that switched
on, and it covers a file's mode, owner, times and attributes too.
"""

import errno
import os

from tasks.sandbox.confinement import gain_no_privileges
from tasks.sandbox.seccomp import (
    ALLOW,
    EQUALS,
    ERRNO,
    IOCTL,
    LOAD,
    RETURN,
    UnsupportedMachine,
    begin,
    load,
    on,
    step,
)

DENIED: dict[str, tuple[int | None, int | None]] = {
    # name: number on x86_64 and on aarch64 (None: that architecture has it not)
    "creat": (85, None),
    "openat2": (437, 437),
    "open_by_handle_at": (304, 265),
    "truncate": (76, 45),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "rmdir": (84, None),
    "link": (86, None),
    "linkat": (265, 37),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "bind": (49, 200),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "swapon": (167, 224),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "bpf": (321, 280),
    "io_uring_setup": (425, 425),
    "ptrace": (101, 117),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
}
"""What changes a file by its path or through what is open for reading, and what makes others do it."""
OPENS: dict[str, tuple[int | None, int | None, int]] = {"open": (2, None, 1), "openat": (257, 56, 2)}
"""Denied where the flags, the argument of this place, ask for more than to read."""
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
NEWEST = 451
"""Later calls are told to be unknown, as an older kernel would; so is the x32 numbering."""

_MORE, _HAS = 0x35, 0x45
"""BPF_JMP|JGE|K, BPF_JMP|JSET|K."""
_ARGUMENTS = 16


def read_only() -> None:
    """Make files read-only: from here on this process and what it starts change no file: such a call fails with EPERM.

    Does nothing where there is no table for the architecture. Raises `OSError`.
    """
    try:
        program = assemble(os.uname().machine)
    except UnsupportedMachine:
        return
    gain_no_privileges()
    load(program)


def assemble(machine: str) -> bytes:
    """Return the program for `machine`, as an array of struct sock_filter."""
    column, program = begin(machine)
    program += [step(_MORE, NEWEST + 1, 0, 1), step(RETURN, ERRNO | errno.ENOSYS)]
    program += on(IOCTL[column], ERRNO | errno.ENOTTY)  # sets attributes, too
    for numbers in DENIED.values():
        program += on(numbers[column], ERRNO | errno.EPERM)
    for x86_64, aarch64, place in OPENS.values():
        if (number := (x86_64, aarch64)[column]) is not None:
            program += [
                step(EQUALS, number, 0, 4),
                step(LOAD, _ARGUMENTS + 8 * place),
                *(step(_HAS, WRITES, 0, 1), step(RETURN, ERRNO | errno.EPERM)),
                step(RETURN, ALLOW),
            ]
    return b"".join([*program, step(RETURN, ALLOW)])
