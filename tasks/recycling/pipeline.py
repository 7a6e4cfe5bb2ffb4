"""The pipeline of recycling: what is done with one shard of originals. Plain Python; Prefect and Ray only call it."""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from threading import Event, Lock
from typing import Protocol

from schemas.call import Outcome, Request
from schemas.pair import Change, Original, Pair, PairFate, PairStage, Selected
from schemas.score import Score
from schemas.verdict import Verdict
from tasks.recycling.asking import RecycleSpec
from tasks.recycling.plan import RecyclePlan
from tasks.recycling.recycle_row import Recycled, Version, concluded
from tasks.recycling.selection import OVER_QUOTA, KeptPair, difficulties, over_quota
from tasks.replay.engine import Engine
from tasks.replay.lookup import Lookup
from tasks.replay.procedure import Fact, Progress, Verify
from tasks.scoring.score import ScoredText
from tasks.scoring.student_identity import score_id
from tasks.shards import ShardPipeline, Tick, silent
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

Decided = tuple[Selected, list[Pair]]


class Stage(StrEnum):
    """What is reflected on."""

    INSTRUCTION = "instruction"
    RESPONSE = "response"


class RecycleWorkers(Protocol):
    """Where the work is done: actors in a run, plain objects in a test."""

    def answer(self, requests: list[Request], tick: Tick) -> list[Outcome]: ...

    def score_texts(self, subjects: list[ScoredText], tick: Tick) -> list[Score]: ...

    def verify_pairs(self, needs: list[Verify], tick: Tick) -> list[Verdict]: ...


class RecyclePipeline(ShardPipeline):
    """Carries shards of originals through both reflections."""

    def __init__(
        self,
        plan: RecyclePlan,
        shards: dict[str, list[Original]],
        warehouse: Warehouse,
        before: Snapshot,
        workers: RecycleWorkers,
        run_id: str,
        halted: Event,
        report: Callable[[Stage, int], None] = lambda step, rows: None,
    ) -> None:
        """`before` shows the warehouse as it was when `shards` had these rows left. `report` hears of rows done, step
        by step.
        """
        super().__init__(warehouse, run_id, halted)
        self._plan, self._shards = plan, shards
        self._before, self._workers, self._report = before, workers, report
        self._journal = Journal(warehouse.journal_path)
        self._engine = Engine(Lookup(before, self._journal), self._journal, self._land)
        self._facts: dict[str, dict[str, Fact]] = {}
        """What was learnt of each shard that is under way."""
        self._waiting: list[Recycled] = []
        """Rows that are over, and that a quota keeps from being decided before the others."""
        self._adding = Lock()
        self.pending, self.ended = self._engine.pending, self._engine.ended

    def stages(self) -> list[tuple[str, Callable[[str], int]]]:
        """Return both stages, in their order."""
        return [(Stage.INSTRUCTION.value, self.instruction), (Stage.RESPONSE.value, self.response)]

    def instruction(self, shard_id: str) -> int:
        """Reflect on the shard's instructions, and see which the student prefers; returns the rows."""
        with self._stage():
            self._facts[shard_id] = {}
            return len(self._work(shard_id, Stage.INSTRUCTION))

    def response(self, shard_id: str) -> int:
        """Reflect on the responses of the pairs in force, see which the student prefers, and decide on the rows;
        returns those that are over.
        """
        with self._stage():
            over = [each.result for each in self._work(shard_id, Stage.RESPONSE) if each.result]
            if self._plan.order.selection.per_difficulty:
                with self._adding:
                    self._waiting += over
            else:
                self._land_decisions(over, shard_id)
        return len(over)

    def leave(self, shard_id: str) -> None:
        self._facts.pop(shard_id, None)

    def close(self) -> None:
        """Decide what waited for all rows, if all are there; and let the journal forget what has landed."""
        rows = sum(map(len, self._shards.values()))
        if self._waiting and len(self._waiting) == rows == len(self._plan.originals):
            self._land_decisions(self._waiting, "all")
        self._engine.close()
        self._journal.close()

    def _work(self, shard_id: str, step: Stage) -> list[Progress[Recycled]]:
        """Do what is due until nothing is, but for calls that have no answer for now."""
        workers, rows = self._workers, self._shards[shard_id]
        progress = self._engine.run(
            self._plan.rollouts(rows, stages=1 if step is Stage.INSTRUCTION else 2),
            self._unit(shard_id, step),
            ask=lambda requests: workers.answer(requests, silent),
            verify=lambda needs: workers.verify_pairs(needs, silent),
            score=lambda subjects: workers.score_texts(subjects, silent),
            facts=self._facts[shard_id],
        )
        self._report(step, len(rows) - sum(bool(each.due) for each in progress.values()))
        return list(progress.values())

    def _land_decisions(self, rows: Sequence[Recycled], *parts: str) -> None:
        """The pairs first: a row that has a fate has all its pairs."""
        decided, unit = decide(rows, self._plan.order), self._unit(*parts)
        pairs = [pair for _, pairs in decided for pair in pairs]
        ids = [pair.pair_id for pair in pairs]
        known = self._before.present("pairs", ids, where=f"plan_id = '{self._plan.plan_id}'")
        self._land("pairs", [pair for pair in pairs if pair.pair_id not in known], unit)
        self._land("selections", [selected for selected, _ in decided], unit)

    def _unit(self, *parts: str) -> str:
        return "/".join((self._plan.plan_id, *parts))


def decide(rows: Sequence[Recycled], order: RecycleSpec) -> list[Decided]:
    """Decide on rows that are over. With a quota they have to be all rows of the plan."""
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
