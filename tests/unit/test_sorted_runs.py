"""Rows that go by way of disk come back in their order, each once."""

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tasks.publishing import sorted_runs
from tasks.publishing.sorted_runs import in_order, write_runs


def batches(rows: list[dict[str, Any]], at_once: int) -> list[pa.RecordBatch]:
    return [pa.RecordBatch.from_pylist(rows[first : first + at_once]) for first in range(0, len(rows), at_once)]


@pytest.mark.parametrize("run", [1, 2_000, 2**20])
@pytest.mark.parametrize("at_once", [1, 7, 1_000])
def test_rows_are_read_by_their_places(tmp_path: Path, run: int, at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorted_runs, "_RUN", run)
    rows = [{"place": place, "text": "é" * place, "tags": ["a"] * (place % 3)} for place in range(100)]
    write_runs(batches(random.Random(0).sample(rows, len(rows)), 9), tmp_path / "rows")
    read = [batch.to_pylist() for batch in in_order(tmp_path / "rows", at_once)]
    assert [row for step in read for row in step] == rows
    assert max(map(len, read)) == min(at_once, len(rows))


def test_no_rows_are_none(tmp_path: Path) -> None:
    write_runs([], tmp_path / "rows")
    assert not [*in_order(tmp_path / "rows", 10)]


def test_who_writes_again_starts_anew(tmp_path: Path) -> None:
    """As after a query that needed more memory."""
    broken = (batch for batch in [*batches([{"place": 0}], 1), None])
    with pytest.raises(AttributeError):
        write_runs(broken, tmp_path / "rows")
    write_runs(batches([{"place": 0}], 1), tmp_path / "rows")
    assert [batch.to_pylist() for batch in in_order(tmp_path / "rows", 10)] == [[{"place": 0}]]
