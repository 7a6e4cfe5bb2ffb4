"""How a row of the recycle line goes on from its answers, scores and verdicts; and what its books notice."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from schemas.call import Request
from schemas.pair import PairFate, PairStage
from schemas.recycling import Mode, RecycleConfiguration
from schemas.verdict import Ruling
from tasks.recycling.pipeline import decide
from tasks.recycling.plan import RecyclePlan
from tasks.recycling.recycle_row import concluded
from tasks.replay.lookup import Lookup
from tasks.replay.procedure import replay
from tasks.scoring.score import ScoredText
from tests.recycling import RecycleWorkers, ask, books, configured, planned, recycled, run
from tests.scripted import REFUSED, Reply, said
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

ROWS = [
    {"instruction": "Calculate 4 + 3 =", "output": "7", "gold": "7"},
    {"instruction": "Calculate 5 + 3 =", "output": "9", "gold": "8"},
    {"instruction": "Who wrote it?", "output": "Ada", "gold": "Ada"},
    {"instruction": "Say something.", "output": "Yes."},
    {"instruction": "", "output": "Nothing."},
]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, ROWS)), "utf-8")
    return path


def wrong_and_better(request: Request) -> Reply:
    """Everything that it writes the student likes better, and every sum is wrong. One instruction gets another."""
    if "<reflect>\ninstruction" in request.messages[-1].content:
        said_of = "<new_instruction>Calculate 1 + 1 =</new_instruction><new_response>Answer: 3</new_response>"
        return said(said_of if "Calculate 4" in request.messages[-1].content else "<decision>keep</decision>")
    return said("<new_response>Answer: 10</new_response>")


def better(text: ScoredText) -> tuple[float, float]:
    rank = len(text.response) / 100
    return 0.1 + rank, 0.9 - rank


def ends(plan: RecyclePlan) -> list[tuple[PairFate, str, PairStage | None]]:
    ended = [recycled(row, plan.order, wrong_and_better, better) for row in plan.originals]
    return [(*concluded(row, plan.order.mode), row.in_force.stage if row.versions else None) for row in ended]


def test_a_verdict_overrules_the_student(rows: Path) -> None:
    assert ends(planned(configured(rows))) == [
        (PairFate.KEPT, "response_accepted", PairStage.BOTH),  # the gold is the original's: unverified does not block
        (PairFate.DROPPED, "incorrect", PairStage.ORIGINAL),  # the original is known to be wrong, too
        (PairFate.KEPT, "response_incorrect", PairStage.ORIGINAL),  # by the row's own gold
        (PairFate.KEPT, "response_accepted", PairStage.RESPONSE),  # unverified does not block
        (PairFate.FAILED, "empty_instruction", None),
    ]


def test_the_papers_rule_takes_what_the_student_likes(rows: Path) -> None:
    stages = [stage for _, _, stage in ends(planned(configured(rows, mode=Mode.SELECTIVE)))]
    assert stages == [PairStage.BOTH, PairStage.RESPONSE, PairStage.RESPONSE, PairStage.RESPONSE, None]


@pytest.mark.parametrize(
    ("by", "reply", "checks", "rewritten", "stage"),
    [
        ("consensus", said("<output>Answer: 5</output>"), 2, PairStage.ORIGINAL, PairStage.ORIGINAL),
        ("consensus", said("<output>Answer: 10</output>"), 2, PairStage.ORIGINAL, PairStage.RESPONSE),
        ("consensus", said("I would rather not say."), 2, PairStage.BOTH, PairStage.RESPONSE),
        ("consensus", REFUSED, 2, PairStage.BOTH, PairStage.RESPONSE),
        ("judge", said("It is not.\nVerdict: incorrect"), 2, PairStage.ORIGINAL, PairStage.ORIGINAL),
        ("judge", said("It is.\nVerdict: correct"), 3, PairStage.BOTH, PairStage.RESPONSE),
        ("judge", said("Who knows?"), 3, PairStage.BOTH, PairStage.RESPONSE),
        ("judge", REFUSED, 3, PairStage.BOTH, PairStage.RESPONSE),
    ],
)
def test_what_no_gold_is_known_of_is_checked_where_that_is_configured(
    by: str, reply: Reply, checks: int, rewritten: PairStage, stage: PairStage, rows: Path
) -> None:
    asked = []

    def script(request: Request) -> Reply:
        if "<reflect>" in request.messages[-1].content:
            return wrong_and_better(request)
        asked.append(request)
        return reply

    check = {"by": by, "samples": 3, "model": "a-judge"}
    plan = planned(RecycleConfiguration.model_validate({"pairs": {"path": str(rows)}, "check": check}))
    ended = [recycled(row, plan.order, script, better) for row in plan.originals]
    models = ["practice"] * 3 if by == "consensus" else ["a-judge"]
    assert [r.model for r in asked] == models * checks, "of two rows: the others have golds"
    assert (ended[0].in_force.stage, ended[3].in_force.stage) == (rewritten, stage)


@pytest.mark.parametrize("in_every_mode", [True, False])
def test_a_check_in_every_mode_rules_and_blocks_nothing(in_every_mode: bool, rows: Path) -> None:
    def script(request: Request) -> Reply:
        reflects = "<reflect>" in request.messages[-1].content
        return wrong_and_better(request) if reflects else said("<output>Answer: 5</output>")

    check = {"by": "consensus", "samples": 3, "in_every_mode": in_every_mode}
    given = {"pairs": {"path": str(rows)}, "selection": {"mode": "recycle"}, "check": check}
    plan = planned(RecycleConfiguration.model_validate(given))
    row = recycled(plan.originals[0], plan.order, script, better)
    assert concluded(row, plan.order.mode) == (PairFate.KEPT, "response_accepted")
    assert row.in_force.stage is PairStage.BOTH
    assert (row.seen[row.in_force.pair_id].ruling is Ruling.INCORRECT) is in_every_mode
    assert (row.in_force.pair_id in row.verdict_ids) is in_every_mode


def test_a_check_that_is_not_in_every_mode_leaves_orders_what_they_were(rows: Path) -> None:
    given = {"pairs": {"path": str(rows)}, "check": {"by": "consensus"}}
    written = RecycleConfiguration.model_validate(given).model_dump(mode="json")["check"]
    assert set(written) == {"by", "samples", "share", "model"}


def test_nothing_is_asked_twice_and_the_books_notice_a_doubled_choice(rows: Path, warehouse: Warehouse) -> None:
    plan = planned(configured(rows))
    run(warehouse, plan, RecycleWorkers(wrong_and_better, better))
    with Snapshot(warehouse) as now, closing(Journal(warehouse.journal_path)) as journal:
        progress = replay(plan.rollouts(plan.originals), *Lookup(now, journal).finds).values()
    assert all(each.is_over for each in progress)
    assert sum(len(each.requests) for each in progress) == 8
    assert books(warehouse)["balanced"] is True
    verdicts = "SELECT verdict, count(*) FROM pairs_full GROUP BY 1 ORDER BY 1"
    assert ask(warehouse, verdicts) == [("correct", 2), ("incorrect", 3), ("unverified", 4)]
    chosen = next(
        pair
        for _, pairs in decide([each.result for each in progress if each.result], plan.order)
        for pair in pairs
        if pair.chosen
    )
    warehouse.land("pairs", [chosen.model_copy(update={"pair_id": "other"})], "r", "twice")
    assert books(warehouse)["balanced"] is False
