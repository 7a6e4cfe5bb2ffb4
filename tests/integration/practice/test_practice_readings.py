"""Equations of higher degree, polygons, dates, islanders, legs: what the practice teacher reads in a question."""

import re
from collections.abc import Iterator
from random import Random
from types import ModuleType
from typing import Any

import pytest
import reasoning_gym

from schemas.configuration import Preset
from schemas.trace import Structure
from tasks.extraction.answer import find_answer
from tasks.extraction.draft_answers import find_drafts
from tasks.parsing.grammar import parse
from tasks.practice import (
    dates,
    day_counts,
    knights,
    legs,
    polygons,
    polynomial_wording,
    polynomials,
    weekday,
    weekdays,
)
from tasks.practice.behaviour import FAMILIES, Reply, read, reply
from tasks.practice.polynomials import Polynomial
from tasks.practice.rates import FLAWLESS, PRESETS
from tasks.wording import say

DATA_SETS = (
    ("polynomial_equations", 20, {}),
    ("simple_geometry", 100, {}),
    ("simple_geometry", 60, {"min_sides": 5, "max_sides": 15}),
    ("calendar_arithmetic", 200, {}),
    ("calendar_arithmetic", 100, {"year": 1999, "offset_upper_bound": 365, "leap_year_range": 2000}),
    ("knights_knaves", 60, {}),
    ("knights_knaves", 20, {"n_people": 4, "depth_constraint": 3, "width_constraint": 3}),
    ("leg_counting", 100, {}),
    ("leg_counting", 60, {"min_animals": 1, "max_animals": 37, "max_instances": 1024}),
)
ISLAND = (
    "A very special island is inhabited only by sages and fools. Sages always tell the truth, and fools always lie."
)
WHO = 'So who is a sage and who is a fool? (Format your answer like: "Ann is a sage/fool, and Bob is a sage/fool")'


def request(question: str, seed: int = 0) -> dict[str, Any]:
    return {"model": "practice", "messages": [{"role": "user", "content": question}], "seed": seed}


def replies(preset: Preset) -> Iterator[Reply]:
    for name, size, options in DATA_SETS:
        for seed, entry in enumerate(reasoning_gym.create_dataset(name, size=size, seed=21, **options)):
            yield reply(request(entry["question"], seed), PRESETS[preset])


@pytest.mark.parametrize(("name", "size", "options"), DATA_SETS)
def test_flawless_answers_score_in_full(name: str, size: int, options: dict[str, Any]) -> None:
    data = reasoning_gym.create_dataset(name, size=size, seed=9, **options)
    for seed, entry in enumerate(data):
        assert sum(family.read(entry["question"]) is not None for family in FAMILIES) == 1
        decision = reply(request(entry["question"], seed), FLAWLESS).decisions[0]
        assert decision.problem is not None, entry["question"]
        assert data.score_answer(decision.answer, entry) == 1.0
        slip = decision.problem.slip(Random(seed))
        assert data.score_answer(slip.answer, entry) < 1.0  # control: a slip does not score
        assert slip == decision.problem.slip(Random(seed))
        assert slip.right != slip.wrong
        assert slip.answer != decision.problem.answer
        assert 0 <= decision.problem.difficulty <= 1


def test_drafts_and_answers_are_found_as_meant() -> None:
    for made in replies(Preset.SLOPPY):
        (decision,) = made.decisions
        if decision.malform is Structure.OK and not decision.refused:
            drafts = [draft and draft.answer for draft in find_drafts(made.text, parse(made.text))]
            answer = find_answer(made.text)
            assert drafts == list(decision.drafts), made.text
            assert answer
            assert answer.answer == decision.answer, made.text


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Solve for real x: 4*x - 6 = 0", "1.5"),
        ("Solve for real x: -x + 80*x**2 = 0", "0.0, 0.0125"),
        ("Solve for real x: 160*x - 1 = 0", "0.0063"),  # halves of the last digit are rounded as Python rounds
        ("Find the real value(s) of q in the equation: q**2 - 5*q + 6 = 0", "2.0, 3.0"),
        ("Solve for real q: q**2 - 6*q + 9 = 0", "3.0"),
        ("Solve for real q: q**2 + q + 9 = 0", '""'),
        ("Solve for real q: 2*q**2 + 8 = 0", '""'),
        ("Solve the polynomial equation for real h:\n8*h**3 + 27 = 0", "-1.5"),
        ("Solve for real h: h**3 + h - 10 = 0", "2.0"),
        ("Solve for real h: 7*h**3 = 0\nIn solving equations, please follow: x = 2", "0.0"),
        ("a convex polygon with 4 sides, its first 3 interior angles are: 90.0°, 80.0°, 70.0°. What", "120"),
        ("Consider a convex 3-gon whose first 2 interior angles are: 100.0°, 9.0°. Determine", "71"),
        ("Is 1900 a leap year? Answer with Yes or No.", "No"),
        ("Determine if the year 2000 is a leap year. Answer with Yes or No.", "Yes"),
        ("Tell me whether 2023 is a leap year.", "No"),
        ("On which weekday did February 29, 2024 fall?", "Thursday"),
        ("Name the day of the week for 12/31/1999. Reply", "Friday"),
        ("If today is Monday, May 23, 2022, what day of the week will it be in 8 days? Reply", "Tuesday"),
        ("If today is Monday, May 23, 2022, what day of the week was it 8 days ago? Reply", "Sunday"),
        ("Count backward 14 days from Friday, May 6, 2022 - what's the weekday?", "Friday"),
        ("Starting from Friday, May 6, 2022, which weekday was it 1 days before?", "Thursday"),
        ("Given that January 1 fell on a Monday, which weekday occurs on March 1?", "Thursday"),
        ("Given that January 1 fell on a Monday, which weekday occurs on February 29?", "Thursday"),
        ("In May 2022, if an event recurs on the last Tuesday, what is the date (day of the month)", "31"),
        ("Determine the day of the month for the first Sunday in May 2022. Answer", "1"),
        ("Count the occurrences of Monday from Monday, August 1 to Monday, August 15, 2022 (including", "3"),
        ("How many Sundays are there from Monday, August 1, 2022 to Friday, August 5, 2022 (inclusive of", "0"),
        # the generator prints the first year's number on dates of the next one
        (
            "Count the weekdays (excluding weekends) from Sunday, December 18 to Sunday, March 5, 2022 (including",
            "55",
        ),
        (f'{ISLAND} You meet 2 inhabitants: Ann, and Bob. "Bob is a fool," Ann noted. Bob said that'
         f" Ann is a sage and Bob is a sage. {WHO}", "Ann is a sage, and Bob is a fool"),
        (f'{ISLAND} You meet 2 inhabitants: Ann, and Bob. "it is not the case that (Ann is a sage or'
         ' Bob is a sage)" - Ann. In Bob\'s words: "Bob is a sage if and only if (if Ann is a sage then Bob is a'
         f' fool)". {WHO}', "Ann is a fool, and Bob is a sage"),
        ("how many legs are there in total if you have 1 woodlouse, 2 sheeps, 3 praying mantiss?", "40"),
    ],
)  # fmt: skip
def test_reads_the_question(question: str, answer: str) -> None:
    problem = read(question)
    assert problem is not None
    assert problem.answer == answer


