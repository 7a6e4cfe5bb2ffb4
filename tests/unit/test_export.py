"""`reflectory export`: every row of a table or view, in each format, whole or not at all."""

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from flows.cli import export as exporting
from flows.cli.export import export
from schemas.errors import Refused
from schemas.exchange import RejectedRow
from warehouse.landing import Warehouse

N = 25


@pytest.fixture
def landed(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    monkeypatch.setattr(exporting, "_AT_ONCE", 10)
    rows = [RejectedRow.of("s", f"a.jsonl, line {n}", None, f'=got "{n}"\n\x1b, é') for n in range(N)]
    warehouse.land("rejected_rows", rows, "run", "unit")
    return warehouse


def test_each_format_holds_every_row(landed: Warehouse, tmp_path: Path) -> None:
    for suffix in (".parquet", ".jsonl", ".csv"):
        assert export(landed, "rejected_rows", tmp_path / f"rows{suffix}") == N
    parquet = pq.read_table(tmp_path / "rows.parquet").to_pylist()
    lines = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text("utf-8").splitlines()]
    with (tmp_path / "rows.csv").open(newline="", encoding="utf-8") as file:
        cells = list(csv.DictReader(file))
    texts = {row["place"]: row["complaint"] for row in parquet}
    assert len(texts) == N
    assert {row["place"]: row["complaint"] for row in lines} == texts
    assert {row["place"]: row["complaint"] for row in cells} == {place: f"'{text}" for place, text in texts.items()}
    assert lines[0]["position"] == 0
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl", ".csv"])
def test_a_view_without_rows_is_a_file_without_rows(landed: Warehouse, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"rows{suffix}"
    assert export(landed, "traces_full", out) == 0
    if suffix == ".parquet":
        assert pq.read_table(out).num_rows == 0
        assert "trace_id" in pq.read_table(out).column_names
    else:
        assert out.read_text().startswith("trace_id," if suffix == ".csv" else "")


@pytest.mark.parametrize(
    ("table", "out", "message"),
    [
        ("trace", "a.csv", "export: got 'trace'; .* did you mean traces"),
        ("traces; DROP TABLE traces", "a.csv", "there is no such table or view"),
        ("traces_full_at", "a.csv", "there is no such table or view"),
        ("traces", "a.xlsx", "needs a name that ends in .parquet, .jsonl, .csv"),
        ("traces", "none/a.csv", "there is no folder .*none; make it first"),
    ],
)
def test_refusals(landed: Warehouse, tmp_path: Path, table: str, out: str, message: str) -> None:
    with pytest.raises(Refused, match=message):
        export(landed, table, tmp_path / out)
    assert not (tmp_path / out).exists()


def test_a_folder_that_takes_no_file_is_refused(landed: Warehouse, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: path != tmp_path)
    with pytest.raises(Refused, match=r"nothing can be written in .*; give another folder"):
        export(landed, "traces", tmp_path / "a.csv")
