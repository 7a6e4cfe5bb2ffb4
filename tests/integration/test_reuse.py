"""After a finished run over 1,000 questions: what is due when something of it changes, call by call."""

import json
from pathlib import Path
from typing import Any

import pytest

from flows.preparation import prepared
from schemas.call import Request
from schemas.configuration import RunConfiguration
from schemas.until import Until
from tests.scripted import WHOLE, call
from warehouse.landing import Warehouse

QUESTIONS = [f"What is {n} + {n}?" for n in range(1000)]
Configuration = dict[str, dict[str, Any]]


def configuration(folder: Path, questions: list[str]) -> Configuration:
    path = folder / "questions.jsonl"
    path.write_text("".join(json.dumps({"question": text}) + "\n" for text in questions))
    return {
        "questions": {"source": "jsonl", "path": str(path)},
        "teacher": {"base_url": "http://127.0.0.1:1/v1", "model": "m", "temperature": 0.7},
    }


def due(values: Configuration, warehouse: Path, fresh: str = "") -> list[Request]:
    with prepared(RunConfiguration.model_validate(values), warehouse, Until.GENERATE, fresh) as preparation:
        return list(preparation.calls_due())


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse in which the 1,000 calls have landed."""
    folder = tmp_path_factory.mktemp("finished")
    first = due(configuration(folder, QUESTIONS), folder / "warehouse")
    assert len(first) == 1000
    Warehouse(folder / "warehouse").land("calls", [call(request, WHOLE) for request in first], "run", "shard")
    return folder / "warehouse"


def test_nothing_is_due_again(finished: Path, tmp_path: Path) -> None:
    assert due(configuration(tmp_path, QUESTIONS), finished) == []
    assert due(configuration(tmp_path, QUESTIONS[::-1]), finished) == [], "in any order"


def test_ten_more_questions_are_ten_calls(finished: Path, tmp_path: Path) -> None:
    more = [f"What is {n} - {n}?" for n in range(10)]
    asked = due(configuration(tmp_path, QUESTIONS[:500] + more + QUESTIONS[500:]), finished)
    assert [request.messages[-1].content for request in asked] == more


def test_a_changed_question_is_one_call(finished: Path, tmp_path: Path) -> None:
    asked = due(configuration(tmp_path, [*QUESTIONS[:8], "What is 8 + 9?", *QUESTIONS[9:]]), finished)
    assert [request.messages[-1].content for request in asked] == ["What is 8 + 9?"]


@pytest.mark.parametrize(
    ("section", "change", "calls"),
    [
        ("teacher", {"system_prompt": "Think aloud."}, 1000),
        ("teacher", {"model": "n"}, 1000),
        ("teacher", {"base_url": "http://127.0.0.1:2/v1"}, 1000),
        ("teacher", {"temperature": 0.8}, 1000),
        ("teacher", {"max_tokens": 2049}, 1000),
        ("teacher", {"samples": 2}, 1000),
        ("run", {"seed": 1}, 1000),
        # what decides only how fast, at which price and in which pieces they are asked
        ("teacher", {"base_url": "http://127.0.0.1:1/v1/"}, 0),
        ("teacher", {"max_in_flight": 7, "actors": 2, "tries": 2, "timeout_s": 9}, 0),
        ("teacher", {"usd_per_million_input": 1.0, "usd_per_million_output": 2.0}, 0),
        ("budget", {"tokens": 10**9}, 0),
        ("run", {"shard_size": 13}, 0),
        ("questions", {"limit": 900}, 0),
    ],
)
def test_each_change_is_exactly_the_calls_it_affects(
    section: str, change: dict[str, Any], calls: int, finished: Path, tmp_path: Path
) -> None:
    values = configuration(tmp_path, QUESTIONS)
    values[section] = values.get(section, {}) | change
    assert len(due(values, finished)) == calls


def test_a_name_for_fresh_calls_asks_for_all_of_them(finished: Path, tmp_path: Path) -> None:
    assert len(due(configuration(tmp_path, QUESTIONS), finished, fresh="again")) == 1000
