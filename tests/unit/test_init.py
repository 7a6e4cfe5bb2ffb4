"""`reflectory init`: each kind of configuration is valid, fits its data, and never takes the place of another."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flows.cli.doctor import examine_questions
from flows.cli.init import missing_data, row_remarks, write_configuration
from flows.cli.main import app
from flows.cli.options import StartingPoint
from flows.configure import check_inputs, read_as, read_configuration
from flows.recycle_preparation import check_recycle_inputs
from schemas.errors import Refused
from schemas.recycling import RecycleConfiguration
from tasks.questions import load
from tasks.recycling.originals import read_pairs
from tests.conftest import ROOT

ROW = {"question": "1 + 1?", "gold": 2, "response": "2", "instruction": "Add.", "output": "2"}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TEACHER_KEY", "not a key")


def data(*rows: Any, name: str = "data.jsonl") -> str:
    Path(name).write_text("\n".join(map(json.dumps, rows)))
    return name


@pytest.mark.parametrize("kind", list(StartingPoint))
@pytest.mark.parametrize(("model", "url"), [("practice", None), ('a "model"', None), ("m", "http://127.0.0.1:9/v1")])
def test_each_kind_is_a_valid_configuration(kind: StartingPoint, model: str, url: str | None) -> None:
    url = None if kind is StartingPoint.FILES else url
    commands = write_configuration(Path("mine.toml"), kind, data(ROW), model, url)
    if kind is StartingPoint.RECYCLE:
        recycled = read_as(RecycleConfiguration, Path("mine.toml"), [])
        check_recycle_inputs(recycled)
        teacher = recycled.teacher
    else:
        configuration = read_configuration(Path("mine.toml"), [])
        check_inputs(configuration)
        assert load(configuration.questions, 0).seeds[0].question.gold == "2"
        teacher = configuration.teacher
    assert commands[-1] == f"{'recycle' if kind is StartingPoint.RECYCLE else 'run'} mine.toml"
    if kind is StartingPoint.FILES:
        assert configuration.student.model == model
    else:
        assert teacher.model == model
        assert teacher.base_url == url or (teacher.base_url == "practice") == (model == "practice")
    assert sum(line.lstrip().startswith("#") for line in Path("mine.toml").read_text().splitlines()) > 5


MAPPED = [
    ({"prompt": "1 + 1?", "label": "2"}, 'columns = { question = "prompt", gold = "label" }'),
    ({"problem": "1 + 1?"}, 'columns = { question = "problem" }'),
    ({"question": "1 + 1?", "gold": 2}, "# columns ="),
    ({"question": "1 + 1?", "answer": "1+1\n#### 2"}, 'columns = { gold = "answer" }'),
    ({"question": "1 + 1?", "answer": "1+1\n#### 2"}, "gold_pattern = '####"),
    ({"prompt": "1 + 1?", "solution": "so " * 50}, "# gold_pattern = '####"),
    ({"question": "1 + 1?", "gold": "1+1\n#### 2"}, "\ngold_pattern = '####"),
    ({"messages": [{"role": "user", "content": "1 + 1?"}]}, "# columns ="),
    ({"prompt": "1 + 1?", "topic": "sums", "level": "easy"}, '# columns = { question = "prompt", tags = "topic" }'),
    ({"prompt": "1 + 1?", "topic": "sums", "le\nvel": "easy"}, "tags; also there: le vel\n"),
    ({"Question": "1 + 1?", "ANSWER": 2}, 'columns = { question = "Question", gold = "ANSWER" }'),
    ({"Question": "no", "question": "1 + 1?"}, "# columns ="),
    ({"prompt": "1 + 1?", "answer": "2 metres"}, '\nkind = "number"  # what all its golds are, such as "2 metres"'),
    ({"prompt": "1 + 1?", "answer": r"\frac{4}{2}"}, '\nkind = "number"'),
    ({"prompt": "1 + 1?", "answer": r"\sqrt{4}"}, '\nkind = "math"  # what all its golds are, such as "\\\\sqrt{4}"'),
    ({"question": "1 + 1?", "solution": "so", "final_answer": ["2"]}, 'columns = { gold = "final_answer" }'),
    ({"question": "1 + 1?", "correct": "B"}, 'columns = { gold = "correct" }'),
    ({"input": "1 + 1?", "target": ["2", "two"]}, '\nseveral_golds = "any"'),
    ({"question": "1 + 1?", "answer": {"value": "2", "aliases": ["2", "two"]}}, '{ gold = "answer.aliases" }'),
    ({"question": "1 + 1?", "answers": {"text": ["2", "two"]}}, '\nseveral_golds = "any"'),
    ({"question": "1 + 1?", "possible_answers": '["2", "two"]'}, '\nseveral_golds = "any"'),
    ({"question": "1 + 1?", "target": ["2"]}, 'columns = { gold = "target" }'),
]
ABOVE = [
    ({"Body": "Two and two more.", "Question": "How many?", "Answer": 4}, 'context = "Body"'),
    ({"question": "How many?", "passage": "Two and two more.", "answer": 4}, 'context = "passage"'),
    ({"question": "How many?", "system_prompt": "Two and two more.", "answer": 4}, 'context = "system_prompt"'),
    ({"question": "How many?", "context": "Two and two more.", "answer": 4}, 'context = "context"'),
    ({"question": "How many?", "table": "Two and two more.", "answer": 4}, 'context = "table"'),
]


@pytest.mark.parametrize(("row", "line"), ABOVE)
def test_what_a_question_is_about_stands_above_it(row: dict[str, Any], line: str) -> None:
    """SVAMP's, SQuAD's and Orca's questions were asked without it."""
    write_configuration(Path("mine.toml"), StartingPoint.API, data(row), "practice", None)
    assert line in Path("mine.toml").read_text()
    question = load(read_configuration(Path("mine.toml"), []).questions, 0).seeds[0].question
    assert (question.text, question.gold) == ("Two and two more.\n\nHow many?", "4")


