"""How a student judges questions that it has not seen: the figures of the model card."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random
from statistics import fmean, variance

from schemas.score import Score
from tasks.practice.behaviour import read
from tasks.practice.student_text import Pair
from tasks.score import Scorer, score_text

MEASURES = ("ifd", "rifd")


@dataclass(frozen=True)
class Judged:
    """One trace with its own question, and with another one of the same family."""

    own: Score
    other: Score
    difficulty: float | None
    """As the practice teacher sees the question: what its rate of slips follows. None where it cannot read it."""


Families = Mapping[str, Sequence[Judged]]


def judge(student: Scorer, pairs: Sequence[Pair]) -> dict[str, list[Judged]]:
    """By family. Each trace's other question is the next one, in an order that says nothing."""
    families: dict[str, list[Pair]] = {}
    for pair in Random(0).sample(pairs, len(pairs)):
        families.setdefault(pair.family, []).append(pair)
    return {
        family: [_judged(student, pair, other) for pair, other in zip(found, found[1:] + found[:1], strict=True)]
        for family, found in sorted(families.items())
    }


def _judged(student: Scorer, pair: Pair, other: Pair) -> Judged:
    problem = read(pair.question)
    own, swapped = (score_text(student, "", question, "", pair.trace) for question in (pair.question, other.question))
    return Judged(own, swapped, problem.difficulty if problem else None)


def separation(judged: Sequence[Judged], measure: str) -> float:
    """AUC: the probability that a trace's own question has the lower value. .5 says nothing, 1 separates them."""
    own, other = (_values([getattr(one, side) for one in judged], measure) for side in ("own", "other"))
    return fmean((a < b) + (a == b) / 2 for a in own for b in other)


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


def thirds(judged: Sequence[Judged]) -> Thirds | None:
    """Questions that tie with a third's last one are in it. None where the two would overlap, or are single."""
    rated = [(one.difficulty, one.own.ifd) for one in judged if one.difficulty is not None and one.own.ifd is not None]
    order = sorted(difficulty for difficulty, _ in rated)
    if not order or (low := order[len(order) // 3]) == (high := order[-1 - len(order) // 3]):
        return None
    easy = [ifd for difficulty, ifd in rated if difficulty <= low]
    hard = [ifd for difficulty, ifd in rated if difficulty >= high]
    if min(len(easy), len(hard)) < 2:
        return None
    error = sqrt(variance(easy) / len(easy) + variance(hard) / len(hard))
    return Thirds(fmean(easy), fmean(hard), error)


def harder(families: Families) -> list[str]:
    """The families whose hard questions have the higher mean IFD, by more than chance would: two standard errors."""
    found = {family: thirds(judged) for family, judged in families.items()}
    return [family for family, third in found.items() if third and third.apart > 2]


def everything(families: Families) -> list[Judged]:
    return [one for judged in families.values() for one in judged]


def table(families: Families) -> str:
    """Markdown: a row for each family, and one for all."""
    head = ("family", "traces", "AUC IFD", "AUC r-IFD", "IFD", "with another", "easy", "hard", "apart")
    whole = (*_separated("**all**", everything(families)), "", "", f"{len(harder(families))} above 2")
    rows = [head, ("---",) * len(head), *(_row(family, judged) for family, judged in families.items()), whole]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(family: str, judged: Sequence[Judged]) -> tuple[str, ...]:
    found = thirds(judged)
    shown = ("", "", "") if found is None else (f"{found.easy:.3f}", f"{found.hard:.3f}", f"{found.apart:+.1f}")
    return (*_separated(family, judged), *shown)


def _separated(name: str, judged: Sequence[Judged]) -> tuple[str, ...]:
    areas = (f"{separation(judged, measure):.3f}" for measure in MEASURES)
    means = (f"{fmean(_values([getattr(one, side) for one in judged], 'ifd')):.3f}" for side in ("own", "other"))
    return (name, str(len(judged)), *areas, *means)


def _values(scores: Sequence[Score], measure: str) -> list[float]:
    return [value for score in scores if (value := getattr(score, measure)) is not None]
