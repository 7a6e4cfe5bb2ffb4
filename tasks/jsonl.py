"""JSONL to JSONL, for the stations that work on files: rows in their order, the output whole or not at all."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from schemas.errors import Refused

Write = Callable[[dict[str, Any]], None]


@contextmanager
def rewriting(in_path: Path, out_path: Path) -> Iterator[tuple[Iterator[bytes], Write]]:
    """The lines of `in_path` that are not blank, and a function that takes the rows of `out_path`.

    `out_path` appears when the block ends without an exception. Raises `Refused` when the input cannot be read or there
    is no folder for the output.
    """
    if not out_path.parent.is_dir():
        raise Refused(f"--out: got {out_path}, but there is no folder {out_path.parent}; make it first")
    draft = out_path.with_name(f".{out_path.name}.{os.getpid()}")
    try:
        lines = in_path.open("rb")
    except OSError as error:
        raise Refused(f"cannot read {in_path} ({error.strerror}); give a JSONL file of rows") from error
    with lines:
        try:
            with draft.open("w", encoding="ascii") as out:
                yield filter(bytes.strip, lines), lambda row: print(json.dumps(row, allow_nan=False), file=out)
            draft.replace(out_path)
        finally:
            draft.unlink(missing_ok=True)


def read_object(line: bytes) -> dict[str, Any]:
    """The JSON object on a line. Raises `ValueError` for anything else; its message says what it is not."""
    try:
        row = json.loads(line, parse_constant=_not_json)
    except (ValueError, RecursionError):
        raise ValueError("no JSON") from None
    if not isinstance(row, dict):
        raise ValueError("no JSON object")
    return row


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
