"""A clock set back, or a machine whose clock is late: what landed last counts, and no run ends before it began."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.run_row import land_run
from schemas.run import NO_BOOKS, Ledger, Run, RunEnd
from schemas.score import Definition, ResponseText, Score, StudentIdentity
from tests.conftest import ROOT
from tests.unit.test_warehouse import ask, land, trace
from warehouse.landing import Warehouse


def landed_run(warehouse: Warehouse, student: StudentIdentity, set_back: timedelta) -> Run:
    given = {"run_id": student.student, "plan_id": "p", "flow": "synthesize", "configuration": "{}"}
    ended = {"ended": RunEnd.DONE, "error": None, "started_at": datetime.now(UTC) - set_back}
    bill = {"books": NO_BOOKS, "ledger": Ledger(sent=0, answered=0, failed=0, unknown=0), "cost_usd": 0.0}
    return land_run(warehouse, scored_by=student, **given, **ended, **bill)


def score(name: str, ifd: float) -> Score:
    numbers = dict.fromkeys(Score.model_fields, None) | {"ifd": ifd, "truncated": False, "score_id": name}
    student = {"student": name, "student_revision": "r", "template": "plain", "template_hash": "h", "dtype": "float32"}
    how = {"definition": Definition.PPL_RATIO, "response_text": ResponseText.TRACE, "max_length": 9}
    return Score.model_validate(numbers | student | how | {"subject_id": "t0"})


@pytest.mark.parametrize("set_back", [timedelta(), timedelta(hours=1), timedelta(days=365)], ids=str)
def test_the_student_of_the_run_that_landed_last_counts(warehouse: Warehouse, set_back: timedelta) -> None:
    """The bug: the run before, which the clock calls later, decided on whose scores were shown and curated by."""
    land(warehouse, "traces", trace(0))
    for back, said in ((timedelta(), score("first", 0.5)), (set_back, score("second", 0.25))):
        land(warehouse, "scores", said, unit=said.student)
        student = StudentIdentity.model_validate(said.model_dump(include=set(StudentIdentity.model_fields)))
        landed_run(warehouse, student, back)
    assert ask(warehouse, "SELECT ifd FROM traces_full") == [(0.25,)]


def test_no_query_asks_a_clock_which_run_is_the_newest() -> None:
    texts = [path for room in ("warehouse", "tasks", "flows") for path in (ROOT / room).rglob("*") if is_code(path)]
    assert len(texts) > 200, "the control"
    assert [path.name for path in texts if "ORDER BY started_at" in path.read_text("utf-8")] == []


def is_code(path: Path) -> bool:
    return path.suffix in (".py", ".sql")


def test_a_run_through_whose_time_the_clock_was_set_back_ends_no_earlier_than_it_began(warehouse: Warehouse) -> None:
    student = StudentIdentity.model_validate(score("s", 0.5).model_dump(include=set(StudentIdentity.model_fields)))
    run = landed_run(warehouse, student, timedelta(hours=-1))
    assert run.ended_at == run.started_at
