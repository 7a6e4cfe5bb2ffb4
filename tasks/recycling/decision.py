"""From recycled rows to what lands of them: one fate each, and every version with what became of it. Pure."""

from collections.abc import Iterator, Sequence

from schemas.pair import Change, Pair, PairFate, PairStage, Selected
from tasks.recycling.asking import RecycleSpec
from tasks.recycling.recycle_row import Recycled, Version, concluded
from tasks.recycling.selection import OVER_QUOTA, KeptPair, difficulties, over_quota
from tasks.scoring.student_identity import score_id

Decided = tuple[Selected, list[Pair]]


def decide(rows: Sequence[Recycled], order: RecycleSpec) -> list[Decided]:
    """Of rows that are over. With a quota they have to be all rows of the plan."""
    fates = {row.original.original_id: concluded(row, order.mode) for row in rows}
    of: dict[str, str] = {}
    if most := order.selection.per_difficulty:
        kept = [_kept(row) for row in rows if fates[row.original.original_id][0] is PairFate.KEPT]
        of = difficulties(kept, order.selection.levels)
        fates |= dict.fromkeys(over_quota(kept, of, most), (PairFate.DROPPED, OVER_QUOTA))
    return [_decided(row, order, *fates[row.original.original_id], of) for row in rows]


def _kept(row: Recycled) -> KeptPair:
    original = row.original
    chosen = row.seen[row.in_force.pair_id]
    return KeptPair(original.original_id, original.difficulty, row.seen[original.original_id].ifd, chosen.ifd)


def _decided(row: Recycled, order: RecycleSpec, fate: PairFate, reason: str, of: dict[str, str]) -> Decided:
    original = row.original
    in_force = row.in_force if row.versions else None
    on_instruction, on_response = row.changes or (None, None)
    selected = Selected(
        plan_id=original.plan_id,
        original_id=original.original_id,
        fate=fate,
        reason=reason,
        chosen_id=in_force.pair_id if in_force and fate is PairFate.KEPT else None,
        stage=in_force.stage if in_force else None,
        on_instruction=on_instruction,
        on_response=on_response,
        call_ids=tuple(row.call_ids),
        difficulty=of.get(original.original_id),
    )
    return selected, list(_pairs(row, order, selected))


def _pairs(row: Recycled, order: RecycleSpec, selected: Selected) -> Iterator[Pair]:
    for version in row.versions:
        yield Pair(
            pair_id=version.pair_id,
            plan_id=selected.plan_id,
            original_id=selected.original_id,
            parent_id=version.parent_id,
            stage=version.stage,
            instruction=version.instruction,
            input=version.input,
            response=version.response,
            critique=version.critique,
            call_id=version.call_id,
            score_id=score_id(version.pair_id, order.student),
            verdict_id=row.verdict_ids.get(version.pair_id),
            chosen=version.pair_id == selected.chosen_id,
            reason=_reason(version, selected),
        )


def _reason(version: Version, selected: Selected) -> str:
    if version.stage is PairStage.ORIGINAL:
        return selected.reason
    change: Change | None = selected.on_instruction if version.stage is PairStage.INSTRUCTION else selected.on_response
    return str(change)
