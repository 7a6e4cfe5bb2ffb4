"""Rows from a stream into their order by way of disk, however many and however long they are.

Each has its `place`, from 0 on without a gap. They are written in runs of some megabytes, every run in order; who reads
takes the next places out of all runs at once. So memory holds one run, or the rows of one step.
"""

import mmap
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

PLACE = "place"
_RUN = 32 * 2**20
"""Bytes, about."""


def write_runs(batches: Iterable[pa.RecordBatch], file: Path) -> None:
    """Write rows for `in_order` to `file`, which is empty if there are none."""
    writer = None
    with file.open("wb") as sink:
        for run in _runs(batches):
            writer = writer or pa.ipc.new_file(sink, run.schema)
            writer.write_batch(_sorted(run))
        if writer:
            writer.close()


def in_order(file: Path, at_once: int) -> Iterator[pa.RecordBatch]:
    """Yield the rows by their places, `at_once` in each step."""
    if not file.stat().st_size:
        return
    with file.open("rb") as opened:
        mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    source = pa.ipc.open_file(pa.py_buffer(mapped))
    runs = [source.get_batch(number) for number in range(source.num_record_batches)]
    places = [run[PLACE].to_numpy().copy() for run in runs]
    for first in range(0, sum(map(len, runs)), at_once):
        edges = [np.searchsorted(each, [first, first + at_once]).tolist() for each in places]
        parts = [run.slice(low, high - low) for run, (low, high) in zip(runs, edges, strict=True) if low < high]
        if parts:
            yield _sorted(pa.concat_batches(parts))
        mapped.madvise(mmap.MADV_DONTNEED)  # what has been read counts as memory of this process until then


def _runs(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    waiting, size = [], 0
    for batch in batches:
        waiting.append(batch)
        size += batch.nbytes
        if size >= _RUN:
            yield pa.concat_batches(waiting)
            waiting, size = [], 0
    if waiting:
        yield pa.concat_batches(waiting)


def _sorted(rows: pa.RecordBatch) -> pa.RecordBatch:
    return rows.take(pc.sort_indices(rows[PLACE]))
