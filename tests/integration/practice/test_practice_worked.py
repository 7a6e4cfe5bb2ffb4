"""Families that compute in steps: one step may come out wrong, and the text says nothing else that is untrue."""

import operator
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import pytest
import reasoning_gym

from schemas.trace import Structure
from tasks.extraction.answer import find_answer
from tasks.extraction.draft_answers import find_drafts
from tasks.parsing.grammar import parse
from tasks.practice import bases, divisors, filters, fractions, multiples, primes, products, spelling, word_lists
from tasks.practice.behaviour import Reply, read, reply
from tasks.practice.problem import Problem
from tasks.practice.rates import MILD
from tasks.practice.worked import Pen, Worked, misreadings
from tasks.wording import say

MODULES = {
    "spell_backward": spelling,
    "word_sorting": word_lists,
    "products": products,
    "fraction_simplification": fractions,
    "gcd": divisors,
    "lcm": multiples,
    "prime_factorization": primes,
    "base_conversion": bases,
    "number_filtering": filters,
}
COMPUTING = ("products", "fraction_simplification", "gcd", "lcm", "prime_factorization", "base_conversion")
SLIPPERY = replace(MILD, slip_cold=0.5, slip_warm=0.0, refusal=0.0)


@cache
def questions(name: str, size: int = 40) -> tuple[str, ...]:
    asked = (entry["question"] for entry in reasoning_gym.create_dataset(name, size=size, seed=21))
    return tuple(question for question in asked if read(question))


def problems(name: str) -> Iterator[Problem]:
    return (problem for question in questions(name) if (problem := read(question)))


def made(question: str, seed: int) -> Reply:
    return reply({"model": "practice", "messages": [{"role": "user", "content": question}], "seed": seed}, SLIPPERY)


# --- the frame -------------------------------------------------------------------------------------------------


class Doubled(Worked):
    """A family of one problem: 3, doubled twice."""

    OPENINGS = ("[Start|Begin] with {start}.",)
    RECHECKS = ("Again: {steps}; at the end {last_step}.",)
    GISTS = ("Twice doubled, {start} is {answer}.",)
    difficulty = 0.5

    @property
    def names(self) -> dict[str, object]:
        return {"start": 3}

    def solve(self, way: int, pen: Pen) -> str:
        six = pen.compute("2 * 3", 6)
        pen.remark(("Once more:",))
        return str(pen.compute(f"2 * {six}", 2 * six))


def test_what_follows_from_a_wrong_step_follows_in_the_text() -> None:
    slips = {Doubled().slip(Random(seed)) for seed in range(60)}
    assert {slip.at for slip in slips} == {0, 1}
    assert {slip.right for slip in slips if slip.at == 0} == {6}
    for slip in slips:
        right, wrong = (Doubled().work(Random(3), slip, fell) for fell in (False, True))
        assert "12" in right
        assert slip.answer in wrong
        assert "12" not in wrong
        assert untrue(right) == []
        assert len(untrue(wrong)) == 1
        assert f"{slip.what} = {slip.wrong}" in Doubled().recheck(Random(3), slip, fell=True)


def test_misreadings_are_near_and_keep_the_sign() -> None:
    assert set(misreadings(364)) == {264, 464, 354, 374, 363, 365, 346}
    assert set(misreadings(-12)) == {-2, -22, -11, -13}
    assert misreadings(0) == [1]


# --- the families ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODULES)
def test_drafts_and_answers_are_found_as_meant(name: str) -> None:
    told, slipped = 0, 0
    for seed, question in enumerate(questions(name)):
        answered = made(question, seed)
        decision = answered.decisions[0]
        if decision.malform is not Structure.OK:
            continue
        answer = find_answer(answered.text)
        drafts = find_drafts(answered.text, parse(answered.text))
        assert [draft and draft.answer for draft in drafts] == list(decision.drafts), answered.text
        assert answer is not None
        assert answer.answer == decision.answer, answered.text
        told += 1
        slipped += decision.slipped
    assert told > 0.7 * len(questions(name))
    assert 0 < slipped < told  # control: right and wrong drafts were among them