def test_a_list_of_golds_that_may_be_one_answer_is_for_the_user_to_say() -> None:
    write_configuration(
        Path("mine.toml"), StartingPoint.API, data({"question": "1 + 1?", "answer": ["2", "3"]}), "practice", None
    )
    assert '\n# several_golds = "any"  # if each is right by itself' in Path("mine.toml").read_text()
    with pytest.raises(Refused, match=r"questions\.several_golds"):
        row_remarks(Path("mine.toml"), "data.jsonl")


PUBLISHED = [
    ({"question": "1 + 1?", "choices": ["1", "2"], "answer": 1}, "mmlu"),
    ({"question": "1 + 1?", "options": ["1", "2"], "answer": "B", "answer_index": 1}, "mmlu"),
    ({"prompt": "def f():\n", "test": "def check(f): ...", "entry_point": "f", "task_id": "x/0"}, "humaneval"),
    ({"prompt": "No commas.", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}], "key": 1}, "ifeval"),
    ({"problem": "1 + 1?", "solution": r"It is $\boxed{2}$.", "level": "Level 1"}, "math"),
    ({"problem": "1 + 1?", "solution": r"It is $\boxed{2}$.", "answer": "2"}, "jsonl"),
    ({"problem": "1 + 1?", "solution": "It is 2."}, "jsonl"),
]


@pytest.mark.parametrize(("row", "source"), PUBLISHED)
def test_a_published_benchmark_has_a_source_of_its_own(row: dict[str, Any], source: str) -> None:
    write_configuration(Path("mine.toml"), StartingPoint.API, data(row), "practice", None)
    questions = read_configuration(Path("mine.toml"), []).questions
    assert questions.source == source
    assert len(load(questions, 0).seeds) == 1


