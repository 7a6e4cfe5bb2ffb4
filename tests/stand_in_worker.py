"""A process for `verify_processes` that ends, raises or spins where a row says so: a harmless stand-in for what may."""

import os
import signal
from typing import Any

from tasks.judging import verify_worker
from tasks.judging.reading import Reader
from tasks.judging.verify import Verifier
from tasks.judging.verify_file import Complain, verify_line


def judge_line(line: bytes, verifier: Verifier, read: Reader, complain: Complain) -> dict[str, Any]:
    if b"END" in line:
        os.kill(os.getpid(), signal.SIGKILL)
    if b"RAISE" in line:
        raise LookupError("a fault of ours")
    while b"SPIN" in line:
        pass
    if b"PRINT" in line:
        print("printed by a library")
    return verify_line(line, verifier, read, complain)


if __name__ == "__main__":
    verify_worker.CPU_S = 0.2
    verify_worker.serve(judge_line)
