"""`reflectory run` with questions that the teacher writes: paid once, within the budget, continued after a kill."""

import json
import re
import sqlite3
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from flows.preparation import prepared
from flows.writing import unwritten_questions
from schemas.configuration import RunConfiguration
from schemas.errors import BudgetReached, Refused
from schemas.until import Until
from tasks.practice.process import PracticeTeacher
from tests.conftest import Reflectory
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

TOPICS = ["letter counting", "gcd", "products"]
SETTINGS: dict[str, Any] = {
    "questions": {"source": "teacher", "topics": TOPICS, "limit": 6, "gold_samples": 3, "rounds": 1},
    "teacher": {"max_tokens": 1000},
}


def toml(settings: dict[str, Any]) -> str:
    return "\n".join(
        line
        for section, values in settings.items()
        for line in (f"[{section}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items()))
    )


def ask(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with Snapshot(Warehouse(folder)) as now:
        return now.ask(sql)[1]


def with_budget(tokens: int) -> RunConfiguration:
    return RunConfiguration.model_validate({**SETTINGS, "budget": {"tokens": tokens}})


def test_a_budget_and_then_the_command_line(tmp_path: Path, reflectory: Reflectory) -> None:
    data, journal_path = tmp_path / "data/warehouse", tmp_path / "data/warehouse/journal/calls.sqlite"
    said = unwritten_questions(with_budget(6000), data, "") or ""
    assert "questions: 0 of 6 written; 3 calls are due" in said
    most = int(re.findall(r"at most (\d+);", said)[0])
    assert ask(data, "SELECT count(*) FROM calls") == [(0,)]

    with (
        pytest.raises(BudgetReached, match=r"of them may cost [\d,]+ tokens, all .*higher budget"),
        prepared(with_budget(6000), data, Until.VERIFY),
    ):
        pass
    ((ended, ledger),) = ask(data, "SELECT ended, ledger FROM runs")
    assert ended == "budget_reached"
    assert 0 < ledger["sent"] < most
    with sqlite3.connect(journal_path) as journal:
        assert journal.execute("SELECT sum(coalesce(tokens, worst_tokens)) FROM sends").fetchone()[0] <= 6000

    (tmp_path / "run.toml").write_text(toml({**SETTINGS, "budget": {"tokens": 900000}}))
    process = reflectory("run", "run.toml", "--until", "verify", cwd=tmp_path)
    said, err = process.communicate(timeout=240)
    assert process.returncode == 0, f"{said}\n{err}"
    assert "questions: 6 of 6 written" in said
    assert "books: planned 6 = verified" in said
    ((sent, twice),) = ask(data, "SELECT count(*), count(*) FILTER (tries > 1) FROM calls")
    assert (sent <= most + 6, twice) == (True, 0)
    sources = [(f"teacher/{topic}",) for topic in sorted(TOPICS)]
    assert ask(data, "SELECT DISTINCT source FROM traces_full ORDER BY ALL") == sources
    ends = [("budget_reached", 1), ("done", 2)]
    assert ask(data, "SELECT ended, count(*) FROM runs GROUP BY ALL ORDER BY ALL") == ends
    spent = int(re.findall(r"budget: charged with ([\d,]+) of", said)[-1].replace(",", ""))
    with sqlite3.connect(journal_path) as journal:
        assert journal.execute("SELECT sum(tokens), max(n) FROM sends").fetchone() == (spent, 1), "one bill for both"

    with prepared(with_budget(900000), data, Until.VERIFY) as again:
        assert (again.work, unwritten_questions(again.configuration, data, "")) == ([], None)
    assert ask(data, "SELECT count(*) FROM calls") == [(sent,)]


def counters(teacher: PracticeTeacher) -> dict[str, Any]:
    with urllib.request.urlopen(teacher.base_url.removesuffix("/v1") + "/counters") as answer:
        return dict(json.load(answer))


@pytest.mark.slow
def test_killed_while_it_writes_it_pays_for_nothing_again(tmp_path: Path, reflectory: Reflectory) -> None:
    folder = tmp_path / "data/warehouse"
    with PracticeTeacher(latency_s=0.2) as teacher:
        settings = {**SETTINGS, "teacher": {"base_url": teacher.base_url, "max_in_flight": 4}}
        (tmp_path / "run.toml").write_text(toml(settings))
        process = reflectory("run", "run.toml", cwd=tmp_path)
        while process.poll() is None and counters(teacher)["answered"] < 8:
            time.sleep(0.02)
        process.kill()
        process.wait()
        assert ask(folder, "SELECT count(*) FROM questions") == [(0,)]
        before = counters(teacher)
        configuration = RunConfiguration.model_validate(settings)
        with prepared(configuration, folder, Until.VERIFY) as preparation:
            written, questions = preparation.plan.written, list(preparation.plan.seeds.ids)
        after = counters(teacher)
        assert before["received"] >= 8
        assert after["received"] <= len(written) + 4, "no more than were in flight"
        assert after["distinct"] == len(written)
        assert ask(folder, "SELECT count(*), count(DISTINCT call_id) FROM calls") == [(len(written), len(written))]

        larger = configuration.model_copy(update={"questions": configuration.questions.model_copy(update={"limit": 9})})
        with prepared(larger, folder, Until.VERIFY) as preparation:
            assert list(preparation.plan.seeds.ids)[:6] == questions
            more = len(preparation.plan.written) - len(written)
        assert counters(teacher)["received"] == after["received"] + more
        with prepared(configuration, folder, Until.VERIFY) as preparation:
            assert list(preparation.plan.seeds.ids) == questions
        assert counters(teacher)["received"] == after["received"] + more


def test_a_teacher_that_knows_nothing_of_the_topic(tmp_path: Path) -> None:
    foreign = {**SETTINGS["questions"], "topics": ["Roman law"]}
    configuration = RunConfiguration.model_validate({"questions": foreign})
    with (
        pytest.raises(Refused, match=r"the teacher wrote nothing that could be used: nothing_marked \(3\); try other"),
        prepared(configuration, tmp_path / "w", Until.VERIFY),
    ):
        pass