SAID = [{"role": "user", "content": "1 + 1?"}, {"role": "assistant", "content": "It is 2."}]
PUBLIC = [
    # rows as public sets have them, of which every one lost its gold, or was refused
    ("NuminaMath-CoT", {"problem": "1 + 1?", "solution": r"So $\boxed{2}$.", "messages": SAID, "source": "x"}, "math"),
    ("OpenR1-Math", {"problem": "1 + 1?", "answer": "2", "generations": ["It is 2."], "messages": SAID}, "number"),
    ("Tulu 3 RLVR", {"messages": SAID[:1], "ground_truth": "2", "dataset": "x"}, "number"),
    ("DAPO, verl", {"prompt": SAID[:1], "reward_model": {"ground_truth": "2", "style": "rule"}}, "number"),
    ("TRL's GRPO", {"prompt": SAID[:1], "answer": "2"}, "number"),
    ("MetaMathQA", {"query": "1 + 1?", "response": "1+1\nThe answer is: 2", "type": "x"}, "number"),
    ("MATH", {"problem": "1 + 1?", "solution": r"We get $\boxed 2$.", "level": "Level 1"}, "math"),
]


@pytest.mark.parametrize(("row", "kind"), [(row, kind) for _, row, kind in PUBLIC], ids=[name for name, *_ in PUBLIC])
def test_a_public_set_keeps_its_golds(row: dict[str, Any], kind: str) -> None:
    write_configuration(Path("mine.toml"), StartingPoint.API, data(row), "practice", None)
    loaded = load(read_configuration(Path("mine.toml"), []).questions, 0)
    [seed] = loaded.seeds
    assert (seed.question.text, seed.question.gold, seed.question.kind) == ("1 + 1?", "2", kind)
    assert not loaded.notes


def _turns(asked: str, **more: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": asked, **more}]


NESTED = [
    # rows whose golds or questions were not found, or were taken for others
    ("natural_reasoning", {"question": "1 + 1?", "reference_answer": "2", "responses": [{"response": "So."}]}, "2"),
    ("MegaScience", {"question": "1 + 1?", "answer": "We add.", "reference_answer": "2", "subject": "x"}, "2"),
    ("DeepMath-103K", {"question": "1 + 1?", "final_answer": "2", "r1_solution_1": "So."}, "2"),
    ("SYNTHETIC-1", {"prompt": "1 + 1?", "verification_info": '{"ground_truth": "2"}', "metadata": "{}"}, "2"),
    ("Skywork-OR1", {"prompt": _turns("1 + 1?"), "reward_model": {"ground_truth": '["2"]', "style": "rule"}}, "2"),
    ("AM-DeepSeek-R1", {"messages": _turns("1 + 1?", info={"reference_answer": "2", "source": "x"})}, "2"),
    (
        "Open-Reasoner-Zero",
        {"0": {"from": "human", "value": "1 + 1?"}, "1": {"from": "assistant", "ground_truth": {"value": "2"}}},
        "2",
    ),
    ("FinQA", {"id": "x", "qa": {"question": "1 + 1?", "answer": "2", "program": "add(1, 1)"}}, "2"),
    ("DROP", {"passage": "1 + 1?", "question": "1 + 1?", "answers_spans": {"spans": ["2"], "types": ["number"]}}, "2"),
    ("OlympiadBench", {"question": "1 + 1?", "context": None, "final_answer": ["2"], "solution": ["So."]}, "2"),
    ("KOR-Bench", {"idx": "1", "question": "1 + 1?", "answer": "[[2]]", "rule_id": "1", "category": "operation"}, "2"),
    ("Llama-Nemotron", {"input": _turns("1 + 1?"), "output": "So.", "system_prompt": "detailed thinking on"}, None),
    ("SuperGLUE's BoolQ", {"question": "1 + 1?", "label": 1, "idx": 0}, None),
    ("OpenCodeReasoning", {"input": "1 + 1?", "output": "So.", "solution": "import sys\nprint(2)"}, None),
]


@pytest.mark.parametrize(("row", "gold"), [(row, gold) for _, row, gold in NESTED], ids=[name for name, *_ in NESTED])
def test_the_right_answer_is_found_where_the_set_has_it(row: dict[str, Any], gold: str | None) -> None:
    write_configuration(Path("mine.toml"), StartingPoint.API, data(row), "practice", None)
    [seed] = load(read_configuration(Path("mine.toml"), []).questions, 0).seeds
    assert (seed.question.text, seed.question.gold) == ("1 + 1?", gold)
    assert seed.question.kind == ("number" if gold else "exact")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        # OpenCodeReasoning-2's questions stand in other sets; HotpotQA's, FinQA's and DROP's are about what is no text
        ([{"question": "-", "solution": "print(2)"}], "question: got '-'; needs the question as text"),
        (
            [{"question": "1 + 1?", "context": {"title": ["Sums"], "sentences": [["Add."]]}}],
            "context, which the question's",
        ),
        (
            [{"question": "1 + 1?", "table": [["x", "1"]], "pre_text": ["So."]}],
            "table, which the question's text does not",
        ),
        ([{"question": "1 + 1?", "label": 1}], "label, which may be the right answer"),
        # Tulu's mixture: every answer to a row with a check was incorrect
        (
            [
                {"messages": _turns("1 + 1?"), "ground_truth": "2", "constraint": None},
                {"messages": _turns("Hm?"), "ground_truth": '{"func_name": "validate_no_commas"}', "constraint": "No."},
            ],
            'ground_truth: got \'{"func_name"',
        ),
        (
            [{"messages": _turns("Hm?"), "ground_truth": '{"func_name": "validate_no_commas"}', "constraint": "None."}],
            "the func_name of RLVR-IFeval is not read",
        ),
    ],
)
def test_what_nobody_can_read_is_said(rows: list[Any], said: str) -> None:
    write_configuration(Path("mine.toml"), StartingPoint.API, data(*rows), "practice", None)
    try:
        lines = row_remarks(Path("mine.toml"), "data.jsonl")
    except Refused as refused:
        lines = [str(refused)]
    assert said in "\n".join(lines)


