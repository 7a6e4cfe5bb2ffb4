"""`verify_line` over a file by several processes, which may crash or hang on a row: it costs that row, and no other.

Lines are read, and rows written, in their order and a few chunks at a time, so that memory does not grow with the file.
"""

import json
import os
import signal
import subprocess
import sys
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import BinaryIO, NamedTuple

from schemas.question import KINDS
from schemas.record import Json
from schemas.verdict import Reason, Ruling
from tasks.rows.jsonl import json_text, read_object
from tasks.rows.rewriting import Complaints, rewriting_bytes

_LEAST_BYTES, _MOST_BYTES = 1 << 11, 1 << 16
"""Chunks grow with what has been read: few rows are shared out, too, and many cost little on their way."""
_WINDOW = 4
"""Chunks for each process that are under way or wait to be written."""
_ROOT = str(Path(__file__).parents[2])
"""Of this code: where it is imported from the current folder, `sys.path` names it by an empty text alone."""
_END_S = 5.0
"""For an idle process to end its own."""

READY = b"ready\n"
"""What a process says when it has started."""

Report = Callable[[int, int], object]
"""Takes how many rows have been written, and how many bytes read."""


class Chunk(NamedTuple):
    lines: list[bytes]
    """Blank ones among them."""
    number: int
    """Of the first line, from 1."""
    n_bytes: int
    """How much of the file has been read with it."""


class JudgedChunk(NamedTuple):
    """The output rows of some lines."""

    rows: bytes
    counts: dict[str, int]
    complaints: list[tuple[int, str, str | None]]
    """Each with the place of its line before it; after it the kind, where it is of what judged the row."""


class _Died(Exception):
    """The process ended on what it was given; by this return code."""


def verify_in_processes(
    in_path: Path,
    out_path: Path,
    complaints: Complaints,
    n: int,
    report: Report = lambda rows, n_bytes: None,
    module: str = "tasks.judging.verify_worker",
) -> dict[Ruling, int]:
    """Judge the rows in their order in at most `n` processes; a blank line is none. `out_path` appears whole, or not.

    A row on which a process dies is unverified: verifier_timeout where it took too long, else verifier_crashed. Each
    process runs `module`.
    """
    counts: Counter[str] = Counter(dict.fromkeys(Ruling, 0))
    len(KINDS)  # refuses outside kinds that clash, which no process could tell
    with rewriting_bytes(in_path, out_path) as (file, write), closing(_judged(chunks(file), n, module)) as judged:
        for chunk, judged_chunk in judged:
            write(judged_chunk.rows)
            counts.update(judged_chunk.counts)
            for place, complaint, kind in judged_chunk.complaints:
                complaints.add(chunk.number + place, complaint, kind)
            report(counts.total(), chunk.n_bytes)
    return {ruling: counts[ruling] for ruling in Ruling}


