"""Which version of a pair is in force, and whether its row is kept: the truth tables of all modes."""

import pytest

from schemas.pair import Change, PairFate, PairStage
from schemas.recycling import Mode
from schemas.verdict import Ruling
from tasks.recycling.selection import KeptPair, Seen, conclude, difficulties, on_instruction, on_response, over_quota

RAW, Q, A, QA = PairStage
NAN = float("nan")
Numbers = tuple[float | None, float | None]


def outcome(
    mode: Mode, original: Seen, q: Seen | Change, a: Seen | Change, qa: Seen | Change
) -> tuple[PairStage, PairFate]:
    """The version in force in the end, and the row's fate. A `Change` is a reflection that gave no pair."""
    first = q if isinstance(q, Change) else on_instruction(mode, original, q)
    taken = first is Change.ACCEPTED
    stage, earlier, later = (Q, q, qa) if taken else (RAW, original, a)
    assert isinstance(earlier, Seen)
    second = later if isinstance(later, Change) else on_response(mode, earlier, later)
    if second is Change.ACCEPTED:
        stage, earlier = (QA if taken else A), later
    assert isinstance(earlier, Seen)
    return stage, conclude(mode, second, earlier)[0]


def seen(numbers: Numbers | None) -> Seen | Change:
    return Seen(*numbers) if numbers else Change.UNREADABLE


PAGE: list[tuple[Numbers, Numbers | None, Numbers | None, Numbers | None, PairStage, PairFate]] = [
    # original, Q, A, QA: what the released code ends with, and its fate after the cut
    ((0.60, 0.80), (0.75, 0.70), None, (0.70, 0.60), QA, PairFate.KEPT),
    ((0.60, 0.80), (0.75, 0.70), None, (0.70, 0.70), Q, PairFate.DROPPED),
    ((0.60, 0.80), (0.60, 0.10), (0.50, 0.50), None, A, PairFate.KEPT),
    ((0.60, 0.80), (1.30, 0.70), None, (1.10, 0.60), QA, PairFate.DROPPED),
    ((0.60, 0.80), (None, 0.70), (0.50, 0.50), None, A, PairFate.KEPT),
    ((0.50, None), None, (0.90, 1.20), None, RAW, PairFate.DROPPED),
    ((0.50, None), None, None, None, RAW, PairFate.DROPPED),
]


@pytest.mark.parametrize(("original", "q", "a", "qa", "stage", "fate"), PAGE)
def test_the_table_of_the_released_rule(original, q, a, qa, stage, fate):
    assert outcome(Mode.SELECTIVE_CUT, Seen(*original), seen(q), seen(a), seen(qa)) == (stage, fate)


def test_without_the_cut_the_hard_item_stays():
    hard = Seen(0.60, 0.80), Seen(1.30, 0.70), Change.UNREADABLE, Seen(1.10, 0.60)
    assert outcome(Mode.SELECTIVE, *hard) == (QA, PairFate.KEPT)


BETTER, WORSE, EQUAL, NULL = (0.7, 0.4), (0.5, 0.6), (0.6, 0.5), (None, None)
"""Against (0.6, 0.5), in both directions: a higher IFD, and a lower r-IFD."""
FIRST = {BETTER: Change.ACCEPTED, WORSE: Change.WORSE, EQUAL: Change.TIE, NULL: Change.NULL, (NAN, NAN): Change.NULL}


@pytest.mark.parametrize("mode", [Mode.SELECTIVE, Mode.SELECTIVE_CUT, Mode.SELECTIVE_VERIFIED])
@pytest.mark.parametrize("later", FIRST)
def test_both_stages_compare_strictly(mode, later):
    earlier = Seen(*EQUAL)
    assert on_instruction(mode, earlier, Seen(*later)) is FIRST[later]
    assert on_response(mode, earlier, Seen(*later)) is FIRST[later]
    assert on_instruction(mode, Seen(), Seen(*later)) is Change.NULL, "the earlier number may not exist either"
    assert on_response(mode, Seen(), Seen(*later)) is Change.NULL


