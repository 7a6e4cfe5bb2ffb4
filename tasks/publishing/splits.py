"""Which rows of a release are to train on, and which to validate and test with: by question, never by trace.

Questions that are near duplicates stand on one side, and so do the questions of rows that are. The side is drawn from
the seed and the first id of such a group: a question stays where it is when others are added, unless something like it
joins them.
"""

from collections.abc import Iterable, Mapping, Sequence

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schemas.errors import Refused
from schemas.record import content_key
from schemas.release_format import Split
from tasks.curation.near_duplicates import near_pairs, shared_buckets
from tasks.curation.rules.duplicates import TEXTS, shingle_sets
from tasks.curation.shingles import normalised, shingles
from tasks.curation.signing import BANDS, METHOD, bands

NEAR = 0.8
"""Share of common word 5-grams (Jaccard) from which on two texts are alike, as the rule `duplicates` has it."""
_KEPT = """
    SELECT trace_id, d.question_id, text_key, bands
    FROM decisions d
    JOIN (FROM signatures WHERE method = $method) USING (trace_id)
    WHERE curation_id = $curation_id AND fate = 'kept'
    ORDER BY trace_id
"""
_QUESTIONS = """
    SELECT d.question_id, coalesce(any_value(question), '') AS question
    FROM decisions d
    JOIN trained_texts USING (trace_id)
    WHERE curation_id = $curation_id AND fate = 'kept'
    GROUP BY d.question_id
    ORDER BY d.question_id
"""
READ = f"{_KEPT} {_QUESTIONS} {TEXTS}"
"""All that is asked of the warehouse."""


def split_questions(
    connection: duckdb.DuckDBPyConnection, curation_id: str, shares: Mapping[Split, float], seed: int
) -> dict[str, Split]:
    """Return the split of every question of what a curation kept, in a connection to a warehouse whose rows are all
    signed.

    Raises `Refused` where a split would be empty.
    """
    questions = connection.sql(_QUESTIONS, params={"curation_id": curation_id}).to_arrow_table()
    ids: list[str] = questions["question_id"].to_pylist()
    if not ids:
        raise Refused("--splits: nothing is kept that could be split; see the funnel of `reflectory curate`")
    alike = [(ids[a], ids[b]) for a, b in alike_texts(pa.concat_arrays(questions["question"].chunks))]
    alike += _alike_rows(connection, curation_id)
    drawn = {question_id: _drawn(first, shares, seed) for question_id, first in grouped(ids, alike).items()}
    if empty := [split for split in shares if split not in drawn.values()]:
        raise Refused(
            f"--splits: no question of {len(ids)} fell into {empty[0]}, whose share is {shares[empty[0]]:g}; give it a"
            " larger one, another seed, or more questions"
        )
    return drawn


def alike_texts(texts: pa.StringArray) -> list[tuple[int, int]]:
    """Return the places of texts that are near duplicates, two by two."""
    if not len(texts):
        return []
    texts = normalised(texts)
    buckets = shared_buckets(bands(texts).view(np.int64))
    rows = buckets.rows.tolist()
    found = shingles(texts.take(pa.array(rows, pa.int64())))
    sets = {row: found.of(number) for number, row in enumerate(rows)}
    return [*near_pairs(buckets, sets, NEAR)]


def grouped(ids: Sequence[str], alike: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return each id with the first one of those that are alike, be it through others."""
    before = {each: each for each in ids}

    def first(each: str) -> str:
        while before[each] != each:
            before[each] = each = before[before[each]]
        return each

    for pair in alike:
        low, high = sorted(map(first, pair))
        before[high] = low
    return {each: first(each) for each in ids}


def _alike_rows(connection: duckdb.DuckDBPyConnection, curation_id: str) -> list[tuple[str, str]]:
    """The questions of rows that are near duplicates, two by two."""
    kept = connection.sql(_KEPT, params={"curation_id": curation_id, "method": METHOD}).to_arrow_table()
    if not len(kept):
        return []
    flat: npt.NDArray[np.int64] = pa.concat_arrays(kept["bands"].chunks).flatten().to_numpy()
    buckets = shared_buckets(flat.reshape(len(kept), BANDS))
    sets = shingle_sets(connection, kept["trace_id"], buckets.rows)
    questions = kept["question_id"].to_pylist()
    return [(questions[a], questions[b]) for a, b in near_pairs(buckets, sets, NEAR)]


def _drawn(first: str, shares: Mapping[Split, float], seed: int) -> Split:
    at, up_to = int(content_key("split", seed, first)[:12], 16) / 16**12, 0.0
    for split, share in shares.items():
        up_to += share
        if at < up_to:
            return split
    return split
