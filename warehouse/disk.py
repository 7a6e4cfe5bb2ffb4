"""The disk under a warehouse: paths that name none, and what a write failed for, in a sentence."""

import errno
import glob
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from schemas.errors import DiskTrouble, PlaceGone, ReflectoryError, Refused
from warehouse.durable import Unsyncable, sync

_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]+):(/|$)")
_LEAST_FREE_BYTES = 32 * 2**20
_ABANDONED_S = 3600
_WAL = ".wal"
"""Beside a file that DuckDB was writing."""
_SAYS = {
    errno.ENOSPC: "is full; make room",
    errno.EDQUOT: "is full to its quota; make room",
    errno.EROFS: "is read-only; make it writable",
    errno.EACCES: "does not let this user write; give the right to",
    errno.EPERM: "does not let this user write; give the right to",
    errno.ESTALE: "is away; mount it again",
    errno.ENOTCONN: "is away; mount it again",
    errno.EIO: "fails to write; look at its health, and at the quota of this user",  # SQLite calls both an I/O error
}
_NO_LINKS = "has no hard links, by which Delta Lake commits (so exFAT, FAT, some network mounts); mount one that has"
_NO_SYNC = "syncs nothing that is written to it, and would lose paid answers with the power; take one that does"
_REFUSES_LINKS = (errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP)
_WORDS = {
    "database or disk is full": errno.ENOSPC,
    "readonly database": errno.EROFS,
    "unable to open database file": errno.EACCES,
    "disk i/o error": errno.EIO,
}
"""What SQLite says; deltalake and DuckDB repeat the system's words."""
_NUMBERED = re.compile(r"os error (\d+)|code: (\d+)")


def local_path(setting: str, path: Path) -> Path:
    """Return `path` where it is a place on this machine. Raises `Refused` for an URL, whatever its scheme."""
    if found := _SCHEME.match(str(path)):
        raise Refused(
            f"{setting}: got an URL with the scheme {found[1]!r}; needs a local folder or file; of object storage only"
            " a warehouse can be on one, as s3://BUCKET/PREFIX, az://CONTAINER/PREFIX or gs://BUCKET/PREFIX"
        )
    return path


def check_room(setting: str, folder: Path) -> None:
    """Raise `Refused` where the disk of `folder` has next to no room left."""
    if (free := shutil.disk_usage(folder).free) < _LEAST_FREE_BYTES:
        raise Refused(f"{setting}: {free / 2**20:.1f} MiB are free at {folder}; make room, or give another folder")


def disk_trouble(error: BaseException) -> str | None:
    """Return what the disk does and what to do about it; None where the error is none of the disk's."""
    number = error.errno if isinstance(error, OSError) else None  # deltalake raises OSError with words only
    number = number or _number(str(error)) or 0
    if number in _REFUSES_LINKS and "Unable to rename file" in str(error):  # what it renames it has written before
        return _NO_LINKS
    if isinstance(error, Unsyncable):
        return _NO_SYNC
    return _SAYS.get(number)


@contextmanager
def private_files() -> Iterator[None]:
    """Make files private: what this process, or one that it starts, makes inside is its user's alone, 0600, and 0700
    for folders.
    """
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a file beside `path`, which takes its place in one step once the block ends without an exception, and is
    whole there after a loss of power, too.

    What killed processes left so is removed after an hour, in which one on another machine may still write. Raises
    `OSError`.
    """
    for left in path.parent.glob(f".{glob.escape(path.name)}.*"):
        with suppress(OSError):
            process = left.name.removesuffix(_WAL).rpartition(".")[2]
            if process.isdigit() and time.time() - left.stat().st_mtime > _ABANDONED_S:
                left.unlink()
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield draft
        with suppress(Unsyncable):
            sync(draft)
        draft.replace(path)
    except OSError as error:
        if error.errno and error.filename is None:  # of a write, which does not know its file
            error.filename = str(draft)
        raise
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def disk_in_a_sentence(place: Path) -> Iterator[None]:
    """Make `DiskTrouble` of what goes wrong inside because of the disk, and `PlaceGone` where `place` is there no more;
    other errors pass.
    """
    try:
        yield
    except ReflectoryError:
        raise
    except Exception as error:
        if is_gone(place):
            raise gone(place) from error
        if said := disk_trouble(error):
            raise DiskTrouble(
                f"{place}: the disk {said}. What has landed is safe, and the same command continues"
            ) from error
        raise


def is_gone(place: Path) -> bool:
    """Return whether nothing is there any more; False where the disk does not say, which may be for a while."""
    try:
        place.stat()
    except OSError as error:
        return error.errno in (errno.ENOENT, errno.ENOTDIR)
    return False


def gone(place: Path) -> PlaceGone:
    """Return what is raised of a place that was there."""
    return PlaceGone(
        f"{place} is gone: it was moved or removed while it was written; put it back, and the same command continues"
    )


def _number(said: str) -> int | None:
    if found := _NUMBERED.search(said):
        return int(found[1] or found[2])
    texts = {os.strerror(number).lower(): number for number in _SAYS} | _WORDS
    return next((number for text, number in texts.items() if text in said.lower()), None)
