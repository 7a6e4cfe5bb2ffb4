"""What a reflection did, from the judgements on both sides of it."""

import pytest

from schemas.verdict import Effect, EffectReason, Judgement, Reason, Ruling, WithRuling
from tasks.judging.effect import effect, reflection_effects

RIGHT = Judgement.of(Reason.EQUAL, "18")
WRONG = Judgement.of(Reason.NOT_EQUAL, "17")
OPEN = Judgement.of(Reason.VERIFIER_TIMEOUT, "9^9^9")

WHOLE = [
    ([WRONG], RIGHT, Effect.CORRECTED, EffectReason.JUDGED),
    ([RIGHT], RIGHT, Effect.CONFIRMED, EffectReason.JUDGED),
    ([RIGHT], WRONG, Effect.HARMED, EffectReason.JUDGED),
    ([WRONG], WRONG, Effect.MISSED, EffectReason.JUDGED),
    ([WRONG, RIGHT, WRONG], RIGHT, Effect.CORRECTED, EffectReason.JUDGED),  # the first draft counts, not the last
    ([None, WRONG], RIGHT, Effect.CORRECTED, EffectReason.JUDGED),
    ([], RIGHT, Effect.NONE, EffectReason.NO_REFLECTION),
    ([], OPEN, Effect.NONE, EffectReason.NO_REFLECTION),
    ([None, None], RIGHT, Effect.NONE, EffectReason.NO_DRAFT),
    ([OPEN], RIGHT, None, EffectReason.DRAFT_UNVERIFIED),
    ([WRONG], OPEN, None, EffectReason.ANSWER_UNVERIFIED),
    ([OPEN], OPEN, None, EffectReason.ANSWER_UNVERIFIED),
]


@pytest.mark.parametrize(("drafts", "final", "expected", "why"), WHOLE)
def test_first_draft_against_final_answer(
    drafts: list[Judgement | None], final: Judgement, expected: Effect | None, why: EffectReason
) -> None:
    assert effect(drafts, final) == (expected, why)


EACH = [
    ([], RIGHT, ()),
    ([WRONG, RIGHT], RIGHT, (Effect.CORRECTED, Effect.CONFIRMED)),
    ([WRONG, RIGHT, WRONG], WRONG, (Effect.CORRECTED, Effect.HARMED, Effect.MISSED)),
    ([None, WRONG], RIGHT, (Effect.NONE, Effect.CORRECTED)),
    ([WRONG, OPEN], RIGHT, (None, None)),
    ([RIGHT, RIGHT], OPEN, (Effect.CONFIRMED, None)),
]


@pytest.mark.parametrize(("drafts", "final", "expected"), EACH)
def test_one_effect_per_reflection(
    drafts: list[Judgement | None], final: Judgement, expected: tuple[Effect | None, ...]
) -> None:
    assert reflection_effects(drafts, final) == expected


def test_an_undecided_side_is_never_taken_for_a_wrong_one() -> None:
    """The control: with two values instead of three, a time-out would count as `harmed`."""
    two_valued = {Reason.EQUAL: RIGHT}.get(OPEN.reason, WRONG)
    assert effect([RIGHT], two_valued)[0] is Effect.HARMED
    assert effect([RIGHT], OPEN)[0] is None


def test_every_reason_has_one_ruling() -> None:
    correct = {reason for reason in Reason if reason.ruling == "correct"}
    assert correct == {
        *("equal", "equal_text", "full_score", "all_cases_passed"),
        *("same_choice", "constraints_met", "majority", "judged_correct"),
    }
    assert Reason.VERIFIER_CRASHED.ruling == Reason.NO_ANSWER.ruling == "unverified"


def test_a_reason_without_a_ruling_cannot_be_defined() -> None:
    """Rulings once stood in two tuples, and what was forgotten there was unverified."""
    for forgotten in ("lucky", ("lucky",), ("lucky", "perhaps")):
        with pytest.raises((TypeError, ValueError)):
            WithRuling("Careless", {"LUCKY": forgotten})
    assert WithRuling("Careful", {"LUCKY": ("lucky", Ruling.CORRECT)})["LUCKY"].ruling is Ruling.CORRECT