APART = [
    # GPQA's and SciQ's columns
    {
        "Question": "Which?",
        "Correct Answer": "sun\n",
        "Incorrect Answer 1": "moon",
        "Record ID": "r7",
        "Subdomain": "x",
    },
    {"question": "Which?", "correct_answer": "sun", "distractor1": "moon", "id": "r7", "support": "It shines."},
]


@pytest.mark.parametrize("row", APART)
def test_choices_in_columns_of_their_own_are_shown(row: dict[str, Any]) -> None:
    """Not always in one place: an order by their hashes."""
    rows = [row | {name: f"{row[name]} {n}" for name in row if name.casefold() == "question"} for n in range(20)]
    write_configuration(Path("mine.toml"), StartingPoint.API, data(*rows), "practice", None)
    questions = [seed.question for seed in load(read_configuration(Path("mine.toml"), []).questions, 0).seeds]
    assert {json.loads(question.spec)["choices"]["AB".index(question.gold or "")] for question in questions} == {"sun"}
    assert {question.gold for question in questions} == {"A", "B"}
    assert questions[0].text.startswith("Which? 0\n\nA) ")
    assert questions[0].external_id == "r7"


def test_a_folder_is_looked_into() -> None:
    Path("set").mkdir()
    data({"problem": "1 + 1?", "answer": "1+1\n#### 2"}, name="set/train-00000-of-00001.jsonl")
    Path("set/README.md").write_text("# A set")
    write_configuration(Path("mine.toml"), StartingPoint.API, "set", "practice", None)
    [seed] = load(read_configuration(Path("mine.toml"), []).questions, 0).seeds
    assert (seed.question.text, seed.question.gold) == ("1 + 1?", "2")
    assert row_remarks(Path("mine.toml"), "set")[-1] == "kinds: 1 number (such as '2')"


