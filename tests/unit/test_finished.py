"""What is told of a plan of which nothing is left: the same as before, and no row is read, until anything changes."""

import io
import json
import logging
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from uuid import uuid4

import pytest
from rich.console import Console

from flows import execution, unpublished
from flows.accounts import LandedCalls
from flows.cli.run import run_configuration
from flows.preparation import prepared
from flows.unfinished import Started
from flows.unpublished import keep
from schemas.call import Outcome, Request
from schemas.configuration import RunConfiguration
from schemas.errors import Refused
from schemas.question import AnswerKind, Question
from schemas.run import RunEnd
from schemas.until import Until
from schemas.verdict import Verdict
from tasks.judging.verify import Verifier
from tasks.synthesis.pipeline import TakeScores, Tick, TracesAndQuestions
from tests.unit.test_unpublished import Server
from warehouse.landing import Warehouse
from warehouse.reading import FRUGAL, Snapshot

ROWS = [
    {"question": f"{n} + 1?", "gold": str(n + 1), "response": f"<output>Answer: {n + n // 3}</output>"}
    for n in range(6)
]


class Recorded:
    """Nobody is asked; the real verifier judges."""

    def answer(self, requests: list[Request], tick: Tick) -> list[Outcome]:
        raise AssertionError("recorded completions ask nobody")

    rule = draft = answer  # type: ignore[assignment]

    def verify_drafts(self, needs: object) -> list[Verdict]:
        raise AssertionError("recorded completions ask nobody")

    def verify(self, jobs: TracesAndQuestions, tick: Tick) -> list[Verdict]:
        with closing(Verifier()) as verifier:
            return verifier.verify_traces(jobs)

    def score(self, jobs: TracesAndQuestions, tick: Tick, take: TakeScores) -> int:
        raise AssertionError("nothing asked for scores")


class Done:
    """A command whose plan has been worked off, and what it says."""

    def __init__(self, rows: Path, warehouse: Warehouse) -> None:
        self.rows, self.warehouse = rows, warehouse
        questions = {"source": "recorded", "path": str(rows), "kind": "number"}
        self.configuration = RunConfiguration.model_validate({"questions": questions})
        with prepared(self.configuration, warehouse.folder, Until.VERIFY) as preparation:
            self.plan_id = preparation.plan_id
            preparation.land_plan("run")
            with closing(preparation.pipeline(Recorded(), "run", Event(), lambda stage, n: None)) as line:
                for shard_id in preparation.shard_ids:
                    for _, stage in line.stages():
                        stage(shard_id)

    def told(self, fresh: str = "") -> str:
        console = Console(file=(out := io.StringIO()), width=200)
        run_configuration(console, self.configuration, self.warehouse.folder, Until.VERIFY, fresh, False)
        return out.getvalue()


@pytest.fixture
def done(tmp_path: Path, warehouse: Warehouse) -> Done:
    rows = tmp_path / "rows.jsonl"
    rows.write_text("\n".join(map(json.dumps, ROWS)))
    return Done(rows, warehouse)


def test_it_is_told_as_it_was_also_while_another_run_holds_the_warehouse(done: Done) -> None:
    with done.warehouse.sole_writer(), pytest.raises(Refused, match="another run"):
        done.told()  # nothing is kept yet
    first = done.told()
    assert "6 attempts, 1 shards; nothing is left to do" in first
    assert "verified 6" in first
    with done.warehouse.sole_writer():
        assert done.told() == first


def _another_row(done: Done) -> None:
    done.rows.write_text(done.rows.read_text() + "\n" + json.dumps(ROWS[0] | {"question": "7 + 1?"}))


def _another_answer(done: Done) -> None:
    done.rows.write_text(done.rows.read_text().replace("Answer: 1<", "Answer: 2<", 1))


def _another_question_landed(done: Done) -> None:
    question = Question.of(text="What is pi?", gold=None, kind=AnswerKind.EXACT, source="s")
    done.warehouse.land("questions", [question], "run", "elsewhere")


def _run_begun(done: Done) -> None:
    Started("crashed", done.plan_id, "{}", datetime.now(UTC), None).remember(done.warehouse)


def _rows_gone(done: Done) -> None:
    Path(done.warehouse.files("traces").paths[0]).unlink()


CHANGES = [_another_row, _another_answer, _another_question_landed, _run_begun, _rows_gone]


@pytest.mark.parametrize("change", CHANGES)
def test_it_is_looked_at_again_once_anything_has_changed(done: Done, change: Callable[[Done], None]) -> None:
    done.told()
    change(done)
    with done.warehouse.sole_writer(), pytest.raises(Refused, match="another run"):
        done.told()


def test_another_command_is_looked_at(done: Done) -> None:
    done.told()
    with done.warehouse.sole_writer(), pytest.raises(Refused, match="another run"):
        done.told(fresh="other")


def test_what_a_power_cut_has_left_of_it_counts_for_nothing(done: Done) -> None:
    done.told()
    (kept,) = (done.warehouse.folder / "finished").iterdir()
    kept.write_bytes(kept.read_bytes()[:100])
    with done.warehouse.sole_writer(), pytest.raises(Refused, match="another run"):
        done.told()


def test_queries_see_of_a_view_what_is_kept_of_it_and_views_above_see_it_whole(
    warehouse: Warehouse,
) -> None:
    asked = [Question.of(text=text, gold=None, kind=AnswerKind.EXACT, source=text) for text in ("one", "other")]
    warehouse.land("questions", asked, "run", "unit")
    above = "SELECT count(*) FROM question_history WHERE event = 'question'"
    with Snapshot(warehouse, FRUGAL) as now:
        now.keep("questions", "FROM questions WHERE source = $source", {"source": "one"})
        assert now.ask("SELECT text FROM questions")[1] == [("one",)]
        assert now.ask(above)[1] == [(2,)]
        assert now.holds("questions")


@pytest.mark.parametrize(("heard", "worked"), [(True, "false"), (False, "true")])
def test_a_run_that_nobody_heard_of_is_followed_as_soon_as_the_next_tells_of_it(
    done: Done, monkeypatch: pytest.MonkeyPatch, heard: bool, worked: str
) -> None:
    """The bug: killed once all had landed, or with the server away at its end, a night's rows were in no release: the
    next run had nothing left to do, and said so.
    """
    told: list[str] = []
    monkeypatch.setattr(execution, "announce", lambda *_, worked, **labels: told.append(worked))
    monkeypatch.setattr(execution, "publish_run", lambda *_: None)
    monkeypatch.setattr(execution, "get_run_logger", logging.getLogger)
    monkeypatch.setattr(unpublished, "get_client", Server().client)
    started = Started("again", done.plan_id, "{}", datetime.now(UTC), None)
    if not heard:
        keep(done.warehouse, uuid4(), crashed=True)
    with prepared(done.configuration, done.warehouse.folder, Until.VERIFY) as preparation:
        assert preparation.shard_ids == []
        execution._close(preparation, started, LandedCalls(), RunEnd.DONE, None)
    assert told == [worked]
