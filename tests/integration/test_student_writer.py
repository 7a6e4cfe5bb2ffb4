"""The student's own weights as who writes: the shipped ones, through the same journal, budget and form as a server."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from schemas.call import CallEnd, Message, Outcome, Request, Sampling
from schemas.configuration import DrafterSettings, StudentSettings
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.rate_limiter import RateLimiter, SharedController
from tasks.asking.teacher import Teacher
from tasks.scoring.writing import StudentWriter

MESSAGES = ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is 2 + 3?"})


@pytest.fixture(scope="module")
def writer() -> StudentWriter:
    return StudentWriter(StudentSettings())


def completed(writer: StudentWriter, **body: object) -> Any:
    asked = {"model": "practice", "messages": MESSAGES, "max_tokens": 12, "temperature": 1.0, "top_p": 0.95, "seed": 1}
    return json.loads(writer.complete(json.dumps(asked | body).encode()))


def test_an_answer_depends_on_its_request_alone(writer: StudentWriter) -> None:
    first = completed(writer)
    assert first["choices"][0]["message"]["content"]
    assert 0 < first["usage"]["completion_tokens"] <= 12
    assert completed(writer, seed=2) != first
    assert completed(writer) == first
    assert completed(writer, temperature=0, seed=1) == completed(writer, temperature=0, seed=2)


def test_a_limit_and_the_window_are_kept(writer: StudentWriter) -> None:
    assert completed(writer, max_tokens=1)["choices"][0]["finish_reason"] == "length"
    long = [{"role": "user", "content": "word " * 5000}]
    error = completed(writer, messages=long)["error"]
    assert "the window of practice has" in error["message"]


def test_what_the_chat_template_refuses_is_an_error_of_that_request(
    writer: StudentWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuses = "{% if messages[0].role == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    strict = refuses + "{{ messages[0].content }}"
    monkeypatch.setattr(writer._tokenizer, "chat_template", strict)
    assert "no system role" in completed(writer)["error"]["message"]
    assert completed(writer, messages=MESSAGES[1:])["choices"]


def test_its_calls_are_in_the_journal(writer: StudentWriter, tmp_path: Path) -> None:
    sampling = Sampling(temperature=1.0, top_p=0.95, max_tokens=8, seed=7)

    def request(text: str) -> Request:
        return Request(
            endpoint="student/practice/0/float32",
            model="practice",
            messages=(Message(role="user", content=text),),
            sampling=sampling,
            sample_index=0,
            fresh="",
        )

    async def ask(load: Any, *requests: Request) -> list[Outcome]:
        settings = DrafterSettings(model="practice", max_in_flight=1)
        limiter = RateLimiter(SharedController(1, None))
        teacher = Teacher(settings, TeacherAddress("student"), tmp_path / "journal.sqlite", limiter, load=load)
        try:
            return await teacher.answer(list(requests))
        finally:
            await teacher.close()

    def broken(body: bytes) -> bytes:
        raise AssertionError("asked again")

    short, long = request("What is 2 + 3?"), request("word " * 5000)
    first, refused = asyncio.run(ask(lambda: writer.complete, short, long))
    assert first.call
    assert (first.call.ended, first.call.cost_usd, first.call.tries) == (CallEnd.ANSWERED, 0.0, 1)
    assert first.call.usage.completion_tokens
    assert refused.call
    assert refused.call.ended is CallEnd.REFUSED
    assert "the window of practice has" in (refused.call.error or "")
    assert asyncio.run(ask(lambda: broken, short, long)) == [first, refused]