PAIRS = [
    ({"Instruction": "Add.", "answer": "2"}, 'columns = { instruction = "Instruction", output = "answer" }'),
    ({"prompt": "Add.", "completion": "2"}, 'columns = { instruction = "prompt", output = "completion" }'),
    ({"question": "1 + 1?", "answer": "2"}, 'columns = { instruction = "question", output = "answer" }'),
    (
        {"chosen": [{"role": "user", "content": "Add."}, {"role": "assistant", "content": "2"}], "rejected": []},
        'columns = { messages = "chosen" }',
    ),
    ({"instruction": "Add.", "output": "2"}, None),
    ({"instruction": "Add.", "context": "", "response": "2"}, None),
    ({"messages": [{"role": "user", "content": "Add."}, {"role": "assistant", "content": "2"}]}, None),
]


@pytest.mark.parametrize(("row", "line"), PAIRS)
def test_the_columns_of_pairs_are_those_of_the_data(row: dict[str, Any], line: str | None) -> None:
    write_configuration(Path("mine.toml"), StartingPoint.RECYCLE, data(row), "practice", None)
    written = Path("mine.toml").read_text()
    assert line in written if line else "columns" not in written
    [pair] = read_pairs(read_as(RecycleConfiguration, Path("mine.toml"), []).pairs).pairs
    assert (pair.bad, pair.response) == (None, "2")


def test_a_program_beside_an_answer_is_no_gold() -> None:
    """OpenCodeReasoning's: every answer was incorrect."""
    row = {"input": "1 + 1?", "output": "So.", "solution": "import sys\nprint(2)"}
    write_configuration(Path("mine.toml"), StartingPoint.FILES, data(row), "practice", None)
    assert 'columns = { question = "input", responses = "output" }' in Path("mine.toml").read_text()


def test_what_is_no_text_is_no_instruction() -> None:
    turns = {"prompt": [{"role": "user", "content": "Add."}], "chosen": [{"role": "assistant", "content": "2"}]}
    write_configuration(Path("mine.toml"), StartingPoint.RECYCLE, data(turns), "practice", None)
    assert "\n# the data's own columns: prompt, chosen\n" in Path("mine.toml").read_text()


ANSWERS = [
    (
        {"input": "1 + 1?", "prediction": "So it is 2.", "target": "2"},
        'columns = { question = "input", responses = "prediction", gold = "target" }',
    ),
    (
        {"problem": "1 + 1?", "output": ["So it is 2."], "answer": "2", "generator": "x"},
        'columns = { question = "problem", responses = "output", gold = "answer" }',
    ),
    (
        {"question": "1 + 1?", "generated_text": "So it is 2.", "answer": "1+1\n#### 2"},
        "gold_pattern = '####",
    ),
    # LIMO, MegaScience, OpenMathReasoning, Llama-Nemotron with a gold, natural_reasoning
    ({"question": "1 + 1?", "solution": "So it is 2.", "answer": "2"}, 'responses = "solution", gold = "answer"'),
    ({"question": "1 + 1?", "answer": "So it is 2.", "reference_answer": "2"}, 'responses = "answer", gold = "ref'),
    ({"problem": "1 + 1?", "generated_solution": "So it is 2.", "expected_answer": "2"}, 'gold = "expected_answer"'),
    ({"input": _turns("1 + 1?"), "output": "So it is 2.", "expected_answer": "2"}, 'question = "input"'),
    (
        {
            "question": "1 + 1?",
            "reference_answer": "2",
            "responses": [{"response_model": "m", "response": "So it is 2."}],
        },
        'responses = "responses.0.response"',
    ),
    ({"question": "1 + 1?", "response": "So it is 2.", "gold": "2"}, None),
    ({"question": "1 + 1?", "response": ["So it is 2."], "gold": "2"}, None),
]
FURTHER = [
    # rows that are read by their form, and a column that may hold their golds
    (StartingPoint.FILES, {"question": "1 + 1?", "response": "So it is 2.", "answer": "2"}),
    (StartingPoint.API, {"messages": [{"role": "user", "content": "1 + 1?"}], "answer": "2"}),
]


