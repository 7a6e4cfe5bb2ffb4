"""Parquet files of an object store, as files that DuckDB reads.

DuckDB's own reader of S3, the extension `httpfs`, is a download, and no package has it for the DuckDB that is used
here. DuckDB takes file systems of fsspec instead. Files of a Delta table never change, so that their size, which the
table's log states, and their content hold for good: DuckDB keeps what it has read of them.
"""

import io
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from fsspec import AbstractFileSystem

from warehouse.object_store import SERVICES, bucket, store_in_a_sentence

_SMALL_BYTES = 256 << 10
"""Files of that size are read at once, and kept for the next connection."""
_NEVER_CHANGED = datetime(2000, 1, 1, tzinfo=UTC)
_sizes: dict[str, int] = {}


class StoreFiles(AbstractFileSystem):  # type: ignore[misc]  # fsspec has no types
    """Reads files by their URL, such as `s3://BUCKET/PATH`."""

    protocol = tuple(SERVICES)
    cachable = False

    def glob(self, path: str, **_: Any) -> list[str]:
        """Return the path itself: none of ours is a pattern."""
        return [path]

    def size(self, path: str) -> int:
        """Return the size in bytes, asked of the store only where no log has stated them."""
        if path not in _sizes:
            root, name = _split(path)
            _sizes[path] = int(bucket(root).head(name)["size"])
        return _sizes[path]

    def modified(self, path: str) -> datetime:
        """Return the same for all: what DuckDB has read stays true."""
        return _NEVER_CHANGED

    def open(self, path: str, mode: str = "rb", **_: Any) -> io.RawIOBase:
        """Read only."""
        if mode != "rb":
            raise PermissionError(f"{path}: the files of a warehouse are only read")
        return _StoredFile(path, self.size(path))


class _StoredFile(io.RawIOBase):
    def __init__(self, path: str, size: int) -> None:
        super().__init__()
        self._path, self._size, self._at = path, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def read(self, n: int = -1) -> bytes:
        end = self._size if n < 0 else min(self._at + n, self._size)
        if end <= self._at:
            return b""
        root, name = _split(self._path)
        with store_in_a_sentence(self._path):
            if self._size <= _SMALL_BYTES:
                found = _whole(self._path)[self._at : end]
            else:
                found = bytes(bucket(root).get_range(name, start=self._at, end=end))
        self._at += len(found)
        return found


def state_size(path: str, size: int) -> None:
    """Say how many bytes a file has."""
    _sizes[path] = size


@lru_cache(maxsize=512)
def _whole(path: str) -> bytes:
    root, name = _split(path)
    return bytes(bucket(root).get(name).bytes())


def _split(path: str) -> tuple[str, str]:
    """The URL of the bucket, and the name in it."""
    scheme, _, rest = path.partition("://")
    host, _, name = rest.partition("/")
    return f"{scheme}://{host}", name
