"""The plan of the recycle line: every original, in shards, resolved before a token is bought. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from schemas.call import Request
from schemas.pair import Original, PairStage
from schemas.record import content_key
from tasks.recycling.asking import RecycleSpec, reflecting_request
from tasks.recycling.originals import RawPair, RawPairs
from tasks.recycling.recycle_row import Recycled, recycle_row
from tasks.replay.procedure import Procedure


@dataclass(frozen=True)
class RecyclePlan:
    plan_id: str
    order: RecycleSpec
    originals: tuple[Original, ...]

    def rollouts(self, rows: Iterable[Original], stages: int = 2) -> dict[str, Procedure[Recycled]]:
        """Return how each row is recycled, by original_id."""
        return {row.original_id: recycle_row(row, self.order, stages) for row in rows}

    def shards(self, without: set[str]) -> dict[str, list[Original]]:
        """Group by shard_id, in plan order, the originals that are not among `without`; no empty shard."""
        shards: dict[str, list[Original]] = {}
        for original in self.originals:
            if original.original_id not in without:
                shards.setdefault(original.shard_id, []).append(original)
        return shards


def make_plan(order: RecycleSpec, raw: RawPairs, shard_size: int) -> RecyclePlan:
    """Make a plan. Equal configurations and rows give equal plans, whatever the run's limits."""
    decides = sorted([pair.original_id, pair.gold, pair.difficulty] for pair in raw.pairs)
    plan_id = content_key("plan", "recycle", order.order_id, decides)
    originals: list[Original] = []
    rows = iter(raw.pairs)
    while shard := list(islice(rows, shard_size)):
        shard_id = content_key("shard", [pair.original_id for pair in shard])
        originals += (_original(order, plan_id, shard_id, raw.source, pair) for pair in shard)
    return RecyclePlan(plan_id, order, tuple(originals))


def _original(order: RecycleSpec, plan_id: str, shard_id: str, source: str, pair: RawPair) -> Original:
    return Original(
        plan_id=plan_id,
        original_id=pair.original_id,
        shard_id=shard_id,
        source=source,
        external_id=pair.external_id,
        place=pair.place,
        instruction=pair.instruction,
        input=pair.input,
        response=pair.response,
        gold=pair.gold,
        difficulty=pair.difficulty,
        call_id=None if pair.bad else _first(order, pair).call_id,
        bad=pair.bad,
    )


def _first(order: RecycleSpec, pair: RawPair | Original) -> Request:
    return reflecting_request(order, PairStage.INSTRUCTION, pair.instruction, pair.input, pair.response)
