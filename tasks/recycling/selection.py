"""Which version of a pair is in force, and whether its row is kept: the rules of all modes. Pure.

Selective Reflection-Tuning (arXiv 2402.10110), section 2: another instruction is taken where its IFD is higher, another
response where its r-IFD is lower. A tie, a number that does not exist and a reply that cannot be read keep the earlier
pair, as in its released code; there a pair whose scoring crashed counts as 0 and wins.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeGuard

from schemas.pair import Change, PairFate
from schemas.recycling import Mode
from schemas.verdict import Ruling

CUT = 1.0
"""`selective_cut` keeps what has both ratios below it: each side makes the other likelier."""
CUT_IFD, CUT_RIFD = "ifd_not_below_1", "rifd_not_below_1"
OVER_QUOTA = "over_quota"


@dataclass(frozen=True)
class Seen:
    """What is known of a pair when it is compared."""

    ifd: float | None = None
    rifd: float | None = None
    ruling: Ruling = Ruling.UNVERIFIED


def on_instruction(mode: Mode, earlier: Seen, later: Seen) -> Change:
    """Return what becomes of a pair with another instruction."""
    return _blocked(mode, later) or _compare(later.ifd, earlier.ifd)


def on_response(mode: Mode, earlier: Seen, later: Seen) -> Change:
    """Return what becomes of a pair with another response."""
    return _blocked(mode, later) or _compare(earlier.rifd, later.rifd)


def conclude(mode: Mode, response: Change, final: Seen) -> tuple[PairFate, str]:
    """Return the fate of a row, and its reason, from what came of its last reflection and from the pair in force after
    it.
    """
    if mode in (Mode.SELECTIVE, Mode.SELECTIVE_CUT) and response is not Change.ACCEPTED:
        return PairFate.DROPPED, f"response_{response}"
    if mode is Mode.SELECTIVE_CUT and (failed := _cut(final)):
        return PairFate.DROPPED, failed
    if mode is Mode.SELECTIVE_VERIFIED and final.ruling is Ruling.INCORRECT:
        return PairFate.DROPPED, Change.INCORRECT.value
    return PairFate.KEPT, f"response_{response}"


@dataclass(frozen=True)
class KeptPair:
    """A row that its own rule keeps, for a quota."""

    original_id: str
    difficulty: str | None
    """As the row names it."""
    original_ifd: float | None
    ifd: float | None
    """Of the pair that is kept."""


def difficulties(rows: Sequence[KeptPair], levels: int) -> dict[str, str]:
    """Return the difficulty of each row: its own, else its place by the IFD of its original, from `ifd 1` (easy) on."""
    unnamed = [row for row in rows if row.difficulty is None]
    ranked = sorted((row.original_ifd, row.original_id) for row in unnamed if _is_number(row.original_ifd))
    by_ifd = {key: f"ifd {1 + place * levels // len(ranked)}" for place, (_, key) in enumerate(ranked)}
    return {row.original_id: row.difficulty or by_ifd.get(row.original_id, "ifd unknown") for row in rows}


def over_quota(rows: Sequence[KeptPair], of: dict[str, str], most: int) -> set[str]:
    """Return those beyond `most` of their difficulty: the lowest IFD goes first, NULL before it, ties by id."""
    taken: dict[str, int] = {}
    over = set()
    for row in sorted(rows, key=lambda row: (not _is_number(row.ifd), -(row.ifd or 0.0), row.original_id)):
        level = of[row.original_id]
        taken[level] = taken.get(level, 0) + 1
        if taken[level] > most:
            over.add(row.original_id)
    return over


def _blocked(mode: Mode, later: Seen) -> Change | None:
    """What is decided without a comparison."""
    if mode is Mode.RECYCLE:
        return Change.ACCEPTED
    wrong = mode is Mode.SELECTIVE_VERIFIED and later.ruling is Ruling.INCORRECT
    return Change.INCORRECT if wrong else None


def _compare(larger: float | None, smaller: float | None) -> Change:
    if not _is_number(larger) or not _is_number(smaller):
        return Change.NULL
    return Change.ACCEPTED if larger > smaller else Change.TIE if larger == smaller else Change.WORSE


def _cut(final: Seen) -> str | None:
    if not _is_number(final.ifd) or final.ifd >= CUT:
        return CUT_IFD
    return None if _is_number(final.rifd) and final.rifd < CUT else CUT_RIFD


def _is_number(value: float | None) -> TypeGuard[float]:
    return value is not None and not math.isnan(value)
