"""Where rows stand: each kind of file and folder gives the same rows, with the place of each, and of what is none."""

import bz2
import gzip
import json
import lzma
import os
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.errors import Refused
from schemas.question_source import Questions
from schemas.recycling import Pairs
from tasks.questions import load
from tasks.recycling.originals import read_pairs
from tasks.rows.data_set import DataSet
from tasks.rows.jsonl import Unreadable
from tasks.rows.values import plain_text

ROWS = [
    {"instruction": "Name a fish.", "output": "A trout.", "id": "1", "gold": 0.5},
    {"instruction": "Name a bird.", "output": "A wren.", "id": "2", "gold": None},
]


def jsonl(path: Path) -> Path:
    path = path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, ROWS)))
    return path


def array(path: Path) -> Path:
    path = path / "a.json"
    path.write_text("\ufeff" + json.dumps(ROWS, indent=2))
    return path


def compact_array(path: Path) -> Path:
    path = path / "a.json"
    path.write_text(json.dumps(ROWS) + "\n")
    return path


def array_under_another_name(path: Path) -> Path:
    return array(path).rename(path / "a.jsonl")


def parquet(path: Path) -> Path:
    pq.write_table(pa.Table.from_pylist(ROWS), path / "a.parquet")
    return path / "a.parquet"


def parquet_without_suffix(path: Path) -> Path:
    return parquet(path).rename(path / "a")


def folder(path: Path) -> Path:
    (path / "a").mkdir()
    jsonl(path).rename(path / "a" / "train.jsonl")
    return path / "a"


def data_set_on_disk(path: Path) -> Path:
    import datasets

    datasets.disable_progress_bars()
    datasets.Dataset.from_list(ROWS).save_to_disk(path / "a")
    return path / "a"


def splits_on_disk(path: Path) -> Path:
    import datasets

    datasets.disable_progress_bars()
    rows = datasets.Dataset.from_list(ROWS)
    datasets.DatasetDict({"test": rows.select([0]), "train": rows}).save_to_disk(path / "a")
    return path / "a"


FILES = [jsonl, array, compact_array, array_under_another_name, parquet, parquet_without_suffix]
FOLDERS = [folder, data_set_on_disk, splits_on_disk]


@pytest.fixture(autouse=True)
def _offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)


@pytest.mark.parametrize("write", [*FILES, *FOLDERS])
def test_recycle_and_run_read_the_same_rows(tmp_path: Path, write: Any) -> None:
    path = write(tmp_path)
    raw = read_pairs(Pairs(path=str(path)))
    assert [(pair.instruction, pair.response, pair.external_id, pair.gold) for pair in raw.pairs] == [
        ("Name a fish.", "A trout.", "1", "0.5"),
        ("Name a bird.", "A wren.", "2", None),
    ]
    assert raw.source == "a"
    for source in ("recorded", "huggingface") if path.is_dir() else ("recorded", "huggingface", "jsonl", "parquet"):
        loaded = load(Questions(source=source, path=str(path)), 0)
        assert [(seed.question.text, seed.question.gold) for seed in loaded.seeds] == [
            ("Name a fish.", "0.5"),
            ("Name a bird.", None),
        ]
        assert [[said.text for said in seed.recorded] for seed in loaded.seeds] == (
            [["A trout."], ["A wren."]] if source == "recorded" else [[], []]
        )


def test_the_split_is_the_one_that_was_asked_for(tmp_path: Path) -> None:
    path = str(splits_on_disk(tmp_path))
    assert len(read_pairs(Pairs(path=path, split="test")).pairs) == 1
    with pytest.raises(Refused, match=r"pairs.path: cannot read .*Unknown split \"dev\".*'test', 'train'"):
        read_pairs(Pairs(path=path, split="dev"))


def test_digits_stay_in_a_list_too(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"instruction": "a", "output": "b", "gold": 0.30}]')
    assert read_pairs(Pairs(path=str(path))).pairs[0].gold == "0.30"


@pytest.mark.parametrize("name", ["a.jsonl", "a.NDJSON"])
@pytest.mark.parametrize("row", [{"prompt": "?", "examples": ROWS}, {name: {"x": 1} for name in "abc"}])
def test_the_only_line_of_lines_is_a_row(tmp_path: Path, row: dict[str, Any], name: str) -> None:
    """The bug: a row with a list of objects was one of many in a file of two lines, and lost in a file of one."""
    for n in (1, 2):
        (tmp_path / name).write_text(f"{json.dumps(row)}\n" * n)
        assert [found for _, found in DataSet(str(tmp_path / name)).rows()] == [row] * n


