"""The cases after public reports whose station is `run` or `score`: each is right now, and its like of before is not.

Those of other stations are read by the tests of those.
"""

import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from transformers.utils import chat_template_utils

from schemas.call import Call, Request
from schemas.failure import FailureReason
from schemas.question import AnswerKind, Question
from schemas.student import StudentSettings
from schemas.teacher import TeacherSettings
from tasks.asking.call_outcome import OUTCOMES
from tasks.asking.endpoint import request_body
from tasks.asking.reply import read_reply, terminal_call
from tasks.replay.procedure import AskModel, Progress
from tasks.scoring.score_file import score_file
from tasks.scoring.student_files import PRACTICE
from tasks.tracing.strategy import Answer, strategy_of

QUESTION = Question.of(text="How many legs have 3 insects?", gold="18", kind=AnswerKind.NUMBER, source="s")


@pytest.fixture(scope="module")
def cases(shared_data: Path) -> dict[str, dict[str, Any]]:
    rows = map(json.loads, (shared_data / "report_cases.jsonl").read_text("utf-8").splitlines())
    return {row["id"]: row for row in rows}


def teacher(**changes: object) -> TeacherSettings:
    return TeacherSettings.model_validate({"base_url": "http://127.0.0.1:1/v1", "model": "m"} | changes)


def first_request(settings: TeacherSettings) -> Request:
    return strategy_of(settings).first_request(QUESTION.text, 0, "http://127.0.0.1:1/v1", seed=0, fresh="")


def ended(case: dict[str, Any], settings: TeacherSettings) -> Call | None:
    """The terminal call of a run whose endpoint answers so; None where it is sent again."""
    request = first_request(settings)
    sent = read_reply(200, {}, json.dumps(case["reply"]).encode(), settings.max_response_bytes)
    assert OUTCOMES[sent.outcome].stop is False
    return terminal_call(request.call_id, request, sent, settings, 0.1, 1)


def attempted(case: dict[str, Any], settings: TeacherSettings) -> Answer | FailureReason:
    call = ended(case, settings)
    assert call is not None
    attempt = Progress(strategy_of(settings).rollout(AskModel(first_request(settings)), QUESTION))
    attempt.advance({call.call_id: call})
    assert isinstance(attempt.result, Answer | FailureReason)
    return attempt.result


@pytest.mark.parametrize("name", ["choice_error", "top_error"])
def test_an_answer_with_an_error_in_it_is_sent_again(cases: dict[str, dict[str, Any]], name: str) -> None:
    case = cases[f"reply_error_in_choice/{name}"]
    assert ended(case, teacher()) is None
    del case["reply"]["choices"][0]["finish_reason"]
    sound = {**case["reply"], "error": None, "choices": [{**case["reply"]["choices"][0], "error": None}]}
    assert ended({"reply": sound}, teacher()) is not None  # the control: without the error it is an answer


@pytest.mark.parametrize("name", ["MAX_TOKENS", "length"])
def test_a_cut_answer_is_dropped_under_any_name(cases: dict[str, dict[str, Any]], name: str) -> None:
    case = cases[f"truncation_by_another_name/{name}"]
    assert attempted(case, teacher(on_truncation="drop")) is FailureReason.TRUNCATED
    case["reply"]["choices"][0]["finish_reason"] = "stop"
    assert isinstance(attempted(case, teacher(on_truncation="drop")), Answer)


def test_the_text_of_the_parts_is_the_content(cases: dict[str, dict[str, Any]]) -> None:
    case = cases["reply_content_in_parts/text_parts"]
    call = ended(case, teacher())
    assert call is not None
    assert call.content == case["reply"]["choices"][0]["message"]["content"][0]["text"]


@pytest.mark.parametrize("key", ["top_p", "temperature"])
def test_sampling_can_be_left_out(cases: dict[str, dict[str, Any]], key: str) -> None:
    assert f"sampling_cannot_be_left_out/teacher.{key}" in cases
    assert key in request_body(first_request(teacher()))
    assert key not in request_body(first_request(teacher(omit=[key])))


def scored(case: dict[str, Any], folder: Path, **settings: object) -> dict[str, Any]:
    (folder / "in.jsonl").write_text(json.dumps(case["input"]), "utf-8")
    score_file(folder / "in.jsonl", folder / "out.jsonl", StudentSettings.model_validate(settings))
    row: dict[str, Any] = json.loads((folder / "out.jsonl").read_text("utf-8"))
    return row


class InFortyDays(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + timedelta(days=40)


def test_a_score_does_not_depend_on_the_day(
    cases: dict[str, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = cases["score_depends_on_day/0"]
    folder = tmp_path / "student"
    shutil.copytree(PRACTICE, folder)
    (folder / "chat_template.jinja").write_text(case["chat_template"], "utf-8")
    today = scored(case, tmp_path, model=str(folder), template="chat")
    monkeypatch.setattr(chat_template_utils, "datetime", InFortyDays)
    assert scored(case, tmp_path, model=str(folder), template="chat") == today
    assert today["ifd"] is not None


def test_white_space_is_no_response(cases: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    row = scored(cases["score_blank_response/0"], tmp_path)
    assert (row["ifd"], row["reason"]) == (None, "empty_response")


def test_every_case_of_these_stations_is_tested_here(cases: dict[str, dict[str, Any]]) -> None:
    mine = {id for id, case in cases.items() if case["station"].startswith(("run with", "score"))}
    assert {id.partition("/")[0] for id in mine} == {
        "reply_error_in_choice",
        "truncation_by_another_name",
        "reply_content_in_parts",
        "sampling_cannot_be_left_out",
        "score_depends_on_day",
        "score_blank_response",
    }
    assert len(mine) == 9
