"""Standard input and output of a program in a snippet, which has no descriptors of its own to read or write.

Whatever way a program takes to them ends here: `input`, `sys.stdin.buffer`, `open(0)`, `os.read(0, n)`, `/dev/stdin`.
"""

import builtins
import io
import os
import resource
import sys
import threading
import types
from typing import Any

from tasks.sandbox.frames import LARGEST_REPLY

LARGEST_OUTPUT = LARGEST_REPLY * 3 // 4
"""Bytes. One that is no ASCII may take more in a reply."""
_NAMES = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2, "/dev/fd/0": 0, "/dev/fd/1": 1, "/dev/fd/2": 2}
_os_read, _os_write, _os_fstat, _open = os.read, os.write, os.fstat, io.open


class TooMuchPrinted(BaseException):
    """More than LARGEST_OUTPUT."""


class Streams:
    """What there is to read, and what was written."""

    def __init__(self, text: str) -> None:
        self._input = io.BytesIO(text.encode("utf-8", "surrogatepass"))
        self._output = bytearray()

    @property
    def printed(self) -> str:
        return self._output.decode("utf-8", "replace")

    def install(self) -> None:
        """Make them this process's."""
        vars(os).update(read=self._read, write=self._write, fstat=self._fstat)
        io.open = builtins.open = self._opened
        sys.stdin = sys.__stdin__ = self._opened(0)  # type: ignore[misc]
        sys.stdout = sys.__stdout__ = self._opened(1, "w")  # type: ignore[misc]
        sys.stderr = sys.__stderr__ = self._opened(2, "w")  # type: ignore[misc]

    def read(self, descriptor: int, size: int) -> bytes:
        return self._input.read(size) if descriptor == 0 else b""

    def write(self, descriptor: int, data: Any) -> int:
        if descriptor == 1:
            self._output += data
        if len(self._output) > LARGEST_OUTPUT:
            raise TooMuchPrinted
        return len(data)

    def _read(self, descriptor: int, size: int) -> bytes:
        return self.read(descriptor, size) if descriptor in (0, 1, 2) else _os_read(descriptor, size)

    def _write(self, descriptor: int, data: Any) -> int:
        return self.write(descriptor, data) if descriptor in (0, 1, 2) else _os_write(descriptor, data)

    def _fstat(self, descriptor: int) -> Any:
        if descriptor not in (0, 1, 2):
            return _os_fstat(descriptor)
        size = len(self._input.getbuffer()) if descriptor == 0 else 0
        return types.SimpleNamespace(st_size=size, st_mode=0o100600, st_blksize=4096)

    def _opened(self, file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        descriptor = _NAMES.get(file, -1) if isinstance(file, str) else file
        if descriptor not in (0, 1, 2):
            return _open(file, mode, *args, **kwargs)
        raw = _Stream(self, descriptor)
        buffer = io.BufferedReader(raw) if descriptor == 0 else io.BufferedWriter(raw)
        return buffer if "b" in mode else io.TextIOWrapper(buffer, encoding="utf-8", errors="surrogateescape")


class _Stream(io.RawIOBase):
    """One descriptor."""

    def __init__(self, streams: Streams, descriptor: int) -> None:
        self._streams, self._descriptor = streams, descriptor

    def readable(self) -> bool:
        return self._descriptor == 0

    def writable(self) -> bool:
        return self._descriptor != 0

    def fileno(self) -> int:
        return self._descriptor

    def readinto(self, target: Any) -> int:
        data = self._streams.read(self._descriptor, len(target))
        target[: len(data)] = data
        return len(data)

    def write(self, data: Any) -> int:
        return self._streams.write(self._descriptor, bytes(data))


def do_without() -> None:
    """Let a program do without what a snippet has not: threads run where they are started, limits stay as they are."""
    for name, stand_in in {"start": lambda thread: thread.run(), "join": _nothing, "is_alive": _nothing}.items():
        setattr(threading.Thread, name, stand_in)
    resource.setrlimit = _nothing
    vars(builtins).update(exit=sys.exit, quit=sys.exit)


def _nothing(*_: object, **__: object) -> None:
    pass
