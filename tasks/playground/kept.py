"""Questions that somebody kept: a JSONL that `questions.source = "jsonl"` reads."""

import json
import os
from pathlib import Path
from threading import Lock
from typing import Any

from schemas.errors import Refused
from tasks.rows.jsonl import read_object


class KeptQuestions:
    """Appends to a file, each question with its gold and kind once. Safe to call from several threads."""

    def __init__(self, path: Path) -> None:
        """Raises `Refused` for a folder, and where there is none for the file."""
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise Refused(f"--questions: got {path}; needs a file in a folder that is there")
        self.path = path
        self._lock = Lock()

    def keep(self, question: str, gold: str | None, kind: str | None) -> bool:
        """Keep a question; return whether it is new. On the disk once this returns. Raises `Refused` where it cannot be
        written.
        """
        row = {name: value for name, value in (("question", question), ("gold", gold), ("kind", kind)) if value}
        try:
            with self._lock, self.path.open("a+b") as file:
                file.seek(0)
                before = file.read()
                if any(_same(line, row) for line in before.splitlines() if line.strip()):
                    return False
                gap = b"" if not before or before.endswith(b"\n") else b"\n"
                file.write(gap + json.dumps(row).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise Refused(f"--questions: cannot write {self.path} ({error.strerror})") from error
        return True


def _same(line: bytes, row: dict[str, Any]) -> bool:
    try:
        return read_object(line) == row
    except ValueError:
        return False
