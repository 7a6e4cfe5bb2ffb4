"""Questions in dispute: who agrees with whom, from when on, and what becomes of their traces."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.question import AnswerKind, Question
from schemas.record import canonical_json
from schemas.ruling import GoldRuling, OnGold
from schemas.run import Books, Ledger, Run, RunEnd
from schemas.trace import DraftAnswer, Reflection, Structure, Trace
from tasks.judging.verify import Verifier
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

DISPUTED = [
    ["19", "19", "19"],
    ["19", "19.0", "$19", "x = 19"],  # in other words
    ["19", "19", "18"],  # two thirds
    ["19", "19", "19", "19", "18"],
    ["19", "19", "19", "20", "3 or 4"],  # what is unverified does not count: three of four
]
CONTROLS = [
    ["19", "19"],  # too few
    ["19", "19", "3 or 4", "about 18"],  # too few are verified
    ["19", "20", "21"],
    ["19", "19", "18", "18"],
    ["19", "19", "18", "20"],
    ["19", "19", "20", "20"],
    ["19", "19", "20", "21", "22"],
    ["18", "18", "18"],
    ["Paris", "London", "Rome"],
]


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    made = Warehouse(tmp_path / "warehouse")
    made.create()
    return made


def question(name: str, gold: str | None = "18", source: str = "s") -> Question:
    return Question.of(text=name, gold=gold, kind=AnswerKind.NUMBER, source=source)


def traces(of: Question, answers: Sequence[str]) -> list[tuple[Trace, Question]]:
    return [(trace(of, index, answer), of) for index, answer in enumerate(answers)]


def trace(of: Question, index: int, answer: str) -> Trace:
    return Trace(
        trace_id=f"{of.text}-{index}",
        attempt_id=f"{of.text}-{index}",
        plan_id="p",
        question_id=of.question_id,
        sample_index=index,
        call_ids=(f"{of.text}-{index}",),
        grammar="g",
        text=answer,
        structure=Structure.UNTAGGED,
        thinking=None,
        reflections=(Reflection(start=0, end=0, text=""),),
        output=None,
        answer=answer,
        draft_answers=(DraftAnswer(start=0, end=0, answer="18"),),
    )


def run(flow: str = "synthesize", **verifier: float) -> Run:
    return Run(
        run_id=f"r {flow}",
        plan_id="p",
        flow=flow,
        configuration=canonical_json({"verifier": verifier}),
        code_version="0",
        scored_by=None,
        started_at=datetime.now(UTC),
        ended_at=datetime.now(UTC),
        ended=RunEnd.DONE,
        error=None,
        books=Books(planned=0, verified=0, unverified=0, failed=0, pending=0, doubled=0),
        ledger=Ledger(sent=0, answered=0, failed=0, unknown=0),
        cost_usd=None,
        table_versions=(),
    )


def ruling(of: Question, said: OnGold, number: int = 0) -> GoldRuling:
    return GoldRuling(
        ruling_id=f"{said}-{number}",
        question_id=of.question_id,
        ruling=said,
        gold=None,
        replaced_by=None,
        ruled_by="Ada",
        note=None,
        follows=None,
    )


def fill(warehouse: Warehouse, answers: dict[Question, list[str]]) -> None:
    jobs = [job for of, given in answers.items() for job in traces(of, given)]
    with closing(Verifier()) as verifier:
        verdicts = verifier.verify_traces(jobs)
    warehouse.land("questions", list(answers), "run", "u")
    warehouse.land("traces", [job[0] for job in jobs], "run", "u")
    warehouse.land("verdicts", verdicts, "run", "u")


def ask(warehouse: Warehouse, sql: str) -> list[tuple[Any, ...]]:
    with Snapshot(warehouse) as snapshot:
        return snapshot.ask(sql)[1]


def disputed(warehouse: Warehouse) -> list[str]:
    return [name for (name,) in ask(warehouse, "SELECT question FROM disputes")]


def test_samples_that_agree_dispute_a_gold_and_those_that_do_not_do_not(warehouse: Warehouse) -> None:
    """Each in a source of its own, so that none says how good the teacher is."""
    cases = {f"yes {i}": answers for i, answers in enumerate(DISPUTED)}
    cases |= {f"no {i}": answers for i, answers in enumerate(CONTROLS)}
    fill(warehouse, {question(name, source=name): answers for name, answers in cases.items()})
    assert sorted(disputed(warehouse)) == [f"yes {i}" for i in range(len(DISPUTED))]


def test_the_evidence_and_the_order(warehouse: Warehouse) -> None:
    fill(warehouse, {question("a"): ["19", "18", "19.0"], question("b"): ["7", "7", "7", "3 or 4"]})
    columns = "question, gold, agreed_answer, n_agreeing, n_gold, n_verified, round(share, 3), trace_ids"
    assert ask(warehouse, f"SELECT {columns} FROM disputes") == [
        ("b", "18", "7", 3, 0, 3, 1.0, ["b-0", "b-1", "b-2"]),
        ("a", "18", "19", 2, 1, 3, 0.667, ["a-0", "a-2"]),
    ]


def test_without_a_gold_there_is_nothing_to_dispute(warehouse: Warehouse) -> None:
    fill(warehouse, {question("a", gold=None): ["19", "19", "19"]})
    assert disputed(warehouse) == []


def test_where_the_teacher_is_good_fewer_samples_will_do(warehouse: Warehouse) -> None:
    """Two of five agree, and a teacher that is mostly right never gave the gold. The control is a teacher that is
    mostly wrong: there as many misses are to be expected."""
    split = ["19", "19", "20", "21", "22"]
    good = {question(f"good {i}", source="good"): ["18"] * 5 for i in range(10)}
    poor = {question(f"poor {i}", source="poor"): ["18", "1", "2", "3", "4"] for i in range(10)}
    fill(
        warehouse, good | poor | {question("in good", source="good"): split, question("in poor", source="poor"): split}
    )
    assert disputed(warehouse) == ["in good"]
    warehouse.land("runs", [run(dispute_chance=0.0)], "run", "r")
    assert disputed(warehouse) == []


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({}, ["three of four"]),
        ({"dispute_share": 0.8}, []),
        ({"dispute_samples": 5}, []),
        ({"dispute_samples": 1, "dispute_share": 0.5}, ["one", "three of four", "two of four"]),
    ],
)
def test_the_newest_run_that_made_traces_sets_number_and_share(
    warehouse: Warehouse, settings: dict[str, float], found: list[str]
) -> None:
    answers = {"one": ["19"], "three of four": ["19", "19", "19", "18"], "two of four": ["19", "19", "18", "20"]}
    fill(warehouse, {question(name, source=name): given for name, given in answers.items()})
    warehouse.land("runs", [run(dispute_samples=1, dispute_share=0.1)], "run", "older")
    warehouse.land("runs", [run(**settings)], "run", "newer")
    assert sorted(disputed(warehouse)) == found


@pytest.mark.parametrize("flow", ["ask", "compare", "recycle", "rescore"])
def test_a_run_that_makes_no_traces_leaves_verdicts_alone(warehouse: Warehouse, flow: str) -> None:
    """Whoever asked a question through the ledger took the run's settings back, and with them verdicts in force."""
    fill(warehouse, {question("a"): ["19", "19", "19", "18"]})
    warehouse.land("runs", [run(dispute_share=0.8)], "run", "made traces")
    warehouse.land("runs", [run(flow)], "run", "made none")
    assert disputed(warehouse) == []


