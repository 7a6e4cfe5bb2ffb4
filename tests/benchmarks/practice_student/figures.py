"""How a student judges questions that it has not seen: the figures of the model card."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random
from statistics import fmean, variance
from types import MappingProxyType

from schemas.score import Score
from tasks.practice.behaviour import read
from tasks.practice.problem import Problem
from tasks.scoring.score import Scorer, score_text
from tests.benchmarks.practice_student.text import Pair

MEASURES = ("ifd", "rifd")
WORKINGS = 12
"""Workings of one question whose lengths are averaged."""


@dataclass(frozen=True)
class Judged:
    """One trace with its own question, and with another one of the same family."""

    own: Score
    other: Score


def judge(student: Scorer, pairs: Sequence[Pair]) -> dict[str, list[Judged]]:
    """By family. Each trace's other question is the next one, in an order that says nothing."""
    shuffled = _by_family(Random(0).sample(pairs, len(pairs)))
    return {
        family: [
            Judged(*(score_text(student, "", question, "", mine.trace) for question in (mine.question, other.question)))
            for mine, other in zip(found, found[1:] + found[:1], strict=True)
        ]
        for family, found in shuffled.items()
    }


def separation(judged: Sequence[Judged], measure: str) -> float:
    """AUC: the probability that a trace's own question has the lower value. .5 says nothing, 1 separates them."""
    own, other = (_values([getattr(one, side) for one in judged], measure) for side in ("own", "other"))
    return fmean((a < b) + (a == b) / 2 for a in own for b in other)


def whole(judged: Mapping[str, Sequence[Judged]]) -> list[Judged]:
    """The families together."""
    return [one for found in judged.values() for one in found]


def work(problem: Problem) -> float:
    """Characters of the teacher's working without a slip, the mean over its ways and words."""
    rngs = map(Random, range(WORKINGS))
    return fmean(len(problem.work(rng, problem.slip(rng), fell=False)) for rng in rngs)


def slips(problem: Problem) -> float:
    """The difficulty that the teacher's rate of slips follows, from 0 to 1."""
    return problem.difficulty


HARDNESS: Mapping[str, Callable[[Problem], float]] = MappingProxyType({"work": work, "slips": slips})
"""Two measures of how hard a question is. Both depend on its text alone, and neither on a student."""


@dataclass(frozen=True)
class Thirds:
    """Mean IFD of the easiest third of a family's questions and of the hardest."""

    easy: float
    hard: float
    error: float
    """Standard error of the difference."""

    @property
    def apart(self) -> float:
        """Standard errors by which the hard ones lie above the easy ones."""
        return (self.hard - self.easy) / self.error if self.error else 0.0


Contrasts = dict[str, Thirds | None]
"""By measure of hardness."""


def contrast(student: Scorer, pairs: Sequence[Pair]) -> dict[str, Contrasts]:
    """By family, and by measure of hardness."""
    return {family: _contrasts(student, found) for family, found in _by_family(pairs).items()}


def _contrasts(student: Scorer, pairs: Sequence[Pair]) -> Contrasts:
    scored = [(read(pair.question), score_text(student, "", pair.question, "", pair.trace).ifd) for pair in pairs]
    rated = [(problem, ifd) for problem, ifd in scored if problem is not None and ifd is not None]
    return {name: thirds([(measure(problem), ifd) for problem, ifd in rated]) for name, measure in HARDNESS.items()}


def thirds(rated: Sequence[tuple[float, float]]) -> Thirds | None:
    """From hardness and IFD. What ties with a third's last one is in it; None where the two would overlap."""
    order = sorted(hardness for hardness, _ in rated)
    if not order or (low := order[len(order) // 3]) == (high := order[-1 - len(order) // 3]):
        return None
    easy = [ifd for hardness, ifd in rated if hardness <= low]
    hard = [ifd for hardness, ifd in rated if hardness >= high]
    if min(len(easy), len(hard)) < 2:
        return None
    error = sqrt(variance(easy) / len(easy) + variance(hard) / len(hard))
    return Thirds(fmean(easy), fmean(hard), error)


def harder(contrasts: Mapping[str, Contrasts], measure: str, errors: float = 2) -> list[str]:
    """Families whose hard questions lie above the easy ones by more than so many standard errors."""
    return [family for family, found in contrasts.items() if (third := found[measure]) and third.apart > errors]


def separation_table(judged: Mapping[str, Sequence[Judged]]) -> str:
    """Markdown: a row for each family, and one for all."""
    rows = (_separated(family, found) for family, found in {**judged, "**all**": whole(judged)}.items())
    return table(("family", "traces", "AUC IFD", "AUC r-IFD", "IFD", "with another"), rows)


def _separated(family: str, judged: Sequence[Judged]) -> tuple[str, ...]:
    areas = (f"{separation(judged, measure):.3f}" for measure in MEASURES)
    means = (f"{fmean(_values([getattr(one, side) for one in judged], 'ifd')):.3f}" for side in ("own", "other"))
    return (family, str(len(judged)), *areas, *means)


def hardness_table(contrasts: Mapping[str, Contrasts]) -> str:
    """Markdown: a row for each family whose working is shown, and one that counts those above two standard errors."""
    head = ("family", *(f"{column} by {name}" for name in HARDNESS for column in ("easy", "hard", "apart")))
    rows = [
        (family, *(cell for name in HARDNESS for cell in _third(found[name])))
        for family, found in contrasts.items()
        if any(found.values())
    ]
    counts = [cell for name in HARDNESS for cell in ("", "", str(len(harder(contrasts, name))))]
    return table(head, [*rows, ("**apart by more than 2**", *counts)])


def _third(third: Thirds | None) -> tuple[str, str, str]:
    return ("", "", "") if third is None else (f"{third.easy:.3f}", f"{third.hard:.3f}", f"{third.apart:+.1f}")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown."""
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ["---"] * len(head), *rows))


def _by_family(pairs: Iterable[Pair]) -> dict[str, list[Pair]]:
    families: dict[str, list[Pair]] = {}
    for pair in pairs:
        families.setdefault(pair.family, []).append(pair)
    return dict(sorted(families.items()))


def _values(scores: Sequence[Score], measure: str) -> list[float]:
    return [value for score in scores if (value := getattr(score, measure)) is not None]
