"""What libraries need around a command: a home, a folder for temporary files, files and processes enough."""

import errno
import os
import resource
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path

_KEPT_THERE = {"HOME": ".*", "TMPDIR": "ray*"}
"""How Prefect, Ray and others name what they keep in each folder: not as a user names files."""
_LACKING = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR)
_FILES = os.strerror(errno.EMFILE).lower()
_PROCESSES = ("can't start new thread", os.strerror(errno.EAGAIN).lower())


def surroundings_trouble(error: BaseException) -> str | None:
    """Return what is wrong around a command, and what to do; None where the error comes of something else."""
    said = str(error).lower()
    if _FILES in said:
        return f"{_FILES}: a process may open {_soft(resource.RLIMIT_NOFILE)}; `ulimit -n 4096` lets it open more"
    if any(words in said for words in _PROCESSES):
        return f"no more processes: a user may have {_soft(resource.RLIMIT_NPROC)}; `ulimit -u` lets it have more"
    if "could not determine home directory" in said:
        return f"HOME: not set, and the system has none for user {os.getuid()}{_remedy('HOME')}"
    if "no usable temporary directory" in said:
        return f"TMPDIR: {error}{_remedy('TMPDIR')}"
    if isinstance(error, OSError) and error.errno in _LACKING and isinstance(error.filename, str):
        file = Path(error.filename)
        lacking = next((name for name, folder in _folders() if _is_kept(file, folder, _KEPT_THERE[name])), None)
        return f"{lacking}: {file}: {error.strerror}{_remedy(lacking)}" if lacking else None
    return None


def _folders() -> Iterator[tuple[str, Path]]:
    with suppress(RuntimeError):
        yield "HOME", Path.home()
    with suppress(FileNotFoundError):
        yield "TMPDIR", Path(tempfile.gettempdir())


def _is_kept(file: Path, folder: Path, names: str) -> bool:
    return file == folder or (file.is_relative_to(folder) and fnmatch(file.relative_to(folder).parts[0], names))


def _remedy(variable: str) -> str:
    return f"; Prefect and Ray keep files there: set {variable} to a folder that this user can write to"


def _soft(limit: int) -> int:
    return resource.getrlimit(limit)[0]
