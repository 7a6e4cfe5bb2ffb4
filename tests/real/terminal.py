"""A command as a person sees it: on a terminal, with the time at which each piece of its output came."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.real.environments import ROOT

_MARKS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\r")
_SILENT = 20
"""Seconds of silence after which even `poll` is asked again."""


@dataclass(frozen=True)
class Shown:
    code: int
    text: str
    """Without the marks that move the cursor and colour."""
    seconds: float
    longest_silence_s: float


def on_terminal(
    arguments: Sequence[str], folder: Path, environment: dict[str, str], seen: Callable[[str], None] = lambda text: None
) -> Shown:
    """Run `reflectory` to its end; `seen` hears each piece."""
    ours, theirs = pty.openpty()
    began = last = time.monotonic()
    pieces, silence = [], 0.0
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
        ready, _, _ = select.select([ours], [], [], _SILENT)
        if not ready:
            continue
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other end is closed
            piece = b""
        silence, last = max(silence, time.monotonic() - last), time.monotonic()
        if not piece:
            break
        pieces.append(piece)
        seen(piece.decode(errors="replace"))
    code = process.wait()
    os.close(ours)
    text = _MARKS.sub("", b"".join(pieces).decode(errors="replace"))
    return Shown(code, text, time.monotonic() - began, silence)
