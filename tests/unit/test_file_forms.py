"""Commands on files read what a run reads: the same rows in each form give the same output."""

import csv
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from schemas.detection import Detection
from schemas.errors import Refused
from tasks.contamination.decontaminate_file import decontaminate_file, read_benchmarks
from tasks.judging.verify import Verifier
from tasks.rows import data_set
from tasks.rows.rewriting import Complaints
from tests.meaning import WordCounts
from tests.verified_file import verify_file

CHOICES = {"choices": ["sun", "moon"]}
COPIED = "Anna has 12 red apples and 30 green pears in 4 baskets and gives half of the pears away"
ROWS: list[dict[str, Any]] = [
    {"id": "a", "question": "1+1?", "gold": "2", "response": "Answer: 2", "kind": None, "spec": None},
    {"id": "b", "question": "Which?", "gold": "B", "response": "Answer: moon", "kind": "choice", "spec": CHOICES},
    {"id": "c", "question": "What?", "gold": "x", "response": None, "kind": None, "spec": None},
    {"id": "d", "question": "How\nmuch?", "gold": "0.30", "response": "Answer: 3/10", "kind": "number", "spec": None},
]


def lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8-sig")


def array(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text(json.dumps(rows, indent=2))


def cells(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        for row in rows:
            table.writerow({name: json.dumps(cell) if isinstance(cell, dict) else cell for name, cell in row.items()})


def parquet(path: Path, rows: list[dict[str, Any]]) -> None:
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)


Written = Callable[[Path, list[dict[str, Any]]], None]
FORMS: list[tuple[str, Written]] = [
    ("rows.jsonl", lines),
    ("rows.json", array),
    ("rows.csv", cells),
    ("rows.parquet", parquet),
    ("rows", parquet),  # what it begins with says what it is
]


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("ascii").splitlines()]


@pytest.mark.parametrize(("name", "written"), FORMS)
def test_every_form_is_verified_alike(tmp_path: Path, verifier: Verifier, name: str, written: Written) -> None:
    """The bug: `run` read CSV and lists of JSON, `verify` took their rows for no JSON."""
    written(tmp_path / name, ROWS)
    complaints = Complaints(tmp_path / name)
    verify_file(tmp_path / name, tmp_path / "out", verifier, complaints)
    found = [(row["id"], row["verdict"], row["reason"]) for row in read(tmp_path / "out")]
    assert found == [
        ("a", "correct", "equal"),
        ("b", "correct", "same_choice"),
        ("c", "unverified", "no_answer" if written is cells else "bad_row"),  # an empty cell is an empty answer
        ("d", "correct", "equal"),
    ]
    unit = "line" if written is lines else "row"
    null = [f"{tmp_path / name}, {unit} 3, response: got null; needs text"]
    assert complaints.lines() == ([] if written is cells else null)


def test_complaints_are_told_in_the_order_of_the_rows(tmp_path: Path) -> None:
    """The bug: what a verifier said of row 1 came behind all rows that could not be used."""
    complaints = Complaints(tmp_path / "rows.csv", "row")
    complaints.add(1, "spec: got none", "choice")
    complaints.add(2, "response: got null")
    complaints.add(3, "spec: got none", "choice")
    complaints.add(4, "spec: got 3", "code")
    told = [line.removeprefix(f"{tmp_path}/rows.csv, ") for line in complaints.lines()]
    assert told == [
        "row 1, spec: got none (so 2 rows of this kind)",
        "row 2, response: got null",
        "row 4, spec: got 3",
    ]


def test_a_full_temporary_folder_is_told(tmp_path: Path, verifier: Verifier, monkeypatch: pytest.MonkeyPatch) -> None:
    cells(tmp_path / "rows.csv", ROWS)
    with Path("/dev/full").open("wb", buffering=0) as full:
        monkeypatch.setattr(data_set, "TemporaryFile", lambda: full)
        with pytest.raises(Refused, match="TMPDIR names a folder with room"):
            verify_file(tmp_path / "rows.csv", tmp_path / "out", verifier, Complaints(tmp_path / "rows.csv"))


@pytest.mark.parametrize(("name", "written"), FORMS)
def test_every_form_is_decontaminated_alike(tmp_path: Path, name: str, written: Written) -> None:
    data = [{"question": COPIED, "n": 1}, {"question": None, "n": 2}, {"question": "Why?", "n": 3}]
    written(tmp_path / name, data)
    written(tmp_path / f"bench-{name}", [{"id": "b1", "question": COPIED}])
    complaints = Complaints(tmp_path / name)
    given = tmp_path / name, [tmp_path / f"bench-{name}"], tmp_path / "out", Detection(), WordCounts().embed
    decontaminate_file(*given, complaints=complaints)
    unit = "line" if written is lines else "row"
    assert [(row["id"], row["contaminated"], row["match_id"]) for row in read(tmp_path / "out")] == [
        (f"{unit} 1", True, "b1"),
        (f"{unit} 2", None, None),
        (f"{unit} 3", False, None),
    ]
    [told] = complaints.lines()
    assert f"{unit} 2, question: got null; needs text" in told


