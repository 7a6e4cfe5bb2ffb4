"""Answers by replay: a question that no family reads is answered from the gold that the server was given for it."""

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from random import Random
from textwrap import shorten
from typing import Any

from schemas.errors import Refused
from tasks.mathematics.number import unwrap
from tasks.practice.problem import Pen, Problem
from tasks.rows.data_set import jsonl
from tasks.rows.values import only, plain_text

Golds = Mapping[str, str]
"""Gold by the text of its question."""
Read = Callable[[str], Problem | None]

CYCLES = [*map(str.split, ("monday tuesday wednesday thursday friday saturday sunday", "yes no", "true false"))]
"""Answers that are mistaken for one another."""
SAYS_HOW = re.compile(r"\b(?:answers?|format|return|respond|output|example)\b", re.I)
ASIDE = re.compile(r"\([^()]*(?:answer|example)[^()]*\)|\binstructions?:.*", re.I | re.S)
PART = re.compile(r"\n|(?<=[?!:;]) |(?<=[.]) (?=[A-Z])")
DATA = re.compile(r"\d+|[,\"']")
LONGEST = 160
"""Characters that are quoted of a question."""
MISTAKES = 8
"""Draws of what may come out instead of a gold."""
EXCHANGES = ((" == ", " != "), (" < ", " > "), (" + ", " - "), (" and ", " or "), ("return ", "return not "))
"""How a line of code goes wrong, and read backwards too."""


def perturbed(rng: Random, gold: str) -> str:
    """Return a plausible wrong answer: a number off, two words or letters exchanged, an operator of a program another
    one.
    """
    if "\n" in gold:
        pairs = [*EXCHANGES[:-1], *(pair[::-1] for pair in EXCHANGES[:-1])]
        body = gold.index("\n")
        possible = [pair for pair in pairs if pair[0] in gold[body:]] or [EXCHANGES[-1]]
        changed = gold[:body] + gold[body:].replace(*rng.choice(possible), 1)
        return changed if changed != gold else f"{gold.rstrip()}\n    return None"
    for cycle in CYCLES:
        if gold.casefold() in cycle:
            other = cycle[(cycle.index(gold.casefold()) + rng.randrange(1, len(cycle))) % len(cycle)]
            return other.capitalize() if gold[:1].isupper() else other
    if numbers := list(re.finditer(r"\d+", gold)):
        found = rng.choice(numbers)
        value = int(found[0]) + rng.choice((-1, 1, 10))
        return f"{gold[: found.start()]}{value if value >= 0 else 1}{gold[found.end() :]}"
    ends = [found for found in re.finditer(r"\w+(?=\W*(?:,|$|\band\b))", gold) if found[0] != "and"]
    apart = [(a, b) for a, b in pairwise(ends) if a[0] != b[0]]
    if apart:
        a, b = rng.choice(apart)
        return gold[: a.start()] + b[0] + gold[a.end() : b.start()] + a[0] + gold[b.end() :]
    swaps = [
        gold[:i] + b + a + gold[i + 2 :] for i, (a, b) in enumerate(pairwise(gold)) if a != b and (a + b).isalnum()
    ]
    return rng.choice(swaps) if swaps else gold + (gold[-1:] or "0")


def read_golds(path: Path) -> Golds:
    """Read golds from a file of rows as a run reads them; those without a gold are left out. Raises `Refused`."""
    try:
        found = [_pair(place, row) for place, row in jsonl(path)]
    except Refused as error:
        raise Refused(f"--questions: {error}") from error
    golds = {question: gold for question, gold in found if gold}
    if not golds:
        raise Refused(f"--questions: {path}: none of its {len(found)} rows has a gold; needs columns question and gold")
    return golds


def _pair(place: str, row: Mapping[str, Any]) -> tuple[str, str | None]:
    question, gold = row.get("question"), only(row.get("gold"))
    if isinstance(question, str) and (gold is None or plain_text(gold) is not None):
        return question.strip(), plain_text(gold)
    got = ", ".join(f"{name} {shorten(repr(value), 40)}" for name, value in row.items()) or "no columns"
    raise Refused(f"{place}: needs question and gold, as text or a number; got {got}")


def replayed(question: str, gold: str) -> Problem:
    """Return the problem whose answer is known, and nothing of the way there: it is one step."""
    answer = gold if "\n" in gold else unwrap(gold) or gold
    mistakes = sorted({perturbed(Random(seed), answer) for seed in range(MISTAKES)})

    def solve(pen: Pen) -> str:
        return str(pen.write("the line" if "\n" in gold else "the last step", answer, mistakes))

    return Problem("question", given(question), solve)


def given(question: str) -> str:
    """Return its sentence or line with the most numbers and items, shortened; none that says how to answer."""
    parts = [part.strip(" .,;:?") for part in PART.split(ASIDE.sub("", question))]
    plain = [part for part in parts if part and not SAYS_HOW.search(part)] or [question]
    return shorten(max(reversed(plain), key=lambda part: len(DATA.findall(part))), LONGEST, placeholder="")
