"""The recycle line in one process: a scripted teacher, a student of known numbers, the real verifier, and its books."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any

from schemas.call import Outcome, Request
from schemas.pair import Original
from schemas.recycling import RecycleConfiguration
from schemas.score import Definition, ResponseText, Score, StudentIdentity
from schemas.verdict import Verdict
from tasks.judging.verify import Verifier
from tasks.recycling.asking import RecycleSpec
from tasks.recycling.originals import read_pairs
from tasks.recycling.pipeline import RecyclePipeline
from tasks.recycling.plan import RecyclePlan, make_plan
from tasks.recycling.recycle_row import Recycled, recycle_row
from tasks.recycling.verification import verify_pairs
from tasks.replay.procedure import Fact, Need, ScoreText, Verify, replay, requests_of
from tasks.scoring.score import ScoredText
from tasks.scoring.student_identity import score_id
from tasks.synthesis.pipeline import Tick
from tests.scripted import Reply, ScriptedWorkers, call
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

STUDENT = StudentIdentity(
    student="hashes",
    student_revision="1",
    template="t",
    template_hash="t",
    definition=Definition.PPL_RATIO,
    response_text=ResponseText.TRACE,
    max_length=100,
    dtype="float32",
)
Numbers = Callable[[ScoredText], tuple[float | None, float | None]]
Script = Callable[[Request], Reply | str]


class Killed(BaseException):
    """The process ends here."""


class RecycleWorkers(ScriptedWorkers):
    """A scripted teacher through the journal, a student of known numbers, and the real verifier."""

    def __init__(self, script: Script, numbers: Numbers, killed_after: int | None = None) -> None:
        super().__init__(script)
        self._numbers, self._killed_after = numbers, killed_after
        self.scored: list[str] = []

    def answer(self, requests: list[Request], tick: Tick) -> list[Outcome]:
        """All at once: they share one commit of the journal."""
        outcomes = asyncio.run(self._all(requests[: self._killed_after]))
        if self._killed_after is not None:
            raise Killed
        return outcomes

    async def _all(self, requests: list[Request]) -> list[Outcome]:
        assert self.journal
        return await asyncio.gather(*(self._through(self.journal, request) for request in requests))

    def score_texts(self, subjects: list[ScoredText], tick: Tick) -> list[Score]:
        self.scored += [subject.subject_id for subject in subjects]
        return [score(subject.subject_id, *self._numbers(subject)) for subject in subjects]

    def verify_pairs(self, needs: list[Verify], tick: Tick) -> list[Verdict]:
        with closing(Verifier()) as verifier:
            return verify_pairs(verifier, needs)


def score(pair_id: str, ifd: float | None, rifd: float | None) -> Score:
    nothing = dict.fromkeys(set(Score.model_fields) - set(StudentIdentity.model_fields))
    row = {**nothing, **STUDENT.model_dump(), "score_id": score_id(pair_id, STUDENT), "subject_id": pair_id}
    return Score.model_validate({**row, "truncated": False, "ifd": ifd, "rifd": rifd})


def configured(path: Path, **selection: Any) -> RecycleConfiguration:
    return RecycleConfiguration.model_validate({"pairs": {"path": str(path)}, "selection": selection})


def planned(configuration: RecycleConfiguration, shard_size: int = 50) -> RecyclePlan:
    order = RecycleSpec.of(configuration, STUDENT, "practice/1/x", "")
    return make_plan(order, read_pairs(configuration.pairs), shard_size)


def run(warehouse: Warehouse, plan: RecyclePlan, workers: RecycleWorkers) -> RecyclePipeline:
    """As the flow does it, one shard after the other."""
    with Snapshot(warehouse) as before, closing(Journal(warehouse.journal_path)) as journal:
        workers.journal = journal
        known = before.present("originals", [row.original_id for row in plan.originals], f"plan_id = '{plan.plan_id}'")
        new = [row for row in plan.originals if row.original_id not in known]
        warehouse.land("originals", new, "r", f"{plan.plan_id}/plan")
        ended = before.present("selections", [r.original_id for r in plan.originals], f"plan_id = '{plan.plan_id}'")
        shards = plan.shards(ended)
        line = RecyclePipeline(plan, shards, warehouse, before, workers, "r", Event())
        with closing(line):
            for shard_id in shards:
                line.instruction(shard_id)
                line.response(shard_id)
                line.leave(shard_id)
    return line


def recycled(row: Original, order: RecycleSpec, script: Callable[[Request], Reply], numbers: Numbers) -> Recycled:
    """A row to its end, without a warehouse."""

    def find(due: Mapping[str, Need]) -> dict[str, Fact]:
        calls = [call(request, script(request)) for request in requests_of(due).values()]
        texts = [need.subject for need in due.values() if isinstance(need, ScoreText)]
        scores = [score(text.subject_id, *numbers(text)) for text in texts]
        jobs = [need for need in due.values() if isinstance(need, Verify)]
        found: dict[str, Fact] = {made.call_id: made for made in calls}
        found |= {made.score_id: made for made in scores}
        return found | {made.verdict_id: made for made in verify_pairs(verifier, jobs)}

    with closing(Verifier()) as verifier:
        ended = replay({0: recycle_row(row, order)}, find)[0].result
    assert ended
    return ended


def ask(warehouse: Warehouse, sql: str) -> list[tuple[Any, ...]]:
    with Snapshot(warehouse) as now:
        return now.ask(sql)[1]


def books(warehouse: Warehouse) -> dict[str, Any]:
    with Snapshot(warehouse) as now:
        columns, [row] = now.ask("SELECT * EXCLUDE (plan_id) FROM pair_books")
    return dict(zip(columns, row, strict=True))
