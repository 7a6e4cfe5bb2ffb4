"""Questions of reasoning-gym: the same ones at every start, and none changed by asking for more."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from flows.preparation import Preparation, land_plan, prepared
from schemas.configuration import RunConfiguration
from schemas.errors import Refused
from schemas.question import AnswerKind, Question
from schemas.question_source import Questions
from schemas.until import Until
from tasks.questions import gym, load
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

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
            "questions.families: got 'leter_counting', which is no data set of reasoning-gym; did you mean letter_",
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


UNSTEADY = "codeio"
"""It draws 1 or 2 of 20 questions anew in each process."""


def plan_of(warehouse: Warehouse, limit: int, land: bool = True) -> Preparation:
    asked = {"source": "reasoning_gym", "families": [UNSTEADY], "limit": limit}
    configuration = RunConfiguration.model_validate({"questions": asked})
    with prepared(configuration, warehouse.folder, Until.VERIFY) as preparation:
        if land:
            land_plan(preparation, "run")
    return preparation


def test_a_plan_reads_what_it_has_drawn(tmp_path: Path):
    warehouse = Warehouse(tmp_path / "warehouse")
    first = plan_of(warehouse, 20)
    anew = [plan_of(Warehouse(tmp_path / f"other{n}"), 20, land=False).plan_id for n in range(2)]
    assert {first.plan_id} != {first.plan_id, *anew}, "else nothing had to land"
    again = plan_of(warehouse, 20)
    assert (again.plan_id, again.drawn and again.drawn.new) == (first.plan_id, ())
    assert [seed.question for seed in again.loaded.seeds] == [seed.question for seed in first.loaded.seeds]
    longer, shorter = plan_of(warehouse, 24), plan_of(warehouse, 3)
    assert longer.loaded.seeds[:20] == first.loaded.seeds
    assert shorter.loaded.seeds == first.loaded.seeds[:3]
    assert plan_of(warehouse, 24).plan_id == longer.plan_id
    with Snapshot(warehouse) as now:
        assert now.ask("SELECT count(*), count(DISTINCT number) FROM draws")[1] == [(24, 24)]
        assert now.ask("SELECT count(*) FROM doubled_keys")[1] == [(0,)]
        assert now.ask("SELECT count(*) FROM draws ANTI JOIN questions USING (question_id)")[1] == [(0,)]
