"""A streamed answer comes to the same text, whatever an endpoint sends and wherever its lines are cut."""

import asyncio
import json
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pytest
from aiohttp import web

from schemas.call import Message, Request, Sampling
from schemas.errors import TeacherUnavailable
from schemas.teacher import TeacherSettings
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.stream import Streamed, first_model, stream_answer

SAMPLING = Sampling(temperature=None, top_p=None, max_tokens=9, seed=None)
REQUEST = Request(
    endpoint="e", model="m", messages=(Message(role="user", content="q"),), sampling=SAMPLING, sample_index=0, fresh=""
)
WHOLE = {"choices": [{"message": {"content": "whole é"}, "finish_reason": "stop"}], "usage": {"completion_tokens": 2}}
USAGE = {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 3}}
Handler = Callable[[web.Request], Any]


def delta(finish: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}


def sse(*events: Any, end: str = "data: [DONE]\n\n", gap: str = "\n\n", head: str = "data: ") -> bytes:
    return "".join(f"{head}{json.dumps(each)}{gap}" for each in events).encode() + end.encode()


def streaming(body: bytes, size: int = 7, content_type: str = "text/event-stream", status: int = 200) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=status, headers={"Content-Type": content_type})
        await response.prepare(request)
        for at in range(0, len(body), size):
            await response.write(body[at : at + size])
        return response

    return handler


async def ask(handler: Handler, **more: Any) -> tuple[list[str], Streamed]:
    app = web.Application()
    app.add_routes([web.post("/v1/chat/completions", handler), web.get("/v1/models", handler)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    settings = TeacherSettings(base_url=base_url, model="m", **more)
    pieces: list[str] = []
    try:
        async with aclosing(stream_answer(settings, TeacherAddress(base_url), REQUEST)) as stream:
            async for piece in stream:
                if isinstance(piece, Streamed):
                    return pieces, piece
                pieces.append(piece)
        raise AssertionError("no end")
    finally:
        await runner.cleanup()


HI = [delta(role="assistant", content=""), delta(content="h"), delta(content="é"), delta("stop"), USAGE]
THOUGHT = [delta(reasoning_content="a"), delta(reasoning_content="b"), delta(content="c"), delta("stop")]
CASES: list[tuple[bytes, str, str | None, int | None]] = [
    (sse(*HI), "hé", "stop", 3),
    (sse(*HI, gap="\r\n\r\n"), "hé", "stop", 3),
    (sse(*HI, head="data:"), "hé", "stop", 3),
    (b": keep-alive\n\nevent: message\nid: 1\n" + sse(*HI), "hé", "stop", 3),
    (sse(*HI, end=""), "hé", "stop", 3),
    (sse(delta(content="a"), delta("max_tokens")), "a", "length", None),
    (sse(*THOUGHT), "<thinking>ab</thinking>\n<output>c</output>", "stop", None),
    (
        sse(delta(reasoning="a"), delta(content="\n"), delta(content="<out"), delta(content="put>c</output>")),
        "<thinking>a</thinking>\n\n<output>c</output>",
        None,
        None,
    ),
    (sse(delta(reasoning="a"), delta("length")), "<thinking>a</thinking>", "length", None),
    (sse(delta(content=[{"type": "text", "text": "part"}])), "part", None, None),
    (sse({"choices": [{"index": 0}]}, delta(content="x")), "x", None, None),
    (sse(delta(content=None), delta(refusal="I will not.")), "I will not.", None, None),
]


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize(("body", "text", "finish", "tokens"), CASES)
def test_what_is_streamed(body: bytes, text: str, finish: str | None, tokens: int | None, size: int) -> None:
    pieces, ended = asyncio.run(ask(streaming(body, size)))
    assert (ended.text, ended.finish_reason, ended.usage.completion_tokens) == (text, finish, tokens)
    assert all(pieces)
    assert "".join(pieces).strip() == text


def test_an_endpoint_that_does_not_stream_gives_one_piece() -> None:
    body = json.dumps(WHOLE).encode()
    pieces, ended = asyncio.run(ask(streaming(body, content_type="application/json")))
    assert (pieces, ended.text, ended.usage.completion_tokens) == (["whole é"], "whole é", 2)


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (streaming(b'{"error": {"message": "no such model"}}', content_type="application/json", status=404), "no such"),
        (streaming(b'{"error": {"message": "bad key"}}', content_type="application/json", status=401), "bad key"),
        (streaming(sse(delta(content="a"), {"error": {"message": "overloaded"}})), "overloaded"),
        (streaming(sse(delta(content="a"), delta("error"))), "broke off"),
        (streaming(b""), "ended before the answer did"),
        (streaming(sse(delta(content="a"), end="")), "ended before the answer did"),
        (streaming(b"data: {not json\n\n"), "no JSON"),
        (streaming(b"<html>gateway</html>", content_type="text/html"), "not_json"),
    ],
)
def test_what_is_no_whole_answer_is_told_in_the_endpoints_words(handler: Handler, said: str) -> None:
    with pytest.raises(TeacherUnavailable, match=said):
        asyncio.run(ask(handler))


def test_a_flood_is_cut() -> None:
    with pytest.raises(TeacherUnavailable, match="max_response_bytes"):
        asyncio.run(ask(streaming(sse(*[delta(content="x" * 100)] * 50), 1000), max_response_bytes=1000))


def test_what_is_sent_is_the_request_streamed() -> None:
    sent: list[dict[str, Any]] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        sent.append(await request.json())
        return await streaming(sse(*HI))(request)  # type: ignore[no-any-return]

    asyncio.run(ask(handler))
    assert sent == [
        {
            "model": "m",
            "messages": [{"role": "user", "content": "q"}],
            "max_tokens": 9,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    ]


def test_nobody_there() -> None:
    settings, address = TeacherSettings(base_url="http://127.0.0.1:9/v1"), TeacherAddress("http://127.0.0.1:9/v1")
    with pytest.raises(TeacherUnavailable, match=r"unreachable.*is running"):
        asyncio.run(first_model(settings, address))
