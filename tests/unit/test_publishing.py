"""Formats, files and differences of releases, row by row."""

import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.release import ReleaseConfiguration
from schemas.release_format import ReleaseFormat, Split
from schemas.release_rows import ChatRow, Judged, LearntSpan
from schemas.verdict import Effect
from tasks.publishing import files
from tasks.publishing.comparisons import QUESTION_FORMS, preference_rows
from tasks.publishing.content import PARQUET, write_rows
from tasks.publishing.conversations import TRACE_FORMS, prompt, said, thought_and_said
from tasks.publishing.difference import row_changes, setting_changes
from tasks.publishing.files import JsonlFile, ParquetFile
from tasks.publishing.spans import masked_spans, training_spans
from tests.judged_trace import SYSTEM, columns, judged, rows_of
from warehouse.arrow_schema import columns_of

TEXT = "<thinking>t</thinking><output>4</output>"


def test_the_formats_say_the_same() -> None:
    [chat] = rows_of(ReleaseFormat.CHAT, [judged(TEXT)])
    assert [(m["role"], m["content"]) for m in chat["messages"]] == [
        ("system", SYSTEM),
        ("user", "Is <reflection> a tag?"),
        ("assistant", TEXT),
    ]
    [sharegpt] = rows_of(ReleaseFormat.SHAREGPT, [judged(TEXT)])
    assert [said["from"] for said in sharegpt["conversations"]] == ["system", "human", "gpt"]
    assert [said["value"] for said in sharegpt["conversations"]] == [m["content"] for m in chat["messages"]]
    assert rows_of(ReleaseFormat.ALPACA, [judged(TEXT)]) == [
        {
            "id": "t",
            "instruction": "Is <reflection> a tag?",
            "input": "",
            "output": TEXT,
            "system": SYSTEM,
        }
    ]
    assert rows_of(ReleaseFormat.ALPACA, [judged(TEXT)], "none")[0]["system"] == ""
    assert rows_of(ReleaseFormat.CHAT, [judged(TEXT, system=None)])[0]["messages"][0]["role"] == "user"


def pairs(*traces: Any) -> list[tuple[str, str]]:
    questions = groupby(traces, key=lambda trace: trace.question_id)
    rows = [row for _, samples in questions for row in preference_rows([*samples], "teacher")]
    return [(row.chosen_id, row.rejected_id) for row in rows]


def right(trace_id: str, rank: int | None, **more: Any) -> Any:
    return judged(TEXT, trace_id=trace_id, rank=rank, **more)


def wrong(trace_id: str, **more: Any) -> Any:
    return judged(TEXT.replace("<output>", "<output>not "), verdict="incorrect", trace_id=trace_id, rank=None, **more)


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
    return rows_of(ReleaseFormat.CHAT, [judged("x" * size, trace_id=f"{i:03}", ifd=i / 7) for i in range(n)])


def write(path: Path, rows: list[dict[str, Any]], at_once: int = 5) -> bytes:
    with ThreadPoolExecutor(1) as writer:
        is_parquet = path.suffix == ".parquet"
        made = ParquetFile(path, ChatRow, writer) if is_parquet else JsonlFile(path)
        for first in range(0, len(rows), at_once):
            batch = rows[first : first + at_once]
            table = pa.Table.from_pylist(batch, columns_of(ChatRow) if "messages" in batch[0] else None)
            sizes = [len(row["messages"][-1]["content"]) for row in batch] if is_parquet else []
            made.write(table, sizes) if isinstance(made, ParquetFile) else made.write(table)
        made.close()
    assert made.rows == len(rows)
    return path.read_bytes()


@pytest.mark.parametrize("name", ["a.parquet", "a.jsonl"])
def test_the_same_rows_are_the_same_bytes(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_GROUP_ROWS", 4)
    rows = chat_rows(11)
    assert write(tmp_path / name, rows) == write(tmp_path / f"b{name}", rows) == write(tmp_path / name, rows, 3)
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


NESTED = pa.struct([("s", pa.string()), ("of", pa.list_(pa.struct([("n", pa.int64()), ("t", pa.string())])))])
VALUES: list[tuple[pa.DataType, list[Any]]] = [
    (pa.string(), ["plain", "", '"quoted"', "\n\u2028é😀\x00\x7f"]),
    (pa.int64(), [0, -(2**63), 2**63 - 1]),
    (pa.float64(), [0.1, -0.0, 1e16, 1e-05, 5e-324]),
    (pa.bool_(), [True, False]),
    (pa.list_(pa.string()), [[], ["a", None, "é"], [None]]),
    (pa.list_(pa.list_(pa.int64())), [[[]], [[1], [], [2, 3]], []]),
    (pa.struct([("s", pa.string()), ("x", pa.float64())]), [{"s": None, "x": 1.5}, {"s": "a", "x": None}]),
    (NESTED, [{"s": "a", "of": [{"n": 1, "t": None}, None]}, {"s": None, "of": []}, {"s": "b", "of": None}]),
]


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: str(kind[0]))
@pytest.mark.parametrize("nulls", ["none", "some", "all", "first chunk"])
def test_lines_are_as_json_spells_them(kind: tuple[pa.DataType, list[Any]], nulls: str) -> None:
    chunks = {
        "none": [kind[1]],
        "some": [[None, *kind[1], None]],
        "all": [[None] * 3],
        "first chunk": [[None, None], kind[1]],
    }[nulls]
    values = pa.chunked_array([pa.array(chunk, kind[0]) for chunk in chunks])
    table = pa.table({'it"s': values, "beside": pa.array(["b"] * len(values))})
    for n in range(len(table) + 1):
        sliced = table.slice(n)
        assert files.json_lines(sliced).to_pylist() == [json.dumps(row) + "\n" for row in sliced.to_pylist()]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("nest", [lambda x: x, lambda x: [x], lambda x: [{"deep": [None, x]}]])
