"""Another student over what has landed: rows are added, none is changed, and the view shows the newest student's."""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event

import pytest

from schemas.pair import Pair, PairStage
from schemas.question import AnswerKind, Question
from schemas.score import Score
from schemas.student import StudentSettings as Settings
from schemas.trace import Structure, Trace
from tasks.scoring.rescoring import RescorePipeline, find_due
from tasks.scoring.score import ScoredText
from tasks.scoring.student import Student
from tests.conftest import Reflectory
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

QUESTIONS = [Question.of(text=f"What is {n} + 2?", gold=str(n + 2), kind=AnswerKind.NUMBER, source="t") for n in (1, 2)]
TRACES = [
    Trace(
        trace_id=f"trace {question.text[8]} {sample}",
        attempt_id=f"attempt {question.text[8]} {sample}",
        plan_id="p",
        question_id=question.question_id,
        sample_index=sample,
        call_ids=(),
        grammar="1",
        text=f"{sample}, said at first. Answer: {question.gold}",
        structure=Structure.UNTAGGED,
        thinking=None,
        reflections=(),
        output=None if sample == 2 else f"Answer: {question.gold}",
        answer=question.gold,
        draft_answers=(),
    )
    for question in QUESTIONS
    for sample in range(3)
]


@pytest.fixture(scope="module")
def student() -> Student:
    return Student(Settings(device="cpu"))


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    made = Warehouse(tmp_path / "data/warehouse")
    made.create()
    for table, rows in (("questions", QUESTIONS), ("traces", TRACES)):
        made.land(table, rows, "before", f"before/{table}")
    return made


class Plain:
    """The student without an actor; remembers what it was asked, and may fail once."""

    def __init__(self, student: Student, fails_at: int | None = None) -> None:
        self._student, self._fails_at = student, fails_at
        self.asked: list[list[str]] = []

    def score_texts(
        self,
        subjects: list[ScoredText],
        tick: Callable[[int], None],
        take: Callable[[Sequence[Score]], None],
    ) -> list[Score]:
        self.asked.append([subject.subject_id for subject in subjects])
        scores = self._student.score_texts(subjects)
        if len(self.asked) == self._fails_at:
            take(scores[:1])
            raise RuntimeError("out of memory")
        take(scores)
        return scores


def rescored(warehouse: Warehouse, student: Student, students: Plain, shard_size: int = 2) -> int:
    with Snapshot(warehouse) as before:
        due = find_due(before, student.identity, shard_size)
        line = RescorePipeline(due, student.identity, warehouse, before, students, "run", Event())
        return sum(line.score(shard_id) for shard_id in due.shards)


def test_what_lacks_a_score_gets_one_and_questions_stay_together(warehouse: Warehouse, student: Student) -> None:
    students = Plain(student)
    assert rescored(warehouse, student, students) == 6
    assert [len({subject.split()[1] for subject in shard}) for shard in students.asked] == [1, 1]
    again = Plain(student)
    assert (rescored(warehouse, student, again), again.asked) == (0, [])


def test_a_pair_is_scored_like_a_trace(warehouse: Warehouse, student: Student) -> None:
    pair = Pair(
        pair_id="pair",
        plan_id="a",
        original_id="original",
        parent_id=None,
        stage=PairStage.ORIGINAL,
        instruction=QUESTIONS[0].text,
        input="",
        response=TRACES[0].text,
        critique=None,
        call_id=None,
        score_id=None,
        verdict_id=None,
        chosen=True,
        reason="",
    )
    shared = pair.model_copy(update={"plan_id": "b"})
    warehouse.land("pairs", [pair, shared], "before", "before/pairs")
    assert rescored(warehouse, student, Plain(student)) == 7
    with Snapshot(warehouse) as now:
        found = {score.subject_id: score for score in now.rows(Score, "subject_id", ["pair", TRACES[0].trace_id])}
    assert found["pair"].ifd == found[TRACES[0].trace_id].ifd is not None


def test_what_failed_is_still_due_and_comes_out_as_if_nothing_had(warehouse: Warehouse, student: Student) -> None:
    with pytest.raises(RuntimeError, match="out of memory"):
        rescored(warehouse, student, Plain(student, fails_at=2))
    assert rescored(warehouse, student, Plain(student)) == 2, "what came before is there"
    with Snapshot(warehouse) as now:
        landed = now.rows(Score, "subject_id", [trace.trace_id for trace in TRACES])
    whole = student.score_traces([(trace, QUESTIONS[n // 3]) for n, trace in enumerate(TRACES)])
    assert landed == sorted(whole, key=lambda score: score.subject_id)


def test_the_command_adds_rows_and_the_view_follows(
    warehouse: Warehouse, student: Student, reflectory: Reflectory, tmp_path: Path
) -> None:
    rescored(warehouse, student, Plain(student))
    (tmp_path / "run.toml").write_text("[questions]\nsource = 'reasoning_gym'\n[student]\nresponse = 'output'\n")

    def call(*arguments: str) -> str:
        process = reflectory(*arguments, cwd=tmp_path)
        out, err = process.communicate(timeout=240)
        assert process.returncode == 0, f"{out}\n{err}"
        return out

    assert "output" in call("rescore", "run.toml")
    assert "0 of 6 traces and pairs to score" in call("rescore", "run.toml", "--dry-run")
    with Snapshot(warehouse) as now:
        counted = "select response_text, count(*) from scores group by all order by all"
        assert now.ask(counted)[1] == [("output", 6), ("trace", 6)]
        shown = "select count(ifd), count(*) filter (ifd_reason = 'empty_response') from traces_full"
        assert now.ask(shown)[1] == [(4, 2)]
        runs = "select flow, ended, scored_by.response_text from runs"
        assert now.ask(runs)[1] == [("rescore", "done", "output")]