@pytest.mark.parametrize("broken", ["{", '{"x": 1,', '{"x": [', '{"x"'])
def test_a_line_that_breaks_off_costs_itself_alone(tmp_path: Path, broken: str) -> None:
    """As the first of lines, where JSON over several would begin so, too."""
    (tmp_path / "a.jsonl").write_text(f"{broken}\n{json.dumps(ROWS[0])}\n")
    [(_, bad), (_, row)] = DataSet(str(tmp_path / "a.jsonl")).rows()
    assert (isinstance(bad, Unreadable), row) == (True, ROWS[0])


def nested(text: str) -> str:
    return json.dumps(json.loads(text), indent=2)


OBJECTS = [
    # what the file holds, and the rows that it is read as
    (json.dumps(ROWS[0], indent=2), ROWS[:1]),
    ("\n\n".join(json.dumps(row, indent=4) for row in ROWS), ROWS),  # as jq writes them
    ("{\n" + json.dumps(ROWS[0])[1:] + "\n" + json.dumps(ROWS[1], indent=1), ROWS),
    (nested(json.dumps({"canary": "no", "examples": ROWS})), ROWS),  # BIG-bench
    (json.dumps({"canary": "no", "examples": ROWS}), ROWS),  # BIG-Bench Hard
    (json.dumps({"keyword": "x", "prompt": "Choose.", "example": ROWS}, indent=4), ROWS),  # GAOKAO-Bench
    ('{"examples": [\n' + ",\n".join(map(json.dumps, ROWS)) + "\n]}", ROWS),
    (json.dumps({"version": "1", "data": ROWS}), ROWS),
    (json.dumps({"train": ROWS, "test": ROWS[:1]}), ROWS),
    (json.dumps({"test": ROWS[:1]}, indent=1), ROWS[:1]),
    (
        json.dumps({f"sums/{n}.json": {"problem": f"{n}?"} for n in range(3)}),
        [{"id": f"sums/{n}.json", "problem": f"{n}?"} for n in range(3)],
    ),
    # rows that only look as if they held others
    (json.dumps({"messages": [{"role": "user"}]}, indent=1), [{"messages": [{"role": "user"}]}]),
    (json.dumps({"question": "?", "examples": ROWS}, indent=1), [{"question": "?", "examples": ROWS}]),
    *(
        (json.dumps(row), [row])  # as the only line of a file, which is one of many in others
        for row in (
            *({name: "2+2?", "examples": [{"input": "1+1"}]} for name in ("Question", "query", "input", "text")),
            *({"prompt": "2+2?", name: "4", "test": [{"input": "1"}]} for name in ("gold", "answer", "response")),
            {"id": "1", "items": [{"from": "human", "value": "?"}, {"from": "gpt", "value": "!"}]},  # ShareGPT's dump
            {"data": [{"role": "user", "content": "?"}, {"role": "assistant", "content": "!"}]},
        )
    ),
    (json.dumps({"a": {"text": "1"}, "b": {"text": "2"}}), [{"a": {"text": "1"}, "b": {"text": "2"}}]),
    (
        json.dumps({name: {"0": 1, "1": 2} for name in "abc"}),  # pandas, by columns
        [{name: {"0": 1, "1": 2} for name in "abc"}],
    ),
    (json.dumps({"examples": [1, 2]}), [{"examples": [1, 2]}]),
    (json.dumps({"settings": {"x": 1}}, indent=1), [{"settings": {"x": 1}}]),
]


@pytest.mark.parametrize(("text", "rows"), OBJECTS)
def test_objects_longer_than_a_line(tmp_path: Path, text: str, rows: list[dict[str, Any]]) -> None:
    """The bug: each line of an object was a row that could not be read, and the rows within none at all."""
    (tmp_path / "a.json").write_text("\ufeff" + text)
    data = DataSet(str(tmp_path / "a.json"))
    assert [row for _, row in data.rows()] == rows
    with data.as_lines() as lines:
        assert [json.loads(line) for line in lines] == rows


def test_one_of_the_splits_in_an_object_has_to_be_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"dev": ROWS[:1], "test": ROWS}))
    assert [row for _, row in DataSet(str(tmp_path / "a.json"), split="test").rows()] == ROWS
    with pytest.raises(Refused, match=r"holds 'test', 'dev'; needs questions\.split to name one"):
        list(DataSet(str(tmp_path / "a.json")).rows())


