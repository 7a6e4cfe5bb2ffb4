"""Python tasks of our own: the same ones every time, with golds that hold and bugs that show."""

import json
from collections import Counter
from random import Random
from typing import Any

import pytest

from schemas.errors import Refused
from schemas.question import AnswerKind, Question
from schemas.question_source import Questions
from schemas.verdict import Reason
from tasks.judging.verify import Verifier
from tasks.questions import load
from tasks.questions.programs import ProgramCase, kinds, make, run


def draw(limit: int | None = None, seed: int = 0, **settings: Any) -> list[Question]:
    asked = Questions.model_validate({"source": "python_tasks", "limit": limit, **settings})
    return [one.question for one in load(asked, seed).seeds]


def cases(question: Question) -> list[ProgramCase]:
    return [ProgramCase(case["args"], case["expected"]) for case in json.loads(question.spec)["cases"]]


def test_more_questions_keep_the_earlier_ones() -> None:
    few, more = draw(7), draw(120)
    assert more[:7] == few == draw(7)
    assert len({question.text for question in more}) == 120
    assert not {question.text for question in more} & {question.text for question in draw(120, seed=1)}
    families = Counter(question.source for question in more)
    assert families == {"python_tasks/write_function": 60, "python_tasks/debug_function": 60}
    only = draw(3, families=("debug_function",), name="mine")
    assert {question.source for question in only} == {"mine/debug_function"}
    assert len(draw()) == 60


def test_kinds_are_many_and_come_in_turn() -> None:
    assert len(kinds()) > 40
    assert len({question.tags for question in draw(2 * len(kinds()), families=("write_function",))}) == len(kinds())


def test_a_question_shows_few_of_its_cases() -> None:
    for question in draw(80):
        entry_point = json.loads(question.spec)["entry_point"]
        assert question.kind == AnswerKind.CODE
        assert question.licence == "Apache-2.0"
        assert 6 <= len(cases(question)) <= 10
        assert len({json.dumps(case.expected) for case in cases(question)}) > 1
        calls = [f"{entry_point}({', '.join(map(repr, case.args))})" for case in cases(question)]
        assert 1 <= sum(call in question.text for call in calls) <= 2
        assert f"{question.gold}\n" not in question.text
        assert question.gold is not None
        for case in cases(question):
            assert json.loads(json.dumps(run(question.gold, entry_point, case.args))) == case.expected


@pytest.mark.parametrize("name", sorted(kinds()))
def test_every_bug_shows(name: str) -> None:
    """Found while writing: a bug that changed nothing, `j = i + 1` where the loop would do it anyway."""
    shown: Counter[str] = Counter()
    kind = kinds()[name]
    for seed in range(12):
        program = make(kind, Random(seed))
        for (right, wrong), broken in zip(kind.bugs, program.broken, strict=True):
            assert broken != program.source, right
            shown[wrong] += any(_fails(broken, program.name, case) for case in program.cases)
    assert min(shown.values()) > 0, shown


def _fails(source: str, name: str, case: ProgramCase) -> bool:
    try:
        return bool(run(source, name, case.args) != case.expected)
    except (TypeError, LookupError, ValueError, AttributeError):
        return True


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        draw(families=("write_poem",))
    message = "questions.families: got 'write_poem'; python_tasks has write_function, debug_function"
    assert str(refused.value) == message


def test_no_judge_yet_means_unverified() -> None:
    (question,) = draw(1)
    verifier = Verifier()
    assert verifier.check_golds([question]) == []
    if "code" not in verifier_kinds():
        judgement = verifier.judge(question.kind, question.gold, question.gold, question.spec)
        assert judgement.reason is Reason.UNKNOWN_KIND


def verifier_kinds() -> set[str]:
    from tasks.judging.verifiers import VERIFIERS

    return set(VERIFIERS)
