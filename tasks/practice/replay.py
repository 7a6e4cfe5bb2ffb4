"""Answers by replay: a question that no family reads is answered from the gold that the server was given for it."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from schemas.errors import Refused
from tasks.practice.computation import look
from tasks.practice.problem import Problem, Slip
from tasks.practice.worked import Text
from tasks.wording import say

Golds = Mapping[str, str]
"""Gold by the text of its question."""
Read = Callable[[str], Problem | None]

OPENINGS = (
    "[Let me|I'll|Let's] [take|go through] [this|the question] [step by step|slowly|from the start].",
    "[Okay|Right|So], [first what is given|what is asked comes first], then [the steps|what follows from it].",
    "[I|Let me] [read|note] what is given and [follow|apply] [it|the rule] [in order|one part at a time].",
)
STEPS = (
    "[The last step|Following it through|Carrying this out|Working it out] [gives|comes to|leaves]: {value}",
    "[At the end|After the last part|What is left] [stands|there is]: {value}",
)
RECHECKS = (
    "[Going over|Running through] [it|the steps] [again|once more], [I see no slip|nothing changes].",
    "[Everything|All] that was given [is used|went in][, and the last step holds|].",
)
GISTS = (
    "[Going through|Working through] the question [step by step|in order] [gives|leads to] {answer}",
    "[What is given|The question as stated] [leads to|comes to] {answer}",
)
CYCLES = (
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    ("yes", "no"),
    ("true", "false"),
)
"""Answers that are mistaken for one another."""
EXCHANGES = ((" == ", " != "), (" < ", " > "), (" + ", " - "), (" and ", " or "), ("return ", "return not "))
"""How a line of code goes wrong, and read backwards too."""


@dataclass(frozen=True)
class Replayed:
    """A question whose answer is known, and nothing of the way there."""

    question: str
    answer: str

    @property
    def difficulty(self) -> float:
        return 0.5

    def slip(self, rng: Random) -> Slip:
        wrong = perturbed(rng, self.answer)
        right, other = _difference(self.answer, wrong)
        what = "that line" if "\n" in self.answer else "the last step"
        return Slip(0, 0, what, Text(0, right), Text(1, other), wrong)

    def work(self, rng: Random, slip: Slip, fell: bool) -> str:
        value = slip.wrong if fell else slip.right
        return f"{say(rng, OPENINGS)}\n{say(rng, STEPS, value=value)}"

    def look(self, rng: Random, slip: Slip, was: int, now: int) -> str:
        return look(rng, slip, was, now)

    def recheck(self, rng: Random, slip: Slip, fell: bool) -> str:
        return say(rng, RECHECKS)

    def gist(self, rng: Random, answer: str) -> str:
        shown = "the function below." if "\n" in answer else answer
        return say(rng, GISTS, answer=shown)


def perturbed(rng: Random, gold: str) -> str:
    """A plausible wrong answer: a number off, two words or letters exchanged, an operator of a program another one."""
    if "\n" in gold:
        return _other_code(rng, gold)
    for cycle in CYCLES:
        if gold.casefold() in cycle:
            other = cycle[(cycle.index(gold.casefold()) + rng.randrange(1, len(cycle))) % len(cycle)]
            return other.capitalize() if gold[:1].isupper() else other
    if numbers := list(re.finditer(r"\d+", gold)):
        found = rng.choice(numbers)
        value = int(found[0]) + rng.choice((-1, 1, 10))
        return f"{gold[: found.start()]}{value if value >= 0 else 1}{gold[found.end() :]}"
    words = re.split(r"(\W+)", gold)
    at = [i for i in range(0, len(words) - 2, 2) if words[i] and words[i + 2] and words[i] != words[i + 2]]
    if at:
        i = rng.choice(at)
        words[i], words[i + 2] = words[i + 2], words[i]
        return "".join(words)
    swaps = [gold[:i] + gold[i + 1] + gold[i] + gold[i + 2 :] for i in range(len(gold) - 1) if gold[i] != gold[i + 1]]
    return rng.choice(swaps) if swaps else gold + (gold[-1:] or "0")


def read_golds(path: Path) -> Golds:
    """From a file with a JSON object `{"question": …, "gold": …}` on each line. Raises `Refused`."""
    try:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise Refused(f"--questions: {path}: {error}; give JSON lines with question and gold") from error
    return dict(_pair(path, number, row) for number, row in enumerate(rows, start=1))


def _pair(path: Path, number: int, row: Any) -> tuple[str, str]:
    if isinstance(row, dict) and isinstance(row.get("question"), str) and isinstance(row.get("gold"), str):
        return row["question"].strip(), row["gold"]
    raise Refused(f"--questions: {path}, object {number}: needs question and gold, both text")


def replayed(question: str, golds: Golds) -> Replayed | None:
    """The problem with its known answer; None where the server was not told of the question."""
    gold = golds.get(question.strip())
    return Replayed(question.strip(), gold) if gold else None


def _other_code(rng: Random, gold: str) -> str:
    pairs = [*EXCHANGES[:-1], *(pair[::-1] for pair in EXCHANGES[:-1])]
    body = gold.index("\n")
    possible = [pair for pair in pairs if pair[0] in gold[body:]] or [EXCHANGES[-1]]
    old, new = rng.choice(possible)
    changed = gold[:body] + gold[body:].replace(old, new, 1)
    return changed if changed != gold else f"{gold.rstrip()}\n    return None"


def _difference(right: str, wrong: str) -> tuple[str, str]:
    """The first line that differs, of each."""
    lines = zip(right.splitlines(), wrong.splitlines(), strict=False)
    return next(((a.strip(), b.strip()) for a, b in lines if a != b), (right.splitlines()[-1], wrong.splitlines()[-1]))