@pytest.mark.parametrize("name", MODULES)
def test_samples_show_no_template(name: str) -> None:
    """Twenty texts, numbers and words of the question left out, are twenty skeletons, with many first sentences."""

    def skeleton(text: str, question: str) -> str:
        asked = sorted(set(re.findall(r"\w+", question)), key=len, reverse=True)
        kept = re.sub("|".join(rf"\b{re.escape(word)}\b" for word in asked if len(word) > 3), "#", text)
        return re.sub(r"\d+(?:\.\d+)?", "#", kept)

    texts = []
    for seed, problem in enumerate(list(problems(name))[:20]):
        slip = problem.slip(Random(seed))
        texts.append(skeleton(problem.work(Random(seed), slip, fell=False), questions(name)[seed]))
    assert len(set(texts)) >= 19
    assert len({text.split("\n")[0].split(". ")[0] for text in texts}) >= 8
    again = {problem.work(Random(1), problem.slip(Random(1)), fell=False) for _ in range(20)}
    assert len(again) == 1  # control: chance alone makes them differ


@pytest.mark.parametrize("name", COMPUTING)
def test_no_step_is_untrue_but_the_slip(name: str) -> None:
    seen = 0
    for seed, problem in enumerate(problems(name)):
        slip = problem.slip(Random(seed))
        assert untrue(problem.work(Random(seed), slip, fell=False)) == []
        seen += bool(untrue(problem.work(Random(seed), slip, fell=True)))
    assert seen > 6  # control: the finder sees the slips that are written with `=`


def untrue(text: str) -> list[str]:
    """The equations between numbers that do not hold; divisions are meant rounded down."""
    part = r"-?\d+(?: (?:[+*/^\u00d7]|mod|-) \d+|\^\d+)*"
    lines = re.sub(r"^(?:[-*] |\d+[.)] |Step \d+: )", "", text, flags=re.M)
    found = re.finditer(
        rf"(?<![\w.)-])(?<![-+*/\u00f7\u00d7d] )({part}) = ({part})(?![\w*(^]|\.\d| [-+*/\u00d7])", lines
    )
    return [m[0] for m in found if value(m[1]) != value(m[2])]


def value(expression: str) -> int:
    """Of a chain in which `*`, `/`, `mod` and `^` come before `+` and `-`."""
    for signs, apply in (("+-", operator.add), ("*\u00d7/m", operator.mul), ("^", operator.pow)):
        if cut := [m for m in re.finditer(r" ?(\+|\*|\u00d7|/|mod|\^|(?<= )-) ?", expression) if m[1][0] in signs]:
            left, right = value(expression[: cut[-1].start()]), value(expression[cut[-1].end() :])
            special = {"-": operator.sub, "/": operator.floordiv, "mod": operator.mod}
            return int(special.get(cut[-1][1], apply)(left, right))
    return int(expression)


def test_the_finder_of_untrue_steps() -> None:
    """Known-bad control of the tests above."""
    true = "- 2 * 3 = 6\n3) 7 mod 4 = 3, 17 = 3 * 5 + 2; 2^3 * 5 = 40. 20 - 3 * 5 = 5. 7 / 2 = 3 remainder 1. 16 = a"
    assert untrue(true) == []
    for false in ("2 * 3 = 7", "7 mod 4 = 2", "17 = 3 * 5 + 1", "2^3 * 5 = 41", "20 - 3 * 5 = 6", "- 8 / 2 = 3"):
        assert len(untrue(false)) == 1, false


WORDS = {
    f"{module.__name__}.{name}": table
    for module in MODULES.values()
    for name, table in [
        *vars(module).items(),
        *(
            (f"{kind}.{name}", t)
            for kind, c in vars(module).items()
            if isinstance(c, type)
            for name, t in vars(c).items()
        ),
    ]
    if name.split(".")[-1].isupper()
}