def test_a_list_is_read_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts, numbers and letters of several bytes are cut anywhere."""
    rows = [{"x": n * 1000 + 0.5, "text": 'é "\U0001f600\\" ' * n} for n in range(20)]
    (tmp_path / "a.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")
    for block in (1, 2, 3, 7, 64):
        monkeypatch.setattr("tasks.rows.json_text._BLOCK", block)
        assert [row for _, row in DataSet(str(tmp_path / "a.json")).rows()] == rows
    (tmp_path / "a.json").write_text("[" + ", ".join(["1.5", '{"x": 1}'] * 99) + "]")
    assert [row for _, row in DataSet(str(tmp_path / "a.json")).rows() if isinstance(row, dict)] == [{"x": 1}] * 99


BAD_ELEMENTS = [
    ('[{"x": 1}, 7, {"x": 2}]', ["row 2: got a number; needs"]),
    ('[{"x": 1}, {"x": 3, "x": 4}, {"x": 2}]', ["row 2: not JSON in UTF-8 (the key 'x' stands twice"]),
    ('{"x": 1}\n{"x": 3, "x": 4}\n["a"]\n{"x": 2', ["line 2: not", "line 3: got an array", "line 4: not JSON"]),
    ('["a"]\n{"x": 1}\n{"x": 2}', ["line 1: got an array; needs"]),
    ('{"x": 1}\n\n{"x": "\\ud800"}\n{"x": \x00}', ["line 4: not JSON in UTF-8"]),
]


@pytest.mark.parametrize(("text", "bad"), BAD_ELEMENTS)
def test_what_is_no_object_does_not_cost_the_others(tmp_path: Path, text: str, bad: list[str]) -> None:
    (tmp_path / "a").write_text(text)
    rows = list(DataSet(str(tmp_path / "a")).rows())
    found = [f"{place}: {row.complaint}".removeprefix("a, ") for place, row in rows if isinstance(row, Unreadable)]
    assert len(found) == len(bad)
    assert all(one.startswith(start) for one, start in zip(found, bad, strict=True)), found
    assert len(rows) - len(bad) >= 1


REFUSED = [
    (b'[{"x": 1}, {"x": 2}', "cannot read .* at row 2"),
    (b'[{"x": 1} {"x": 2}]', "cannot read .* at row 1 .Expecting ',' delimiter"),
    (b'[{"x": 1}] {"x": 2}', "Extra data"),
    (b'[\n{"x": 1},\n{"x": 2},\n{"x" 3}\n]', "at row 3 .Expecting ':' delimiter: line 4"),
    (b'[{"x": "' + b"long " * 1000 + b'"}, {"x": "', "at row 2 .Unterminated string"),
    (b'{\n "x": 1\n}\n{\n "x": \n}', "at row 2 .Expecting value: line 6"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "is a pointer of Git LFS; `git lfs pull`"),
    (b'[{"x": "\xff"}]', "not JSON in UTF-8"),
    (b'[{"x": 1},\n\n{"x": "\xff"}]', "not JSON in UTF-8 at row . .byte 0xff: line 3"),
    (gzip.compress(gzip.compress(b'{"x": 1}', mtime=0), mtime=0), "packed by gzip; unpack it first"),
    (gzip.compress(b"PAR1 and more", mtime=0), "packed by gzip; unpack it first"),
    (gzip.compress(b"a.jsonl".ljust(257, b"\0") + b"ustar\x0000", mtime=0), "packed by tar; unpack it first"),
    (b"PK\x03\x04", "packed by zip; unpack it first"),
    (b"PAR1 and no more", "cannot read .* after row 0"),
]


PACKERS = {
    "gz": partial(gzip.compress, mtime=0),
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": partial(pa.compress, codec="zstd", asbytes=True),
}
UNPACKED = [
    ("jsonl", b'{"x": "1"}\n\n{"x": "2"}\n'),
    ("ndjson", b'\xef\xbb\xbf{"x": "1"}\n{"x": "2"}'),
    ("json", b'[{"x": "1"},\n {"x": "2"}]'),
    ("json", b'{"rows": [{"x": "1"}, {"x": "2"}]}'),
    ("json", b'{\n"x": "1"\n}\n{\n"x": "2"\n}'),
    ("csv", b"x;y\r\n1;\r\n2;\r\n"),
    ("tsv", b"x\ty\n1\t\n2\t\n"),
    ("tsv", "x\ty\r\n1\t\r\n2\t\r\n".encode("utf-16")),
]


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize(("suffix", "content"), UNPACKED)
def test_a_packed_file_is_read_as_what_it_holds(tmp_path: Path, suffix: str, content: bytes, packer: str) -> None:
    """Each form of rows, under its name and as the lines of commands, and as the one file of a folder."""
    plain, packed = tmp_path / f"rows.{suffix}", tmp_path / "folder" / f"rows.{suffix}.{packer}"
    packed.parent.mkdir()
    plain.write_bytes(content)
    packed.write_bytes(PACKERS[packer](content))
    data = DataSet(str(packed), on_hub=False)
    rows = list(DataSet(str(plain), on_hub=False).rows())
    assert [row["x"] for _, row in rows] == ["1", "2"]
    assert [(place.replace(f".{packer}", ""), row) for place, row in data.rows()] == rows
    assert data.name == "rows"
    with data.as_lines() as lines, DataSet(str(plain)).as_lines() as others:
        assert lines.read() == others.read()


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("suffix", ["jsonl", "json", "csv", "tsv"])
def test_a_packed_file_that_is_cut_off_is_refused(tmp_path: Path, suffix: str, packer: str) -> None:
    """And so is one with a byte that fell over; what was read before may have been handed out."""
    text = json.dumps([{"x": os.urandom(4000).hex()}] * 30)
    whole = PACKERS[packer](text.replace("}, {", "}\n{").strip("[]").encode() if suffix == "jsonl" else text.encode())
    path = tmp_path / f"rows.{suffix}.{packer}"
    for damaged in (whole[:-6], whole[: len(whole) // 2], whole[:8]):
        path.write_bytes(damaged)
        for read in (DataSet(str(path)).rows, DataSet(str(path)).as_lines):
            with pytest.raises(Refused, match=r"cannot read .* packed by \w+, and cut off or damaged .*again"):
                list(read())


def test_a_packed_file_in_a_folder_keeps_the_digits(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "train.jsonl.gz").write_bytes(gzip.compress(b'{"gold": 0.30}'))
    assert [plain_text(row["gold"]) for _, row in DataSet(str(folder)).rows()] == ["0.30"]
    (folder / "train.jsonl.gz").write_bytes(gzip.compress(b'{"gold": 0.30}' * 1000)[:-9])
    with pytest.raises(Refused, match="cut off or damaged"):
        list(DataSet(str(folder)).rows())


@pytest.mark.parametrize(("content", "message"), REFUSED)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(Refused, match=message):
        list(DataSet(str(tmp_path / "a")).rows())


@pytest.mark.parametrize(
    ("path", "on_hub", "missing"),
    [
        ("tatsu-lab/alpaca", True, False),
        ("gsm8k", True, False),
        ("tatsu-lab/alpaca", False, True),
        ("data/alpaca.jsonl", True, True),
        ("alpaca.json", True, True),
        ("./alpaca", True, True),
        ("/alpaca", True, True),
        ("a/b/c", True, True),
    ],
)
def test_what_is_missing_is_told_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, on_hub: bool, missing: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    told = list(DataSet(path, "pairs.path", on_hub=on_hub).missing())
    assert len(told) == missing
    assert all(line.startswith(f"pairs.path: got {path!r}; no such file") for line in told)


CELLS = [
    ("a.csv", "\ufeffa;b\r\n1;2,5\r\n", {"a": "1", "b": "2,5"}),  # as Windows writes it where commas stand in numbers
    ("a.csv", 'a,b;c\n1,"2;5"\n', {"a": "1", "b;c": "2;5"}),
    ("a.tsv", "a;b\tc\n1\t2\n", {"a;b": "1", "c": "2"}),
    ("a.csv", "a\n1;2\n", {"a": "1;2"}),
    ("A.CSV", "a,b\n007,2\n", {"a": "007", "b": "2"}),
    ("a.tsv", 'a\tb\n"so" he said\t2"\n', {"a": '"so" he said', "b": '2"'}),  # FLAN: a quote is but a character
    ("a.tsv", 'a\tb\n"1\t2"\t"3 ""4"""\n', {"a": "1\t2", "b": '3 "4"'}),  # Excel
    ("a.tsv", 'a\tb\n"1"\t2\n', {"a": "1", "b": "2"}),
]


