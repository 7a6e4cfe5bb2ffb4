"""Golds of public sets that an answer may spell otherwise: by the question, a choice's text, a month, a temperature."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from schemas.verdict import Ruling
from tasks.judging.same_text import judge_exact
from tasks.judging.same_value import judge_number
from tasks.judging.verify import Verifier

CORRECT, INCORRECT, UNVERIFIED = Ruling.CORRECT, Ruling.INCORRECT, Ruling.UNVERIFIED
STAR = "All suns shine.\n\nis the sun a star"
WORDS = "apple banana cherry"
TEXTS = [
    # BoolQ and StrategyQA: every Yes was unverified
    ("True", "Yes", STAR, CORRECT),
    ("True", "No", STAR, INCORRECT),
    ("True", "Yes, it is one.", STAR, CORRECT),
    ("True", "Yes, but only sometimes", STAR, UNVERIFIED),
    ("True", "False", STAR, INCORRECT),
    ("False", "No", "Could a llama give birth twice during the War in Vietnam?", CORRECT),
    ("False", "Yes", "Could a llama give birth twice?", INCORRECT),
    ("True", "Yes", "Is it false that the sun is a star?", UNVERIFIED),
    ("True", "Yes", "True or false: the sun is a star.", UNVERIFIED),
    ("True", "Yes", "", UNVERIFIED),
    # KOR-Bench: a list in another order was incorrect, whatever the question says of it
    (WORDS, "cherry banana apple", "Give the words in any order.", CORRECT),
    (WORDS, "cherry banana apple", "Which? The order of the words in your answer does not matter.", CORRECT),
    (WORDS, "cherry banana apple", "Visit the cities in any order. Which words?", UNVERIFIED),
    (WORDS, "cherry banana date", "Give the words in any order.", INCORRECT),
    (WORDS, "cherry banana apple", "Sort the words.", INCORRECT),
    ("apple, banana", "banana and apple", "List them; order doesn't matter.", CORRECT),
    ("New York, Paris", "York New, Paris", "List them in any order.", INCORRECT),
    # BIG-Bench Hard: the text of a choice was incorrect where its letter is the gold
    ("(B)", "sun", "Which?", UNVERIFIED),
    ("B", "12", "Which?", UNVERIFIED),
    ("(b)", "sun", "Which?", UNVERIFIED),
    ("(B)", "B) sun", "Which?", UNVERIFIED),
    ("(B)", "B", "Which?", CORRECT),
    ("(B)", "(A)", "Which?", INCORRECT),
    ("(B)", "A) moon", "Which?", INCORRECT),
    # months and days in short
    ("September", "Sep", "", CORRECT),
    ("September", "Sept.", "", CORRECT),
    ("September", "Oct", "", INCORRECT),
    ("12 Sep 1998", "12 September 1998", "", CORRECT),
    ("Sep 12", "September 13", "", INCORRECT),
    ("Monday", "Mon", "", CORRECT),
    ("Mar", "March", "", UNVERIFIED),
    ("Sun", "Sunday", "", UNVERIFIED),
    ("12 Sep 1998", "September 12, 1998", "", UNVERIFIED),
]
IN_K = "What is its temperature in K?"
NUMBERS = [
    ("298.15", "25 °C", IN_K, CORRECT),
    ("298.15", "25 degrees Celsius", "What is its temperature in kelvin?", CORRECT),
    ("298", "25 °C", IN_K, UNVERIFIED),
    ("25", "25 °C", IN_K, UNVERIFIED),
    ("298.15", "300 K", IN_K, INCORRECT),
    ("298.15", "50 °C", IN_K, INCORRECT),
    ("77", "25 °C", "How warm is it, in degrees Fahrenheit?", CORRECT),
    ("298.15", "25 °C", "How warm is it?", UNVERIFIED),
    ("10 K", "10 °C", "By how much does it rise?", UNVERIFIED),
    ("10 °F", "10 °C", "By how much does it rise?", INCORRECT),
]


@pytest.mark.parametrize(("gold", "answer", "question", "ruling"), TEXTS)
def test_a_text(gold: str, answer: str, question: str, ruling: Ruling) -> None:
    assert judge_exact(gold, answer, "{}", question).verdict is ruling


@pytest.mark.parametrize(("gold", "answer", "question", "ruling"), NUMBERS)
def test_a_temperature(gold: str, answer: str, question: str, ruling: Ruling) -> None:
    assert judge_number(gold, answer, question).ruling is ruling


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with closing(Verifier()) as made:
        yield made


CHOICES = "What is $3 + 4$? (A) 5 (B) 6 (C) 7"
LABELS = [
    # NuminaMath: the text of the right choice was incorrect where its letter is the gold
    (r"\text{(C)}", "7", "What is $3 + 4$?", UNVERIFIED),
    ("(C)", "7", CHOICES, UNVERIFIED),
    ("C", "7", CHOICES, UNVERIFIED),
    ("C", "7", "Name the constant.", INCORRECT),
    ("C", "C", CHOICES, CORRECT),
    (r"\text{(C)}", "C", CHOICES, CORRECT),
    ("C", "B", CHOICES, INCORRECT),
    ("(C)", "(B) 6", CHOICES, INCORRECT),
]


@pytest.mark.parametrize(("gold", "answer", "question", "ruling"), LABELS)
def test_the_label_of_a_choice(verifier: Verifier, gold: str, answer: str, question: str, ruling: Ruling) -> None:
    assert verifier.judge("math", gold, answer, "{}", question).verdict is ruling
