"""What an answer is meant to be: drawn from the rates before a word is written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TypeVar

from schemas.trace import Structure
from schemas.verdict import Effect
from tasks.practice.problem import Problem
from tasks.practice.rates import Rates
from tasks.practice.voice import Move

K = TypeVar("K")


class ThinkingForm(StrEnum):
    """How the thinking is told from the answer."""

    TAGS = "tags"
    THINK = "think"
    """`<think>`, and then the output with or without tags."""
    FIELD = "field"
    """The thinking is in `reasoning_content`."""
    PLAIN = "plain"
    """There is none: a refusal without tags, or the judge."""


@dataclass(frozen=True)
class ReplyPlan:
    """What one choice of a completion was meant to be. Tests compare it with what the factory finds."""

    problem: Problem | None
    """None: the question could not be read."""
    refused: bool = False
    slip_rate: float = 0.0
    """The probability with which the slip was drawn."""
    slipped: bool = False
    """The first draft is wrong; of the judge: it says something else than it found."""
    moves: tuple[Move, ...] = ()
    """One for each reflection, in order."""
    drafts: tuple[str | None, ...] = ()
    """For each reflection the answer stated before it."""
    answer: str | None = None
    """The final one; of the judge: its verdict. None where none is stated."""
    malform: Structure = Structure.OK
    """The defect of the grammar it has; moves, drafts and answer are those of the text before the damage."""
    form: ThinkingForm = ThinkingForm.TAGS

    @property
    def effect(self) -> Effect:
        """The first stated draft against the final answer."""
        draft = next((draft for draft in self.drafts if draft is not None), None)
        if draft is None or self.problem is None:
            return Effect.NONE
        before, after = draft == self.problem.answer, self.answer == self.problem.answer
        if before:
            return Effect.CONFIRMED if after else Effect.HARMED
        return Effect.CORRECTED if after else Effect.MISSED


def plain(
    problem: Problem | None, answer: str | None = None, slip_rate: float = 0.0, slipped: bool = False
) -> ReplyPlan:
    """Return what is said without tags, such as a verdict."""
    return ReplyPlan(problem, slip_rate=slip_rate, slipped=slipped, answer=answer, form=ThinkingForm.PLAIN)


def declined(problem: Problem | None = None) -> ReplyPlan:
    """Say that no answer is given, in plain words."""
    return ReplyPlan(problem, refused=True, form=ThinkingForm.PLAIN)


def draw_moves(rng: Random, rates: Rates, slipped: bool) -> Iterator[Move]:
    """Yield what the reflections do, in order, given whether the draft is wrong."""
    if rng.random() < rates.idle:
        yield Move.IDLE
    changed = False
    if slipped and rng.random() < rates.catch:
        if rng.random() < rates.late:
            yield Move.PASS
        yield Move.CATCH
        changed = True
    elif not slipped and rng.random() < rates.doubt:
        changed = rng.random() < rates.harm
        yield Move.HARM if changed else Move.DOUBT
    elif rng.random() < rates.routine:
        yield Move.PASS
    if changed and rng.random() < rates.again:
        yield Move.PASS


def draw(rng: Random, shares: Mapping[K, float]) -> K | None:
    """Draw one of the keys, each by its share; None for the rest."""
    at = rng.random()
    for key, share in shares.items():
        at -= share
        if at < 0:
            return key
    return None


def draw_shape(rng: Random, rates: Rates) -> tuple[Structure, ThinkingForm]:
    """Return a defect of the grammar, mostly `ok`, and how the thinking is told; defects are those of a text in our
    tags.
    """
    if defect := draw(rng, rates.breaks):
        return defect, ThinkingForm.TAGS
    if rng.random() < rates.field:
        return Structure.OK, ThinkingForm.FIELD
    return Structure.OK, ThinkingForm.THINK if rng.random() < rates.think else ThinkingForm.TAGS