def test_a_pattern_is_no_path(tmp_path: Path) -> None:
    [line] = DataSet(f"{tmp_path}/*.jsonl").missing()
    assert line.endswith("; a pattern is not looked up, a folder is read")


@pytest.mark.parametrize(("name", "text", "row"), CELLS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])  # Excel's Unicode Text
def test_what_stands_between_cells(tmp_path: Path, name: str, text: str, row: dict[str, str], encoding: str) -> None:
    text = text.removeprefix("\ufeff") if encoding == "utf-16" else text
    (tmp_path / name).write_text(text, encoding)
    assert [found for _, found in DataSet(str(tmp_path / name)).rows()] == [row]


BAD_CELLS = [
    ("a,b\n1,2\n3\n4,5,6\n\n7,8\n", ["row 2: got 1 cells; needs 2", "row 3: got 3 cells; needs 2"], None),
    ("a,a\n1,2\n", [], "two columns have the name 'a'"),
    ('a,b\n1,2\n3,"4', [], "no CSV in UTF-8 after row 1, line 3"),
    ("a\nL\udcf6sung\n", [], r"invalid start byte\); save it as UTF-8"),
]


@pytest.mark.parametrize(("text", "bad", "refused"), BAD_CELLS)
def test_cells_that_are_no_row(tmp_path: Path, text: str, bad: list[str], refused: str | None) -> None:
    (tmp_path / "a.csv").write_text(text, errors="surrogateescape")
    data = DataSet(str(tmp_path / "a.csv"))
    if refused:
        with pytest.raises(Refused, match=refused):
            list(data.rows())
        return
    rows = list(data.rows())
    told = [f"{place}: {row.complaint}" for place, row in rows if isinstance(row, Unreadable)]
    assert [line.startswith(f"a.csv, {start}") for line, start in zip(told, bad, strict=True)] == [True] * len(bad)
    assert [row for _, row in rows if isinstance(row, dict)] == [{"a": "1", "b": "2"}, {"a": "7", "b": "8"}]