def test_no_line_has_what_json_cannot_hold(number: float, nest: Any) -> None:
    assert files.json_lines(pa.table({"a": [nest(1.5)]})).to_pylist() == [json.dumps({"a": nest(1.5)}) + "\n"]
    with pytest.raises(ValueError, match="JSON"):
        files.json_lines(pa.table({"a": [nest(1.5), nest(number)]}))


def test_rows_that_were_compressed_otherwise_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = {}
    for level in (6, 3):
        monkeypatch.setitem(files.PARQUET_SETTINGS, "compression_level", level)
        (tmp_path / f"{level}").mkdir()
        written[level] = write(tmp_path / f"{level}" / "chat.parquet", chat_rows(40, size=2_000))
    assert written[6] != written[3]
    assert row_changes(tmp_path / "6", tmp_path / "3") == []


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


PIECES = [
    "<thinking>", "</thinking>", "<reflection>", "</reflection>", "<output>", "</output>", "<think>", "</think>", " ",
    "5", "é", "\u2028", "😀", '"', "\\", "\x00", "\x7f", "%s", "\n", "",
]  # fmt: skip


def drawn(seed: int) -> Judged:
    """A trace of any text and any verdict, most of what may be null being null at times."""
    rng = random.Random(seed)
    text = "".join(rng.choices(PIECES, k=rng.randint(0, 12)))
    if seed % 2:
        text = f"<thinking>{text}<reflection>No.</reflection> b<reflection>x</reflection></thinking><output>2</output>"
    trace = judged(text, verdict=rng.choice(["correct", "incorrect"]), effect=rng.choice([None, *Effect]))
    more = {
        "trace_id": f"t{seed:03}",
        "question_id": f"q{seed // 3:03}",
        "system": rng.choice([None, "", SYSTEM]),
        "reflection_effects": rng.choices([None, *Effect], k=len(trace.reflections)),
        "licence": rng.choice([None, "MIT"]),
        "tags": rng.choice([[], ["a", "b"]]),
        "ifd": rng.choice([None, 0.1, 1 / 3, 1e-9, 2.0]),
        "rank": seed,
        "source": rng.choice(["s", "é"]),
    }
    return Judged.model_validate({**trace.model_dump(), **more})


def row_by_row(form: ReleaseFormat, trace: Judged, system: str) -> dict[str, Any]:
    """The record of a form by its definition, without any column: slow, and plain."""
    turns = [message.model_dump() for message in (*prompt(trace, system), said(trace))]
    spans = training_spans(trace.text, masked_spans(trace))
    thinking, output = thought_and_said(trace.text)
    think = output if thinking is None else f"<think>\n{thinking}\n</think>\n\n{output}"
    details = [{"begin_offset": span.start, "end_offset": span.end - 1, "train": True} for span in spans]
    learnt = [LearntSpan(message=len(turns) - 1, start=span.start, end=span.end).model_dump() for span in spans]
    names = {"system": "system", "user": "human", "assistant": "gpt"}
    asked = next((turn["content"] for turn in turns if turn["role"] == "system"), "")
    made: dict[str, Any] = {
        "chat": {"messages": turns, "training_spans": learnt},
        "prompt_completion": {"prompt": turns[:-1], "completion": turns[-1:]},
        "reasoning": {
            "prompt": turns[:-1],
            "completion": [{"role": "assistant", "content": output, "reasoning_content": thinking}],
        },
        "think": {"prompt": turns[:-1], "completion": [{"role": "assistant", "content": think}]},
        "sharegpt": {"conversations": [{"from": names[turn["role"]], "value": turn["content"]} for turn in turns]},
        "alpaca": {
            "instruction": trace.instruction,
            "input": trace.input,
            "output": trace.text,
            "system": asked,
        },
        "axolotl": {
            "messages": [{**turn, "train_detail": details if turn["role"] == "assistant" else []} for turn in turns]
        },
    }[form]
    if form not in PARQUET:
        return {"id": trace.trace_id, **made}
    known = trace.model_dump(mode="json") | made
    return {name: known[name] for name in PARQUET[form].model_fields}