ASKS = [
    {"instruction": "Count the pears.", "input": COPIED, "output": "15"},
    {"instruction": "Count the pears.", "context": COPIED, "response": "15"},
    {"instruction": "Count the pears.", "instances": [{"input": COPIED, "output": "15"}]},
    {"conversations": [{"from": "human", "value": COPIED}, {"from": "gpt", "value": "15"}]},
    {"messages": [{"role": "user", "content": COPIED}, {"role": "assistant", "content": "15"}]},
    {"messages": [{"role": who, "content": said} for who, said in [("user", COPIED), ("assistant", "15")] * 2]},
    {"prompt": COPIED, "response": "15"},
    {"problem": COPIED, "solution": "15"},
    {"input": COPIED, "target": "15"},
]
UNASKED = [
    ({"conversations": [{"from": "gpt", "value": "15"}]}, "conversations: got 'no turn that asks'; needs a question"),
    ({"completion": COPIED}, "the row: got 'completion'; needs `text`, `question`"),
    ({"id": 1, "text": None}, "text: got null; needs text"),
    ({"question": 3}, "question: got 3; needs text"),
]


@pytest.mark.parametrize("row", ASKS)
def test_what_a_training_row_asks_is_looked_up(tmp_path: Path, row: dict[str, Any]) -> None:
    """The bug: of a file to train on, in any form but one with `text` or `question`, no row could be used."""
    lines(tmp_path / "data.jsonl", [row])
    lines(tmp_path / "bench.jsonl", [{"problem": COPIED}])
    files = tmp_path / "data.jsonl", [tmp_path / "bench.jsonl"], tmp_path / "out"
    counts = decontaminate_file(*files, Detection(), WordCounts().embed)
    assert (counts.rows, counts.contaminated) == (1, 1)


@pytest.mark.parametrize(("row", "message"), UNASKED)
def test_a_row_that_asks_nothing_is_told(tmp_path: Path, row: dict[str, Any], message: str) -> None:
    lines(tmp_path / "data.jsonl", [row])
    lines(tmp_path / "bench.jsonl", [{"problem": COPIED}])
    complaints = Complaints(tmp_path / "data.jsonl")
    files = tmp_path / "data.jsonl", [tmp_path / "bench.jsonl"], tmp_path / "out"
    counts = decontaminate_file(*files, Detection(), WordCounts().embed, complaints=complaints)
    assert counts.undecided == {"bad_row": 1}
    assert message in complaints.lines()[0]
    with pytest.raises(Refused, match="so that no item is passed over"):
        read_benchmarks([tmp_path / "data.jsonl"])


VALUES = [
    # of a column of Parquet, and what becomes of it as a gold
    (Decimal("18.00"), "18", "equal"),
    (18.0, "18", "equal"),
    (18, "18", "equal"),
    (float("nan"), "18", "bad_row"),
    (b"18", "18", "bad_row"),
    (["18"], "18", "equal"),  # AGIEval, OlympiadBench and GAOKAO write a gold so
    (["18", "19"], "18", "bad_row"),
    ([["18"]], "18", "bad_row"),
    ([], "18", "bad_row"),
]


@pytest.mark.parametrize(("gold", "answer", "reason"), VALUES)
def test_values_that_json_has_not(tmp_path: Path, verifier: Verifier, gold: Any, answer: str, reason: str) -> None:
    parquet(tmp_path / "rows.parquet", [{"id": 1, "gold": gold, "response": f"Answer: {answer}"}])
    verify_file(tmp_path / "rows.parquet", tmp_path / "out", verifier)
    [row] = read(tmp_path / "out")
    assert (row["id"], row["reason"]) == (1, reason)


def test_what_json_has_not_within_a_spec_costs_its_row(tmp_path: Path, verifier: Verifier) -> None:
    """A function that gives NaN where the spec expects it was judged against a text."""
    spec = {"entry_point": "f", "cases": [{"args": [1.0], "expected": float("nan")}]}
    row = {"kind": "code", "gold": None, "response": "def f(x):\n    return float('nan')"}
    parquet(tmp_path / "rows.parquet", [row | {"spec": spec}])
    complaints = Complaints(tmp_path / "rows.parquet")
    verify_file(tmp_path / "rows.parquet", tmp_path / "out", verifier, complaints)
    assert [row["reason"] for row in read(tmp_path / "out")] == ["bad_spec"]
    assert 'row 1, spec: got [["a dict, which JSON cannot hold"]]' in complaints.lines()[0]


def test_what_no_run_reads_is_refused_alike(tmp_path: Path, verifier: Verifier) -> None:
    (tmp_path / "rows.zip").write_bytes(b"PK\x03\x04 rest")
    with pytest.raises(Refused, match=r"^IN: cannot read .* packed by zip; unpack it first"):
        verify_file(tmp_path / "rows.zip", tmp_path / "out", verifier)
    (tmp_path / "rows.csv").write_text("id,gold,response\n1,2,Answer: 2\n2,2\n")
    complaints = Complaints(tmp_path / "rows.csv")
    verify_file(tmp_path / "rows.csv", tmp_path / "out", verifier, complaints)
    assert [row["reason"] for row in read(tmp_path / "out")] == ["equal", "bad_row"]
    assert "row 2, the row: got 2 cells; needs 3, as many as the first line has names" in complaints.lines()[0]
