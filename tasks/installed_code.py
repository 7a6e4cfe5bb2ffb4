"""Our own packages as files: what a worker on another node must have exactly as here."""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import schemas
import tasks
import warehouse


def package_folders() -> list[str]:
    """Return the folder of each package that an actor imports, as this process imported it."""
    return [str(Path(each.__path__[0])) for each in (tasks, warehouse, schemas)]


def import_paths() -> list[str]:
    """Return what PYTHONPATH needs for a process to import them; Ray unpacks each one that was sent apart."""
    return list(dict.fromkeys(str(Path(folder).parent) for folder in package_folders()))


@cache
def code_digest() -> str:
    """Return 16 hex digits that change with any byte of any of their files."""
    return folder_digest(package_folders())


def folder_digest(folders: Iterable[str]) -> str:
    """Return the same of any folders."""
    digest = hashlib.blake2b(digest_size=8)
    for folder in map(Path, folders):
        for file in sorted(folder.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"{folder.name}/{file.relative_to(folder)}\0".encode())
                digest.update(hashlib.blake2b(file.read_bytes()).digest())
    return digest.hexdigest()


def code_digest_there(_: object) -> str:
    """Return the digest in the process of an actor, which gives itself: what Ray calls there is imported there, and
    this module is all that it takes.
    """
    return code_digest()
