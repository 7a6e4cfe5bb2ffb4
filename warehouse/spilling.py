"""What does not fit in memory, of DuckDB and ours: in the system's temporary folder, of which TMPDIR names another."""

import atexit
import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from itertools import count
from pathlib import Path

from schemas.errors import Refused

_PREFIX = "reflectory-spilled-"
_numbers = count()


def spill_folder() -> str:
    """Return a place for one connection, which makes it when it needs it, and removes it as it is closed; an empty
    text, with which DuckDB has memory alone, where nothing can be written.
    """
    try:
        return str(_of_this_process(os.getpid(), tempfile.gettempdir()) / str(next(_numbers)))
    except OSError:
        return ""


def spill_trouble(error: BaseException) -> str | None:
    """Return what a person can do where that place is full; None for any other error."""
    if "'max_temp_directory_size' setting" not in str(error):
        return None
    place = tempfile.gettempdir()
    return f"what does not fit in memory does not fit into {place} either; make room there, or name another by TMPDIR"


@contextmanager
def kept_aside(setting: str) -> Iterator[None]:
    """Raise `Refused` where that place has no room for what is written there inside; `setting` names what it is of."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise Refused(
            f"{setting}: cannot keep the rows in {tempfile.gettempdir()} while they are worked at: {error.strerror};"
            " TMPDIR names a folder with room"
        ) from error


@cache
def _of_this_process(pid: int, place: str) -> Path:
    """A folder that others leave alone for as long as this process lives; those of killed ones are removed."""
    for left in Path(place).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            descriptor = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left)
            finally:
                os.close(descriptor)
    folder = _held(place)
    while not folder.exists():  # taken for one that is left, before it was held
        folder = _held(place)
    atexit.register(_remove, folder, pid)
    return folder


def _held(place: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
    with suppress(OSError):
        fcntl.flock(os.open(folder, os.O_RDONLY | os.O_DIRECTORY), fcntl.LOCK_EX)
    return folder


def _remove(folder: Path, pid: int) -> None:
    if os.getpid() == pid:
        shutil.rmtree(folder, ignore_errors=True)
