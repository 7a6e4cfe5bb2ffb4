"""The practice teacher answers a question that no family reads from the gold that it was given."""

import subprocess
import sys
from random import Random

import pytest

from schemas.errors import Refused
from schemas.teacher import Preset
from tasks.practice.behaviour import read, reply
from tasks.practice.rates import PRESETS
from tasks.practice.replay import given, perturbed, read_golds
from tests.practice import FLAWLESS

CAPITAL = "What is the capital of France?"
HOSTILE = PRESETS[Preset.HOSTILE]
GOLDS = {CAPITAL: "Paris"}
SUM = "Calculate 605 + 391 ="


def asked(question, seed=0):
    return {"model": "practice", "messages": [{"role": "user", "content": question}], "seed": seed}


def decisions(question, rates, golds):
    return [reply(asked(question, seed), rates, golds).decisions[0] for seed in range(60)]


def test_a_known_question_is_answered_and_an_unknown_one_declined():
    assert {decision.answer for decision in decisions(CAPITAL, FLAWLESS, GOLDS)} == {"Paris"}
    assert all(decision.refused for decision in decisions(CAPITAL, FLAWLESS, {}))


@pytest.mark.parametrize(
    ("told", "answer"),
    [
        ([CAPITAL, "Check this from the start."], "Paris"),
        ([CAPITAL, "Why?", "Are you sure?"], "Paris"),
        ([CAPITAL, SUM], "996"),  # the last one that it knows
        ([SUM, CAPITAL], "Paris"),
        ([SUM, "And what is the capital of Spain?"], "996"),
        (["Are you sure?", "Check this."], None),
        ([f"Check this: {CAPITAL}"], None),
    ],
)
def test_a_request_that_follows_up_is_about_a_question_before_it(told, answer):
    """The bug: whatever was asked after a question was declined, and a strategy of two calls had no right answer."""
    messages = [{"role": role, "content": text} for text in told for role in ("user", "assistant")][:-1]
    found = [
        reply({"model": "practice", "messages": messages, "seed": seed}, FLAWLESS, GOLDS).decisions[0]
        for seed in range(20)
    ]
    assert {decision.answer for decision in found} == {answer}
    assert all(decision.refused == (answer is None) for decision in found)


def test_it_errs_on_replayed_answers_too():
    found = [decision for decision in decisions(CAPITAL, HOSTILE, GOLDS) if not decision.refused]
    assert {decision.slipped for decision in found} == {True, False}
    assert all(decision.answer for decision in found)


def test_equal_requests_and_golds_get_equal_bytes():
    assert reply(asked(CAPITAL), HOSTILE, GOLDS).body == reply(asked(CAPITAL), HOSTILE, dict(GOLDS)).body


def test_a_gold_stands_above_what_a_family_reads():
    assert read(SUM, {SUM: "996"}).answer == read(SUM).answer == "996"
    assert read(SUM, {SUM: "17"}).answer == "17"


def test_its_judge_rules_by_the_gold():
    message = f"<question>\n{CAPITAL}\n</question>\n<answer>\n%s\n</answer>"
    said = [
        reply({**asked(message % answer), "model": "practice-judge"}, FLAWLESS, GOLDS).decisions[0].answer
        for answer in ("Answer: Paris", "Answer: Lyon")
    ]
    assert said == ["correct", "incorrect"]


@pytest.mark.parametrize(
    "gold", ["7", "0", "-3", "10/11", "2 x 3", "aa", "x", "Monday", "Yes", "a, b, c", "def f(x):\n    return x + 1"]
)
def test_a_slip_is_another_answer(gold):
    assert all(perturbed(Random(seed), gold) not in ("", gold) for seed in range(60))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("questions.jsonl", '{"question": "What?", "gold": "7", "kind": "number"}\n\n'),
        ("questions.json", '[{"question": "What?", "gold": 7}]'),
        ("questions.json", '{"examples": [{"question": "What?", "gold": ["7"]}]}'),
        ("questions.csv", "id,question,gold\n1,What?,7\n"),
        ("questions.csv", "question,gold\nSay anything.,\nWhat?,7\n"),  # the whole file was refused for the first row
        (
            "questions.jsonl",
            '{"question": "Say.", "gold": null}\n{"question": "Go."}\n{"question": "What?", "gold": 7}',
        ),
    ],
)
def test_a_file_of_questions(tmp_path, name, text):
    file = tmp_path / name
    file.write_text(text)
    assert read_golds(file) == {"What?": "7"}


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        (CAPITAL, "What is the capital of France"),
        ("Add.\nFormat your answer like: x, y, z\nHere: 4, 5", "4, 5"),
        ("Sort these (Example: b, a -> a, b): d, c", "d, c"),
        ("Reply with the answer only: 1, 2.", "1, 2"),
        ("Say the answer.", "Say the answer."),
        (f"Add {' '.join(map(str, range(99)))}", "Add 0 1"),
    ],
)
def test_what_a_working_quotes_of_its_question(question, quoted):
    assert given(question).startswith(quoted)
    assert len(given(question)) <= 160


def test_the_process_of_the_teacher_makes_no_gold_of_its_own():
    code = "import tasks.practice.__main__ as m; {}import tasks.practice.server; import tasks.questions"
    run = [subprocess.run([sys.executable, "-c", code.format(block)]) for block in ("m.block_golds(); ", "")]
    assert [done.returncode for done in run] == [1, 0]  # the second is the control
    code = "import tasks.practice.server, sys; print([m for m in sys.modules if m.startswith('tasks.questions')])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "--questions"),
        ("[]", "--questions"),
        ("", "none of its 0 rows has a gold"),
        ('{"question": "What?"}', "none of its 1 rows has a gold"),
        ('{"question": 1, "gold": "2"}', "got question 1, gold '2'"),
        ('{"question": "What?", "gold": {"x": 1}}', r"got question 'What\?', gold \{"),
        ('{"problem": "What?", "gold": "2"}', r"got problem 'What\?', gold '2'"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path, text, says):
    file = tmp_path / "questions.jsonl"
    file.write_text(text)
    with pytest.raises(Refused, match=says) as refused:
        read_golds(file)
    assert str(refused.value).startswith("--questions: ")
