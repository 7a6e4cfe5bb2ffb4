"""What reflecting did to the answer, from judgements of the drafts and of the final answer. Pure."""

from collections.abc import Sequence
from itertools import pairwise

from schemas.verdict import Effect, EffectReason, Judgement, Ruling

_EFFECTS = {
    (Ruling.INCORRECT, Ruling.CORRECT): Effect.CORRECTED,
    (Ruling.CORRECT, Ruling.CORRECT): Effect.CONFIRMED,
    (Ruling.CORRECT, Ruling.INCORRECT): Effect.HARMED,
    (Ruling.INCORRECT, Ruling.INCORRECT): Effect.MISSED,
}


def effect(drafts: Sequence[Judgement | None], final: Judgement) -> tuple[Effect | None, EffectReason]:
    """Return the first draft that was stated against the final answer; `drafts` has one entry per reflection."""
    first = next((draft for draft in drafts if draft), None)
    if first is None:
        return Effect.NONE, EffectReason.NO_DRAFT if drafts else EffectReason.NO_REFLECTION
    return _compare(first, final)


def reflection_effects(drafts: Sequence[Judgement | None], final: Judgement) -> tuple[Effect | None, ...]:
    """Compare for each reflection the draft before it against the draft before the next one, or the final answer.

    A draft is the answer in force, so a reflection that states nothing new confirmed it or missed its error.
    """
    steps = pairwise([*drafts, final])
    return tuple(_compare(before, after or before)[0] if before else Effect.NONE for before, after in steps)


def _compare(before: Judgement, after: Judgement) -> tuple[Effect | None, EffectReason]:
    if after.verdict is Ruling.UNVERIFIED:
        return None, EffectReason.ANSWER_UNVERIFIED
    if before.verdict is Ruling.UNVERIFIED:
        return None, EffectReason.DRAFT_UNVERIFIED
    return _EFFECTS[before.verdict, after.verdict], EffectReason.JUDGED
