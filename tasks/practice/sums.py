"""chain_sum: a chain of additions and subtractions."""

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from random import Random

from tasks.practice.computation import look
from tasks.practice.problem import Slip
from tasks.wording import say

_QUESTION = re.compile(r"(?:problem:|\A(?:what is|compute|calculate))\s+(-?\d[\d\s+-]*?)\s*(?:=|\?|$)", re.I | re.M)
_TERM = re.compile(r"([+-]?)\s*(-?\d+)")

LEFT_TO_RIGHT, GROUPED = range(2)

OPENINGS = (
    "[Let me|I'll|Let's] [work|go|add] from left to right.",
    "[I'll|Let me] [take|do] [it|this] [one step at a time|term by term|slowly].",
    "[The|This] [expression|chain|sum] has {k} terms[, from {first} to {last}|; I keep a running total|].",
    "[We need|The task is|I have to work out|To compute:|Given:] {expression}.",
    "[Okay|Right|So|Alright]: {expression}.",
    "[Only additions and subtractions|No brackets|Nothing to multiply] here, so [left to right is fine|the"
    " order is simple].",
    "[Start|I start|Starting] [with|from|at] {first}.",
)
GROUPINGS = (
    "[Let me|I'll|Let's] [group|collect|gather] what is added and what is [subtracted|taken away].",
    "[First|I take] [the plus terms|everything added], then [the minus terms|everything subtracted].",
    "[It is|Seems] [easier|safer] to [split|sort] {expression} into [gains and losses|two sums].",
    "[Reordering|Regrouping] so that only one subtraction [is left|remains].",
)
ONE_TERM = (
    "[There is|I see] only one number[ here|], {first}, so [there is nothing to add|nothing is left to do].",
    "{first} stands alone[; no operation at all|, nothing to compute].",
)

STEPS = (
    # how a step is written, what stands between two
    ("{e} = {v}", "\n"),
    ("{e} = {v}", ", "),
    ("- {e} = {v}", "\n"),
    ("{i}) {e} = {v}", "\n"),
    ("Step {i}: {e} = {v}", "\n"),
    ("{e} makes {v}", ", then "),
    ("{e} is {v}", ". "),
    ("{e} gives {v}", "; "),
    ("{e} → {v}", "\n"),
    ("{split}", "\n"),
    ("{split}", "; "),
)

RECHECKS = (
    "[Running through|Going over|Repeating] [it|the steps] [again|once more]: {steps}. [Same|No change|All as before].",
    "[Roughly|As an estimate][,|:] the size [is plausible|looks right], and the last [step|one],"
    " {last_step}, [holds|is fine].",
    "{steps}: [I see no slip|every step looks right|nothing to change].",
    "[The signs are|I copied every sign] right[, and|;] {last_step} [checks|is correct|agrees].",
    "[Let me check|Checking] the [end|last step]: {last_step}. [Good|Fine|Yes].",
)

GISTS = (
    "{expression} = {answer}",
    "[Working|Adding] from left to right, {expression} [comes to|is|gives] {answer}.",
    "[The|This] [sum|chain|expression] [comes to|works out to|evaluates to] {answer}.",
    "[Doing|Taking] the {k} terms [in order|one by one] [gives|leaves] {answer}.",
)


