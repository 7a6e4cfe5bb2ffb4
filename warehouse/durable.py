"""What a table's commits wrote, kept through a power cut: deltalake syncs nothing, and the system takes its time."""

import errno
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

_CANNOT = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS)
"""Of file systems that sync no folders."""


def sync_commits(folder: Path, versions: Iterable[int]) -> None:
    """Sync the commits of the table at `folder`, the files that they added, and the folders that name both.

    The commit that made the table goes with them: nothing can be read without it. Raises `OSError`.
    """
    log = folder / "_delta_log"
    for version in {0, *versions}:
        for path in _written_by(folder, log / f"{version:020}.json"):
            _sync(path)
    for path in (folder, log, folder.parent):
        _sync(path)


def _written_by(folder: Path, commit: Path) -> Iterator[Path]:
    for line in commit.read_bytes().splitlines():
        if added := json.loads(line).get("add"):
            yield folder / unquote(added["path"])
    yield commit
    if checkpoints := list(commit.parent.glob(f"{commit.stem}.checkpoint*")):
        yield from [*checkpoints, commit.with_name("_last_checkpoint")]


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if not path.is_dir() or error.errno not in _CANNOT:
            raise
    finally:
        os.close(descriptor)
