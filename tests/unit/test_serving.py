"""A student's server keeps to the protocol, whatever writes; and what it tells of a text while tokens come."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Generator
from threading import Event
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tasks.http.chat_request import ChatRequest, RequestError, read_chat
from tasks.serving.server import _pieces, application
from tasks.serving.text import TextOf, UntilStop, Written, opened_by_prompt


class Bytes:
    """A tokenizer with a token for each byte."""

    def decode(self, tokens: list[int], **_: object) -> str:
        return bytes(tokens).decode("utf-8", "replace")


@pytest.mark.parametrize("text", ["plain", "é", "日本語 and 👍🏽.", "a\u2028b"])
def test_no_character_is_told_before_it_is_whole(text: str) -> None:
    told = TextOf(Bytes(), hidden=set())
    pieces = [told.add(token) for token in text.encode()]
    assert "".join(pieces) + told.rest() == text
    assert "\ufffd" not in "".join(pieces)


def test_a_character_that_never_ends_holds_nothing_back_for_ever() -> None:
    told = TextOf(Bytes(), hidden={0})
    pieces = [told.add(token) for token in (*b"\xf0", 0, *b"abcdef")]
    assert "".join(pieces) + told.rest() == "\ufffdabcdef"


@pytest.mark.parametrize(
    ("text", "stops", "wanted", "found"),
    [
        ("one STOP two", ("STOP",), "one ", True),
        ("one STO", ("STOP",), "one STO", False),
        ("aab", ("ab", "b"), "a", True),
        ("aaab", ("aab",), "a", True),
        ("no stops", (), "no stops", False),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_stop_ends_the_text_before_it(text: str, stops: tuple[str, ...], wanted: str, found: bool, size: int) -> None:
    cut, told = UntilStop(stops), ""
    for at in range(0, len(text), size):
        told += cut.take(text[at : at + size])
        if cut.found:
            break
    assert (told + cut.rest(""), cut.found) == (wanted, found)


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("<|assistant|><think>\n", "<think>\n"),
        ("<thinking>", "<thinking>"),
        ("<think>\n\n</think>\n\n", ""),
        ("Say <think> now", ""),
        ("", ""),
    ],
)
def test_thinking_that_the_prompt_opens_belongs_to_the_answer(prompt: str, wanted: str) -> None:
    assert opened_by_prompt(prompt) == wanted


class Scripted:
    """Writes what the question says, word by word; `for ever` without an end."""

    name = "org/student"

    def __init__(self) -> None:
        self.cancelled = 0
        self.at_once = self.most_at_once = 0

    def write(self, asked: ChatRequest, index: int, cancelled: Event) -> Generator[str | Written]:
        question = asked.messages[-1][1]
        if question == "too long":
            raise RequestError("no room", code="context_length_exceeded")
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            words = iter(lambda: "more ", None) if question == "for ever" else question.split()
            for word in words:
                if cancelled.is_set():
                    self.cancelled += 1
                    return
                yield f"{word}{index}"
            yield Written("stop", 5, len(question.split()))
        finally:
            self.at_once -= 1


Play = Callable[[aiohttp.ClientSession, str], Awaitable[Any]]


def served(writer: Scripted, play: Play, api_key: str | None = None) -> Any:
    async def main() -> Any:
        runner = web.AppRunner(application(writer, api_key))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            async with aiohttp.ClientSession() as session:
                return await play(session, f"http://127.0.0.1:{runner.addresses[0][1]}/v1")
        finally:
            await runner.cleanup()

    return asyncio.run(main())


def body(question: str, **more: Any) -> dict[str, Any]:
    return {"model": "org/student", "messages": [{"role": "user", "content": question}], **more}


async def posted(session: aiohttp.ClientSession, base: str, asked: Any) -> tuple[int, str]:
    async with session.post(f"{base}/chat/completions", json=asked) as response:
        return response.status, await response.text()


def test_whole_and_streamed_answers_say_the_same() -> None:
    async def play(session: aiohttp.ClientSession, base: str) -> Any:
        whole = json.loads((await posted(session, base, body("a b", n=2)))[1])
        asked = body("a b", n=2, stream=True, stream_options={"include_usage": True})
        return whole, (await posted(session, base, asked))[1]

    whole, streamed = served(Scripted(), play)
    assert [choice["message"]["content"] for choice in whole["choices"]] == ["a0b0", "a1b1"]
    assert whole["usage"] == {"prompt_tokens": 5, "completion_tokens": 4, "total_tokens": 9}
    *events, done = [line.removeprefix("data: ") for line in streamed.split("\n\n") if line]
    assert done == "[DONE]"
    chunks = [json.loads(event) for event in events]
    texts = {0: "", 1: ""}
    for chunk in chunks[:-1]:
        [choice] = chunk["choices"]
        texts[choice["index"]] += choice["delta"].get("content", "")
    assert texts == {0: "a0b0", 1: "a1b1"}
    assert (chunks[-1]["choices"], chunks[-1]["usage"]) == ([], whole["usage"])


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        (body("too long"), 400, "context_length_exceeded"),
        (body("a", model="other"), 404, "model_not_found"),
        (body("a", tools=[{}]), 400, None),
        (body("a", response_format={"type": "json_object"}), 400, None),
        (body("a", temperature=9), 400, None),
        ({"model": "org/student"}, 400, None),
    ],
)
def test_what_is_refused_is_an_error_of_the_protocol(
    asked: dict[str, Any], status: int, code: str | None, stream: bool
) -> None:
    got, text = served(Scripted(), lambda session, base: posted(session, base, {**asked, "stream": stream}))
    assert (got, json.loads(text)["error"]["code"]) == (status, code)


def test_one_answer_is_written_at_a_time() -> None:
    writer = Scripted()

    async def play(session: aiohttp.ClientSession, base: str) -> Any:
        return await asyncio.gather(*(posted(session, base, body(f"q{n} a b")) for n in range(5)))

    answers = served(writer, play)
    assert sorted(json.loads(text)["choices"][0]["message"]["content"] for _, text in answers) == [
        f"q{n}0a0b0" for n in range(5)
    ]
    assert writer.most_at_once == 1


@pytest.mark.parametrize("stream", [False, True])
def test_what_nobody_waits_for_is_not_written_on(stream: bool) -> None:
    writer = Scripted()

    async def play(session: aiohttp.ClientSession, base: str) -> Any:
        response = asyncio.ensure_future(
            session.post(f"{base}/chat/completions", json=body("for ever", stream=stream)).__aenter__()
        )
        while not writer.at_once:
            await asyncio.sleep(0.01)
        if stream:
            (await response).close()
        else:
            response.cancel()
        return await posted(session, base, body("next"))

    status, text = served(writer, play)
    assert (status, "next0" in text, writer.at_once) == (200, True, 0)


class Midway:
    """Is in the middle of a piece until it is cancelled, and a moment longer."""

    name = "org/student"

    def __init__(self) -> None:
        self.begun, self.ended = Event(), False

    def write(self, asked: ChatRequest, index: int, cancelled: Event) -> Generator[str | Written]:
        try:
            self.begun.set()
            cancelled.wait(30)
            time.sleep(0.05)
            yield "late"
        finally:
            self.ended = True


def test_a_server_that_ends_in_the_middle_of_a_piece_waits_for_it() -> None:
    """Ctrl-C showed a traceback: `ValueError: generator already executing`."""
    writer = Midway()

    async def main() -> None:
        pieces = _pieces(writer, read_chat(body("a"), (writer.name,)), 0)
        reading = asyncio.ensure_future(anext(pieces))
        await asyncio.to_thread(writer.begun.wait)
        reading.cancel()
        await reading

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())
    assert writer.ended


def test_the_models_and_the_key() -> None:
    async def play(session: aiohttp.ClientSession, base: str) -> Any:
        found = []
        for path, key in (("models", ""), ("models", "k"), ("models/org/student", "k"), ("models/other", "k")):
            async with session.get(f"{base}/{path}", headers={"Authorization": f"Bearer {key}"}) as response:
                found.append((response.status, await response.json()))
        return found

    denied, listed, one, none = served(Scripted(), play, "k")
    assert (denied[0], listed[0], one[0], none[0]) == (401, 200, 200, 404)
    assert [each["id"] for each in listed[1]["data"]] == ["org/student"] == [one[1]["id"]]