def compared(traces: list[Judged], form: ReleaseFormat, system: str) -> Iterator[dict[str, Any]]:
    of_questions = (list(samples) for _, samples in groupby(traces, key=lambda trace: trace.question_id))
    rows = [
        row.model_dump(mode="json") for samples in of_questions for row in QUESTION_FORMS[form](samples, system, None)
    ]
    yield from sorted(rows, key=lambda row: row["trace_id"]) if form is ReleaseFormat.KTO else rows


def test_answers_to_one_question_are_seldom_neighbours_in_kto(tmp_path: Path) -> None:
    """TRL trains on them in the order of the file, and measures its KL with the completion of the row before."""
    ids = [(f"q{n:02}", sha256(f"{n} {k}".encode()).hexdigest()) for n in range(24) for k in range(4)]
    traces = [right(trace_id, place, question_id=question) for place, (question, trace_id) in enumerate(ids)]
    asked = ReleaseConfiguration(
        formats=(ReleaseFormat.KTO,), system="none", template=None, special_tokens=None, splits=None, best_of=None
    )
    write_rows(tmp_path, [columns(traces)], iter(traces), asked, None, None)
    rows = [json.loads(line) for line in (tmp_path / "kto.jsonl").read_text("ascii").splitlines()]
    assert {row["trace_id"] for row in rows} == {trace_id for _, trace_id in ids}
    assert sum(one["question_id"] == other["question_id"] for one, other in pairwise(rows)) < 10  # by question: 72


@pytest.mark.parametrize("system", ["teacher", "none", "Be brief."])
@pytest.mark.parametrize("split", [False, True])
def test_columns_are_written_as_the_rows_would_be(
    tmp_path: Path, system: str, split: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte for byte: by `json.dumps` of each row, and by groups of rows of the one number or length."""
    monkeypatch.setattr(files, "_GROUP_ROWS", 7)
    monkeypatch.setattr(files, "_GROUP_CHARACTERS", 4_000)
    traces = [drawn(seed) for seed in range(120)]
    forms = (*TRACE_FORMS, *QUESTION_FORMS)
    shares = {"train": 0.5, "test": 0.5} if split else None
    asked = ReleaseConfiguration(
        formats=forms, system=system, template=None, special_tokens=None, splits=shares, best_of=None
    )
    split_of = {t.question_id: (Split.TRAIN, Split.TEST)[n % 4 > 1] for n, t in enumerate(traces)} if split else None
    batches = [columns(traces[first : first + 50]) for first in range(0, len(traces), 50)]
    tally = write_rows(tmp_path, batches, iter(traces), asked, None, split_of)
    assert tally.trace_ids == [trace.trace_id for trace in traces]
    for form in forms:
        rows = (
            [row_by_row(form, trace, system) for trace in traces]
            if form in TRACE_FORMS
            else [*compared(traces, form, system)]
        )
        questions = [trace.question_id for trace in traces] if form in TRACE_FORMS else [r["question_id"] for r in rows]
        for part in (Split.TRAIN, Split.TEST) if split_of else (None,):
            mine = [
                row for row, question in zip(rows, questions, strict=True) if not split_of or split_of[question] is part
            ]
            stem = tmp_path / (f"{form}-{part}" if part else form)
            lines = [json.dumps(row, allow_nan=False) + "\n" for row in mine]
            assert stem.with_suffix(".jsonl").read_bytes() == "".join(lines).encode("ascii")
            if form in PARQUET:
                expected = tmp_path / "expected"
                _parquet(expected, mine, [*map(len, lines)], columns_of(PARQUET[form]))
                assert stem.with_suffix(".parquet").read_bytes() == expected.read_bytes()


def _parquet(path: Path, rows: list[dict[str, Any]], sizes: list[int], schema: pa.Schema) -> None:
    with pq.ParquetWriter(path, schema, **files.PARQUET_SETTINGS) as writer:
        group: list[dict[str, Any]] = []
        characters = 0
        for row, size in zip(rows, sizes, strict=True):
            group.append(row)
            characters += size
            if len(group) == files._GROUP_ROWS or characters >= files._GROUP_CHARACTERS:
                writer.write_table(pa.Table.from_pylist(group, schema), row_group_size=files._GROUP_ROWS)
                group, characters = [], 0
        if group or not rows:
            writer.write_table(pa.Table.from_pylist(group, schema), row_group_size=files._GROUP_ROWS)
