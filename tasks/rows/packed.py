"""Files that gzip, bzip2, xz or zstd packed, read as what they hold."""

import bz2
import errno
import gzip
import io
import lzma
import zlib
from pathlib import Path
from typing import Any, BinaryIO, cast

_MARKS = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
_OPEN: dict[str, Any] = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}
_SUFFIXES = (".gz", ".bz2", ".xz", ".zst", ".zstd")


def packer_of(path: Path) -> str | None:
    """Return what packed a file, by the bytes that it begins with; None for nothing that is known here."""
    with path.open("rb") as file:
        head = file.read(max(map(len, _MARKS)))
    return packed_by(head)


def packed_by(head: bytes) -> str | None:
    return next((packer for mark, packer in _MARKS.items() if head.startswith(mark)), None)


def plain_path(path: Path) -> Path:
    """Return the path without what its packer added: data.csv of data.csv.gz."""
    return path.with_suffix("") if path.suffix.lower() in _SUFFIXES else path


def unpacked(path: Path) -> BinaryIO:
    """Open what a file holds, a block in memory at a time; reading raises `OSError` where a packed one is cut off."""
    packer = packer_of(path)
    return path.open("rb") if packer is None else cast(BinaryIO, io.BufferedReader(_Unpacked(path, packer), 1 << 16))


class _Unpacked(io.RawIOBase):
    """Says of every packer in the same words that the file is damaged."""

    def __init__(self, path: Path, packer: str) -> None:
        self._packer, self._file = packer, _OPEN.get(packer, _zstd)(path)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._file.read(len(buffer))
        except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
            said = f"packed by {self._packer}, and cut off or damaged ({error}); fetch or pack it again"
            raise OSError(errno.EIO, said) from error
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


def _zstd(path: Path) -> Any:
    import pyarrow

    return pyarrow.input_stream(str(path), compression="zstd")