@pytest.mark.parametrize("later", FIRST)
def test_recycle_accepts_whatever_could_be_read(later):
    for rule in (on_instruction, on_response):
        assert rule(Mode.RECYCLE, Seen(*EQUAL), Seen(*later, Ruling.INCORRECT)) is Change.ACCEPTED
    assert conclude(Mode.RECYCLE, Change.EMPTY, Seen(1.3, 1.3)) == (PairFate.KEPT, "response_empty")


@pytest.mark.parametrize(
    ("mode", "ruling", "change"),
    [
        (Mode.SELECTIVE_VERIFIED, Ruling.INCORRECT, Change.INCORRECT),
        (Mode.SELECTIVE_VERIFIED, Ruling.UNVERIFIED, Change.ACCEPTED),
        (Mode.SELECTIVE_VERIFIED, Ruling.CORRECT, Change.ACCEPTED),
        (Mode.SELECTIVE, Ruling.INCORRECT, Change.ACCEPTED),  # the paper knows no verdict
    ],
)
def test_a_verdict_blocks_only_where_it_is_asked_for(mode, ruling, change):
    for rule in (on_instruction, on_response):
        assert rule(mode, Seen(*EQUAL), Seen(*BETTER, ruling)) is change


@pytest.mark.parametrize(
    ("mode", "response", "final", "fate"),
    [
        (Mode.SELECTIVE, Change.ACCEPTED, Seen(1.2, 1.2), (PairFate.KEPT, "response_accepted")),
        (Mode.SELECTIVE, Change.TIE, Seen(0.5, 0.5), (PairFate.DROPPED, "response_tie")),
        (Mode.SELECTIVE, Change.TRUNCATED, Seen(0.5, 0.5), (PairFate.DROPPED, "response_truncated")),
        (Mode.SELECTIVE_CUT, Change.ACCEPTED, Seen(0.99, 0.99), (PairFate.KEPT, "response_accepted")),
        (Mode.SELECTIVE_CUT, Change.ACCEPTED, Seen(1.0, 0.5), (PairFate.DROPPED, "ifd_not_below_1")),
        (Mode.SELECTIVE_CUT, Change.ACCEPTED, Seen(None, 0.5), (PairFate.DROPPED, "ifd_not_below_1")),
        (Mode.SELECTIVE_CUT, Change.ACCEPTED, Seen(0.5, 1.0), (PairFate.DROPPED, "rifd_not_below_1")),
        (Mode.SELECTIVE_VERIFIED, Change.WORSE, Seen(1.3, None), (PairFate.KEPT, "response_worse")),
        (Mode.SELECTIVE_VERIFIED, Change.WORSE, Seen(0.5, 0.5, Ruling.INCORRECT), (PairFate.DROPPED, "incorrect")),
    ],
)
def test_which_rows_are_kept(mode, response, final, fate):
    assert conclude(mode, response, final) == fate


def test_a_quota_keeps_the_highest_ifd_of_each_difficulty():
    rows = [
        KeptPair("a", "1", 0.1, 0.9),
        KeptPair("b", "1", 0.9, 0.8),
        KeptPair("c", "1", 0.5, None),
        KeptPair("d", "2", 0.5, 0.1),
        KeptPair("e", None, 0.3, 0.2),
        KeptPair("f", None, 0.4, 0.2),
        KeptPair("g", None, 0.2, 0.2),
        KeptPair("h", None, None, 0.7),
    ]
    of = difficulties(rows, levels=2)
    assert {key: of[key] for key in "abd"} == {"a": "1", "b": "1", "d": "2"}
    assert (of["g"], of["e"], of["f"], of["h"]) == ("ifd 1", "ifd 1", "ifd 2", "ifd unknown")
    assert over_quota(rows, of, most=1) == {"b", "c", "g"}, "a tie goes by id"
    assert over_quota(rows[::-1], of, most=1) == {"b", "c", "g"}, "whatever their order"
    assert over_quota(rows, of, most=2) == {"c"}