def chunks(file: BinaryIO) -> Iterator[Chunk]:
    """Yield the lines in pieces that are small at first, and larger later."""
    number, n_bytes = 1, 0
    while lines := file.readlines(min(_MOST_BYTES, _LEAST_BYTES + n_bytes // 8)):
        n_bytes += sum(map(len, lines))
        yield Chunk(lines, number, n_bytes)
        number += len(lines)


def _judged(given: Iterator[Chunk], n: int, module: str) -> Generator[tuple[Chunk, JudgedChunk], None, None]:
    """Each chunk with its output rows, in their order. Ends the processes, whatever happens."""
    workers = WorkerPool(n, module)
    with ThreadPoolExecutor(n) as threads:
        waiting: deque[tuple[Chunk, Future[JudgedChunk]]] = deque()
        try:
            for chunk in given:
                waiting.append((chunk, threads.submit(workers.judge, chunk.lines)))
                if len(waiting) > _WINDOW * n:
                    yield _first(waiting)
            while waiting:
                yield _first(waiting)
            workers.end()
        finally:
            workers.kill()


def _first(waiting: deque[tuple[Chunk, Future[JudgedChunk]]]) -> tuple[Chunk, JudgedChunk]:
    chunk, future = waiting.popleft()
    return chunk, future.result()


class WorkerPool:
    """At most `n` processes that judge lines; each is started when there is something to do for it."""

    def __init__(self, n: int, module: str) -> None:
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        self._all = [_Worker(module) for _ in range(n)]
        for worker in self._all:
            self._idle.put(worker)

    def judge(self, lines: list[bytes]) -> JudgedChunk:
        """Return the output rows of the lines. Several threads may call it."""
        worker = self._idle.get()
        try:
            return self._judge(worker, lines)
        finally:
            self._idle.put(worker)

    def _judge(self, worker: "_Worker", lines: list[bytes]) -> JudgedChunk:
        """Where the process dies, each line by itself, so that only the one it dies on is lost."""
        try:
            return worker.judge(lines)
        except _Died as died:
            if len(lines) == 1:
                return _lost(lines[0], died.args[0])
        parts = [self._judge(worker, [line]) for line in lines]
        counts: Counter[str] = Counter()
        for part in parts:
            counts.update(part.counts)
        complaints = [(place, line, kind) for place, part in enumerate(parts) for _, line, kind in part.complaints]
        return JudgedChunk(b"".join(part.rows for part in parts), counts, complaints)

    def end(self) -> None:
        """Let the processes, all of them idle, end what they started, and themselves."""
        for worker in self._all:
            worker.let_go()
        for worker in self._all:
            worker.wait()

    def kill(self) -> None:
        """End all, also what they are doing; none is started any more."""
        for worker in self._all:
            worker.kill()


def _lost(line: bytes, return_code: int) -> JudgedChunk:
    """The output row of a line on which a process died."""
    from tasks.judging.verify_file import unverified  # imports what only the processes need otherwise

    reason = Reason.VERIFIER_TIMEOUT if return_code == -signal.SIGPROF else Reason.VERIFIER_CRASHED
    row = unverified(_id(line), reason)
    return JudgedChunk(json_text(row).encode() + b"\n", {Ruling.UNVERIFIED: 1}, [])


def _id(line: bytes) -> Json:
    try:
        id: Json = read_object(line).get("id")
    except ValueError:
        return None
    return id


class _Worker:
    """One process, for one thread at a time; `kill` may come from another."""

    def __init__(self, module: str) -> None:
        self._command = [sys.executable, "-P", "-m", module]
        self._process: subprocess.Popen[bytes] | None = None
        self._killed = False
        self._starting = Lock()

    def judge(self, lines: list[bytes]) -> JudgedChunk:
        """Raises `_Died`."""
        process = self._started()
        assert process.stdin
        assert process.stdout
        chunk = b"".join(lines)
        try:
            process.stdin.write(b"%d\n" % len(chunk) + chunk)
            process.stdin.flush()
            head = process.stdout.readline()
        except BrokenPipeError:
            head = b""
        if not head.endswith(b"\n"):
            raise _Died(self._gone(process))
        reply = json.loads(head)
        rows = process.stdout.read(reply["size"])
        if len(rows) < reply["size"]:
            raise _Died(self._gone(process))
        return JudgedChunk(rows, reply["counts"], reply["complaints"])

    def let_go(self) -> None:
        if self._process and self._process.stdin:
            with suppress(BrokenPipeError):
                self._process.stdin.close()

    def wait(self) -> None:
        if self._process:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_END_S)

    def kill(self) -> None:
        with self._starting:
            self._killed = True
            if self._process:
                self._process.kill()
                self._process.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        with self._starting:
            if self._killed:
                raise RuntimeError("the processes have been ended")
            if self._process:
                return self._process
            process = self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | {"PYTHONPATH": os.pathsep.join([_ROOT, *filter(None, sys.path)])},
                start_new_session=True,  # Ctrl-C is for us
            )
        if process.stdout and process.stdout.readline() != READY:
            raise RuntimeError(f"{' '.join(self._command)} did not start; run it by hand")
        return process

    def _gone(self, process: subprocess.Popen[bytes]) -> int:
        """The return code of a process that has closed its output; another takes its place when it is needed."""
        process.kill()
        self._process = None
        return process.wait()
