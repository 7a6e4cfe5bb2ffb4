"""`score_file` with the student that is shipped."""

import json
import math

import pytest

from schemas.errors import Refused
from schemas.student import StudentSettings
from tasks.rows.rewriting import Complaints
from tasks.scoring.score_file import NUMBERS, ScoreCounts, score_file

GOOD = {"id": 7, "instruction": "State the answer: 1 + 2 =", "input": "", "response": "Answer: 3"}
TEMPLATE = 'prompt_with_input = "{instruction} {input}: "\nprompt_without_input = "{instruction}: "\n'
NULLS = dict.fromkeys(NUMBERS)


def scored(tmp_path, lines, **settings):
    """The output rows for lines that are objects or raw bytes, and the counts."""
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(raw))
    counts = score_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", StudentSettings(device="cpu", **settings))
    assert sorted(file.name for file in tmp_path.glob("*out*")) == ["out.jsonl"]
    return [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()], counts


def test_a_row_has_every_number_of_the_contract(tmp_path):
    (row,), counts = scored(tmp_path, [GOOD])
    assert list(row) == [
        "id",
        "ifd",
        "rifd",
        "ppl_response_conditioned",
        "ppl_response_direct",
        "ppl_instruction_conditioned",
        "ppl_instruction_direct",
        "n_response_tokens",
        "n_instruction_tokens",
        "truncated",
        "reason",
    ]
    assert row["ifd"] == pytest.approx(row["ppl_response_conditioned"] / row["ppl_response_direct"])
    assert row["rifd"] == pytest.approx(row["ppl_instruction_conditioned"] / row["ppl_instruction_direct"])
    assert all(math.isfinite(row[name]) and row[name] > 0 for name in NUMBERS)
    assert (row["id"], row["truncated"], row["reason"]) == (7, False, None)
    assert counts == ScoreCounts(rows=1, with_ifd=1, with_rifd=1)


NO_JSON = "bad_row: the row: got no JSON"
BAD = [
    (b"{", None, f"{NO_JSON} (Expecting property name enclosed in double quotes at character 3); needs a JSON object"),
    (b'{"id": NaN}', None, f"{NO_JSON} (NaN is none; null is); needs a JSON object"),
    (b"\xff\xfe\xfa", None, "bad_row: the row: got bytes that are no UTF-8, from byte 1 on; needs a JSON object"),
    (b"[1]", None, f"{NO_JSON} object; needs a JSON object"),
    (
        {"id": "a", "instruction": "x"},
        "a",
        "bad_row: response: got None; needs text; this row has 'id', 'instruction'",
    ),
    ({**GOOD, "instruction": 3}, 7, "bad_row: instruction: got 3; needs text"),
    ({**GOOD, "input": ["x"]}, 7, "bad_row: input: got ['x']; needs text"),
]


def test_a_bad_row_is_data_and_its_neighbours_live(tmp_path):
    lines = [GOOD, *(line for line, _, _ in BAD), b"", GOOD]
    rows, counts = scored(tmp_path, lines)
    assert rows[0] == rows[-1]
    assert rows[0]["ifd"] is not None
    assert rows[1:-1] == [{"id": id, **NULLS, "truncated": False, "reason": reason} for _, id, reason in BAD]
    assert counts == ScoreCounts(rows=len(BAD) + 2, with_ifd=2, with_rifd=2)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("in.json", json.dumps([GOOD], indent=1)),
        ("in.csv", "\ufeffid,instruction,input,response\r\n7,State the answer: 1 + 2 =,,Answer: 3\r\n"),
    ],
)
def test_what_a_run_reads_is_scored(tmp_path, name, text):
    ((row,), _), settings = scored(tmp_path, [GOOD]), StudentSettings(device="cpu")
    (tmp_path / name).write_text(text)
    score_file(tmp_path / name, tmp_path / "out.jsonl", settings)
    assert json.loads((tmp_path / "out.jsonl").read_text()) == row | ({"id": "7"} if name == "in.csv" else {})


