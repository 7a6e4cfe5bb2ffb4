"""Questions of reasoning-gym: the same ones at every start, and none changed by asking for more."""

import itertools
import json
from typing import Any

import pytest

from schemas.errors import Refused
from schemas.question import AnswerKind, Question
from schemas.question_source import Questions
from tasks.questions import gym, load

ORDERED_BY_HASH = "isomorphic_strings"
MADE_FROM_SIZE = "acre"
WITHOUT_ANSWER = "graph_color"


def draw(*families: str, limit: int | None = None, seed: int = 0, **settings: Any) -> list[Question]:
    asked = {"source": "reasoning_gym", "families": families, "limit": limit, **settings}
    return [seed.question for seed in load(Questions.model_validate(asked), seed).seeds]


def test_more_questions_keep_the_earlier_ones_and_the_process_does_not_matter(
    monkeypatch: pytest.MonkeyPatch,
):
    """`acre` makes other items for another size; `isomorphic_strings` other ones for another hash seed."""
    families = ("letter_counting", MADE_FROM_SIZE, ORDERED_BY_HASH, WITHOUT_ANSWER)
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    few = draw(*families, limit=6)
    monkeypatch.setenv("PYTHONHASHSEED", "2")
    more = draw(*families, limit=18)
    assert more[:6] == few
    assert [question.source for question in few] == [
        f"reasoning_gym/{family}" for family in itertools.islice(itertools.cycle(families), 6)
    ]
    assert {question.kind for question in few} == {AnswerKind.REASONING_GYM}
    assert {question.licence for question in few} == {"Apache-2.0"}
    assert [question.gold is None for question in few] == [False, False, False, True, False, False]
    spec = json.loads(few[0].spec)
    assert (spec["dataset"], spec["entry"]["answer"]) == ("letter_counting", few[0].gold)
    assert spec["entry"]["question"] == few[0].text


def test_the_default_number_and_another_seed():
    first, second = draw("chain_sum", name="mine"), draw("chain_sum", seed=1)
    assert len(first) == len({question.question_id for question in first}) == gym.LIMIT
    assert {question.source for question in first} == {"mine/chain_sum"}
    # reasoning-gym seeds item i with seed + i: two plain seeds in a row would share all but one
    assert not {question.text for question in first} & {question.text for question in second}


@pytest.mark.parametrize(
    ("families", "message"),
    [
        (
            ("leter_counting",),
            "questions.families: got 'leter_counting'; reasoning-gym has no such family; it has letter_",
        ),
        (
            ("composite",),
            "questions.families: got 'composite', which cannot be drawn from with its default settings",
        ),
    ],
)
def test_refused_families(families: tuple[str, ...], message: str):
    with pytest.raises(Refused) as refused:
        draw(*families)
    assert str(refused.value).startswith(message)


def test_golds_have_the_full_score_after_json():
    from reasoning_gym import get_score_answer_fn
    from reasoning_gym.factory import DATASETS

    families = sorted(DATASETS.keys() - {"composite"})
    questions = draw(*families, limit=len(families))
    assert [question.source.removeprefix("reasoning_gym/") for question in questions] == families
    low = set()
    for question in questions:
        spec = json.loads(question.spec)
        if question.gold is not None and get_score_answer_fn(spec["dataset"])(question.gold, spec["entry"]) < 1:
            low.add(spec["dataset"])
    # their boards are tuples, which JSON has not: who scores them makes tuples of the lists again
    assert low == {"arc_agi", "rearc"}
