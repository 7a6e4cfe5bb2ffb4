"""What a run shows of itself while it works, on a terminal and in a log."""

import io
from time import monotonic
from typing import Any

import pytest
from rich.console import Console

from flows.cli import progress as module
from flows.cli.progress import RunProgress, Throughput, progress_of, progress_of_file
from schemas.until import Until
from schemas.verdict import EffectReason, Reason, Verdict, VerdictSubject
from tasks.asking.state import TeacherState

TOTALS = {Until.GENERATE: 120, Until.VERIFY: 120, Until.SCORE: 0}


def verdict(reason: Reason) -> Verdict:
    return Verdict(
        verdict_id="v",
        subject=VerdictSubject.TRACE,
        subject_id="t",
        verifier="number",
        verifier_version="1",
        verdict=reason.ruling,
        reason=reason,
        answer=None,
        effect=None,
        effect_reason=EffectReason.NO_DRAFT,
        reflection_effects=(),
        duration_s=0.0,
    )


def at_work(**state: Any) -> RunProgress:
    progress = RunProgress(TOTALS)
    progress.teacher(TeacherState())
    progress.rows(Until.GENERATE, 30)
    progress.rows(Until.VERIFY, 16)
    wrong = next(reason for reason in Reason if reason.ruling == "incorrect")
    right = next(reason for reason in Reason if reason.ruling == "correct")
    progress.landed("verdicts", [verdict(right)] * 13 + [verdict(wrong)] * 3)
    progress.landed("calls", [])
    told = {"in_flight": 16, "answered": 31, "completion_tokens": 9000, "cost_usd": 0.5, "rate_limited": 2}
    progress.teacher(TeacherState(**(told | {"error": "server_error: HTTP 500: oops"} | state)))
    return progress


def test_a_rate_is_that_of_the_last_minutes_and_falls_while_nothing_comes() -> None:
    rate = Throughput()
    assert rate.per_s(5.0) == 0
    for second in range(600):
        rate.see(float(second), 10.0 * second if second < 300 else 3000.0 + second)
    assert rate.per_s(599.0) == pytest.approx(1.0, rel=0.1), "a server that has become slower"
    assert rate.per_s(599.0 + 180) == pytest.approx(0.5, rel=0.1)


def test_a_line_says_all_that_a_log_needs() -> None:
    line = at_work().line()
    for told in ("generate 30/120  verify 16/120", "left", "16 in flight", "answers/min", "tokens/s"):
        assert told in line
    for told in (
        "0.50 USD of about 2.00",
        "2 answers 429",
        "13 correct; 3 incorrect (",
        "last error: server_error: HTTP 500",
    ):
        assert told in line
    assert "score" not in line, "a stage with nothing to do"


def test_a_teacher_that_is_away_is_said_in_the_place_of_its_last_error() -> None:
    line = at_work(away="loading: HTTP 503: Loading model").line()
    assert "waiting for the teacher: loading: HTTP 503: Loading model" in line
    assert "last error" not in line


@pytest.mark.parametrize("width", [40, 80, 140])
def test_a_terminal_of_any_width_has_it_all(width: int) -> None:
    shown = io.StringIO()
    Console(file=shown, width=width, force_terminal=True, color_system=None).print(at_work())
    lines = shown.getvalue().splitlines()
    assert len(lines) == 6
    assert max(map(len, lines)) <= width
    assert [line.split()[0] for line in lines[:2]] == ["generate", "verify"]
    assert "30/120" in lines[0]
    assert "left" in lines[2]
    assert "16 in flight" in lines[3]
    assert "13 correct" in lines[4]


def test_nothing_is_said_of_a_teacher_that_is_not_asked() -> None:
    progress = RunProgress({Until.VERIFY: 4})
    progress.rows(Until.VERIFY, 4)
    progress.rows(Until.GENERATE, 4)
    assert progress.line().startswith("verify 4/4")
    assert "in flight" not in progress.line()


def test_nothing_is_in_flight_once_all_is_done() -> None:
    progress = at_work()
    progress.rows(Until.GENERATE, 90)
    assert "16 in flight" in progress.line(), "rows are still to be verified"
    progress.rows(Until.VERIFY, 104)
    line = progress.line()
    assert "generate 120/120  verify 120/120" in line
    assert "0.50 USD" in line
    assert not [word for word in ("in flight", "answers/min", "tokens/s") if word in line]


def test_a_log_gets_a_line_now_and_then_and_one_for_each_stage_that_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIRST_LINE_S", 0.1)
    monkeypatch.setattr(module, "_LOOK_S", 0.01)
    shown = io.StringIO()
    with progress_of(Console(file=shown, width=300), TOTALS) as progress:
        progress.rows(Until.GENERATE, 7)
        began = monotonic()
        while "generate 7/120" not in shown.getvalue():
            assert monotonic() - began < 60
        progress.rows(Until.GENERATE, 113)
        while "generate 120/120" not in shown.getvalue():
            assert monotonic() - began < 60
    assert len(shown.getvalue().splitlines()) == 3


def test_a_file_gets_a_line_a_minute(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(module, "_LINE_EVERY_S", 0.0)
    (tmp_path / "a.jsonl").write_text("x" * 100)
    shown = io.StringIO()
    with progress_of_file(Console(file=shown, width=80), tmp_path / "a.jsonl") as report:
        report(1234, 50)
    assert shown.getvalue() == "1,234 rows, 0:00 left\n"
