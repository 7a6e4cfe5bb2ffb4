"""Rows with the columns of public multiple-choice sets, as `init` reads them: what is asked, and which choice is right.

The columns are those of the sets as they are published; what stands in them is made up.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from flows.cli.init import row_remarks, write_configuration
from flows.cli.options import StartingPoint
from flows.configure import read_configuration
from schemas.errors import Refused
from schemas.question import Question
from schemas.verdict import Ruling
from tasks.judging.reading import KillableReader
from tasks.judging.verify import Verifier
from tasks.judging.verify_file import verify_line
from tasks.questions import load

ABOVE = "All suns shine."
LETTERED = "Which?\nOptions:\n(A) moon\n(B) sun"
SETS: list[tuple[str, dict[str, Any], str]] = [
    # the set, a row of it, and what stands above the choices
    ("MMLU-Pro", {"question": "Which?", "options": ["moon", "sun"], "answer": "B", "answer_index": 1}, "Which?"),
    ("SuperGPQA", {"question": "Which?", "options": ["moon", "sun"], "answer": "sun", "answer_letter": "B"}, "Which?"),
    (
        "MMLU-Redux",
        {"question": "Which?", "choices": ["moon", "sun"], "answer": 1, "error_type": "ok", "correct_answer": None},
        "Which?",
    ),
    ("ZebraLogic", {"puzzle": ABOVE, "question": "Which?", "choices": ["moon", "sun"], "answer": "sun"}, "above"),
    (
        "MedQA",
        {"question": "Which?", "answer": "sun", "options": {"A": "moon", "B": "sun", "C": None}, "answer_idx": "B"},
        "Which?",
    ),
    (
        "MedQA, BigBio",
        {
            "question": "Which?",
            "answer": "sun",
            "options": [{"key": "A", "value": "moon"}, {"key": "B", "value": "sun"}],
            "answer_idx": "B",
        },
        "Which?",
    ),
    (
        "ARC",
        {"question": "Which?", "choices": {"text": ["moon", "sun"], "label": ["1", "2"]}, "answerKey": "2"},
        "Which?",
    ),
    (
        "OpenBookQA",
        {"question_stem": "Which?", "choices": {"text": ["moon", "sun"], "label": ["A", "B"]}, "answerKey": "B"},
        "Which?",
    ),
    ("AQuA-RAT", {"question": "Which?", "options": ["A)moon", "B)sun"], "correct": "B", "rationale": "So."}, "Which?"),
    ("MathQA", {"Problem": "Which?", "options": "a ) moon , b ) sun", "correct": "b", "Rationale": "So."}, "Which?"),
    (
        "AGIEval",
        {"passage": ABOVE, "question": "Which?", "options": ["(A)moon", "(B)sun"], "label": "B", "answer": None},
        "above",
    ),
    ("AGIEval, hub", {"query": "Which? (A)moon (B)sun", "choices": ["(A)moon", "(B)sun"], "gold": [1]}, "shown"),
    ("LogiQA", {"context": ABOVE, "query": "Which?", "options": ["moon", "sun"], "correct_option": 1}, "above"),
    ("LogiQA 2.0", {"text": ABOVE, "question": "Which?", "options": ["moon", "sun"], "answer": 1, "id": 3}, "above"),
    ("ReClor", {"context": ABOVE, "question": "Which?", "answers": ["moon", "sun"], "label": 1}, "above"),
    ("RACE", {"article": ABOVE, "question": "Which?", "options": ["moon", "sun"], "answer": "B"}, "above"),
    ("QuALITY", {"article": ABOVE, "question": "Which?", "options": ["moon", "sun"], "gold_label": 2}, "above"),
    (
        "Social IQa",
        {"context": ABOVE, "question": "Which?", "answerA": "moon", "answerB": "sun", "answerC": "sea", "label": "2"},
        "above",
    ),
    (
        "Cosmos QA",
        {"context": ABOVE, "question": "Which?", **dict(zip(["answer0", "answer1"], ["moon", "sun"], strict=True))}
        | {"answer2": "sea", "answer3": "air", "label": 1},
        "above",
    ),
    ("MuSR", {"narrative": ABOVE, "question": "Which?", "choices": "['moon', 'sun']", "answer_index": 1}, "above"),
    ("C-Eval", {"question": "Which?", "A": "moon", "B": "sun", "C": "sea", "D": 4, "answer": "B"}, "Which?"),
    (
        "CMMLU",
        {"Question": "Which?", "A": "moon", "B": "sun", "C": "sea", "D": "air", "E": "D", "Answer": "B"},
        "Which?",
    ),
    ("BIG-Bench Hard", {"input": LETTERED, "target": "(B)"}, "shown"),
    ("OpenScience", {"input": "Which?\n\nA: moon\nB: sun", "expected_answer": "B", "output": "So."}, "shown"),
]
HASHED = [
    # sets that have the right one first, or apart
    ("TruthfulQA", {"question": "Which?", "mc1_targets": {"choices": ["sun", "moon"], "labels": [1, 0]}}),
    ("BIG-bench", {"input": "Which?", "target_scores": {"sun": 1, "moon": 0}}),
]
MEDMCQA = {"question": "Which?", "opa": "moon", "opb": "sun", "opc": "sea", "opd": "air", "choice_type": "single"}
REFUSED = [
    (
        {"question": "Which?", "choices": ["moon", "sun"], "answer": 0, "error_type": "wrong_groundtruth"},
        "error_type: got",
    ),
    (
        {"question": "Which?", "options": ["moon", "sun"], "gold_label": 3},
        "gold_label: got 3; needs the number of a choice",
    ),
    ({"question": "Which?", "options": {"A": "moon", "B": "sun"}, "answer": 1}, "answer: got 1; needs"),
    ({"question": "Which?", "options": ["B", "A"], "label": "A"}, "label: got 'A'; needs"),
    ({"question": "Which?", "context": [ABOVE], "choices": ["moon", "sun"], "answer": 1}, "context: got ['All suns"),
    ({"input": "Which?", "target_scores": {"sun": 1, "moon": 1}}, "of which one alone is 1"),
    (MEDMCQA | {"cop": 1}, "cop: got numbers from 1 to 3 alone; needs 0 or 4 in one row"),
]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def asked(*rows: Mapping[str, Any]) -> list[Question]:
    Path("data.jsonl").write_text("\n".join(map(json.dumps, rows)))
    write_configuration(Path("mine.toml"), StartingPoint.API, "data.jsonl", "practice", None)
    questions = read_configuration(Path("mine.toml"), []).questions
    assert questions.source == "mmlu"
    return [seed.question for seed in load(questions, 0).seeds]


@pytest.mark.parametrize(("row", "above"), [(row, above) for _, row, above in SETS], ids=[name for name, *_ in SETS])
def test_a_row_of_a_set_becomes_a_choice(row: dict[str, Any], above: str) -> None:
    """The bugs: a passage or puzzle was left out, the number of a choice was a gold, or the row was refused."""
    [question] = asked(row)
    shown = row.get("query", row.get("input"))
    starts = {"above": f"{ABOVE}\n\nWhich?", "shown": shown}.get(above, above)
    assert question.text == shown if above == "shown" else question.text.startswith(f"{starts}\n\nA) moon\nB) sun")
    assert (question.gold, question.kind) == ("B", "choice")
    assert json.loads(question.spec)["choices"][:2] == ["moon", "sun"]
    assert not [line for line in row_remarks(Path("mine.toml"), "data.jsonl") if line.startswith("left out")]


@pytest.mark.parametrize("row", [row for _, row in HASHED], ids=[name for name, _ in HASHED])
def test_the_right_one_is_not_always_in_one_place(row: dict[str, Any]) -> None:
    questions = asked(*(row | {name: f"Which? {n}" for name in row if row[name] == "Which?"} for n in range(20)))
    assert {json.loads(question.spec)["choices"]["AB".index(question.gold or "")] for question in questions} == {"sun"}
    assert {question.gold for question in questions} == {"A", "B"}


@pytest.mark.parametrize(("cop", "beside"), [(1, 0), (2, 4)])
def test_the_whole_file_says_from_where_medmcqa_counts(cop: int, beside: int) -> None:
    """The hub's files count from 0, the authors' from 1."""
    questions = asked(MEDMCQA | {"cop": cop}, MEDMCQA | {"question": "And which?", "cop": beside})
    assert [question.gold for question in questions] == ["B", "A" if beside == 0 else "D"]


@pytest.mark.parametrize(("row", "said"), REFUSED)
def test_a_row_whose_right_choice_nobody_knows_is_refused(row: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused) as refused:
        asked(row)
    assert said in str(refused.value)


@pytest.mark.parametrize("answer", ["C", "1"])
def test_letters_that_name_no_choice_are_no_choices(answer: str) -> None:
    Path("data.jsonl").write_text(json.dumps({"input": LETTERED, "target": answer}))
    write_configuration(Path("mine.toml"), StartingPoint.API, "data.jsonl", "practice", None)
    assert read_configuration(Path("mine.toml"), []).questions.source == "jsonl"


ANSWERS = [
    ("Answer: B", Ruling.CORRECT),
    ("Answer: (B)", Ruling.CORRECT),
    ("Answer: B) sun", Ruling.CORRECT),
    ("The answer is \\boxed{B}.", Ruling.CORRECT),
    ("Answer: sun", Ruling.CORRECT),
    ("Answer: A", Ruling.INCORRECT),
    ("Answer: moon", Ruling.INCORRECT),
    ("Answer: A) moon", Ruling.INCORRECT),
    ("Answer: A) sun", Ruling.UNVERIFIED),
    ("Answer: 2", Ruling.UNVERIFIED),
    ("I cannot tell.", Ruling.UNVERIFIED),
]


def test_answers_to_a_choice() -> None:
    [question] = asked(SETS[0][1])
    row = {"id": "q", "kind": question.kind, "gold": question.gold, "spec": json.loads(question.spec)}
    verifier, read = Verifier(), KillableReader()
    try:
        for said, wanted in ANSWERS:
            response = f"<thinking>Well.</thinking>\n<output>{said}</output>"
            line = json.dumps({**row, "question": question.text, "response": response}).encode()
            assert (said, verify_line(line, verifier, read)["verdict"]) == (said, wanted)
    finally:
        read.close()
        verifier.close()