@dataclass(frozen=True)
class _Step:
    left: int
    sign: int
    right: int
    value: int

    @property
    def expression(self) -> str:
        return f"{self.left} {'+' if self.sign > 0 else '-'} {self.right}"

    @property
    def split(self) -> str:
        """The step in two, the round part of the right number first, when it has one."""
        size = abs(self.right)
        unit = 10 ** (len(str(size)) - 1)
        if self.right < 0 or not size % unit:
            return f"{self.expression} = {self.value}"
        sign = "+" if self.sign > 0 else "-"
        half = self.left + self.sign * (size // unit * unit)
        return f"{self.left} {sign} {size // unit * unit} = {half}, {half} {sign} {size % unit} = {self.value}"


@dataclass(frozen=True)
class Sum:
    expression: str
    terms: tuple[tuple[int, int], ...]
    """(sign before it, number); the number may itself be negative."""

    @cached_property
    def totals(self) -> tuple[int, ...]:
        return tuple(accumulate(sign * number for sign, number in self.terms))

    @property
    def answer(self) -> str:
        return str(self.totals[-1])

    @property
    def difficulty(self) -> float:
        digits = max(len(str(abs(number))) for _, number in self.terms)
        return min(1.0, (len(self.terms) - 1) * digits / 20)

    def slip(self, rng: Random) -> Slip:
        """A lost carry, a digit one off, or a minus read as a plus."""
        way = rng.choice((LEFT_TO_RIGHT, LEFT_TO_RIGHT, GROUPED)) if self._groups else LEFT_TO_RIGHT
        steps = self._steps(way, 0, 0)
        if not steps:
            right, off = self.totals[-1], rng.choice((-1, 1, 10))
            return Slip(way, 0, "the number", right, right + off, str(right + off))
        at = rng.randrange(len(steps))
        step = steps[at]
        off = rng.choice((-1, 1)) * 10 ** rng.randrange(len(str(abs(step.right))))
        if step.sign < 0 and step.right and rng.random() < 0.25:
            off = 2 * step.right
        answer = str(self._steps(way, at, off)[-1].value)
        return Slip(way, at, step.expression, step.value, step.value + off, answer)

    def work(self, rng: Random, slip: Slip, fell: bool) -> str:
        steps = self._slipped(slip, fell)
        openings = GROUPINGS if slip.way == GROUPED else OPENINGS if steps else ONE_TERM
        k, first, last = len(self.terms), self.terms[0][1], self.terms[-1][1]
        opening = say(rng, openings, expression=self.expression, k=k, first=first, last=last)
        if not steps:
            return opening
        form, between = rng.choice(STEPS)
        said = [form.format(e=s.expression, v=s.value, split=s.split, i=i) for i, s in enumerate(steps, 1)]
        lines = between == "\n"
        return opening + ("\n" if lines else " ") + between.join(said) + ("" if lines else ".")

    def look(self, rng: Random, slip: Slip, was: int, now: int) -> str:
        return look(rng, slip, was, now)

    def recheck(self, rng: Random, slip: Slip, fell: bool) -> str:
        said = [f"{s.expression} = {s.value}" for s in self._slipped(slip, fell)]
        said = said or [f"{self.expression} is all there is"]
        return say(rng, RECHECKS, steps=", ".join(said), last_step=said[-1])

    def gist(self, rng: Random, answer: str) -> str:
        return say(rng, GISTS, expression=self.expression, answer=answer, k=len(self.terms))

    @cached_property
    def _groups(self) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
        """What is added and what is subtracted, when it takes at least one addition to group."""
        plus = tuple(number for sign, number in self.terms if sign > 0)
        minus = tuple(number for sign, number in self.terms if sign < 0)
        return (plus, minus) if minus and len(self.terms) > 2 else None

    def _slipped(self, slip: Slip, fell: bool) -> list[_Step]:
        return self._steps(slip.way, slip.at, slip.wrong - slip.right if fell else 0)

    def _steps(self, way: int, at: int, off: int) -> list[_Step]:
        """The steps of a way; the one at `at` comes out `off` too high, and the later ones follow from it."""
        if way == LEFT_TO_RIGHT or self._groups is None:
            return _running(self.terms, at, off)
        plus, minus = self._groups
        gains = _running([(1, number) for number in plus], at, off)
        losses = _running([(1, number) for number in minus], at - len(gains), off)
        gained = gains[-1].value if gains else plus[0]
        lost = losses[-1].value if losses else minus[0]
        return [*gains, *losses, *_running([(1, gained), (-1, lost)], at - len(gains) - len(losses), off)]


def read(question: str) -> Sum | None:
    found = _QUESTION.search(question)
    if not found:
        return None
    terms = tuple((-1 if sign == "-" else 1, int(number)) for sign, number in _TERM.findall(found[1]))
    return Sum(found[1], _plain_first(terms)) if terms else None


def _plain_first(terms: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """The chain's first number carries its own sign."""
    (sign, number), *rest = terms
    return ((1, sign * number), *rest)


def _running(terms: list[tuple[int, int]] | tuple[tuple[int, int], ...], at: int, off: int) -> list[_Step]:
    """Running totals over `terms`; step `at` (0 joins the first two) comes out `off` too high."""
    steps = []
    total = terms[0][0] * terms[0][1]
    for i, (sign, number) in enumerate(terms[1:]):
        value = total + sign * number + (off if i == at else 0)
        steps.append(_Step(total, sign, number, value))
        total = value
    return steps
