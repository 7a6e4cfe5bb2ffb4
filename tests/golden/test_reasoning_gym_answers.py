"""A generated table over every family of reasoning-gym: its golds are right however they are told; golds denied, golds
among alternatives and near misses are not.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

import pytest
from reasoning_gym.factory import DATASETS, create_dataset

from schemas.verdict import Ruling
from tasks.judging.reading import read_answers
from tasks.judging.verify import Verifier
from tasks.judging.verify_file import verify_line

FAMILIES = sorted(set(DATASETS) - {"composite"})
WITHOUT_GOLD = {
    "boxnet": "its entries hold no solution",
    "rush_hour": "likewise",
}
SOLUTIONS = {
    "graph_color": "possible_answer",
    "propositional_logic": "example_answer",
    "rubiks_cube": "example_correct_answer",
}
"""Where in the metadata a family has one that has no answer in its entries."""

TOLD = {
    "alone": "{}",
    "blank lines": "\n{}\n\n",
    "sentence": "The answer is {}.",
    "second sentence": "I worked it out carefully. The answer is {}.",
    "no full stop": "So the final answer is {}",
    "below": "Let me solve it.\n\nThe answer is:\n\n{}",
    "label": "Final answer: {}",
    "bold label": "**Answer:** {}",
    "bold label above": "**Answer:**\n{}",
    "output": "<output>{}</output>",
    "lead-in in the output": "<output>The final grid is:\n{}</output>",
    "another lead-in": "<output>Here is the solution:\n\n{}</output>",
    "label in the output": "<output>Answer: {}</output>",
    "fence": "```\n{}\n```",
    "lead-in and fence": "Here is the solution:\n\n```\n{}\n```",
    "label and fence": "**Answer:**\n```text\n{}\n```",
    "bold": "**{}**",
    "bold in a sentence": "The answer is **{}**.",
    "box": r"\boxed{{{}}}",
    "tag": "<answer>{}</answer>",
    "prose after a lead-in": "Here is the solution:\n\n{}\n\nI hope this helps. Let me know if you have questions.",
    "prose after a sentence": "The answer is {}.\n\nI checked it twice.",
    "after thinking": "<think>Perhaps 1, or [2], or no.</think>{}",
}
DENIED = (
    "The answer is not {}.",
    "The answer is not:\n{}",
    "The answer isn't {}.",
    "I don't think the answer is {}.",
    "This is not the answer:\n```\n{}\n```",
    "It cannot be this:\n\n{}",
    "{} is wrong.",
    "{}\n\nis incorrect.",
)
TOLD_WRONG = ("alone", "sentence", "output", "lead-in in the output", "lead-in and fence")
NOT_TOLD = {("codeio", "box"): "a text in it has a brace that nothing closes"}
RIGHT_AFTER_ALL = {
    ("advanced_geometry", "last dropped"): "degrees are asked, and 16.91 are some",
    ("coin_flip", "first dropped"): ".5 is 0.5",
    ("cryptarithm", "swapped"): "the order of letters does not matter",
    ("decimal_arithmetic", "first dropped"): ".5 is 0.5",
    ("decimal_arithmetic", "last dropped"): "2.10 is 2.1",
    ("fraction_simplification", "first dropped"): "a dollar sign",
    ("fraction_simplification", "last dropped"): "a dollar sign",
    ("polynomial_equations", "last dropped"): "0. is 0.0",
    ("power_function", "changed"): "three significant digits are asked",
    ("power_function", "last dropped"): "three significant digits are asked",
    ("shortest_path", "swapped"): "another path of that length",
    ("time_intervals", "first dropped"): "7:12:37 is 07:12:37",
}
"""What a near miss by characters is right for, and why."""


@cache
def golds(family: str) -> list[tuple[dict[str, Any], str]]:
    entries = list(create_dataset(family, size=2, seed=4))
    solutions = [entry["metadata"].get(SOLUTIONS.get(family), entry["answer"]) for entry in entries]
    told = [one if isinstance(one, str | None) else json.dumps(one) for one in solutions]
    return [(entry, gold) for entry, gold in zip(entries, told, strict=True) if gold]


def ruling(verifier: Verifier, family: str, entry: dict[str, Any], response: str) -> Ruling:
    spec = {"dataset": family, "entry": entry}
    line = json.dumps({"id": 1, "kind": "reasoning_gym", "response": response, "spec": spec}).encode()
    return Ruling(verify_line(line, verifier, read_answers)["verdict"])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_gold_is_right_however_it_is_told(verifier: Verifier, family: str) -> None:
    told = [(entry, how, form.format(gold)) for entry, gold in golds(family) for how, form in TOLD.items()]
    assert bool(told) == (family not in WITHOUT_GOLD)
    wrong = {how for entry, how, response in told if ruling(verifier, family, entry, response) is not Ruling.CORRECT}
    assert wrong <= {how for exempt, how in NOT_TOLD if exempt == family}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_gold_that_is_denied_is_not(verifier: Verifier, family: str) -> None:
    denied = [(entry, form.format(gold)) for entry, gold in golds(family) for form in DENIED]
    assert [said for entry, said in denied if ruling(verifier, family, entry, said) is Ruling.CORRECT] == []


def near_misses(gold: str, random: Random) -> Iterator[tuple[str, str]]:
    """What was done to an element of it, and what came out."""
    character = random.choice([found.start() for found in re.finditer("[A-Za-z0-9]", gold)] or [0])
    old = gold[character]
    new = str((int(old) + 1) % 10) if old.isdecimal() else "b" if old.lower() == "a" else "a"
    yield "changed", gold[:character] + (new.upper() if old.isupper() else new) + gold[character + 1 :]
    separator = next((mark for mark in ("\n", " ", ",") if mark in gold), "")
    parts = gold.split(separator) if separator else list(gold)
    unlike = [i for i in range(len(parts) - 2) if parts[i] != parts[i + 1]]
    if unlike:
        i = random.choice(unlike)
        yield "swapped", separator.join([*parts[:i], parts[i + 1], parts[i], *parts[i + 2 :]])
    if len(parts) > 1:
        yield "last dropped", separator.join(parts[:-1])
        yield "first dropped", separator.join(parts[1:])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_near_miss_is_not_right(verifier: Verifier, family: str) -> None:
    random = Random(family)
    missed = [(entry, what, miss) for entry, gold in golds(family) for what, miss in near_misses(gold, random)]
    right = {
        what
        for entry, what, miss in missed
        for how in TOLD_WRONG
        if ruling(verifier, family, entry, TOLD[how].format(miss)) is Ruling.CORRECT
    }
    assert right == {what for exempt, what in RIGHT_AFTER_ALL if exempt == family}


ALTERNATIVES = ("{0} or {1}", "{1} or {0}", "{0}, {1}", "{0} / {1}", "either {0} or {1}", "{1}\n\n{0}")


@pytest.mark.parametrize("family", FAMILIES)
def test_the_gold_among_alternatives_is_not_right(verifier: Verifier, family: str) -> None:
    said = []
    for entry, gold in golds(family):
        (_, other), *_ = near_misses(gold, Random(family))
        lists = [form.format(gold, other) for form in ALTERNATIVES]
        said += [(entry, TOLD[how].format(one)) for one in lists for how in ("alone", "output", "lead-in and fence")]
        said += [(entry, TOLD["sentence"].format(one)) for one in lists[:-1]]
    assert [response for entry, response in said if ruling(verifier, family, entry, response) is Ruling.CORRECT] == []
