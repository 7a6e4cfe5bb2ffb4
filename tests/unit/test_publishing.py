"""Formats, files and differences of releases, row by row."""

import json
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from schemas.release_rows import ChatRow
from tasks.publishing import files
from tasks.publishing.comparisons import preference_rows
from tasks.publishing.conversations import alpaca_row, chat_row, sharegpt_row
from tasks.publishing.difference import row_changes, setting_changes
from tasks.publishing.files import JsonlFile, ParquetFile
from tests.judged_trace import SYSTEM, judged

TEXT = "<thinking>t</thinking><output>4</output>"


def test_the_formats_say_the_same() -> None:
    row = chat_row(judged(TEXT), "teacher")
    assert [(m.role, m.content) for m in row.messages] == [
        ("system", SYSTEM),
        ("user", "Is <reflection> a tag?"),
        ("assistant", TEXT),
    ]
    assert [said["from"] for said in sharegpt_row(row, judged(TEXT))["conversations"]] == ["system", "human", "gpt"]
    assert [said["value"] for said in sharegpt_row(row, judged(TEXT))["conversations"]] == [
        m.content for m in row.messages
    ]
    assert alpaca_row(row, judged(TEXT)) == {
        "id": "t",
        "instruction": "Is <reflection> a tag?",
        "input": "",
        "output": TEXT,
        "system": SYSTEM,
    }
    assert alpaca_row(chat_row(judged(TEXT), "none"), judged(TEXT))["system"] == ""
    assert chat_row(judged(TEXT, system=None), "teacher").messages[0].role == "user"


def pairs(*traces: Any) -> list[tuple[str, str]]:
    questions = groupby(traces, key=lambda trace: trace.question_id)
    rows = [row for _, samples in questions for row in preference_rows([*samples], "teacher")]
    return [(row.chosen_id, row.rejected_id) for row in rows]


def right(trace_id: str, rank: int | None, **more: Any) -> Any:
    return judged(TEXT, trace_id=trace_id, rank=rank, **more)


def wrong(trace_id: str, **more: Any) -> Any:
    return judged(TEXT, verdict="incorrect", trace_id=trace_id, rank=None, **more)


def test_a_preference_is_correct_over_incorrect_each_trace_once() -> None:
    assert pairs(right("a", 7), right("b", 2), wrong("d"), wrong("c")) == [("b", "c"), ("a", "d")]
    assert pairs(right("a", 0), right("b", 1), wrong("c")) == [("a", "c")]


@pytest.mark.parametrize(
    "traces",
    [
        (right("a", None), wrong("b")),  # correct, and not in the release
        (right("a", 0), judged(TEXT, verdict="unverified", trace_id="b", rank=None)),
        (right("a", 0), wrong("b", question_id="other")),
        (right("a", 0), wrong("b", structure="truncated")),  # it would teach the form, not being right
        (right("a", 0), wrong("b", system="Another prompt.")),
        (judged(TEXT, verdict="incorrect", trace_id="a", rank=0), wrong("b")),  # a policy may keep wrong ones
    ],
)
def test_what_is_no_preference(traces: Any) -> None:
    assert pairs(*traces) == []


def chat_rows(n: int, size: int = 10) -> list[dict[str, Any]]:
    return [
        chat_row(judged("x" * size, trace_id=f"{i:03}", ifd=i / 7), "teacher").model_dump(mode="json") for i in range(n)
    ]


def write(path: Path, rows: list[dict[str, Any]]) -> bytes:
    made = ParquetFile(path, ChatRow) if path.suffix == ".parquet" else JsonlFile(path)
    for row in rows:
        made.write(row, len(row["messages"][-1]["content"])) if isinstance(made, ParquetFile) else made.write(row)
    made.close()
    assert made.rows == len(rows)
    return path.read_bytes()


@pytest.mark.parametrize("name", ["a.parquet", "a.jsonl"])
def test_the_same_rows_are_the_same_bytes(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_GROUP_ROWS", 4)
    rows = chat_rows(11)
    assert write(tmp_path / name, rows) == write(tmp_path / f"b{name}", rows)
    assert write(tmp_path / name, rows) != write(tmp_path / f"b{name}", [*rows[1:], rows[0]])
    if name.endswith("parquet"):
        read = pq.ParquetFile(tmp_path / name)
        assert read.read().to_pylist() == rows
        assert read.num_row_groups == 3


def test_huge_rows_get_groups_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_GROUP_CHARACTERS", 9_999)
    write(tmp_path / "a.parquet", chat_rows(3, size=9_999))
    assert pq.ParquetFile(tmp_path / "a.parquet").num_row_groups == 3


def test_no_rows_are_a_file_too(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", [])
    assert pq.read_table(tmp_path / "a.parquet").num_rows == 0


@pytest.mark.parametrize("text", ["a\u2028b", "a\x85b", "a\rb", "a\x00b", "😀", "\\ud800", '"},\n{'])
def test_a_row_is_one_line_for_every_reader(tmp_path: Path, text: str) -> None:
    raw = write(tmp_path / "a.jsonl", [{"text": text}])
    assert raw.decode("ascii").splitlines() == raw.decode("ascii").split("\n")[:-1]
    assert [json.loads(line)["text"] for line in raw.splitlines()] == [text]


def test_the_difference_of_two_releases_is_by_row_and_column(tmp_path: Path) -> None:
    a, b = tmp_path / "it's", tmp_path / "b"
    for folder, rows in ((a, chat_rows(4)), (b, chat_rows(5)[1:])):
        folder.mkdir()
        rows[1] |= {"rank": 9} if folder == b else {}
        rows[2] |= {"verdict": "incorrect", "rank": 3} if folder == b else {}
        write(folder / "chat.parquet", rows)
    changes = row_changes(a, b)
    assert [(c.change, c.trace_id, c.columns) for c in changes] == [
        ("added", "004", []),
        ("changed", "003", ["verdict"]),
        ("removed", "000", []),
    ]
    assert row_changes(a, a) == []
    assert [c.change for c in row_changes(b, a)] == ["added", "changed", "removed"]


def test_the_difference_of_two_policies_is_by_key() -> None:
    a = {"policy": {"rules": ["verdict"], "ifd": {"low": None}, "parts": [{"n": 1}]}, "code_version": "1"}
    b = {"policy": {"rules": ["verdict", "ifd"], "ifd": {"low": 0.5}, "parts": [{"n": 1}], "new": {}}}
    assert [(s.key, s.before, s.after) for s in setting_changes(a, b)] == [
        ("policy.rules", '["verdict"]', '["verdict", "ifd"]'),
        ("policy.ifd.low", "null", "0.5"),
        ("policy.new", "-", "{}"),
    ]
    assert setting_changes(a, a) == []
