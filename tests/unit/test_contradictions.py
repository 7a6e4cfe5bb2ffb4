"""Questions that stand there twice with golds that contradict each other are set aside, and told before anything."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flows.cli.init import row_remarks, write_configuration
from flows.cli.options import StartingPoint
from flows.cli.run import run_configuration
from flows.preparation import land_plan, prepared
from schemas.configuration import RunConfiguration
from schemas.question import Question
from schemas.until import Until
from schemas.verdict import Reason
from tasks.judging.verify import Verifier
from tasks.questions.contradictions import contradicted_golds
from tasks.questions.recorded import Seed
from tasks.questions.seed_file import in_file
from tests.unit.test_preparation import ask, told
from warehouse.landing import Warehouse

WORDS, OTHER = json.dumps({"choices": ["sun", "moon"]}), json.dumps({"choices": ["moon", "sun"]})
SUM, PRODUCT = json.dumps({"tests": [{"input": "2 3", "output": "5"}]}), json.dumps({"tests": [{"input": "2 3"}]})
NO_COMMA = json.dumps({"instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]})

ROWS = [
    # what stands in the rows of one text: gold, kind, spec; the places of those that are set aside
    ([("2", "number"), ("3", "number")], [0, 1]),
    ([("2", "number"), ("3", "number"), ("2.0", "number")], [0, 1, 2]),  # three rows do not vote
    ([("0.5", "number"), ("1/2", "number")], []),
    ([("Paris", "exact"), ("paris", "exact")], []),
    ([("Paris", "exact"), ("Rome", "exact")], [0, 1]),
    ([("12", "number"), ("12", "exact")], []),  # either judges a 12 correct
    ([("12", "number"), ("twelve apples", "exact")], [0, 1]),
    ([(None, "exact"), ("Paris", "exact")], []),  # nothing is verified by no gold
    ([(None, "exact"), (None, "number")], []),
    ([("A", "choice", WORDS), ("A", "choice", OTHER)], [0, 1]),  # the letter means another choice
    ([("A", "choice", WORDS), ("sun", "choice", WORDS)], []),
    ([("A", "choice", WORDS), ("B", "choice", WORDS)], [0, 1]),
    ([(None, "code", SUM), (None, "code", PRODUCT)], [0, 1]),
    ([(None, "reasoning_gym", '{"dataset": "x"}'), (None, "reasoning_gym", '{"dataset": "y"}')], []),
    ([("a long reference", "judge"), ("the same in other words", "judge")], []),  # for the model to say
    ([("12", "judge"), ("12", "number")], []),
    ([("13", "judge"), ("12", "number")], [0, 1]),
    ([(None, "code", SUM), ("print(sum(map(int, input().split())))", "code", SUM)], []),  # the tests decide
    ([("One.", "constraints", NO_COMMA), ("Two, three.", "constraints", NO_COMMA)], []),
    ([(None, "consensus"), ("7", "consensus")], []),
]


@pytest.mark.parametrize(("rows", "aside"), ROWS)
def test_which_questions_of_one_text_are_set_aside(rows: list[tuple[Any, ...]], aside: list[int]) -> None:
    asked = [Question.of(text="Which?", gold=g, kind=k, spec=(*s, "{}")[0], source="s") for g, k, *s in rows]
    alone = Question.of(text="Which other?", gold="7", kind="number", source="s")
    with closing(Verifier()) as verifier:
        found = list(contradicted_golds(in_file(map(Seed, [alone, *asked])), verifier))
    assert [verdict.subject_id for verdict in found] == [asked[place].question_id for place in aside]
    assert {verdict.reason for verdict in found} <= {Reason.GOLD_CONTRADICTED}


def test_such_rows_are_named_at_the_start_and_are_asked_once_one_of_them_is_left(
    tmp_path: Path, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bug: a question of two golds passed without a word, and the traces of either gold were correct."""
    monkeypatch.chdir(tmp_path)
    rows = [
        {"question": "1+1?", "gold": 2, "id": "a"},
        {"question": "2+2?", "gold": 4},
        {"question": "1+1? ", "gold": 3},
    ]
    Path("two.jsonl").write_text("\n".join(map(json.dumps, rows)))
    line = (
        "set aside: two.jsonl, line 1, question '1+1?': its gold '2' of kind number is in doubt (gold_contradicted:"
        " two.jsonl, line 3 asks the same, with gold '3' of kind number)"
    )
    given = {"questions": {"source": "jsonl", "path": "two.jsonl"}, "teacher": {"base_url": "http://127.0.0.1:1/v1"}}
    asked = RunConfiguration.model_validate(given)
    write_configuration(Path("two.toml"), StartingPoint.API, "two.jsonl", "practice", None)
    assert line in row_remarks(Path("two.toml"), "two.jsonl")
    lines = told(run_configuration, asked, warehouse.folder, Until.VERIFY, "", True)
    plan = next(n for n, each in enumerate(lines) if each.startswith("plan "))
    assert line in lines[:plan]
    with prepared(asked, warehouse.folder, Until.VERIFY) as preparation:
        assert [seed.question.text for seed in preparation.plan.seeds] == ["2+2?"]
        land_plan(preparation, "run")
    assert ask(warehouse, "SELECT reason, count(*) FROM verdicts GROUP BY ALL") == [("gold_contradicted", 2)]

    Path("rulings.jsonl").write_text(json.dumps({"id": "a", "ruling": "question_dropped"}))
    ruled = asked.model_copy(update={"questions": asked.questions.model_copy(update={"rulings": "rulings.jsonl"})})
    Path("one.jsonl").write_text("\n".join(map(json.dumps, rows[:2])))
    named = {"path": "one.jsonl", "name": "two"}
    mended = asked.model_copy(update={"questions": asked.questions.model_copy(update=named)})
    for configuration, golds in ((ruled, ["4", "3"]), (mended, ["2", "4"])):
        with prepared(configuration, warehouse.folder, Until.VERIFY) as preparation:
            assert [seed.question.gold for seed in preparation.plan.seeds] == golds
            assert not preparation.set_aside
