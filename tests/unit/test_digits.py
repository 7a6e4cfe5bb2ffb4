"""Golds keep the digits that their writer gave them, whatever they are written in."""

import datetime
import decimal
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.question import AnswerKind
from schemas.question_source import Questions
from tasks.judging.verify import Verifier
from tasks.questions import load
from tasks.rows.jsonl import JsonNumber, json_text, read_object
from tasks.rows.narrow import has_narrow, shortest
from tasks.rows.values import parse_spec, plain_text
from tests.verified_file import verify_file

WRITTEN = [
    ("12345678901234567.25", "12345678901234567.25"),  # more digits than a double has
    ("9007199254740993", "9007199254740993"),  # no double is this number
    ("-9007199254740993.0", "-9007199254740993"),
    ("1e400", "1e400"),  # beyond every double
    ("-2.5E-400", "-2.5E-400"),
    ("1e99999999999999999999", "1e99999999999999999999"),
    ("0.30", "0.30"),
    ("3.14159265358979323846264338327950288", "3.14159265358979323846264338327950288"),
    ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
    ("18", "18"),
    ("18.0", "18"),  # how writers of floats spell 18
    ("18.00", "18.00"),  # how nobody but a person does
    ("1e-7", "0.0000001"),
    ("1.5e3", "1500"),
    ("-0.5", "-0.5"),
]


@pytest.mark.parametrize(("json_number", "text"), WRITTEN)
def test_a_number_of_json(json_number: str, text: str) -> None:
    assert plain_text(read_object(f'{{"gold": {json_number}}}'.encode())["gold"]) == text


@pytest.mark.parametrize(("json_number", "text"), WRITTEN)
@pytest.mark.parametrize("source", ["jsonl", "recorded"])
def test_a_number_of_json_as_the_gold_of_a_question(tmp_path: Path, json_number: str, text: str, source: str) -> None:
    (tmp_path / "q.jsonl").write_text(f'{{"question": "q", "gold": {json_number}, "response": "r"}}')
    (seed,) = load(Questions.model_validate({"source": source, "path": str(tmp_path / "q.jsonl")}), seed=0).seeds
    assert (seed.question.gold, seed.question.kind) == (text, AnswerKind.NUMBER)


def test_the_control_a_double_loses_them() -> None:
    lost = [text for text, _ in WRITTEN if plain_text(json.loads(text)) != plain_text(JsonNumber(text))]
    assert lost[:1] == ["12345678901234567.25"]
    assert len(lost) > 5


@pytest.mark.parametrize(
    ("gold", "kind", "response", "verdict"),
    [
        ("12345678901234567.25", None, "12345678901234567.25", "correct"),
        ("12345678901234567.25", None, "12345678901234567", "incorrect"),
        ("12345678901234567.25", "number", "12345678901234568", "incorrect"),  # what a double makes of it
        ("9007199254740993", None, "9007199254740993", "correct"),
        ("9007199254740993.0", None, "9007199254740992", "incorrect"),
        ("0.1", "number", "0.1000000000000000055511151231257827", "incorrect"),
        ("1e400", None, "1e400", "correct"),
        ("1e400", None, "1e401", "incorrect"),
        ("0.30", "exact", "0.30", "correct"),
        ("0.30", None, "0.3", "correct"),
        ("1e-7", None, "0.0000001", "correct"),
    ],
)
def test_so_they_are_judged(tmp_path: Path, gold: str, kind: str | None, response: str, verdict: str) -> None:
    line = f'{{"id": 1, "kind": {json.dumps(kind)}, "gold": {gold}, "response": "{response}"}}\n'
    (tmp_path / "in.jsonl").write_text(line)
    with closing(Verifier()) as verifier:
        verify_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", verifier)
    assert json.loads((tmp_path / "out.jsonl").read_text())["verdict"] == verdict


