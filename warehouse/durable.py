"""What was written, kept through a power cut: deltalake syncs nothing, and the system takes its time."""

import errno
import json
import logging
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote

_LOG = logging.getLogger("reflectory")
_LAST_BYTES = b"PAR1"
"""Of a Parquet file."""
_CANNOT = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS)
"""Of file systems that sync no folders, or nothing at all."""


class Unsyncable(OSError):
    """A file is on a file system that syncs nothing."""


def sync_commits(folder: Path, versions: Iterable[int]) -> None:
    """Sync the commits of the table at `folder`, the files that they added, and the folders that name both.

    The commit that made the table goes with them: nothing can be read without it, unless another program has cleaned it
    up behind a checkpoint. Raises `OSError`.
    """
    log = folder / "_delta_log"
    made = {0} if (log / f"{0:020}.json").exists() else set[int]()
    for version in made.union(versions):
        for path in _written_by(folder, log / f"{version:020}.json"):
            sync(path)
    for path in (folder, log, folder.parent):
        sync(path)


def put_in_place(draft: Path, folder: Path) -> None:
    """Make a folder that is whole the one of its name: after a loss of power, too, it is whole there or not at all.

    Raises `OSError`.
    """
    for path in (*draft.rglob("*"), draft):
        with suppress(Unsyncable):
            sync(path)
    draft.rename(folder)
    sync(folder.parent)


def sync(path: Path) -> None:
    """Sync a file or a folder. Raises `OSError`, as `sync_open` does."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        sync_open(descriptor)
    finally:
        os.close(descriptor)


def sync_open(descriptor: int) -> None:
    """Sync an open file or folder; of a folder on a file system that syncs none, nothing but new names can be lost.

    Raises `OSError`, and `Unsyncable` for a file on one that syncs nothing.
    """
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise Unsyncable(error.errno, error.strerror) from error


def finish_landings(warehouse: Path) -> None:
    """Sync the last commit of each table whose writer was cut off, or undo it where a loss of power tore it.

    Nobody was told yet that it had landed: its rows are still to be had, and land again. Raises `OSError`.
    """
    for log in sorted(warehouse.glob("*/_delta_log")):
        undo_torn_commit(log.parent)
        if commits := _commits(log.parent):
            sync_commits(log.parent, [int(commits[-1].stem)])


def undo_torn_commit(folder: Path) -> None:
    """Remove the last commit of the table at `folder` where it, or a file that it added, was not written whole.

    Raises `OSError`.
    """
    commits = _commits(folder)
    if not commits or _is_whole(folder, commits[-1]):
        return
    _LOG.warning("%s: its last commit was cut off by a loss of power; undone, and what it held lands again", folder)
    # a checkpoint is a copy of what the commits say
    for path in [
        *commits[-1].parent.glob(f"{commits[-1].stem}.checkpoint*"),
        commits[-1].with_name("_last_checkpoint"),
    ]:
        path.unlink(missing_ok=True)
    commits[-1].unlink()
    sync(commits[-1].parent)


def _commits(folder: Path) -> list[Path]:
    return sorted((folder / "_delta_log").glob("[0-9]*.json"))


def _is_whole(folder: Path, commit: Path) -> bool:
    try:
        actions = [json.loads(line) for line in commit.read_bytes().splitlines()]
    except ValueError:
        return False
    return bool(actions) and all(_is_there(folder, action["add"]) for action in actions if "add" in action)


def _is_there(folder: Path, added: dict[str, Any]) -> bool:
    path = folder / unquote(added["path"])
    if not path.is_file() or path.stat().st_size != added["size"]:
        return False
    with path.open("rb") as file:
        file.seek(-len(_LAST_BYTES), os.SEEK_END)
        return file.read() == _LAST_BYTES


def _written_by(folder: Path, commit: Path) -> Iterator[Path]:
    for line in commit.read_bytes().splitlines():
        if added := json.loads(line).get("add"):
            yield folder / unquote(added["path"])
    yield commit
    if checkpoints := list(commit.parent.glob(f"{commit.stem}.checkpoint*")):
        yield from [*checkpoints, commit.with_name("_last_checkpoint")]
