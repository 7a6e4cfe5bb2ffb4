"""The standard library in memory: what a snippet imports, it imports without a file, and may look at none."""

import _imp
import importlib.util
import io
import marshal
import mmap
import os
import zoneinfo
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType
from typing import NamedTuple

_LEFT_OUT = ("site-packages", "dist-packages", "test", "tests", "idlelib", "tkinter", "turtledemo", "ensurepip")
"""Packages that are not installed with the library, or of no use without files or a screen."""
_LEFT_OUT_MODULES = "_sysconfigdata"
"""How this Python was built, and where."""
_HEADER_BYTES = 16
"""Of a .pyc (PEP 552): magic number, flags, then time and size of its source, or its hash."""
_HASHED, _TO_BE_CHECKED = 0b01, 0b10


_TIME_ZONES = "/usr/share/zoneinfo"


class _Entry(NamedTuple):
    file: str
    package: bool
    compiled: bool
    start: int
    end: int


class Archive:
    """Finds and loads modules that were Python files beneath some folders when it was made (PEP 451).

    They lie in a private mapping of a file without a name: a fork need not copy that, and cannot change it for others.
    """

    def __init__(self, folders: Sequence[tuple[str, Sequence[str]]], zones: str = _TIME_ZONES) -> None:
        """Takes all that is in a folder, or of the given packages there, and the time zones. Raises `OSError`."""
        self._entries: dict[str, _Entry] = {}
        self._zones: dict[str, tuple[int, int]] = {}
        file = os.memfd_create("modules")
        try:
            size = 0
            for name, path in (found for folder, packages in folders for found in modules(folder, packages)):
                if not path.endswith(".py"):
                    continue
                body, compiled = _body(path)
                package = os.path.basename(path) == "__init__.py"  # noqa: PTH119 - the zygote has no pathlib
                self._entries.setdefault(name, _Entry(path, package, compiled, size, size + len(body)))
                size += os.write(file, body)
            for name, body in _zones(zones):
                self._zones[name] = size, size + len(body)
                size += os.write(file, body)
            self._bytes = mmap.mmap(file, size, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)
        finally:
            os.close(file)

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if (entry := self._entries.get(name)) is None:
            return None
        spec = ModuleSpec(name, self, origin=entry.file, is_package=entry.package)  # type: ignore[arg-type]
        spec.has_location = True
        return spec

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave the making of the module to Python."""

    def exec_module(self, module: ModuleType) -> None:
        exec(self.get_code(module.__name__), module.__dict__)

    def get_code(self, name: str) -> CodeType:
        entry = self._entries[name]
        body = self._bytes[entry.start : entry.end]
        if not entry.compiled:
            return compile(body, entry.file, "exec", dont_inherit=True)
        code: CodeType = marshal.loads(body)
        _imp._fix_co_filename(code, entry.file)  # type: ignore[attr-defined] # it names the folder that it was compiled in
        return code

    def open_zone(self, key: str) -> io.BytesIO:
        """Return the TZif data of a time zone, as `zoneinfo` wants it from a package of such data where it finds no
        file.
        """
        if key not in self._zones:
            raise zoneinfo.ZoneInfoNotFoundError(f"No time zone found with key {key}")
        start, end = self._zones[key]
        return io.BytesIO(self._bytes[start:end])


def modules(folder: str, packages: Sequence[str] = (), prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield names and files, shared objects included. A folder is a package where it has an `__init__.py`."""
    for entry in os.scandir(folder):
        name, _, ending = entry.name.partition(".")
        if (packages and name not in packages) or name in _LEFT_OUT or name.startswith(_LEFT_OUT_MODULES):
            continue
        if (ending == "py" and name != "__init__") or entry.name.endswith(".so"):
            yield prefix + name, entry.path
        elif not ending and os.path.isfile(f"{entry.path}/__init__.py"):  # noqa: PTH113
            yield prefix + name, f"{entry.path}/__init__.py"
            yield from modules(entry.path, prefix=f"{prefix}{name}.")


def _zones(folder: str) -> Iterator[tuple[str, bytes]]:
    for beneath, _, names in os.walk(folder):
        for path in (f"{beneath}/{name}" for name in names):
            with open(path, "rb") as file:  # noqa: PTH123
                body = file.read()
            if body.startswith(b"TZif"):
                yield path[len(folder) + 1 :], body


def _body(file: str) -> tuple[bytes, bool]:
    """The compiled code that Python has kept of it, and True; the source where that is missing or out of date."""
    try:
        with open(importlib.util.cache_from_source(file), "rb") as cached:  # noqa: PTH123
            header, code = cached.read(_HEADER_BYTES), cached.read()
    except OSError:
        header, code = b"", b""
    if header[:4] == importlib.util.MAGIC_NUMBER and _is_fresh(header, os.stat(file)):  # noqa: PTH116
        return code, True
    with open(file, "rb") as source:  # noqa: PTH123
        return source.read(), False


def _is_fresh(header: bytes, source: os.stat_result) -> bool:
    flags, time, size = (int.from_bytes(header[at : at + 4], "little") for at in (4, 8, 12))
    if flags & _HASHED:
        return not flags & _TO_BE_CHECKED
    return (time, size) == (int(source.st_mtime) & 0xFFFFFFFF, source.st_size & 0xFFFFFFFF)