@pytest.mark.parametrize(("kind", "row"), FURTHER)
def test_what_may_be_the_gold_is_said(kind: StartingPoint, row: dict[str, Any]) -> None:
    write_configuration(Path("mine.toml"), kind, data(row), "practice", None)
    assert '\n# columns = { gold = "answer" }' in Path("mine.toml").read_text()


@pytest.mark.parametrize(("row", "line"), ANSWERS)
def test_the_columns_of_answers_are_those_of_the_data(row: dict[str, Any], line: str | None) -> None:
    write_configuration(Path("mine.toml"), StartingPoint.FILES, data(row), "practice", None)
    written = Path("mine.toml").read_text()
    assert line in written if line else "\ncolumns" not in written
    [seed] = load(read_configuration(Path("mine.toml"), []).questions, 0).seeds
    assert (seed.question.text, seed.question.gold) == ("1 + 1?", "2")
    assert [said.text for said in seed.recorded] == ["So it is 2."]


UNREMARKED = [
    {"prompt": "1 + 1?", "answer": "2"},
    {"prompt": "1 + 1?", "answer": "two"},
    {"prompt": "1 + 1?", "answer": "2 m", "kind": "math"},
    {"prompt": "1 + 1?", "tags": ["sums"], "answer": 2},
    {"prompt": "1 + 1?", "long": "so " * 50},
]


@pytest.mark.parametrize(("row", "line"), MAPPED)
def test_the_columns_are_those_of_the_data(row: dict[str, Any], line: str) -> None:
    write_configuration(Path("mine.toml"), StartingPoint.API, data(row), "practice", None)
    assert line in Path("mine.toml").read_text()
    assert load(read_configuration(Path("mine.toml"), []).questions, 0).seeds[0].question.text == "1 + 1?"


def test_choices_with_labels_are_shown_to_the_teacher() -> None:
    """ARC's and CommonsenseQA's."""
    row = {
        "question": "Which?",
        "choices": {"text": ["sun", "moon"], "label": ["1", "2"]},
        "answerKey": "2",
        "id": "m7",
    }
    write_configuration(Path("mine.toml"), StartingPoint.API, data(row), "practice", None)
    question = load(read_configuration(Path("mine.toml"), []).questions, 0).seeds[0].question
    assert (question.text, question.gold, question.kind) == ("Which?\n\nA) sun\nB) moon", "B", "choice")
    assert question.external_id == "m7"


@pytest.mark.parametrize(
    ("choices", "answer"), [(["sun", "moon"], 1), (["sun", "moon"], "B"), ('["sun", "moon"]', "1")]
)
def test_choices_beside_a_question_are_shown_to_the_teacher(choices: Any, answer: Any) -> None:
    """The bug: the number of the right choice was taken for the answer of a question without choices."""
    row = {"question": "Which?", "choices": choices, "answer": answer}
    write_configuration(Path("mine.toml"), StartingPoint.API, data(row), "practice", None)
    question = load(read_configuration(Path("mine.toml"), []).questions, 0).seeds[0].question
    assert (question.text, question.gold, question.kind) == ("Which?\n\nA) sun\nB) moon", "B", "choice")


