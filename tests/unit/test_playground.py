"""The playground's page and its answers, by HTTP: for who has the token, under a policy that lets nothing else in."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from schemas.call import Usage
from schemas.errors import Refused, TeacherUnavailable
from schemas.question_source import Questions
from tasks.asking.stream import Streamed
from tasks.playground.kept import KeptQuestions
from tasks.playground.server import Prompt, Settings, application
from tasks.playground.suggestions import SUGGESTIONS
from tasks.questions import load
from tasks.report.inline import hashed

TOKEN = "t0ken"
TRACE = "<thinking>2 <reflection>no, 3</reflection></thinking>\n<output>3</output>"
HOSTILE = "</script><script>alert(1)</script>"
SETTINGS = Settings(["m", HOSTILE], "sys", "Think carefully.", 0.7, 0.95, 99)


async def answered(prompt: Prompt) -> AsyncGenerator[str | Streamed]:
    if prompt.question == "fail":
        raise TeacherUnavailable("the endpoint says no")
    for at in range(0, len(TRACE), 5):
        yield TRACE[at : at + 5]
    yield Streamed(TRACE, "stop", Usage(completion_tokens=7))


def playing(play: Callable[[aiohttp.ClientSession, str], Awaitable[Any]], kept: Path) -> Any:
    async def main() -> Any:
        runner = web.AppRunner(application(SETTINGS, answered, KeptQuestions(kept), TOKEN))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            async with aiohttp.ClientSession() as session:
                return await play(session, f"http://127.0.0.1:{runner.addresses[0][1]}")
        finally:
            await runner.cleanup()

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", f"/{TOKEN}/", {}, 200),
        ("GET", "/", {}, 404),
        ("GET", f"/{TOKEN}", {}, 200),  # an address that lost its last slash
        ("GET", f"/{TOKEN}", {"Host": "evil.example"}, 404),
        ("GET", f"/{TOKEN[:-1]}", {}, 404),
        ("POST", f"/{TOKEN}", {}, 404),
        ("GET", "/other", {}, 404),
        ("GET", "/other/", {}, 404),
        ("GET", f"/?token={TOKEN}", {}, 404),
        ("GET", f"/{TOKEN}/", {"Host": "evil.example"}, 404),
        ("GET", f"/{TOKEN}/", {"Host": "127.0.0.1:1"}, 404),
        ("POST", f"/{TOKEN}/keep", {}, 200),
        ("POST", f"/{TOKEN}/keep", {"Content-Type": "text/plain"}, 415),
        ("POST", "/keep", {}, 404),
        ("POST", "/other/answer", {}, 404),
        ("GET", f"/{TOKEN}/nothing", {}, 404),
    ],
)
def test_who_may_come_in(method: str, path: str, headers: dict[str, str], status: int, tmp_path: Path) -> None:
    async def play(session: aiohttp.ClientSession, base: str) -> tuple[int, str]:
        body = {"json": {"question": "q"}} if method == "POST" else {}
        async with session.request(method, base + path, headers=headers, **body) as response:  # type: ignore[arg-type]
            return response.status, response.headers["Content-Security-Policy"]

    got, policy = playing(play, tmp_path / "kept.jsonl")
    assert got == status
    assert policy.startswith("default-src 'none'; ")
    assert (tmp_path / "kept.jsonl").exists() is (status == 200 and method == "POST")


def test_the_policy_allows_the_pages_own_script_and_style_and_nothing_else(tmp_path: Path) -> None:
    async def play(session: aiohttp.ClientSession, base: str) -> tuple[str, str]:
        async with session.get(f"{base}/{TOKEN}/") as response:
            return await response.text(), response.headers["Content-Security-Policy"]

    page, policy = playing(play, tmp_path / "kept.jsonl")
    [style] = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    [script] = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules == {
        "default-src": "'none'",
        "script-src": f"'{hashed(script)}'",
        "style-src": f"'{hashed(style)}'",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert HOSTILE not in page
    assert not re.findall(r"""(?:src|href)\s*=|https?:|innerHTML|\bon\w+=""", page)
    [data] = re.findall(r'<script type="application/json" id="settings">(.*?)</script>', page, re.DOTALL)
    assert json.loads(data)["models"] == ["m", HOSTILE]
    assert len(json.loads(data)["suggestions"]) == len(SUGGESTIONS) == 6


async def told(session: aiohttp.ClientSession, base: str, body: Any) -> tuple[int, list[dict[str, Any]]]:
    async with session.post(f"{base}/{TOKEN}/answer", json=body) as response:
        return response.status, [json.loads(line) for line in (await response.text()).splitlines()]


def test_an_answer_comes_in_parts_and_is_held_against_its_gold(tmp_path: Path) -> None:
    async def play(session: aiohttp.ClientSession, base: str) -> Any:
        return await told(session, base, {"question": " q ", "model": 1, "gold": "3"})

    status, lines = playing(play, tmp_path / "kept.jsonl")
    assert status == 200
    by_part: dict[str, str] = {}
    for line in lines[:-2]:
        by_part[line["part"]] = by_part.get(line["part"], "") + line["text"]
    assert by_part == {"thinking": "2 ", "reflection": "no, 3", "text": "\n", "output": "3"}
    assert (lines[-2]["ended"], lines[-2]["structure"], lines[-2]["tokens"]) == ("stop", "ok", 7)
    assert (lines[-1]["verdict"]["verdict"], lines[-1]["verdict"]["answer"]) == ("correct", "3")


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"question": "fail"}, 200, "the endpoint says no"),
        ({"question": " "}, 400, "question"),
        ({"question": "q", "model": 2}, 400, "there are 2"),
        ({"question": "q", "temperature": 3}, 400, "temperature"),
        ({"question": "q", "kind": "nub"}, 400, "needs one of"),
        ({"question": "q", "more": 1}, 400, "more"),
        ([], 400, "body"),
    ],
)
def test_what_cannot_be_asked_is_said(body: Any, status: int, said: str, tmp_path: Path) -> None:
    async def play(session: aiohttp.ClientSession, base: str) -> Any:
        return await told(session, base, body)

    got, lines = playing(play, tmp_path / "kept.jsonl")
    assert got == status
    assert said in json.dumps(lines)


def test_what_is_kept_is_a_source_of_questions(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    path.write_text('{"question": "an old one, its line not ended"}')
    kept = KeptQuestions(path)
    given = [(each.question, each.gold, None) for each in SUGGESTIONS] + [('"é\u2028', "1", "exact")]
    assert all(kept.keep(*each) for each in given)
    assert not any(kept.keep(*each) for each in given)
    questions = [seed.question for seed in load(Questions(source="jsonl", path=str(path)), 0).seeds]
    assert [(each.text, each.gold) for each in questions[1:]] == [each[:2] for each in given]
    assert questions[-1].kind == "exact"


def test_a_folder_keeps_nothing(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="needs a file"):
        KeptQuestions(tmp_path)
    with pytest.raises(Refused, match="needs a file"):
        KeptQuestions(tmp_path / "nowhere" / "kept.jsonl")
