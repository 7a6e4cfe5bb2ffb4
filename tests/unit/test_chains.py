"""Chains of keys: what is asked, what is right, how the practice teacher works and errs on them."""

from random import Random

import pytest

from tasks.practice import chains
from tasks.practice.behaviour import read
from tasks.practice.problem import Pen
from tasks.practice.recycler import RecycleTask, recycle
from tasks.proving.chain_world import answer, answers_another
from tests.practice import FLAWLESS

ASKED = "fox owl ; owl bee ; cat fox ; bee cat ; from owl take 3 steps ."


def test_a_chain_is_followed_step_by_step() -> None:
    problem = read(ASKED)
    assert problem is not None
    assert (problem.kind, problem.answer) == (chains.KIND, "fox")
    assert chains.worked(problem, Pen()) == "owl bee cat fox . the answer is fox"
    slip = problem.slip(Random(1))
    wrong = chains.worked(problem, Pen(slip.at, slip.wrong))
    assert slip.answer != "fox"
    assert wrong.endswith(f"the answer is {slip.answer}")


@pytest.mark.parametrize(
    "text",
    [
        "fox owl ; owl bee ; from fox take 2 steps .",  # bee leads nowhere
        "fox owl ; owl fox ; from cat take 1 steps .",  # cat is nowhere
        "fox owl ; owl fox ; from fox take 2 steps .",  # once around
        "fox owl ; owl fox ; from fox take 0 steps .",
        "fox owl ; owl fox ; from fox take one steps .",
        "fox owl , owl fox ; from fox take 1 steps .",
    ],
)
def test_another_text_is_no_chain(text: str) -> None:
    assert chains.read_chain(text) is None
    with pytest.raises(ValueError, match="needs a question about a chain"):
        answer(text)


def steps(text: str) -> int:
    problem = chains.read_chain(text)
    assert problem is not None
    return int(problem.given.split()[0])


def test_another_question_is_longer_and_a_flat_one_is_short() -> None:
    assert {steps(chains.another(Random(n), ASKED, flat=False)) for n in range(20)} == {4, 5}
    assert steps(chains.another(Random(1), ASKED, flat=True)) == 1


@pytest.mark.parametrize(
    ("response", "another"),
    [("the answer is fox", False), ("the answer is owl", False), ("the answer is yak", True), ("bee", False)],
)
def test_a_key_that_is_not_there_answers_another_question(response: str, another: bool) -> None:
    assert answers_another(ASKED, response) is another


def test_the_teacher_recycles_chains_in_their_own_words() -> None:
    for seed in range(8):
        task = RecycleTask(True, ASKED, "the answer is owl")
        said, plan = recycle(Random(seed), Random(seed), FLAWLESS, task, read)
        question, response = (
            said.split(f"<{n}>\n")[1].split(f"\n</{n}>")[0] for n in ("new_instruction", "new_response")
        )
        assert plan.problem is not None
        assert response.endswith(f"the answer is {answer(question)}")
        assert not answers_another(question, response)
