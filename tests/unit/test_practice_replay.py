"""The practice teacher answers a question that no family reads from the gold that it was given."""

from random import Random

import pytest

from schemas.configuration import Preset
from schemas.errors import Refused
from tasks.practice.behaviour import read, reply
from tasks.practice.rates import FLAWLESS, PRESETS
from tasks.practice.replay import Replayed, perturbed, read_golds

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


def test_it_errs_on_replayed_answers_too():
    found = [decision for decision in decisions(CAPITAL, HOSTILE, GOLDS) if not decision.refused]
    assert {decision.slipped for decision in found} == {True, False}
    assert all(decision.answer for decision in found)


def test_equal_requests_and_golds_get_equal_bytes():
    assert reply(asked(CAPITAL), HOSTILE, GOLDS).body == reply(asked(CAPITAL), HOSTILE, dict(GOLDS)).body


def test_a_gold_stands_above_what_a_family_reads():
    assert read(SUM, {SUM: "996"}).answer == read(SUM).answer == "996"
    assert read(SUM, {SUM: "17"}) == Replayed(SUM, "17")


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


def test_a_file_of_questions(tmp_path):
    file = tmp_path / "questions.jsonl"
    file.write_text('{"question": "What?", "gold": "7", "kind": "number"}\n\n')
    assert read_golds(file) == {"What?": "7"}


@pytest.mark.parametrize("text", ["{", "[]", '{"question": "What?"}', '{"question": 1, "gold": "2"}'])
def test_a_file_that_cannot_be_read_is_refused(tmp_path, text):
    file = tmp_path / "questions.jsonl"
    file.write_text(text)
    with pytest.raises(Refused, match="--questions"):
        read_golds(file)
