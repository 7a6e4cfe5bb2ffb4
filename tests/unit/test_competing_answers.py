"""Answers that nobody may call right: one of several, one that stands elsewhere, and the question itself."""
# ruff: noqa: RUF001

import json
from typing import Any

import pytest

from schemas.question import AnswerKind
from schemas.verdict import Reason, Ruling
from tasks.judging.competing_answers import AnswerContext, competing_answers, echoes, judge_in_context, points_elsewhere
from tasks.judging.reading import read_answers
from tasks.judging.verify import Verifier
from tasks.judging.verify_file import verify_line
from tasks.rows.jsonl import read_object


def reason(verifier: Verifier, **row: Any) -> str:
    line = json.dumps({"id": 1, "kind": "number", "gold": "18", **row}).encode()
    assert read_object(line)
    return str(verify_line(line, verifier, read_answers)["reason"])


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ("<output>Answer: 17\nAnswer: 18</output>", Reason.SEVERAL_ANSWERS),
        ("<output>Answer: 18\nAnswer: 17</output>", Reason.SEVERAL_ANSWERS),
        ("<output>The answer is 17. The answer is 18.</output>", Reason.SEVERAL_ANSWERS),
        (r"<output>\boxed{17} or \boxed{18}</output>", Reason.ANSWER_UNPARSABLE),  # one answer of two numbers
        ("<think>x</think>Answer: 17\nAnswer: 18", Reason.SEVERAL_ANSWERS),
        ("<output>Answer: 18\nSo the answer is $18.00.</output>", Reason.EQUAL),
        ("<output>Answer: 16\nAnswer: 17</output>", Reason.NOT_EQUAL),  # wrong, whichever it is
        ("<output>**Answer:** The answer is 18.</output>", Reason.EQUAL),
        ("<output>The final answer: my answer is 18</output>", Reason.EQUAL),
        ("<output>9 * 2 = 18, not 17.\nAnswer: 18</output>", Reason.EQUAL),
        ("<thinking>The answer is 17. No, the answer is 18.</thinking><output>18</output>", Reason.EQUAL),
        ("Q: 9 + 8?\nA: 17\n\nQ: 9 * 2?\nA: 18", Reason.NO_ANSWER),  # whichever question was asked
        ("A: 18\n\nQ: 9 + 8?\nA: 17", Reason.EQUAL),
        ("<thinking>The answer is 18.</thinking><output></output>", Reason.ANSWER_IN_THINKING),
        ("<thinking>The answer is 18.</thinking>", Reason.ANSWER_IN_THINKING),
        ("<thinking>It may be 18.</thinking><output> </output>", Reason.NO_ANSWER),
    ],
)
def test_several_answers_and_one_that_is_only_thought(verifier: Verifier, response: str, expected: Reason) -> None:
    assert reason(verifier, response=response) == expected


POINTING = """
As shown above. ; See above. ; see my reasoning ; **See the reasoning above.** ; The answer is given above. ;
The final answer is in the box above. ; As I have explained above. ; Please refer to my thinking. ;
(see above) ; As computed earlier, this is the answer. ; The full solution is above. ; Check the steps above. ;
As stated previously. ; Siehe oben. ; wie oben gezeigt ; Voir ci-dessus. ; Como se muestra arriba. ;
Vedi sopra. ; См. выше. ; 如上所示。 ; 见上文推理。 ; 上記の通り。 ; 위와 같습니다.
"""
ANSWERS = """
above ; Before ; It is above. ; nine ; As shown above, Paris. ; As shown above: 9 ; See Paris. ;
The box is red. ; Nothing. ; The answer is B, as shown above. ; x, as derived above ; above the table ;
wie oben: Rot ; 如上所示，是北京。 ; None of the above
"""