HIDDEN = [
    # choices that no teacher would see, and those that the text shows
    ({"question": "Which? sun, moon", "answer": "sun", "distractor1": "moon"}, False),
    ({"question": "Which?", "gold": "sun", "Incorrect Answer 1": "moon"}, True),
    ({"question": "Which?", "choices": ["sun", "moon"], "gold": "B"}, True),
    ({"question": "Which?", "options": {"text": ["sun", "moon"], "label": ["A", "B"]}, "gold": "B"}, True),
    ({"question": "Which?", "choices": '["sun", "moon"]', "gold": "B"}, True),
    ({"question": "Which?", "choices": "A) sun B) moon", "gold": "B"}, True),
    ({"question": "Which? A) sun B) moon", "choices": ["sun", "moon"], "gold": "B"}, False),
    ({"question": "Which? A) sun B) moon", "choices": '["sun", "moon"]', "gold": "B"}, False),
    ({"question": "Which?", "choices": "", "gold": "B"}, False),
    ({"question": "Which?", "gold": "B"}, False),
    ({"Question": "Which?", "A": "sun", "B": "moon", "gold": "B"}, True),
    ({"Question": "Which? A) sun B) moon", "A": "sun", "B": "moon", "Answer": "B"}, False),
    ({"Body": "Two and two more.", "Question": "How many?", "Answer": 4}, False),  # init has mapped it
    ({"passage": "Two and two more.", "question": "How many?", "answer": 4}, False),
    ({"article": "Two.", "passage": "Two more.", "question": "How many?", "answer": 4}, True),
    ({"passage": "Two.", "question": "Two. How many?", "answer": 2}, False),
    ({"passage": None, "question": "How many?", "answer": 2}, False),
    ({"instruction": "How many?", "context": "Two.", "response": "2"}, False),
    ({"instruction": "How many?", "context": "N/A", "response": "2"}, False),
    ({"question": "Which?", "options": {"A": "sun", "B": "moon"}, "gold": "B"}, True),
    ({"question": "Which? A) sun B) moon", "options": {"A": "sun", "B": "moon"}, "gold": "B"}, False),
    ({"input": "Which? A) sun B) moon", "target_scores": {"sun": 0, "moon": 1}}, False),
]


@pytest.mark.parametrize(("row", "is_hidden"), HIDDEN)
def test_what_nobody_sees_is_said(row: dict[str, Any], is_hidden: bool) -> None:
    write_configuration(Path("mine.toml"), StartingPoint.API, data(row), "practice", None)
    remarks = [line for line in row_remarks(Path("mine.toml"), "data.jsonl") if line.startswith("left out of 1 rows: ")]
    assert [("which the question's text does not show" in line) for line in remarks] == [True] * is_hidden


@pytest.mark.parametrize("row", UNREMARKED)
def test_what_needs_no_remark_gets_none(row: dict[str, Any]) -> None:
    write_configuration(Path("mine.toml"), StartingPoint.API, data(row), "practice", None)
    written = Path("mine.toml").read_text()
    assert not [line for line in ("# kind =", " tags = ") if line in written]


def test_the_commented_lines_are_valid_too() -> None:
    row = {"prompt": "1 + 1?", "answer": "2 metres", "topic": "sums"}
    write_configuration(Path("mine.toml"), StartingPoint.API, data(row), "practice", None)
    lines = [line for line in Path("mine.toml").read_text().splitlines() if not line.startswith("columns")]
    shown = (line.removeprefix("# ") if line.startswith(("# columns", "# kind")) else line for line in lines)
    Path("mine.toml").write_text("\n".join(shown))
    question = load(read_configuration(Path("mine.toml"), []).questions, 0).seeds[0].question
    assert (question.gold, question.kind, question.tags) == ("2 metres", "number", ("sums",))


def test_data_that_is_not_there_is_said_by_init_and_by_doctor_as_by_a_run() -> None:
    with command("init", "none.jsonl", "--kind", "api", "--model", "m", stderr=subprocess.PIPE) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "--data: got 'none.jsonl'; no such file" in err
    configuration = read_configuration(Path("reflectory.toml"), [])
    with pytest.raises(Refused) as of_run:
        check_inputs(configuration)
    with pytest.raises(Refused) as of_doctor:
        examine_questions(configuration)
    assert str(of_doctor.value) == str(of_run.value)
    data(ROW, name="none.jsonl")
    assert not missing_data("none.jsonl")
    assert not missing_data("openai/gsm8k")
    assert examine_questions(configuration) == "none.jsonl, line 1: '1 + 1?', kind number"


USABLE = [
    (StartingPoint.API, {"question": "1 + 1?"}, True),
    (StartingPoint.API, {"question": None}, False),
    (StartingPoint.API, {"a": 1}, False),
    (StartingPoint.FILES, {"question": "1 + 1?", "response": "2"}, True),
    (StartingPoint.FILES, {"question": "1 + 1?", "response": 2}, False),
    (StartingPoint.RECYCLE, {"instruction": "Add.", "output": "2"}, True),
    (StartingPoint.RECYCLE, {"instruction": "Add.", "output": ""}, False),
    (StartingPoint.RECYCLE, {"a": 1}, False),
]


