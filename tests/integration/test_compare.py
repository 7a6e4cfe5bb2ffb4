"""Two sides are compared by a judge, through the ledger: what is asked is asked once and within the budget."""

import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console

from flows.cli.compare import _side, compare_and_show
from flows.compare import Compared, Side, compare_sides
from flows.configure import read_as
from schemas.configuration import LineConfiguration, RunConfiguration
from schemas.errors import BudgetReached, Refused
from schemas.question import Question
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

SUMS = [(3, 4), (15, 27), (120, 34), (8, 19), (250, 250), (77, 11)]
JUDGE = ("judge.preset=mild",)


def text(a: int, b: int) -> str:
    return f"State the final answer to the following arithmetic problem: {a} + {b} ="


QUESTIONS = [Question.of(text=text(a, b), gold=str(a + b), kind="number", source="sums") for a, b in SUMS]
RIGHT = {q.question_id: f"<thinking>Sure.</thinking>\n<output>Answer: {q.gold}</output>" for q in QUESTIONS}
WRONG = {q.question_id: f"Answer: {int(q.gold or 0) + 1}" for q in QUESTIONS}


def configured(*sets: str) -> LineConfiguration:
    return read_as(LineConfiguration, None, [*JUDGE, *sets])


def compared(folder: Path, a: Side, b: Side, *sets: str, questions: Sequence[Question] = QUESTIONS) -> Compared:
    return compare_sides(questions, a, b, Warehouse(folder), configured(*sets))


def calls(folder: Path) -> int:
    with Snapshot(Warehouse(folder)) as now:
        return int(now.ask("SELECT count(*) FROM calls", [])[1][0][0])


def test_right_beats_wrong_on_either_side_and_is_paid_for_once(tmp_path: Path) -> None:
    folder = tmp_path / "warehouse"
    right, wrong = Side("right", RIGHT), Side("wrong", WRONG)
    found = compared(folder, right, wrong)
    assert found.comparison.questions == len(QUESTIONS) - sum(found.comparison.undecided.values()) > 3
    assert found.comparison.win_rate
    assert found.comparison.win_rate.value > 0.85
    assert "Sure" not in found.ruled[0].contest.answer_a, "only the output is judged"
    bought = calls(folder)
    assert bought == 2 * len(QUESTIONS)

    assert compared(folder, right, wrong) == found
    swapped = compared(folder, wrong, right).comparison
    assert swapped.win_rate
    assert swapped.win_rate.value == pytest.approx(1 - found.comparison.win_rate.value)
    assert calls(folder) == bought, "the other way round is the same two calls"

    same = compared(folder, right, right).comparison
    assert (same.ties, same.win_rate and same.win_rate.value) == (len(QUESTIONS), 0.5)
    assert calls(folder) == bought, "equal answers cost none"


def test_a_budget_stops_it_and_more_of_it_continues(tmp_path: Path) -> None:
    folder = tmp_path / "warehouse"
    sides = Side("right", RIGHT), Side("wrong", WRONG)
    with pytest.raises(BudgetReached, match=r"of 6,000 tokens; \d+ calls are left"):
        compared(folder, *sides, "budget.tokens=6000")
    part = calls(folder)
    assert 0 < part < 2 * len(QUESTIONS)
    compared(folder, *sides, "budget.tokens=1000000")
    assert calls(folder) == 2 * len(QUESTIONS)
    with Snapshot(Warehouse(folder)) as now:
        _, runs = now.ask("SELECT ended, ledger.sent FROM runs ORDER BY started_at", [])
    assert runs == [("budget_reached", part), ("done", 2 * len(QUESTIONS))]


def test_what_has_no_answer_is_counted_and_nothing_at_all_is_refused(tmp_path: Path) -> None:
    some = dict([*RIGHT.items()][:2])
    found = compared(tmp_path / "warehouse", Side("some", some), Side("wrong", WRONG))
    assert (len(found.ruled), found.reasons) == (2, {"no_answer_of_a": 4})
    with pytest.raises(Refused, match=r"none of 6 questions.*no_answer_of_b \(6\)"):
        compared(tmp_path / "warehouse", Side("right", RIGHT), Side("none", {}))


def test_models_and_files_are_sides(tmp_path: Path) -> None:
    """AlpacaEval's form of a file of answers, and a model that is asked; every figure in JSON, every ruling a row."""
    questions, answers, out = (tmp_path / name for name in ("questions.jsonl", "answers.json", "rulings.jsonl"))
    rows = [{"id": f"q{n}", "question": q.text, "gold": q.gold} for n, q in enumerate(QUESTIONS)]
    questions.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    told = [{"instruction": f" {q.text}\n", "output": WRONG[q.question_id], "generator": "g"} for q in QUESTIONS[1:]]
    answers.write_text(json.dumps(told))
    sets = ["questions.source=jsonl", f"questions.path={questions}", *JUDGE]
    configuration = read_as(RunConfiguration, None, sets)
    console = Console(file=io.StringIO(), width=200)
    figures = json.loads(
        compare_and_show(console, "practice", str(answers), configuration, tmp_path / "w", tmp_path, "answer", "", out)
    )
    assert figures["not_compared"] == {"no_answer_of_b": 1}
    assert figures["questions"] + sum(figures["undecided"].values()) == len(QUESTIONS) - 1
    assert figures["win_rate"]["low"] <= figures["win_rate"]["value"] <= figures["win_rate"]["high"]
    assert figures["win_rate"]["value"] > 0.5
    ruled = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["id"] for row in ruled] == [row["id"] for row in rows]
    assert [row["reason"] for row in ruled[:2]] == ["no_answer_of_b", None]
    assert "length-controlled" in console.file.getvalue()  # type: ignore[attr-defined]
    other = [Question.of(text="Another one?", gold=None, kind="exact", source="s")]
    with pytest.raises(Refused, match="none of its 5 answers is to one of the 1 questions"):
        _side(str(answers), other, configuration, tmp_path, {})