@pytest.mark.parametrize("id", ["12345678901234567.25", "1e400", '{"a": [1e400, "\\u00e9", null, true]}', '"a"', "7"])
def test_an_id_comes_out_as_it_went_in(tmp_path: Path, id: str) -> None:
    (tmp_path / "in.jsonl").write_text(f'{{"id": {id}, "gold": "1", "response": "1"}}')
    with closing(Verifier()) as verifier:
        verify_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", verifier)
    assert (tmp_path / "out.jsonl").read_text().startswith(f'{{"id": {id}, "verdict": "correct"')


def test_the_choices_of_a_spec_are_texts() -> None:
    spec = read_object(b'{"choices": [0.30, 1e400, 2, "x"]}')
    assert parse_spec(spec) == parse_spec('{"choices": [0.30, 1e400, 2, "x"]}') == '{"choices":["0.30","1e400",2,"x"]}'
    typed = {"choices": [decimal.Decimal("0.30"), datetime.date(2024, 5, 1), "x", 2]}
    assert parse_spec(typed) == '{"choices":["0.30","2024-05-01","x",2]}'
    assert parse_spec({"n": JsonNumber("0.30")}) == '{"n":0.3}', "elsewhere a number is one"
    assert parse_spec(read_object(b'{"n": 1e400}')) is None


def test_json_text_holds_what_json_can() -> None:
    value = read_object('{"a": [1, 0.30, null, true, "\u00e9\\u0000"], "b": {}}'.encode())
    assert json_text(value) == '{"a": [1, 0.30, null, true, "\\u00e9\\u0000"], "b": {}}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text(float("nan"))


NARROW: list[tuple[Any, list[Any], list[str | None]]] = [
    (pa.float32(), [0.1, 0.3, 0.5, None, 1 / 3, 1e20, 16777217.0], ["0.1", "0.3", "0.5", None, "0.33333334"]),
    (pa.float16(), [np.float16(0.1), np.float16(3.14), np.float16(2)], ["0.1", "3.14", "2"]),
    (pa.float64(), [0.1, 1 / 3, 12345678.9], ["0.1", "0.3333333333333333", "12345678.9"]),
    (
        pa.decimal128(38, 20),
        [decimal.Decimal("0.30"), decimal.Decimal("123456789012345678.12345678901234567890")],
        ["0.30000000000000000000", "123456789012345678.12345678901234567890"],
    ),
    (pa.decimal128(10, 2), [decimal.Decimal("0.30"), decimal.Decimal("18.00"), None], ["0.30", "18.00", None]),
    (pa.decimal256(60, 1), [decimal.Decimal("18.0"), decimal.Decimal(10**50)], ["18.0", f"{10**50}.0"]),
    (pa.dictionary(pa.int8(), pa.decimal128(5, 2)), [decimal.Decimal("0.30")], ["0.30"]),
    (pa.int64(), [9007199254740993], ["9007199254740993"]),
    (pa.uint64(), [2**64 - 1], ["18446744073709551615"]),
    (pa.dictionary(pa.int8(), pa.float32()), [0.1, None], ["0.1", None]),
]
DATED: list[tuple[Any, list[Any], list[str | None]]] = [
    (pa.date32(), [datetime.date(2024, 5, 1), None], ["2024-05-01", None]),
    (pa.date64(), [datetime.date(2024, 5, 1)], ["2024-05-01"]),
    (pa.timestamp("us"), [datetime.datetime(2024, 5, 1, 12, 30)], ["2024-05-01T12:30:00"]),
    (pa.timestamp("s"), [datetime.datetime(2024, 5, 1)], ["2024-05-01"]),  # `datasets` of JSON's dates
    (pa.timestamp("s", tz="UTC"), [datetime.datetime(2024, 5, 1, tzinfo=datetime.UTC)], ["2024-05-01T00:00:00+00:00"]),
    (pa.timestamp("ns"), [1_714_566_600_000_000_001], ["2024-05-01T12:30:00.000000001"]),
    (pa.time32("s"), [datetime.time(7, 5)], ["07:05:00"]),
]


def on_disk(table: pa.Table, folder: Path) -> Path:
    """As `Dataset.save_to_disk` writes it."""
    import datasets

    datasets.disable_progress_bars()
    datasets.Dataset(table).save_to_disk(folder / "d")
    return folder / "d"


