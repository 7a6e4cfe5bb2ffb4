"""The practice teacher's families: they solve what reasoning-gym asks, and slip in one place at a time."""

import re
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
import reasoning_gym

from tasks.practice.behaviour import read, reply
from tasks.practice.families import FAMILIES
from tasks.practice.phrases import PHRASES
from tasks.practice.problem import Problem
from tasks.wording import say
from tests.practice import FLAWLESS

DATA_SETS = (
    ("letter_counting", {}),
    ("letter_counting", {"min_words": 1, "max_words": 40}),
    ("chain_sum", {}),
    ("chain_sum", {"min_terms": 1, "max_terms": 12, "max_digits": 8, "allow_negation": True}),
    ("spell_backward", {}),
    ("spell_backward", {"min_word_len": 1, "max_word_len": 20}),
    ("products", {}),
    ("products", {"min_terms": 1, "max_terms": 5, "max_digits": 10, "allow_negation": True}),
    ("gcd", {}),
    ("gcd", {"max_numbers": 5, "max_value": 100_000}),
)
ALIKE = re.compile(r"Spell this word backward.*: (\w)\1*$")
"""Nothing to turn round."""


def request(question: str, seed: int = 0) -> dict[str, Any]:
    return {"model": "practice", "messages": [{"role": "user", "content": question}], "seed": seed}


def problems(size: int = 60) -> Iterator[Problem]:
    for name, options in DATA_SETS:
        for entry in reasoning_gym.create_dataset(name, size=size, seed=5, **options):
            if (problem := read(entry["question"])) is not None:
                yield problem


@pytest.mark.parametrize(("name", "options"), DATA_SETS)
def test_flawless_answers_score_in_full(name: str, options: dict[str, Any]) -> None:
    data = reasoning_gym.create_dataset(name, size=60, seed=9, **options)
    for seed, entry in enumerate(data):
        decision = reply(request(entry["question"], seed), FLAWLESS).decisions[0]
        if decision.problem is None:
            assert ALIKE.search(entry["question"].strip()), entry["question"]
            continue
        assert data.score_answer(decision.answer, entry) == 1.0
        wrong = decision.problem.slip(Random(seed)).answer
        assert data.score_answer(wrong, entry) < 1.0  # control: a slip does not score


@pytest.mark.parametrize(
    "question",
    [
        "",
        "Explain photosynthesis.",
        "Solve for x: x^2 = 9",
        "Solve for x: 2*x + y = 9",
        "Solve for x: 2*x = 9",
        "Determine the value of i that satisfies: 0 = 0",
        "What is 3 * 4?",
        'How many vowels appear in the text: "abc"?',
    ],
)
def test_what_it_cannot_read_it_leaves(question: str) -> None:
    assert read(question) is None


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ('How many times does the letter "E" appear in the text: "Even here"?', "4"),
        ("State the final answer to the following arithmetic problem: -1 - -6 =", "5"),
        ("State the final answer to the following arithmetic problem: -7 =\nThink carefully.", "-7"),
        ("What is 12 + 30 - 4?", "38"),
        ("Solve the following multiplication: -12 * 34 * 5.", "-2040"),
        ("Find the Greatest Common Divisor (GCD) of these numbers: 12, 18, 27. Say only the number.", "3"),
        ("Spell this word backward (example: sun -> nus): level0", "0level"),
    ],
)
def test_reads_the_question_and_nothing_else(question: str, answer: str) -> None:
    problem = read(question)
    assert problem is not None
    assert problem.answer == answer


def test_a_slip_is_one_wrong_step_with_a_wrong_answer() -> None:
    for seed, problem in enumerate(problems()):
        slip = problem.slip(Random(seed))
        assert slip == problem.slip(Random(seed))
        assert slip.right != slip.wrong
        assert slip.answer != problem.answer
        assert 0 <= problem.difficulty <= 1


def untrue(text: str) -> list[str]:
    """The equalities between two numbers, or of one operation, that do not hold."""
    found = re.finditer(r"(?<![\d*)] )(?<![\w*.(-])(-?\d+) ([+-]) (-?\d+) = (-?\d+)\b(?![*\w(]| [-+*/] )", text)
    return [m[0] for m in found if int(m[1]) + (1 if m[2] == "+" else -1) * int(m[3]) != int(m[4])]


def test_sums_write_no_untrue_step_but_the_slip() -> None:
    fallen = 0
    for seed in range(400):
        rng = Random(seed)
        signs = [f" {rng.choice('+-')} {rng.randrange(1, 5000)}" for _ in range(rng.randrange(1, 6))]
        problem = read(f"arithmetic problem: {rng.randrange(5000)}{''.join(signs)} =")
        assert problem is not None
        slip = problem.slip(rng)
        assert untrue(problem.work(rng, slip, fell=False)) == []
        wrong = untrue(problem.work(rng, slip, fell=True))
        assert len(wrong) <= 1
        fallen += len(wrong)
    assert fallen > 150  # control: the finder sees the slips of the ways that are written with `=`


@pytest.mark.parametrize("table", PHRASES)
def test_forms_are_well_formed(table: str) -> None:
    names = set(re.findall(r"\{(\w+)\}", " ".join(PHRASES[table])))
    for seed in range(40):
        said = say(Random(seed), PHRASES[table], **dict.fromkeys(names, "5"))
        assert not re.search(r"[\[\]{}|]", said.replace("\\boxed{5}", "")), said
        assert "  " not in said


def test_say_decides_nested_choices_and_capitals() -> None:
    assert {say(Random(seed), ("[a|b[c|d]] {x}.",), x=1) for seed in range(40)} == {"A 1.", "Bc 1.", "Bd 1."}
    assert say(Random(0), ("{x} is",), x="hundred") == "hundred is"


def test_families_do_not_read_each_other() -> None:
    for name, _ in DATA_SETS:
        for entry in reasoning_gym.create_dataset(name, size=20, seed=3):
            assert sum(family(entry["question"]) is not None for family in FAMILIES.values()) <= 1