def test_files_that_datasets_has_to_read(tmp_path: Path) -> None:
    """One object on several lines, and what is packed."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "train.json").write_text(json.dumps({"x": [1, 2]}, indent=1))
    assert [row for _, row in DataSet(str(tmp_path / "a")).rows()] == [{"x": [1, 2]}]
    (tmp_path / "b").mkdir()
    with gzip.open(tmp_path / "b" / "train.jsonl.gz", "wt") as file:
        file.write('{"x": 1}\n')
    assert [row for _, row in DataSet(str(tmp_path / "b")).rows()] == [{"x": 1}]


def test_the_counts_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = [ROWS[0]] * 5 + [ROWS[1], ROWS[1] | {"instruction": "Name a tree."}, {"x": 1}]
    path.write_text("\n".join(map(json.dumps, rows)) + "\n{")
    pairs = read_pairs(Pairs(path=str(path))).tally.lines()
    assert pairs[0] == (
        "rows: 9 = 3 pairs + 4 equal to an earlier row + 2 that cannot be read; 1 with the id of another; 2 without"
        " a gold"
    )
    names = "pairs.columns.instruction names its column, perhaps one of 'x'"
    assert pairs[1] == f"cannot be read: a.jsonl, line 8, instruction: got None; needs text; {names}"
    assert pairs[2].startswith("cannot be read: a.jsonl, line 9: not JSON in UTF-8")
    questions = load(Questions(source="jsonl", path=str(path)), 0).tally.lines()
    assert questions[0] == pairs[0].replace("pairs", "questions")
    assert questions[1].startswith("cannot be read: a.jsonl, line 8: got no 'question' but 'x'; needs")
    many = [{"x": n} for n in range(9)]
    path.write_text("\n".join(map(json.dumps, [ROWS[0], *many])))
    lines = read_pairs(Pairs(path=str(path))).tally.lines()
    assert len(lines) == 7
    assert lines[-1] == "cannot be read: 4 more; a run lands them in the table rejected_rows"


LONG = "1" * 5000


@pytest.mark.parametrize(
    "text",
    [
        f'{{"x": 1}}\n{{"x": {LONG}}}\n',
        f'[{{"x": 1}}, {{"x": {LONG}}}]',
        f'[{{"x": 1}},\n{{"x": {LONG}}}]',
        f'{{"rows": [{{"x": 1}}, {{"x": {LONG}}}]}}',
        f'{{"version": {LONG}, "rows": [{{"x": 1}}, {{"x": {LONG}}}]}}',
        f'{{\n"x": 1\n}}\n{{\n"x": {LONG}\n}}',
    ],
)
def test_a_number_longer_than_python_reads_keeps_its_digits(tmp_path: Path, text: str) -> None:
    """Regression: it cost a list of JSON all of its rows, and among lines its own."""
    (tmp_path / "a.json").write_text(text)
    assert [plain_text(row["x"]) for _, row in DataSet(str(tmp_path / "a.json")).rows()] == ["1", LONG]
    with DataSet(str(tmp_path / "a.json")).as_lines() as lines:
        assert LONG in lines.read().decode()