def forms(table: Any) -> Iterator[str]:
    if isinstance(table, str):
        yield table
    elif hasattr(table, "values") or isinstance(table, tuple):
        for part in table.values() if hasattr(table, "values") else table:
            yield from forms(part)


@pytest.mark.parametrize("name", [name for name, table in WORDS.items() if any("{" in form for form in forms(table))])
def test_forms_are_well_formed(name: str) -> None:
    for form in forms(WORDS[name]):
        for seed in range(30):
            said = say(Random(seed), (form,), **dict.fromkeys(re.findall(r"\{(\w+)\}", form), "5"))
            assert not re.search(r"[\[\]{}|]", said), said
            assert "  " not in said, said


# --- what is read ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Spell this word backward (example: sun -> nus): Level", "leveL"),
        ("Spell the word backwards: ab", "ba"),
        ("Now, sort these words in descending order (using ASCII/Unicode ordering) and return: b, a, B", "b, a, B"),
        ("Sort these words in ascending order: cat, but, and", "and,but,cat"),
        ("Solve the following multiplication: -3 * 0 * 12. Give only the result as your final answer.", "0"),
        ("Solve the following multiplication: -3 * -4 * -5. Give only the result as your final answer.", "-60"),
        ("Solve the following multiplication: 7. Give only the result as your final answer.", "7"),
        (r"Simplify the fraction $\dfrac{12}{4}$ to its lowest terms.", r"\dfrac{3}{1}"),
        ("Simplify the fraction $7/9$ to its lowest terms.", "7/9"),
        ("Find the Greatest Common Divisor (GCD) of these numbers: 1, 1. Give only the GCD.", "1"),
        ("Find the Greatest Common Divisor (GCD) of these numbers: 12, 18, 27.", "3"),
        ("Find the Least Common Multiple (LCM) of these numbers: 4, 6, 10", "60"),
        ("Find the prime factorization of 2. Write the factors separated by \u00d7", "2"),
        ("Find the prime factorization of 360. Write the factors", "2 \u00d7 2 \u00d7 2 \u00d7 3 \u00d7 3 \u00d7 5"),
        ("Now, convert the hexadecimal number 1f to binary", "11111"),
        ("Now, convert the binary number 0 to base-5", "0"),
        ("Now, convert the base-10 number 71 to base-36", "1z"),
        ("Keep all numbers larger than -1.50 in this list: ['-1.5', '-2', '0']\nReturn the new list", "['0']"),
        ("Remove all numbers smaller than 3 in this list: ['1', '2']\nReturn the new list", "[]"),
    ],
)
def test_reads_the_question_and_nothing_else(question: str, answer: str) -> None:
    problem = read(question)
    assert problem is not None
    assert problem.answer == answer
    assert problem.slip(Random(1)).answer != answer


@pytest.mark.parametrize(
    "question",
    [
        "Spell this word backward (example: sun -> nus): ",
        "Spell this word backward (example: sun -> nus): ice cream",
        "Spell this word backward (example: sun -> nus): aa",
        "Now, sort these words in ascending order: transport",
        "Now, sort these words in ascending order: what, when, where",  # `the answer is what, …` states nothing
        "Solve the following multiplication: 3 * x.",
        "Solve the following multiplication: 1.5 * 2.",
        "Simplify the fraction 3/0 to its lowest terms.",
        "Find the Greatest Common Divisor (GCD) of these numbers: 0, 4.",
        "Find the Least Common Multiple (LCM) of these numbers: 4",
        "Find the prime factorization of 1.",
        "Find the prime factorization of 12345678.",
        "Now, convert the base-3 number  to base-4",  # how reasoning-gym writes 0
        "Now, convert the base-3 number 13 to base-4",
        "Now, convert the base-40 number 13 to base-4",
        "Keep all numbers larger than x in this list: ['1', '2']",
        "Keep all numbers larger than 1 in this list: []",
    ],
)
def test_what_it_cannot_read_it_leaves(question: str) -> None:
    assert read(question) is None
