"""A choice that is announced without the word answer, seen in answers of eight models to GPQA."""

from collections.abc import Iterator

import pytest

from schemas.verdict import Ruling
from tasks.extraction.announced_choice import announced_choice
from tasks.judging.competing_answers import AnswerContext, judge_in_context
from tasks.judging.verifiers import VERIFIERS
from tasks.judging.verify import Verifier
from tasks.parsing.grammar import parse

SPEC = {"choices": ["Paris", "Rome", "Oslo", "Bern"]}
B = [
    "It lies on the Tiber. Paris does not.\n\nBased on this, the most likely city is:\n\nB. Rome",
    "It lies on the Tiber.\n\nThus, the correct option is:\n**B. Rome**\n\nThis agrees with the river.",
    "It lies on the Tiber.\n\nSo it must be:\n\n(B) Rome",
    "Paris, Rome?\n\n**Correct city:**\n\n**B. Rome**",
    "The city on the Tiber is **B. Roma**.\n\nParis (A) lies on the Seine, and Oslo has a fjord.",
    "It is an old city, as Bern is.\n\nThus, the founding was about 753 BC (Option B).",
    "Paris is on the Seine.\n\n**Therefore, the city of the Tiber corresponds to option B.**",
    "Paris is on the Seine.\n\nTherefore, the city of the Tiber is **B. Roma**.",
    # behind an answer that was stated
    "The answer is A. Paris\n\nBut Paris is not offered. The closest one from those provided would be:\n\nB. Rome",
    "The answer is A.\n\nHowever, if we had to choose from those given, the closest would be:\n\nB. Rome",
]
OPEN = [
    "Paris or Rome?\n\nThe options are:\n\nA. Paris\nB. Rome",
    "Paris or Rome?\n\nThe options are:\n\nB. Rome\n\nA. Paris",
    "Paris or Rome?\n\nThe next city is:\n\nB. Rome\n\nThen comes Paris.",
    "Paris or Rome?\n\nOne that could be it is:\n\nB. Rome\n\nOr Paris.",
    "The city on the Tiber is **B. Roma**.\n\nWait, Paris fits as well.",
    "Paris or Rome?\n\nThus, this might correspond to option B.",
    "Paris or Rome?\n\nThus, it does not correspond to option B.",
    "Paris or Rome?\n\nSo the city is either A. Paris or B. Rome",
    # what turns from its last choice leaves the answer before it open
    "The answer is A. Paris\n\nThe closest one is:\n\nB. Rome\n\nHowever, it is not entirely right.",
]


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    made = Verifier()
    yield made
    made.close()


def verdict(verifier: Verifier, gold: str, response: str) -> Ruling:
    stated, _ = VERIFIERS["choice"].read(response, parse(response), SPEC)
    spec = '{"choices": ["Paris", "Rome", "Oslo", "Bern"]}'
    around = AnswerContext(None, None, None)
    answer = stated.answer if stated else None
    return judge_in_context(
        "choice", gold, answer, around, lambda said: verifier.judge("choice", gold, said, spec)
    ).verdict


@pytest.mark.parametrize("response", B)
def test_announced(verifier: Verifier, response: str) -> None:
    assert verdict(verifier, "B", response) is Ruling.CORRECT
    assert verdict(verifier, "A", response) is Ruling.INCORRECT


@pytest.mark.parametrize("response", OPEN)
def test_left_open(verifier: Verifier, response: str) -> None:
    assert verdict(verifier, "B", response) is Ruling.UNVERIFIED
    assert verdict(verifier, "A", response) is Ruling.UNVERIFIED


def test_an_answer_behind_it_stands(verifier: Verifier) -> None:
    text = "The second city is:\n\nB. Rome\n\nThe answer is A."
    assert verdict(verifier, "A", "The city is:\n\nB. Rome\n\nIt has walls. The answer is A.") is Ruling.CORRECT
    assert announced_choice(text, 4) is None  # the second one is not the one


def test_a_letter_beyond_the_choices_is_none() -> None:
    assert announced_choice("So we see that it is:\n\nE. Rome", 4) is None
    assert announced_choice("So we see that it is:\n\nE. Rome", 5) is not None


def test_the_last_letter_is_no_measure() -> None:
    """The control: who takes the last label takes one from most of those that state none."""
    assert sum("B. Ro" in text for text in OPEN) > len(OPEN) / 2
