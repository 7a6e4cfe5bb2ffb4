"""A command as a person sees it: on a terminal, with the time at which each piece of its output came."""

import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.real.environments import ROOT

_MARKS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\r")


@dataclass(frozen=True)
class Shown:
    code: int
    text: str
    """Without the marks that move the cursor and colour."""
    seconds: float
    longest_silence_s: float
    silent_after: str
    """The last line before it."""


def on_terminal(arguments: Sequence[str], folder: Path, environment: dict[str, str]) -> Shown:
    """Run `reflectory` to its end."""
    ours, theirs = pty.openpty()
    began = last = time.monotonic()
    pieces, silence, silent_after = list[bytes](), 0.0, ""
    process = subprocess.Popen(
        [sys.executable, "-m", "flows", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "140", **environment},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other end is closed
            piece = b""
        waited, last = time.monotonic() - last, time.monotonic()
        if waited > silence:
            silence, silent_after = waited, _plain(pieces[-1:]).strip()[-60:]
        if not piece:
            break
        pieces.append(piece)
    code = process.wait()
    os.close(ours)
    return Shown(code, _plain(pieces), time.monotonic() - began, silence, silent_after)


def _plain(pieces: Sequence[bytes]) -> str:
    return _MARKS.sub("", b"".join(pieces).decode(errors="replace"))
