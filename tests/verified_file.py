"""`reflectory verify` in one process, which a test can look into: no row costs one of its own."""

from collections import Counter
from contextlib import closing
from functools import partial
from pathlib import Path

from schemas.verdict import Ruling
from tasks.judging.reading import KillableReader
from tasks.judging.verify import Verifier
from tasks.judging.verify_file import verify_line
from tasks.rows.rewriting import Complaints, rewriting


def verify_file(
    in_path: Path, out_path: Path, verifier: Verifier, complaints: Complaints | None = None
) -> dict[Ruling, int]:
    """Judge the rows in their order; return how many got each verdict."""
    counts: Counter[Ruling] = Counter(dict.fromkeys(Ruling, 0))
    told = complaints or Complaints(in_path)
    with rewriting(in_path, out_path) as (lines, write), closing(KillableReader()) as read:
        for line in lines:
            row = verify_line(line, verifier, read, partial(told.add, lines.number))
            counts[row["verdict"]] += 1
            write(row)
    return dict(counts)
