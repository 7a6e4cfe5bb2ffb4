"""Writing questions: calls land once, a rerun finds them, and what could not be answered is said."""

from collections import Counter
from pathlib import Path

import pytest

from flows.how_calls_ended import check_answered
from schemas.call import OVER_BUDGET, Outcome, Request
from schemas.errors import Incomplete
from schemas.question import AnswerKind, Question
from tasks.questions.asking import WritingSpec
from tasks.questions.writer import QuestionWriter
from tests.unit.test_questions_written import answered, order
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

SMALL = {"limit": 4, "topics": ["gcd"], "rounds": 1}


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    made = Warehouse(tmp_path / "warehouse")
    made.create()
    return made


class Answering:
    """Answers every request, until `most` of them; counts."""

    def __init__(self, most: int | None = None, reason: str = "HTTP 503") -> None:
        self.sent: Counter[str] = Counter()
        self._most, self._reason = most, reason

    def __call__(self, requests: list[Request]) -> list[Outcome]:
        return [self._outcome(request) for request in requests]

    def _outcome(self, request: Request) -> Outcome:
        if self._most is not None and self.sent.total() >= self._most:
            return Outcome(call_id=request.call_id, call=None, pending=self._reason)
        self.sent[request.call_id] += 1
        return Outcome(call_id=request.call_id, call=answered(request), pending=None)


def write(warehouse: Warehouse, asked: WritingSpec, answering: Answering) -> QuestionWriter:
    with Snapshot(warehouse) as before:
        writer = QuestionWriter(asked, warehouse, before)
        left = writer.write(answering, "run")
        check_answered(left, lambda: None)
        return writer


def counted(warehouse: Warehouse, table: str) -> int:
    with Snapshot(warehouse) as now:
        return int(now.ask(f"SELECT count(*) FROM {table}")[1][0][0])


def test_a_rerun_asks_nothing_and_a_larger_order_only_what_is_new(warehouse: Warehouse) -> None:
    first, again, more = Answering(), Answering(), Answering()
    writer = write(warehouse, order(**SMALL), first)
    assert counted(warehouse, "calls") == len(writer.progress.requests) == first.sent.total()
    assert writer.cost_usd == 0
    same = write(warehouse, order(**SMALL), again)
    assert (again.sent.total(), same.is_open) == (0, False)
    assert (same.questions, same.progress.requests) == (writer.questions, writer.progress.requests)
    assert (same.writing.drafts, same.writing.set_aside) == (writer.writing.drafts, writer.writing.set_aside)
    larger = write(warehouse, order(**SMALL | {"limit": 6}), more)
    assert larger.questions[:4] == writer.questions
    assert not first.sent.keys() & more.sent.keys()
    assert counted(warehouse, "calls") == first.sent.total() + more.sent.total()
    assert counted(warehouse, "doubled_keys") == 0


@pytest.mark.parametrize(("most", "reason"), [(0, "HTTP 503"), (3, OVER_BUDGET)], ids=["failing", "budget"])
def test_calls_without_an_answer_are_left_for_the_next_time(warehouse: Warehouse, most: int, reason: str) -> None:
    short, rest = Answering(most, reason), Answering()
    with pytest.raises(Incomplete, match=f"{reason}.*The same command"):
        write(warehouse, order(**SMALL), short)
    assert counted(warehouse, "calls") == most
    writer = write(warehouse, order(**SMALL), rest)
    assert not short.sent.keys() & rest.sent.keys()
    assert len(writer.questions) == 4


def test_questions_of_other_sources_are_not_written_again(warehouse: Warehouse) -> None:
    found = write(warehouse, order(**SMALL), Answering()).questions
    taken = Question.of(text=found[0].text, gold=None, kind=AnswerKind.EXACT, source="elsewhere")
    warehouse.land("questions", [taken], "run", "elsewhere")
    other = write(warehouse, order(**SMALL), Answering()).questions
    assert taken.text not in [question.text for question in other]
    warehouse.land("questions", found[:1], "run", "ours")
    assert write(warehouse, order(**SMALL), Answering()).questions == found