@pytest.mark.parametrize("answer", [each.strip() for each in POINTING.split(" ;")])
def test_what_points_elsewhere_is_no_wrong_answer(verifier: Verifier, answer: str) -> None:
    assert points_elsewhere(answer)
    for row in ({}, {"kind": "math"}, {"kind": "exact", "gold": "Paris"}):
        for thinking, expected in (("It is hard.", Reason.NO_ANSWER), (r"\boxed{18}", Reason.ANSWER_IN_THINKING)):
            said = f"<thinking>{thinking}</thinking><output>{answer}</output>"
            found = reason(verifier, **row, response=said)
            assert found == expected or Reason(found).ruling is Ruling.UNVERIFIED, (row, found)


@pytest.mark.parametrize("answer", [each.strip() for each in ANSWERS.split(" ;")])
def test_an_answer_is_one_wherever_else_it_points(verifier: Verifier, answer: str) -> None:
    assert not points_elsewhere(answer)


def test_the_place_that_was_asked_for(verifier: Verifier) -> None:
    row = {"kind": "exact", "gold": "below"}
    assert reason(verifier, **row, response="<output>above</output>") == Reason.NOT_EQUAL


def test_with_a_pattern_the_last_match_wins(verifier: Verifier) -> None:
    spec = {"answer_pattern": r"Answer: (\d+)"}
    assert reason(verifier, response="<output>Answer: 17\nAnswer: 18</output>", spec=spec) == Reason.EQUAL
    assert reason(verifier, response="<thinking>Answer: 18</thinking><output>x</output>", spec=spec) == Reason.NO_ANSWER


def test_several_choices_one_after_the_other(verifier: Verifier) -> None:
    row = {"kind": "choice", "gold": "B", "spec": {"choices": ["London", "Rome"]}}
    assert reason(verifier, **row, response="<output>Answer: A\nAnswer: B</output>") == Reason.SEVERAL_ANSWERS
    assert reason(verifier, **row, response="<output>Answer: Rome\nAnswer: B</output>") == Reason.SAME_CHOICE
    listed = "<output>A: London\nB: Rome\nThe answer is B.</output>"  # `A:` is a label of the list here
    assert reason(verifier, **row, response=listed) == Reason.SAME_CHOICE
    assert competing_answers(AnswerKind.NUMBER, "A: 17\nA: 18") == ["17"]


QUESTION = "What is 9 * 2 + 1 - 1?"


@pytest.mark.parametrize(
    ("kind", "answer", "gold", "echo"),
    [
        ("number", QUESTION, "18", True),
        ("exact", "what is 9*2+1-1", "18", True),
        ("math", "9 * 2 + 1 - 1", "18", True),
        ("math", "$9*2$", "18", True),
        ("math", "18", "18", False),
        ("math", "2 * 9", "18", False),  # nobody wrote that
        ("math", "9*2", "9 * 2", False),  # the gold
        ("exact", "9 * 2", "18", False),
        ("exact", QUESTION, QUESTION, False),
        ("number", "9", "18", False),
    ],
)
def test_echo(kind: str, answer: str, gold: str, echo: bool) -> None:
    assert echoes(kind, answer, QUESTION, gold) is echo


def test_words_and_dates_of_the_question_are_no_echo() -> None:
    assert not echoes("exact", "London", "Which is bigger, Paris or London?", "London")
    assert not echoes("math", "well-known", "Is a well-known theorem true?", "true")


def test_an_echo_would_be_right_by_value(verifier: Verifier) -> None:
    """The control: algebra works out what nobody did."""
    row = {"kind": "math", "gold": "18", "response": "9 * 2 + 1 - 1"}
    assert reason(verifier, **row) == Reason.EQUAL
    assert reason(verifier, **row, question=QUESTION) == Reason.QUESTION_ECHOED


def test_a_text_that_is_judged_whole_states_no_answers(verifier: Verifier) -> None:
    def judge(answer: str | None) -> Any:
        return verifier.judge("judge", None, answer)

    around = AnswerContext("Answer: 1\nAnswer: 2", "The answer is 1.", "q")
    assert judge_in_context("judge", None, "q", around, judge).reason is Reason.JUDGE_UNAVAILABLE
