"""A family for a student of 110,000 parameters: follow some edges of a shuffled cycle. Few words, all between spaces.

    fox owl ; bee cat ; … ; from fox take 3 steps .      fox owl bee cat . the answer is cat

A bare answer is nearly unlearnable for such a student, and the steps are easy: so it shows in seconds what a better
response is worth. Difficulty is the number of steps.
"""

import re
from random import Random

from tasks.practice.problem import Pen, Problem

_KEYS = "ant ape bat bee cat cod cow cub doe dog eel elk emu ewe fly fox hen jay owl pig ram rat sow yak"
KEYS = tuple(_KEYS.split())
SIZE = 8
"""Keys of one cycle; so the longest chain has one step less."""
LONGEST = SIZE - 1
KIND = "key chain"

_QUESTION = re.compile(r"\A(\w+ \w+(?: ; \w+ \w+)*) ; from (\w+) take (\d+) steps \.\Z")


def question(rng: Random, steps: int) -> str:
    """Draw a new question of this family."""
    keys = rng.sample(KEYS, SIZE)
    start, edges = rng.choice(keys), [*zip(keys, [*keys[1:], keys[0]], strict=True)]
    shown = " ; ".join(" ".join(edge) for edge in rng.sample(sorted(edges), len(edges)))
    return f"{shown} ; from {start} take {steps} steps ."


def another(rng: Random, text: str, flat: bool) -> str:
    """Return a new question with one or two more steps than that of `text`; `flat`: with one step in all."""
    _, _, steps = edges_of(text) or ({}, "", 0)
    return question(rng, 1 if flat else min(LONGEST, steps + rng.randint(1, 2)))


def read_chain(text: str) -> Problem | None:
    """Return the problem that the text states; None for another text, and where a key leads nowhere."""
    found = edges_of(text)
    if found is None:
        return None
    edges, start, steps = found

    def solve(pen: Pen) -> str:
        at = start
        for _ in range(steps):
            at = str(pen.write(f"after {at}", edges[at], [key for key in edges if key not in (at, edges[at])]))
        return at

    return Problem(KIND, f"{steps} steps from {start}", solve, steps / 40)


def worked(problem: Problem, pen: Pen) -> str:
    """Return the steps and the answer, in the few words of this family."""
    answer = problem.solve(pen)
    start = problem.given.split()[-1]
    return f"{' '.join([start, *(str(step.value) for step in pen.steps)])} . {bare(answer)}"


def bare(answer: str) -> str:
    """Return the answer alone."""
    return f"the answer is {answer}"


def edges_of(text: str) -> tuple[dict[str, str], str, int] | None:
    """Return (the next key of each, the first, the steps to take); None where the text states no chain."""
    found = _QUESTION.match(text.strip())
    if not found:
        return None
    edges = dict(edge.split() for edge in found[1].split(" ; "))
    whole = set(edges.values()) <= edges.keys() and found[2] in edges and 0 < int(found[3]) < len(edges)
    return (edges, found[2], int(found[3])) if whole else None