def in_parquet(table: pa.Table, folder: Path) -> Path:
    pq.write_table(table, folder / "q.parquet")
    return folder / "q.parquet"


@pytest.mark.parametrize("write", [in_parquet, on_disk])
@pytest.mark.parametrize(("kind", "values", "golds"), NARROW + DATED, ids=[str(kind) for kind, _, _ in NARROW + DATED])
@pytest.mark.parametrize("nested", [False, True])
def test_a_typed_gold(
    tmp_path: Path, kind: pa.DataType, values: list[Any], golds: list[str | None], nested: bool, write: Any
) -> None:
    column = (
        pa.array(values, kind.value_type).dictionary_encode()
        if pa.types.is_dictionary(kind)
        else pa.array(values, kind)
    )
    if write is on_disk and pa.types.is_dictionary(kind):
        pytest.skip("datasets has no such type")
    gold = pa.StructArray.from_arrays([column], ["value"]) if nested else column
    table = pa.table({"question": [f"q{n}" for n in range(len(values))], "gold": gold})
    columns = {"gold": "gold.value"} if nested else {}
    settings = {"source": "huggingface", "path": str(write(table, tmp_path)), "columns": columns}
    read = [seed.question for seed in load(Questions.model_validate(settings), seed=0).seeds]
    assert [question.gold for question in read][: len(golds)] == golds
    kind_of_gold = AnswerKind.EXACT if (kind, values, golds) in DATED else AnswerKind.NUMBER
    assert all(question.kind == kind_of_gold for question in read if question.gold is not None)


CELLS = [("0.30", "0.30"), ("007", "007"), ("9007199254740993", "9007199254740993"), ("18.0", "18.0"), ("NA", "NA")]


def of_lines(golds: list[str]) -> str:
    return "".join(f'{{"question": "q{n}", "gold": {gold}}}\n' for n, gold in enumerate(golds))


def of_cells(golds: list[str]) -> str:
    return "question,gold\n" + "".join(f'q{n},"{gold}"\n' for n, gold in enumerate(golds))


FILES = [
    ("jsonl", of_lines, WRITTEN),
    ("json", lambda golds: "[" + ",".join(of_lines(golds).splitlines()) + "]", WRITTEN),
    ("csv", of_cells, CELLS),
    ("tsv", lambda golds: of_cells(golds).replace(",", "\t"), CELLS),
]


@pytest.mark.parametrize(("suffix", "write", "table"), FILES, ids=[suffix for suffix, _, _ in FILES])
@pytest.mark.parametrize("is_folder", [False, True])
def test_a_written_gold(
    tmp_path: Path,
    suffix: str,
    write: Any,
    table: list[tuple[str, str]],
    is_folder: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / f"train.{suffix}").write_text(write([written for written, _ in table]))
    path = folder if is_folder else folder / f"train.{suffix}"
    settings = {"source": "huggingface" if is_folder else "jsonl", "path": str(path)}
    seeds = load(Questions.model_validate(settings), seed=0).seeds
    assert [seed.question.gold for seed in seeds] == [gold for _, gold in table]
    control = datasets.load_dataset(str(folder), split="train")["gold"] if suffix == "csv" and is_folder else None
    assert control is None or "007" not in control, "the control: datasets guesses types"


def test_narrow_floats_wherever_arrow_holds_them() -> None:
    kind = pa.struct(
        {
            "a": pa.list_(pa.float32()),
            "b": pa.map_(pa.string(), pa.float16()),
            "c": pa.float64(),
            "d": pa.list_(pa.int8()),
        }
    )
    value = {"a": [0.10000000149011612, None], "b": [("x", 0.0999755859375)], "c": 0.10000000149011612, "d": [1]}
    assert shortest(value, kind) == {"a": [0.1, None], "b": [("x", 0.1)], "c": 0.10000000149011612, "d": [1]}
    assert not has_narrow(pa.struct({"c": pa.float64(), "d": pa.list_(pa.int8())}))
    assert shortest(None, pa.float32()) is None