def test_bad_rows_are_named_by_their_line(tmp_path):
    (tmp_path / "in.jsonl").write_bytes(b'\n{\n{"id": 1, "instruction": "x"}\n')
    complaints = Complaints(tmp_path / "in.jsonl")
    counts = score_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", StudentSettings(device="cpu"), complaints)
    told = [line.removeprefix(f"{tmp_path}/") for line in complaints.lines()]
    assert [line.partition(" got ")[0] for line in told] == [
        "in.jsonl, line 2, the row:",
        "in.jsonl, line 3, response:",
    ]
    with pytest.raises(Refused, match="none of its 2 rows"):
        complaints.refuse_all(counts.rows)
    complaints.refuse_all(counts.rows + 1)


@pytest.mark.parametrize(
    ("changes", "settings", "reason"),
    [
        ({"response": ""}, {}, "empty_response"),
        ({"instruction": ""}, {}, "empty_instruction"),
        ({"response": "   \n "}, {}, "empty_response"),
        ({"response": "\u200b\u3000\ufeff"}, {}, "empty_response"),
        ({"instruction": "\t", "input": "\u00a0"}, {}, "empty_instruction"),
        ({"response": "\ud800"}, {}, "error: UnicodeEncodeError"),
        ({"instruction": "x" * 500}, {"max_length": 64}, "truncated_away"),
    ],
)
def test_a_number_that_does_not_exist_is_null_with_its_reason(tmp_path, changes, settings, reason):
    (row,), _ = scored(tmp_path, [{**GOOD, **changes}], **settings)
    assert (row["ifd"], row["ppl_response_direct"], row["reason"]) == (None, None, reason)


def test_input_may_be_absent_or_null(tmp_path):
    absent = {name: value for name, value in GOOD.items() if name != "input"}
    rows, _ = scored(tmp_path, [GOOD, absent, {**GOOD, "input": None}, {**GOOD, "input": "x"}])
    assert rows[0] == rows[1] == rows[2] != rows[3]


def test_a_template_file_without_a_reverse_prompt_leaves_the_reversed_numbers_null(tmp_path):
    (tmp_path / "mine.toml").write_text(TEMPLATE)
    (row,), counts = scored(tmp_path, [GOOD], template=str(tmp_path / "mine.toml"))
    nulls = {name for name in NUMBERS if row[name] is None}
    assert nulls == {"rifd", "ppl_instruction_conditioned", "ppl_instruction_direct"}
    assert row["reason"] == "no_reverse_prompt"
    assert counts == ScoreCounts(rows=1, with_ifd=1, with_rifd=0)


def test_a_cut_response_is_a_value_and_says_so(tmp_path):
    (row,), _ = scored(tmp_path, [{**GOOD, "response": "1 + 2 is 3. " * 50}], max_length=100)
    assert row["ifd"] is not None
    assert row["truncated"]


def test_the_order_of_rows_changes_no_bit(tmp_path):
    rows = [{**GOOD, "id": n, "response": f"It is {n}. " * n} for n in range(1, 8)]
    forwards, _ = scored(tmp_path, rows)
    backwards, _ = scored(tmp_path, rows[::-1])
    assert forwards == backwards[::-1]


def test_the_file_may_replace_its_input(tmp_path):
    (tmp_path / "rows.jsonl").write_text(json.dumps(GOOD))
    score_file(tmp_path / "rows.jsonl", tmp_path / "rows.jsonl", StudentSettings(device="cpu"))
    assert json.loads((tmp_path / "rows.jsonl").read_text())["ifd"] is not None


@pytest.mark.parametrize(
    ("in_name", "out_name", "named"),
    [("absent.jsonl", "out.jsonl", "cannot read"), (".", "out.jsonl", "cannot read"), ("in", "no/out", "no folder")],
)
def test_files_that_cannot_be_used_are_refused(tmp_path, in_name, out_name, named):
    (tmp_path / "in").write_text("")
    with pytest.raises(Refused, match=named):
        score_file(tmp_path / in_name, tmp_path / out_name, StudentSettings())


def test_a_failure_leaves_the_old_file_and_no_draft(tmp_path):
    (tmp_path / "in.jsonl").write_text(json.dumps(GOOD))
    (tmp_path / "out.jsonl").write_text("old")
    with pytest.raises(Refused):
        score_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", StudentSettings(device="warp"))
    assert (tmp_path / "out.jsonl").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 2