@pytest.mark.parametrize(("kind", "row", "is_usable"), USABLE)
def test_a_run_that_would_be_refused_is_not_what_comes_next(
    capsys: pytest.CaptureFixture[str], kind: StartingPoint, row: dict[str, Any], is_usable: bool
) -> None:
    app(["init", data(row), "--kind", kind, "--model", "practice"], standalone_mode=False)
    said = capsys.readouterr().out
    assert ("reflectory.toml is written. Next:" in said) is is_usable
    assert ("nothing in data.jsonl can be used as it is. Once it can:" in said) is not is_usable


def test_unknown_columns_are_named() -> None:
    write_configuration(Path("mine.toml"), StartingPoint.API, data({"a": 1, "b": 2}), "practice", None)
    assert "# the data's own: a, b" in Path("mine.toml").read_text()


@pytest.mark.parametrize(
    ("path", "source"),
    [("a.parquet", "parquet"), ("a.json", "jsonl"), ("openai/gsm8k", "huggingface"), (".", "huggingface")],
)
def test_the_source_is_that_of_the_path(path: str, source: str) -> None:
    write_configuration(Path("mine.toml"), StartingPoint.VLLM, path, "m", None)
    questions = read_configuration(Path("mine.toml"), []).questions
    assert (questions.source, questions.path) == (source, path)


@pytest.mark.parametrize(
    ("out", "kind", "url", "message"),
    [
        ("there.toml", StartingPoint.API, None, "init: there.toml is there already"),
        ("none/mine.toml", StartingPoint.API, None, "init: cannot write none/mine.toml"),
        ("mine.toml", StartingPoint.API, "ftp://x", "teacher.base_url: got 'ftp://x'"),
        ("mine.toml", StartingPoint.FILES, "http://x", "init: got --url; for files no teacher is asked"),
    ],
)
def test_refusals_leave_nothing(out: str, kind: StartingPoint, url: str | None, message: str) -> None:
    Path("there.toml").write_text("mine")
    with pytest.raises(Refused, match=message):
        write_configuration(Path(out), kind, "data.jsonl", "m", url)
    assert [path.name for path in Path().iterdir()] == ["there.toml"]
    assert Path("there.toml").read_text() == "mine"


def command(*arguments: str, **more: Any) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "dumb"}
    return subprocess.Popen([sys.executable, "-m", "flows", *arguments], env=environment, text=True, **more)


def test_what_no_flag_says_is_asked() -> None:
    ours, theirs = pty.openpty()
    with command("init", "--kind", "recycle", stdin=theirs, stdout=theirs) as process:
        os.write(ours, f"{data(ROW)}\n\n".encode())
        assert process.wait(60) == 0
    os.close(ours)
    os.close(theirs)
    written = read_as(RecycleConfiguration, Path("reflectory.toml"), [])
    assert (written.pairs.path, written.teacher.base_url) == ("data.jsonl", "practice")


def test_without_a_terminal_flags_are_needed() -> None:
    piped = subprocess.PIPE
    with command("init", "--kind", "api", stdin=subprocess.DEVNULL, stderr=piped) as process:
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (
        2,
        "reflectory: init: got no --data, --model, and there is no terminal to ask at\n",
    )


def test_the_version_and_completion() -> None:
    with command("--version", stdout=subprocess.PIPE) as process:
        out, _ = process.communicate(timeout=60)
    assert (process.returncode, out.split()[0]) == (0, "reflectory")
    # Typer asks which shell started it: the command needs one as its parent, whatever started the tests.
    line = f"{sys.executable} -m flows --show-completion; exit $?"
    shown = subprocess.run(["bash", "-c", line], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (shown.returncode, "complete" in shown.stdout) == (0, True), shown.stderr