@pytest.mark.parametrize(
    "question",
    [
        "Solve for real x: 0 = 0",
        "Solve for real x: 5 = 0",
        "Solve for real x: 2*x + y = 0",
        "Solve for real x: sin(x) = 0",
        "Solve for real x: x**4 + x - 1 = 0",
        "Solve for real x: x**3 - 4*x + 1 = 0",  # three real roots, none rational
        "A convex polygon has 4 sides. The measures of the first 2 interior angles are: 90.0°, 80.0°. Find",
        "What day of the week was February 30, 2022?",
        "Count the occurrences of Monday from Tuesday, August 1 to Monday, August 15, 2022 (including both",
        "Is 2024 a good year?",
        "how many legs are there in total if you have 2 dogs, 3 unicorns?",
        "how many legs are there in total if you have 2 dogs, 3 dogs?",
        f'{ISLAND} You meet 2 inhabitants: Ann, and Bob. "Bob is a fool," Ann noted. {WHO}',
        f'{ISLAND} You meet 2 inhabitants: Ann, and Bob. Ann said, "Bob is a sage." Bob said, "Ann is a sage." {WHO}',
        f'{ISLAND} You meet 2 inhabitants: Ann, and Bob. Ann said, "Bob is tall." Bob said, "Ann is a sage." {WHO}',
    ],
)
def test_what_it_cannot_read_it_leaves(question: str) -> None:
    assert read(question) is None


def test_polynomials_have_the_roots_they_were_made_of() -> None:
    for seed in range(60):
        rng = Random(seed)
        roots = sorted({rng.randrange(-9, 10), rng.randrange(-9, 10)})
        a = rng.choice((-3, -1, 1, 2, 7))
        b, c = (
            (-a * sum(roots), a * roots[0] * roots[-1]) if len(roots) == 2 else (-2 * a * roots[0], a * roots[0] ** 2)
        )
        problem = read(f"Solve for real t: {a}*t**2 + {b}*t + {c} = 0".replace("+ -", "- "))
        assert isinstance(problem, Polynomial)
        assert problem.answer == ", ".join(str(float(root)) for root in roots)
        for way in range(problem.WAYS):
            assert problem.solve(way, polynomials.Pen()) == problem.answer


def modules() -> tuple[ModuleType, ...]:
    return (dates, day_counts, knights, legs, polygons, polynomial_wording, polynomials, weekday, weekdays)


def tables() -> Iterator[tuple[str, ...]]:
    """Every table of forms: of a module, of its classes, and in their mappings."""
    for module in modules():
        owners = [module, *(thing for thing in vars(module).values() if isinstance(thing, type))]
        for value in (value for owner in owners for value in vars(owner).values()):
            for table in [value, *(value.values() if hasattr(value, "values") and not isinstance(value, type) else [])]:
                if isinstance(table, tuple) and table and all(isinstance(form, str) for form in table):
                    yield table


def test_forms_are_well_formed() -> None:
    found = sorted(set(tables()))
    assert len(found) > 60
    for table in found:
        names = set(re.findall(r"\{(\w+)\}", " ".join(table)))
        for seed in range(30):
            said = say(Random(seed), table, **dict.fromkeys(names, "5"))
            assert not re.search(r"[\[\]{}|]", said), said
            assert "  " not in said
            assert said == said.strip()
