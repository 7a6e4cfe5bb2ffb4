"""An attempt of model-written code against the sandbox, and a table of them as text."""

import textwrap
from typing import NamedTuple


class Attempt(NamedTuple):
    name: str
    source: str
    seen: str = "returned"


def table(text: str) -> list[Attempt]:
    """`== name [seen]` and below it the body of `attempt(t)`."""
    attempts = []
    for block in text.split("\n== ")[1:]:
        title, _, body = block.partition("\n")
        name, _, seen = title.partition(" [")
        needed = [module for module in _MODULES if f"{module}." in _RAW + body]
        start = f"import sys, {', '.join(needed)}\n{_RAW}def attempt(t):\n"
        attempts.append(
            Attempt(name, start + textwrap.indent(body.strip("\n"), "    "), seen.rstrip("]") or "returned")
        )
    return attempts


_MODULES = ["atexit", "ctypes", "glob", "importlib.util", "json", "mmap", "os", "pathlib", "re", "resource", "signal"]
_MODULES += ["socket", "subprocess", "threading", "time", "zlib"]
_RAW = """\
def places(t, values):
    text = " ".join(map(repr, values))[::-1]
    return [place for place in t["places"] if place in text]
libc = ctypes.CDLL(None, use_errno=True)
def raw(number, *arguments):
    result = libc.syscall(number, *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))
    return result >= 0 or ctypes.get_errno() not in (1, 13, 38)  # EPERM, EACCES, ENOSYS
"""
"""System calls by their numbers on x86_64; elsewhere the attempts that use them are left out."""
