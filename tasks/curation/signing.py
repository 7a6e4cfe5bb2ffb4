"""MinHash signatures of traces, in bands, for the table `signatures`: each trace is signed once.

MinHash: Broder 1997. Bands: Indyk and Motwani 1998. Two texts with the Jaccard similarity s share at least one band
with the chance 1 - (1 - s^6)^21: 0.998 at 0.8, 0.98 at 0.75, 0.28 at 0.5, 0.02 at 0.3.
"""

import hashlib
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from rensa import RMinHash

from schemas.signature import Signature
from tasks.curation.shingles import MIX, SIZE, Hashes, normalised, shingles
from warehouse.arrow_schema import columns_of
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

BANDS, ROWS = 21, 6
METHOD = f"rensa {RMinHash.ALGORITHM_VERSION}, {BANDS} x {ROWS}, {SIZE} words, 2"
"""The last number is raised when the normal form or the words change."""
TEXT = "coalesce(t.question, '') || chr(10) || t.text"
"""What is signed, as SQL over a row `t` of `trained_texts`."""
_UNSIGNED = f"""
    SELECT t.trace_id, {TEXT} AS text
    FROM trained_texts t
    ANTI JOIN (FROM signatures WHERE method = $method) USING (trace_id)
"""
TEXTS_AT_ONCE = 2000
"""They may be long: words are eight bytes each, several times over."""
_DIGESTS_AT_ONCE = 250
"""Texts: rensa hands digests out as Python's integers, and more of them at once leave the processor's cache."""
_COMMIT = 20_000
_SEED = 1
_NOTHING = pa.Table.from_batches([], schema=columns_of(Signature))


def sign_new(warehouse: Warehouse, run_id: str) -> int:
    """Land the signatures of all traces and chosen pairs that have none; returns how many. What a kill leaves, the next
    call does."""
    landed, signed = 0, [_NOTHING]
    with Snapshot(warehouse) as before:
        for batch in _signed(before.batches(_UNSIGNED, {"method": METHOD}, TEXTS_AT_ONCE)):
            signed.append(batch)
            if sum(map(len, signed)) >= _COMMIT:
                landed += warehouse.land_columns("signatures", pa.concat_tables(signed), run_id, "signatures")
                signed = [_NOTHING]
    return landed + warehouse.land_columns("signatures", pa.concat_tables(signed), run_id, "signatures")


def _signed(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """In their order, on every core: most of the work is Arrow's, numpy's and rensa's, which leave Python alone."""
    n, under_way = os.cpu_count() or 1, deque[Future[pa.Table]]()
    with ThreadPoolExecutor(n) as threads:
        for batch in batches:
            under_way.append(threads.submit(sign, batch))
            if len(under_way) > n:
                yield under_way.popleft().result()
        for each in under_way:
            yield each.result()


def sign(batch: pa.RecordBatch) -> pa.Table:
    """Return the signatures of a batch with the columns `trace_id` and `text`."""
    texts = normalised(batch.column("text"))
    keys = [hashlib.blake2b(text.encode(), digest_size=16).hexdigest() for text in texts.to_pylist()]
    found = pa.array(bands(texts).reshape(-1).view(np.int64))
    starts = np.arange(len(keys) + 1, dtype=np.int32) * BANDS
    columns = [batch.column("trace_id"), pa.repeat(METHOD, len(keys)), keys, pa.ListArray.from_arrays(starts, found)]
    return pa.table(columns, schema=_NOTHING.schema)


def bands(texts: pa.Array) -> npt.NDArray[np.uint64]:
    """Return the bands of texts in normal form; shape [text, band]."""
    found = shingles(texts)
    digests_TD = np.empty((len(texts), BANDS * ROWS), np.uint64)
    for first in range(0, len(texts), _DIGESTS_AT_ONCE):
        some = slice(first, first + _DIGESTS_AT_ONCE)
        starts = found.starts[first : some.stop + 1]
        hashes = found.hashes[int(starts[0]) : int(starts[-1])]
        digests = RMinHash.digest_matrix_from_flat_token_hashes(hashes, starts - starts[0], BANDS * ROWS, _SEED)
        digests_TD[some] = np.fromiter(chain.from_iterable(digests.to_rows()), np.uint64).reshape(-1, BANDS * ROWS)
    parts_TBR = digests_TD.reshape(-1, BANDS, ROWS)
    mixed: Hashes = np.broadcast_to(np.arange(BANDS, dtype=np.uint64), parts_TBR.shape[:2]).copy()
    for row in range(ROWS):
        mixed = (mixed ^ parts_TBR[:, :, row]) * MIX
        mixed ^= mixed >> np.uint64(32)
    return mixed
