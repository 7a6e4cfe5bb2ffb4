"""The student's own weights as who writes: the shipped ones, through the same journal, budget and form as a server."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.call import CallEnd, Message, Outcome, Request, Sampling
from schemas.student import StudentSettings
from schemas.teacher import DrafterSettings
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.rate_limiter import RateLimiter, SharedController
from tasks.asking.teacher import Teacher
from tasks.serving.complete import student_completions

Complete = Callable[[bytes], bytes]
MESSAGES = ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is 2 + 3?"})


@pytest.fixture(scope="module")
def complete() -> Complete:
    return student_completions(StudentSettings())


def completed(complete: Complete, **body: object) -> Any:
    asked = {"model": "practice", "messages": MESSAGES, "max_tokens": 12, "temperature": 1.0, "top_p": 0.95, "seed": 1}
    return json.loads(complete(json.dumps(asked | body).encode()))


def test_an_answer_depends_on_its_request_alone(complete: Complete) -> None:
    first = completed(complete)
    assert first["choices"][0]["message"]["content"]
    assert 0 < first["usage"]["completion_tokens"] <= 12
    assert completed(complete, seed=2) != first
    assert completed(complete) == first
    assert completed(complete, temperature=0, seed=1) == completed(complete, temperature=0, seed=2)


def test_a_limit_and_the_window_are_kept(complete: Complete) -> None:
    assert completed(complete, max_tokens=1)["choices"][0]["finish_reason"] == "length"
    long = [{"role": "user", "content": "word " * 5000}]
    error = completed(complete, messages=long)["error"]
    assert "the model sees" in error["message"]


def test_its_calls_are_in_the_journal(complete: Complete, tmp_path: Path) -> None:
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
    first, refused = asyncio.run(ask(lambda: complete, short, long))
    assert first.call
    assert (first.call.ended, first.call.cost_usd, first.call.tries) == (CallEnd.ANSWERED, 0.0, 1)
    assert first.call.usage.completion_tokens
    assert refused.call
    assert refused.call.ended is CallEnd.REFUSED
    assert "the model sees" in (refused.call.error or "")
    assert asyncio.run(ask(lambda: broken, short, long)) == [first, refused]