def test_its_traces_are_unverified_and_its_verdicts_stay_as_landed(warehouse: Warehouse) -> None:
    fill(warehouse, {question("a"): ["19", "19", "19", "18"], question("b"): ["18", "18", "19"]})
    columns = "verdict, reason, effect, effect_reason, reflection_effects"
    seen = f"SELECT {columns} FROM traces_full WHERE question = '{{}}' ORDER BY sample_index"
    assert ask(warehouse, seen.format("a")) == [("unverified", "disputed", None, "answer_unverified", [None])] * 4
    assert ask(warehouse, seen.format("b"))[0] == ("correct", "equal", "confirmed", "judged", ["confirmed"])
    landed = "SELECT verdict, count(*) FROM verdicts WHERE starts_with(subject_id, 'a') GROUP BY ALL ORDER BY ALL"
    assert ask(warehouse, landed) == [("correct", 1), ("incorrect", 3)]
    assert ask(warehouse, "SELECT correct, incorrect, unverified, pass_rate FROM yield_by_source") == [
        (2, 1, 4, 0.6667)
    ]


@pytest.mark.parametrize(
    ("said", "still", "verdict", "reason"),
    [
        (OnGold.GOLD_STANDS, [], "incorrect", "not_equal"),
        (OnGold.GOLD_REPLACED, [], "unverified", "ruled_out"),
        (OnGold.QUESTION_DROPPED, [], "unverified", "ruled_out"),
        (OnGold.OPEN, ["a"], "unverified", "disputed"),
    ],
)
def test_a_ruling_settles_it(warehouse: Warehouse, said: OnGold, still: list[str], verdict: str, reason: str) -> None:
    """Whatever was said before: the newest is in force."""
    asked = question("a")
    fill(warehouse, {asked: ["19", "19", "19"]})
    warehouse.land("rulings", [ruling(asked, OnGold.QUESTION_DROPPED, 1)], "run", "older")
    warehouse.land("rulings", [ruling(asked, said)], "run", "newer")
    assert disputed(warehouse) == still
    assert ask(warehouse, "SELECT DISTINCT verdict, reason FROM traces_full") == [(verdict, reason)]
