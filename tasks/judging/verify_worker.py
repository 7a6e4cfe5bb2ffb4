"""The process that judges rows for `verify_processes`: chunks of lines come in, their output rows go out.

It says that it is ready. A request is the size of a chunk in bytes on a line of its own, then the chunk. A reply is a
line of JSON, then the output rows. It ends when its standard input does.
"""

import gc
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

from tasks.cpu_timer import cpu_timer
from tasks.judging.reading import KillableReader, Reader
from tasks.judging.verify import Verifier
from tasks.judging.verify_file import Complain, row_text, verify_line
from tasks.judging.verify_processes import READY

CPU_S = 20.0
"""Processor time of this process for a chunk, of one row where a larger one took too long; what may take long has
processes and limits of its own.
"""


JudgeLine = Callable[[bytes, Verifier, Reader, Complain], dict[str, Any]]


def judge_chunk(
    lines: Sequence[bytes], verifier: Verifier, read: Reader, judge_line: JudgeLine = verify_line
) -> tuple[dict[str, object], bytes]:
    """Return the head of the reply, and the output rows; a blank line is no row."""
    complaints: list[tuple[int, str, str | None]] = []
    rows: list[dict[str, Any]] = []

    def complain(complaint: str, kind: str | None = None) -> None:
        complaints.append((place, complaint, kind))

    for place, line in enumerate(lines):  # noqa: B007  for `complain`
        if line.strip():
            rows.append(judge_line(line, verifier, read, complain))
    body = "".join([row_text(row) + "\n" for row in rows]).encode("ascii")
    counts = Counter(row["verdict"] for row in rows)
    return {"size": len(body), "counts": counts, "complaints": complaints}, body


def serve(judge_line: JudgeLine = verify_line) -> None:
    """Answers requests on standard input. What a library prints goes to standard error.

    Ends by SIGPROF on a chunk that takes more than `CPU_S`.
    """
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    processor_time = cpu_timer()
    gc.freeze()  # what is imported is not looked through again and again
    replies.write(READY)
    with closing(Verifier()) as verifier, closing(KillableReader()) as read:
        while True:
            replies.flush()
            size = requests.readline()
            if not size:
                return
            lines = requests.read(int(size)).split(b"\n")
            processor_time.arm(CPU_S)
            head, rows = judge_chunk(lines, verifier, read, judge_line)
            processor_time.arm(0)
            replies.write(json.dumps(head).encode() + b"\n" + rows)


if __name__ == "__main__":
    serve()
