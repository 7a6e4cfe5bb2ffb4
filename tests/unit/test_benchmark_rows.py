"""Rows with the columns of public benchmarks: what is asked, what counts as right, and what is refused."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import Refused
from schemas.proving import Asking
from schemas.question import Question
from schemas.question_source import Questions
from schemas.verdict import Reason, Ruling
from tasks.judging.constraints import judge_constraints
from tasks.judging.reading import KillableReader
from tasks.judging.verify import Verifier
from tasks.judging.verify_file import verify_line
from tasks.proving.experiment import copied
from tasks.questions import load

ROWS: Mapping[str, dict[str, Any]] = {
    "gsm8k": {
        "question": "Two bags hold 617 nuts each. How many in all?",
        "answer": "2 * 617 = <<2*617=1234>>\n#### 1,234",
    },
    "math": {
        "problem": "What is $1/3 + 1/6$?",
        "solution": r"It is not $\boxed{1/9}$. We get $\boxed{\frac{1}{2}}$.",
        "level": "Level 1",
        "type": "Prealgebra",
    },
    "mmlu": {
        "question": "Which is a noble gas?",
        "subject": "chemistry",
        "choices": ["Iron", "Neon", "Salt", "Air"],
        "answer": 1,
    },
    "humaneval": {
        "task_id": "Made/0",
        "prompt": 'def double(n: int) -> int:\n    """Twice n."""\n',
        "entry_point": "double",
        "canonical_solution": "    return 2 * n\n",
        "test": "def check(candidate):\n    assert candidate(2) == 4\n    assert candidate(-1) == -2\n",
    },
    "ifeval": {
        "key": 7,
        "prompt": "Name a fruit. Use no comma, and write in capital letters only.",
        "instruction_id_list": ["punctuation:no_comma", "change_case:english_capital"],
        "kwargs": [{"num_words": None}, {"num_words": None}],
    },
}
RIGHT = {
    "gsm8k": "Answer: 1234",
    "math": "It is 0.5, so $\\boxed{0.5}$.",
    "mmlu": "Answer: B",
    "humaneval": "```python\ndef double(n):\n    return n + n\n```",
    "ifeval": "APPLE",
}
WRONG = {
    "gsm8k": "Answer: 617",
    "math": "$\\boxed{1/9}$",
    "mmlu": "Answer: C",
    "humaneval": "```python\ndef double(n):\n    return n * n\n```",
    "ifeval": "APPLES, PEARS",
}


def write(folder: Path, *rows: Mapping[str, Any]) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def asked(folder: Path, source: str, *rows: Mapping[str, Any], **settings: Any) -> list[Question]:
    questions = Questions.model_validate({"source": source, "path": str(write(folder, *rows)), **settings})
    return [seed.question for seed in load(questions, seed=0).seeds]


@pytest.mark.parametrize("source", ROWS)
def test_a_right_answer_is_correct_and_a_wrong_one_is_not(tmp_path: Path, source: str) -> None:
    [question] = asked(tmp_path, source, ROWS[source])
    row = {"id": "q", "kind": question.kind, "gold": question.gold, "spec": json.loads(question.spec)}
    verifier, read = Verifier(), KillableReader()
    try:
        for said, wanted in ((RIGHT[source], Ruling.CORRECT), (WRONG[source], Ruling.INCORRECT)):
            response = f"<thinking>Well.</thinking>\n<output>{said}</output>"
            line = json.dumps({**row, "question": question.text, "response": response}).encode()
            assert verify_line(line, verifier, read)["verdict"] is wanted
    finally:
        read.close()
        verifier.close()


def test_what_is_asked_and_known(tmp_path: Path) -> None:
    found = {source: asked(tmp_path, source, row)[0] for source, row in ROWS.items()}
    assert found["mmlu"].text == "Which is a noble gas?\n\nA) Iron\nB) Neon\nC) Salt\nD) Air"
    assert (found["mmlu"].gold, found["mmlu"].tags) == ("B", ("chemistry",))
    assert (found["gsm8k"].gold, found["math"].gold) == ("1,234", r"\frac{1}{2}")
    assert (found["humaneval"].external_id, found["ifeval"].external_id) == ("Made/0", "7")
    assert "def double" in found["humaneval"].text
    assert "return 2" not in found["humaneval"].text


HELD = {
    "instruction_id": ["punctuation:no_comma", "first_word:first_word_answer"],
    "kwargs": [None, {"first_word": "tea"}],
}


@pytest.mark.parametrize("truth", [str([HELD]), json.dumps([HELD]), str([json.dumps(HELD)]), json.dumps(HELD)])
def test_the_instructions_of_if_rlvr_stand_in_its_ground_truth(tmp_path: Path, truth: str) -> None:
    said = [{"role": "user", "content": "Name a drink. Use no comma."}]
    [question] = asked(tmp_path, "ifeval", {"key": "a_1", "messages": said, "ground_truth": truth})
    assert (question.text, question.external_id) == ("Name a drink. Use no comma.", "a_1")
    judged = [judge_constraints(text, question.spec).reason for text in ("Tea it is", "Tea, it is")]
    assert judged == [Reason.CONSTRAINTS_MET, Reason.CONSTRAINT_BROKEN]


@pytest.mark.parametrize("truth", ["verify_paragraph_count", "[]", '{"func_name": "verify_paragraph_count", "N": 3}'])
def test_another_ground_truth_is_refused(tmp_path: Path, truth: str) -> None:
    said = [{"role": "user", "content": "Name a drink."}]
    with pytest.raises(Refused, match="needs a list of one object with instruction_id"):
        asked(tmp_path, "ifeval", {"messages": said, "ground_truth": truth})


def test_a_choice_is_shown_as_it_is_written(tmp_path: Path) -> None:
    """The bug: the text said 1.5 where the spec, by which an answer is judged, said 1.50."""
    row = '{"question": "How much?", "choices": [1.50, 15, "2", 1e2], "answer": 0, "subject": "sums"}'
    (tmp_path / "rows.jsonl").write_text(row)
    questions = Questions(source="mmlu", path=str(tmp_path / "rows.jsonl"))
    [seed] = load(questions, seed=0).seeds
    assert seed.question.text == "How much?\n\nA) 1.50\nB) 15\nC) 2\nD) 1e2"
    assert json.loads(seed.question.spec)["choices"] == ["1.50", 15, "2", "1e2"]


@pytest.mark.parametrize(("source", "column"), [("gsm8k", "question"), ("mmlu", "question"), ("ifeval", "prompt")])
def test_a_row_that_copies_an_item_is_found(tmp_path: Path, source: str, column: str) -> None:
    """The known-bad control is another text of that length."""
    told = "In a far village forty tired bakers bake nine sweet loaves every single morning before the market opens"
    [question] = asked(tmp_path, source, {**ROWS[source], column: f"{told}. What follows?"})
    asking = Asking(questions=Questions(source=source, path="rows.jsonl"))
    texts = [f"Please help me: {told.upper()}!", " ".join(reversed(told.split()))]
    assert copied(texts, [question.text], asking) == {0}


def test_the_answer_of_math_500_is_its_own_column(tmp_path: Path) -> None:
    row = {**ROWS["math"], "answer": r"\frac12", "unique_id": "test/1.json", "subject": "Prealgebra"}
    [question] = asked(tmp_path, "math", row)
    assert (question.gold, question.external_id) == (r"\frac12", "test/1.json")


def test_the_mode_of_ifeval_is_a_setting(tmp_path: Path) -> None:
    [question] = asked(tmp_path, "ifeval", ROWS["ifeval"], spec='{"mode": "loose"}')
    assert json.loads(question.spec)["mode"] == "loose"
    assert len(json.loads(question.spec)["kwargs"]) == 2


@pytest.mark.parametrize(
    ("source", "change", "said"),
    [
        ("gsm8k", {"answer": "It is 5."}, "answer: got 'It is 5.'; needs a solution with the number behind ####"),
        ("math", {"solution": "It is 5."}, r"needs a solution with its answer in \boxed{}"),
        ("mmlu", {"answer": 4}, "answer: got 4; needs the number of a choice, from 0, its letter or its text"),
        ("mmlu", {"answer": "E"}, "answer: got 'E'; needs"),
        ("mmlu", {"answer": None}, "answer: got None; needs"),
        ("mmlu", {"answer": "A", "choices": ["B", "A"]}, "answer: got 'A'; needs"),
        ("mmlu", {"answer": "1", "choices": ["0", "2", "1"]}, "answer: got '1'; needs"),
        ("mmlu", {"answer": True}, "answer: got True; needs"),
        ("mmlu", {"choices": None}, "choices: got None; needs a list that is not empty"),
        ("humaneval", {"test": ""}, "test: got ''; needs text that is not empty"),
        ("ifeval", {"kwargs": "{}"}, "kwargs: got '{}'; needs a list that is not empty"),
    ],
)
def test_a_row_of_another_form_is_named(tmp_path: Path, source: str, change: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused) as refused:
        asked(tmp_path, source, {**ROWS[source], **change})
    assert said in str(refused.value)
    assert "rows.jsonl, line 1" in str(refused.value)


@pytest.mark.parametrize(
    ("answer", "choices"),
    [(1, ["2", "1"]), ("1", ["a", "b"]), ("B", ["a", "b"]), ("b", ["a", "b"]), ("B", '["a", "b"]'), ("B", ["A", "B"])],
)
def test_the_right_choice_as_others_of_the_form_name_it(tmp_path: Path, answer: Any, choices: Any) -> None:
    """Its letter, its text, and what a cell of CSV holds."""
    [question] = asked(tmp_path, "mmlu", {**ROWS["mmlu"], "answer": answer, "choices": choices})
    assert question.gold == "B"


def test_choices_in_a_cell_keep_their_digits(tmp_path: Path) -> None:
    [question] = asked(tmp_path, "mmlu", {**ROWS["mmlu"], "answer": "A", "choices": "[1.50, 2]"})
    assert json.loads(question.spec)["choices"] == ["1.50", 2]


def test_a_bad_row_among_good_ones_is_rejected_alone(tmp_path: Path) -> None:
    settings = Questions(source="gsm8k", path=str(write(tmp_path, {"question": "?"}, ROWS["gsm8k"])))
    loaded = load(settings, seed=0)
    assert len(loaded.seeds) == len(loaded.rejected) == 1


@pytest.mark.parametrize(
    "given", [{"kind": "exact"}, {"gold_pattern": "(x)"}, {"columns": {"question": "q"}}, {"path": None}]
)
def test_what_a_benchmark_fixes_cannot_be_set(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"questions\.(kind|gold_pattern|columns|path): got"):
        Questions.model_validate({"source": "gsm8k", "path": "rows.jsonl", **given})
