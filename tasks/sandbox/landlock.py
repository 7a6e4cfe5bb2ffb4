"""Landlock by its system calls (landlock(7), linux/landlock.h): no file is opened or changed any more.

The PyPI package `landlock` is an alpha that handles no network and no scopes, so this is our own.
"""

import contextlib
import ctypes
import errno
import os
import struct

_CREATE_RULESET, _RESTRICT_SELF = 444, 446
"""The same on every architecture."""
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
"""ABI to the number of file system rights (bits from 0) that it knows; a kernel refuses bits that it does not know."""
_TCP = 0b11
"""bind and connect, from ABI 4."""
_SCOPES = 0b11
"""Abstract unix sockets and signals, from ABI 6."""

_libc = ctypes.CDLL(None, use_errno=True)


def restrict() -> None:
    """Restrict files: from here on this process and its forks may read, list, execute and change no file.

    What is open stays open, and what a file is called, how large it is and whose is no matter of Landlock. Older
    kernels handle fewer rights; the system call filter denies all of that everywhere. Needs PR_SET_NO_NEW_PRIVS.
    Raises `OSError`.
    """
    version = max(0, int(_libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)))
    if version < 1:
        raise OSError(
            errno.ENOSYS, "this kernel has no Landlock: it needs Linux 5.13 or newer with landlock among its LSMs"
        )
    rights = (1 << max([bits for since, bits in _FILE_RIGHTS.items() if since <= version], default=0)) - 1
    attributes = struct.pack("QQQ", rights, _TCP if version >= 4 else 0, _SCOPES if version >= 6 else 0)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = _call(_CREATE_RULESET, attributes, ctypes.c_size_t(size), 0)
    _call(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
    with contextlib.suppress(PermissionError):
        os.close(os.open("/", os.O_RDONLY | os.O_DIRECTORY))
        raise OSError(errno.ENOSYS, "Landlock restricts nothing here")


def _call(number: int, *arguments: object) -> int:
    result = int(_libc.syscall(number, *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock system call {number}: {os.strerror(code)}")
    return result
