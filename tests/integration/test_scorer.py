"""Whose scores a policy goes by: pinned, or written down; a rescore between two releases shows where it matters."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from flows.cli.main import app
from flows.cli.release import show_difference
from flows.cli.show import show_trace
from flows.release import ReleaseOrder, make_release, releases_beside
from flows.report import write_report
from schemas.errors import Refused
from schemas.run import NO_BOOKS, Ledger, Run, RunEnd
from schemas.score import Definition, ResponseText, Score, StudentIdentity
from tasks.curation.curate import Curated, curate_warehouse
from tasks.curation.policy import Policy
from tasks.publishing.manifest import read_manifest
from tasks.scoring.student_identity import score_id
from tests.released_world import build, question
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

QUESTIONS = [question(n) for n in range(8)]
ONE = StudentIdentity(
    student="small", student_revision="a" * 40, template="plain", template_hash="t", definition=Definition.PPL_RATIO,
    response_text=ResponseText.TRACE, max_length=512, dtype="float32",
)  # fmt: skip
OTHER = ONE.model_copy(update={"student_revision": "b" * 40, "response_text": ResponseText.OUTPUT})
HALF = {"ifd": {"top_share": 0.5}, "rules": ("verdict", "structure", "ifd")}


def ask(warehouse: Warehouse, sql: str) -> list[tuple[Any, ...]]:
    with Snapshot(warehouse) as now:
        return now.ask(sql)[1]


def scored(warehouse: Warehouse, student: StudentIdentity, low_first: bool) -> None:
    """A rescore: rows for every trace, and a run that makes the student the configured one."""
    trace_ids = [trace_id for (trace_id,) in ask(warehouse, "SELECT trace_id FROM traces ORDER BY 1")]
    values = range(len(trace_ids)) if low_first else range(len(trace_ids), 0, -1)
    rows = [_score(trace_id, student, n / 100) for trace_id, n in zip(trace_ids, values, strict=True)]
    now = datetime.now(UTC)
    run = Run(
        run_id=student.student_revision, plan_id="p", flow="rescore", configuration="{}", code_version="0",
        scored_by=student, started_at=now, ended_at=now, ended=RunEnd.DONE, error=None, books=NO_BOOKS,
        ledger=Ledger(sent=0, answered=0, failed=0, unknown=0), cost_usd=None, table_versions=(),
    )  # fmt: skip
    warehouse.land("scores", rows, run.run_id, run.run_id)
    warehouse.land("runs", [run], run.run_id, f"run {run.run_id}")


def _score(trace_id: str, student: StudentIdentity, ifd: float) -> Score:
    absent = dict.fromkeys(name for name in Score.model_fields if name not in StudentIdentity.model_fields)
    known = {"score_id": score_id(trace_id, student), "subject_id": trace_id, "ifd": ifd, "truncated": False}
    return Score.model_validate(student.model_dump() | absent | known)


def curate(warehouse: Warehouse, **values: Any) -> Curated:
    return curate_warehouse(warehouse, Policy.model_validate(HALF | values))


def kept(warehouse: Warehouse, curated: Curated) -> set[str]:
    sql = f"SELECT trace_id FROM decisions WHERE fate = 'kept' AND curation_id = '{curated.curation.curation_id}'"
    return {trace_id for (trace_id,) in ask(warehouse, sql)}


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    made = Warehouse(tmp_path / "warehouse")
    made.create()
    build(made, QUESTIONS)
    scored(made, ONE, low_first=True)
    return made


def test_a_rescore_swaps_rows_unless_the_policy_pins_the_scorer_and_diff_names_it(
    warehouse: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    before, pinned = curate(warehouse), curate(warehouse, scorer={"student_revision": "a" * 40})
    root = releases_beside(warehouse)
    made = [make_release(warehouse, before.curation, ReleaseOrder("before", root), "run")]
    scored(warehouse, OTHER, low_first=False)
    after, again = curate(warehouse), curate(warehouse, scorer={"student_revision": "a" * 40})
    assert kept(warehouse, after) != kept(warehouse, before), "the known bad: who pins nothing gets other rows"
    assert again.curation.curation_id == pinned.curation.curation_id
    assert kept(warehouse, again) == kept(warehouse, pinned) == kept(warehouse, before)
    assert (before.curation.scorer, after.curation.scorer) == (ONE, OTHER)
    assert before.warning is again.warning is None
    assert after.warning
    assert "pins none" in after.warning
    assert "not small (revision aaaaaaaaaaaa, template plain t, ppl_ratio of the trace" in after.warning

    made += [make_release(warehouse, after.curation, ReleaseOrder("after", root), "run")]
    assert read_manifest(root / "before")["scorer"] == ONE.model_dump(mode="json")
    card = (root / "after" / "README.md").read_text()
    assert "revision bbbbbbbbbbbb" in card
    assert "another one gives other numbers, and may choose other rows." in card
    assert "b" * 40 in write_report(warehouse, "after", root).read_text()
    show_difference(Console(width=200), root, "before", "after", "table")
    told = capsys.readouterr().out
    assert "scorer.student_revision" in told
    assert "scorer.response_text" in told


def test_a_release_shows_the_scores_that_chose_its_rows_whoever_is_configured_later(warehouse: Warehouse) -> None:
    before = curate(warehouse)
    rows = f"FROM decided_full WHERE curation_id = '{before.curation.curation_id}'"
    sql = f"SELECT trace_id, ifd, student {rows} ORDER BY 1"
    shown = ask(warehouse, sql)
    make_release(warehouse, before.curation, ReleaseOrder("one", releases_beside(warehouse)), "run")
    page = write_report(warehouse, "one", releases_beside(warehouse)).read_text()
    scored(warehouse, OTHER, low_first=False)
    assert ask(warehouse, sql) == shown
    difficulty = page.split('id="difficulty"')[1].split("</section>")[0]
    again = write_report(warehouse, "one", releases_beside(warehouse)).read_text()
    assert again.split('id="difficulty"')[1].split("</section>")[0] == difficulty
    is_new = make_release(warehouse, before.curation, ReleaseOrder("one", releases_beside(warehouse)), "run").is_new
    assert not is_new, "the same bytes after a rescore"


@pytest.mark.parametrize(
    ("pin", "taken"),
    [
        ({}, OTHER),
        ({"student": "small", "response_text": "trace"}, ONE),
        ({"student": "small"}, OTHER),  # both fit: the configured one
        ({"definition": "ppl_ratio", "student_revision": "a" * 40}, ONE),
    ],
)
def test_a_pin_takes_the_configured_student_where_it_fits_else_the_only_one(
    warehouse: Warehouse, pin: dict[str, Any], taken: StudentIdentity
) -> None:
    scored(warehouse, OTHER, low_first=False)
    assert curate(warehouse, scorer=pin).curation.scorer == taken


@pytest.mark.parametrize(
    ("pin", "message"),
    [
        ({"student": "large"}, "scorer: got student = 'large', which fits none"),
        ({"definition": "loss_ratio"}, "These have scored traces:\n  small"),
        ({"response_text": "trace"}, "fits several students; pin more keys"),
    ],
)
def test_a_pin_that_fits_nobody_or_several_is_refused_with_who_there_is(
    warehouse: Warehouse, pin: dict[str, Any], message: str
) -> None:
    scored(warehouse, ONE.model_copy(update={"student_revision": "c" * 40}), low_first=False)
    scored(warehouse, OTHER, low_first=False)
    with pytest.raises(Refused, match=message.replace("(", r"\(")):
        curate(warehouse, scorer=pin)


def test_a_policy_that_pins_nobody_is_what_it_always_was() -> None:
    assert "scorer" not in Policy().model_dump()
    assert Policy(scorer={"student": "s"}).model_dump()["scorer"]["student"] == "s"  # type: ignore[arg-type]


def test_show_names_every_student_that_scored_the_trace(
    warehouse: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    scored(warehouse, OTHER, low_first=False)
    [(trace_id,)] = ask(warehouse, "SELECT min(trace_id) FROM traces")
    show_trace(Console(width=300), warehouse, trace_id)
    told = capsys.readouterr().out
    assert "by small (revision aaaaaaaaaaaa" in told
    assert "by small (revision bbbbbbbbbbbb" in told


def test_the_command_warns_of_several_students(warehouse: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--warehouse", str(warehouse.folder), "--formats", "chat"]
    app(["release", "one", *given], standalone_mode=False)
    assert "warning" not in capsys.readouterr().out
    scored(warehouse, OTHER, low_first=False)
    app(["release", "two", *given], standalone_mode=False)
    assert "warning: traces have scores of several students" in capsys.readouterr().out
    app(["release", "three", *given, "--set", "scorer.response_text=trace"], standalone_mode=False)
    assert "warning" not in capsys.readouterr().out
