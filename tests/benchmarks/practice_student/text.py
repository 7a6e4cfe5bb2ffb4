"""What the shipped student reads: questions of the whole practice world, each with a trace of the practice teacher."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from schemas.question import Question
from schemas.question_source import Questions
from schemas.record import content_key
from tasks.practice.behaviour import reply
from tasks.questions import load, python_tasks
from tasks.scoring.template import load_template
from tests.practice import GYM

PYTHON = python_tasks.FAMILIES
FAMILIES = GYM + PYTHON
LONGEST = 600
"""Tokens of a trace, as the teacher counts them."""


class Pair(NamedTuple):
    family: str
    question: str
    trace: str


def pairs(each: int, seed: int, families: Sequence[str] = FAMILIES, held_out: bool = False) -> list[Pair]:
    """About so many questions of each family, the families in turn, with one trace of the `mild` teacher each.

    A quarter of all questions, by their hash, is `held_out` from training whatever the seed: some families are so small
    that another seed draws the same questions again.
    """
    drawn = each * 4 if held_out else each * 4 // 3
    questions: list[Question] = []
    for source, its in (("reasoning_gym", GYM), ("python_tasks", PYTHON)):
        if asked := tuple(family for family in families if family in its):
            settings = Questions(source=source, families=asked, limit=drawn * len(asked))
            questions += [one.question for one in load(settings, seed).seeds]
    return [
        Pair(question.source.rpartition("/")[2], question.text, _trace(question, seed))
        for question in questions
        if (content_key("held out", question.text)[0] in "0123") is held_out
    ]


def documents(pairs: Sequence[Pair]) -> Iterator[str]:
    """Each pair in both orders, as the plain template puts them."""
    template = load_template("plain")
    for pair in pairs:
        yield template.prompt(pair.question, "") + pair.trace
        yield f"{template.reversed_prompt(pair.trace)}{pair.question}"


def _trace(question: Question, seed: int) -> str:
    asked = {"model": "practice", "messages": [{"role": "user", "content": question.text}]}
    golds = {question.text.strip(): question.gold or ""}
    return reply({**asked, "temperature": 0.7, "max_tokens": LONGEST, "seed": seed}, golds=golds).text
