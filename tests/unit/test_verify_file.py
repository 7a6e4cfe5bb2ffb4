"""`verify` on a file: one row out for each row in, whatever the row."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import Refused
from schemas.verdict import Ruling
from tasks.judging.verify import Verifier
from tests.conftest import ROOT
from tests.verified_file import verify_file


@pytest.fixture
def verifier() -> Iterator[Verifier]:
    made = Verifier()
    yield made
    made.close()


def verify(folder: Path, verifier: Verifier, *lines: bytes | dict[str, Any]) -> list[dict[str, Any]]:
    source, out = folder / "in.jsonl", folder / "out.jsonl"
    source.write_bytes(b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines))
    counts = verify_file(source, out, verifier)
    rows = [json.loads(line) for line in out.read_text("ascii").splitlines()]
    assert sum(counts.values()) == len(rows)
    assert all(counts[ruling] == sum(row["verdict"] == ruling for row in rows) for ruling in Ruling)
    assert sorted(path.name for path in folder.iterdir()) == ["in.jsonl", "out.jsonl"]
    return rows


REFLECTED = (
    "<thinking>16 - 3 = 13. The answer is 26.<reflection>Four more are baked.</reflection></thinking>"
    "<output>She makes $18.\nA: 18</output>"
)


def test_rows_in_order_with_answer_and_effect(tmp_path: Path, verifier: Verifier) -> None:
    rows = verify(
        tmp_path,
        verifier,
        {"id": "a", "kind": "number", "gold": "18", "response": REFLECTED, "spec": {}},
        {"id": 2, "kind": "number", "gold": "17", "response": "The answer is 18 dollars."},
        {"id": "c", "kind": "exact", "gold": None, "response": "x"},
    )
    assert rows == [
        {"id": "a", "verdict": "correct", "reason": "equal", "answer": "18", "effect": "corrected"},
        {"id": 2, "verdict": "incorrect", "reason": "not_equal", "answer": "18 dollars", "effect": "none"},
        {"id": "c", "verdict": "unverified", "reason": "no_gold", "answer": "x", "effect": "none"},
    ]


GOOD = {"id": "g", "kind": "number", "gold": "18", "response": "18"}
BAD = [
    (b"no JSON", None, "bad_row"),
    (b"\xff\xfe", None, "bad_row"),
    (b"[1]", None, "bad_row"),
    (b"[" * 100_000, None, "bad_row"),
    (b'{"id": NaN}', None, "bad_row"),
    ({"id": "b"}, "b", "bad_row"),
    (GOOD | {"response": None}, "g", "bad_row"),
    (GOOD | {"kind": 3}, "g", "bad_row"),
    (GOOD | {"gold": ["18", "19"]}, "g", "bad_row"),
    (GOOD | {"gold": ["18", "19"], "several_golds": "any"}, "g", "bad_row"),  # its kind accepts one
    (GOOD | {"gold": ["18", {}], "several_golds": "any", "kind": None}, "g", "bad_row"),
    (GOOD | {"gold": True}, "g", "bad_row"),
    (GOOD | {"kind": "sorcery"}, "g", "unknown_kind"),
    (GOOD | {"response": ""}, "g", "no_answer"),
    (GOOD | {"spec": []}, "g", "bad_spec"),
    (GOOD | {"spec": {"answer_pattern": "("}}, "g", "bad_spec"),
    (GOOD | {"spec": {"answer_pattern": "18"}}, "g", "bad_spec"),  # no group
    (GOOD | {"spec": {"answer_pattern": "A: (.*)"}}, "g", "no_answer"),
]


@pytest.mark.parametrize(("line", "id", "reason"), BAD, ids=lambda case: str(case)[:40])
def test_a_bad_row_is_data(
    tmp_path: Path, verifier: Verifier, line: bytes | dict[str, Any], id: Any, reason: str
) -> None:
    bad, good = verify(tmp_path, verifier, line, GOOD)
    assert (bad["id"], bad["verdict"], bad["reason"]) == (id, "unverified", reason)
    assert (good["id"], good["verdict"]) == ("g", "correct")


NO_COMMA = {"prompt": "p", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]}


@pytest.mark.parametrize(
    ("row", "verdict", "reason", "answer"),
    [
        ({"kind": "choice", "gold": "B", "spec": {"choices": ["18", "19"]}}, "incorrect", "other_choice", "18"),
        (
            {"kind": "constraints", "spec": NO_COMMA, "response": " A, b \n"},
            "incorrect",
            "constraint_broken",
            " A, b \n",
        ),
        ({"kind": "constraints", "spec": NO_COMMA, "response": ""}, "incorrect", "constraint_broken", ""),
        (
            {"kind": "constraints", "spec": NO_COMMA, "response": "<thinking>a, b</thinking><output> A\n</output>"},
            "correct",
            "constraints_met",
            " A\n",
        ),
        (
            {"kind": "constraints", "spec": NO_COMMA, "response": "<thinking>a, b</thinking> The answer is 5."},
            "correct",
            "constraints_met",
            " The answer is 5.",
        ),
        ({"kind": "consensus", "spec": {"samples": ["18", "A: 18", "17"]}}, "correct", "majority", "18"),
        ({"kind": "judge"}, "unverified", "judge_unavailable", "18"),
        ({"kind": "judge", "response": "<think>a</think> Answer: 5, or so. "}, "unverified", "judge_unavailable", None),
    ],
)
def test_kinds_without_a_gold(
    tmp_path: Path, verifier: Verifier, row: dict[str, Any], verdict: str, reason: str, answer: str | None
) -> None:
    (out,) = verify(tmp_path, verifier, {"id": "g", "gold": None, "response": "18"} | row)
    expected = " Answer: 5, or so. " if answer is None else answer
    assert out == {"id": "g", "verdict": verdict, "reason": reason, "answer": expected, "effect": "none"}


def test_a_reflection_on_a_text_that_is_judged_whole_has_no_draft(tmp_path: Path, verifier: Verifier) -> None:
    response = "<thinking>The answer is 5.<reflection>Right.</reflection></thinking><output>A</output>"
    (row,) = verify(tmp_path, verifier, GOOD | {"kind": "constraints", "spec": NO_COMMA, "response": response})
    assert (row["verdict"], row["effect"]) == ("correct", "none")


def test_gold_may_be_a_json_number_and_blank_lines_are_no_rows(tmp_path: Path, verifier: Verifier) -> None:
    rows = verify(tmp_path, verifier, GOOD | {"gold": 18}, b"", b"  ", GOOD | {"gold": 0.5, "response": "1/2"})
    assert [row["verdict"] for row in rows] == ["correct", "correct"]


def test_each_of_several_golds_is_right_where_the_row_says_so(tmp_path: Path, verifier: Verifier) -> None:
    row = {"gold": ["USA", "United States", "", "USA"], "several_golds": "any"}
    says = ["The answer is USA.", "United States", "Canada"]
    rows = verify(tmp_path, verifier, *({**row, "id": said, "response": said} for said in says))
    assert [row["verdict"] for row in rows] == ["correct", "correct", "incorrect"]


def test_the_quotes_of_a_value_stay_in_a_field_of_json(tmp_path: Path, verifier: Verifier) -> None:
    said = [json.dumps({"reasoning": "It is a text.", "answer": value}) for value in ("'800'", "'1 '", "hello", "")]
    golds = ["'800'", "'1 '", "'hello'", "''"]
    kind = {"kind": "exact"}
    rows = verify(tmp_path, verifier, *({**kind, "gold": g, "response": r} for g, r in zip(golds, said, strict=True)))
    assert [row["verdict"] for row in rows] == ["correct", "correct", "correct", "unverified"]
    assert rows[-1]["reason"] == "no_answer"  # the whole of a response that leaves its answer blank was judged


def test_the_last_match_of_a_pattern_is_the_answer(tmp_path: Path, verifier: Verifier) -> None:
    spec = {"answer_pattern": r"= (\d+)"}
    (row,) = verify(tmp_path, verifier, GOOD | {"response": "9 = 9, 9 * 2 = 18 eggs", "spec": spec})
    assert (row["answer"], row["verdict"]) == ("18", "correct")


def test_a_pattern_of_exponential_time_costs_its_row_and_no_other(
    tmp_path: Path, verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.judging.reading.PATTERN_TIMEOUT_S", 0.3)
    spec = {"answer_pattern": "((?:a+)+)$"}
    slow, good = verify(tmp_path, verifier, GOOD | {"response": "a" * 50 + "b", "spec": spec}, GOOD)
    assert (slow["verdict"], slow["reason"]) == ("unverified", "verifier_timeout")
    assert good["verdict"] == "correct"


def test_text_that_utf8_cannot_hold_comes_through(tmp_path: Path, verifier: Verifier) -> None:
    (row,) = verify(tmp_path, verifier, GOOD | {"kind": "exact", "gold": "\ud800\x00", "response": "\ud800\x00"})
    assert (row["verdict"], row["answer"]) == ("correct", "\ud800\x00")


def test_unreadable_input_and_no_folder_for_the_output_are_refused(tmp_path: Path, verifier: Verifier) -> None:
    with pytest.raises(Refused, match="cannot read"):
        verify_file(tmp_path / "absent.jsonl", tmp_path / "out.jsonl", verifier)
    with pytest.raises(Refused, match="no folder"):
        verify_file(tmp_path / "absent.jsonl", tmp_path / "none" / "out.jsonl", verifier)
    assert not list(tmp_path.iterdir())


def test_a_pipe_is_written_to_and_a_links_target_is_replaced(tmp_path: Path, verifier: Verifier) -> None:
    """The bug: the output took the place of `--out`, whatever that was: of /dev/null and /dev/stdout, for root."""
    source, pipe, link, target = (tmp_path / name for name in ("in.jsonl", "pipe", "link", "target"))
    source.write_text(json.dumps(GOOD))
    os.mkfifo(pipe)
    link.symlink_to(target)
    with ThreadPoolExecutor(1) as reader:
        read = reader.submit(pipe.read_text)
        verify_file(source, pipe, verifier)
        assert json.loads(read.result(60))["verdict"] == "correct"
    assert pipe.is_fifo()
    for before in ("", "old"):
        target.write_text(before) if before else None
        verify_file(source, link, verifier)
        assert link.is_symlink()
        assert json.loads(target.read_text())["verdict"] == "correct"
    with pytest.raises(Refused, match="needs a file"):
        verify_file(source, tmp_path, verifier)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "link", "pipe", "target"]


@pytest.mark.parametrize("command", ["verify in.jsonl", "decontaminate in.jsonl --against in.jsonl --detectors ngram"])
@pytest.mark.parametrize("redirected", [">", ">>"])
def test_what_stands_in_a_file_that_output_is_redirected_to_stays(
    tmp_path: Path, redirected: str, command: str
) -> None:
    """The bug: the file took the place of the one that the shell had opened: lines before and after it were lost."""
    (tmp_path / "in.jsonl").write_text(json.dumps(GOOD | {"id": 1, "text": "Why?"}))
    (tmp_path / "all.jsonl").write_text("0\n")
    asked = f"{shlex.quote(sys.executable)} -m flows {command} --out /dev/stdout"
    script = f"{{ echo 1; {asked}; echo 2; }} {redirected} all.jsonl"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, check=True, timeout=120)
    first, row, last = (tmp_path / "all.jsonl").read_text().splitlines()[redirected == ">>" :]
    assert (first, json.loads(row)["id"], last) == ("1", 1, "2")


def test_an_interrupted_run_leaves_the_old_output(tmp_path: Path, verifier: Verifier) -> None:
    class Interrupted(Verifier):
        def judge(self, *_: object) -> Any:
            raise KeyboardInterrupt

    verify(tmp_path, verifier, GOOD)
    before = (tmp_path / "out.jsonl").read_bytes()
    with pytest.raises(KeyboardInterrupt):
        verify_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", Interrupted())
    assert (tmp_path / "out.jsonl").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]
