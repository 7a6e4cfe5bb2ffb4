"""A student over HTTP, by the OpenAI protocol: chat completions, whole or streamed, one at a time."""

import asyncio
import json
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import aclosing, suppress
from threading import Event
from time import time
from typing import Any, Protocol
from uuid import uuid4

from aiohttp import web

from tasks.http.chat_request import ChatRequest, RequestError, no_model, read_chat
from tasks.http.server import json_answer, read_json, refusing
from tasks.serving.text import Written

_UNSERVED = ("tools", "functions", "response_format", "logprobs", "logit_bias")
"""What would change the answer, and is not to be had here."""

_CLIENT_LEFT = 499
"""The status of an answer that nobody gets."""


class Writer(Protocol):
    """What answers: `tasks.serving.writer.StudentWriter`."""

    name: str

    def write(self, asked: ChatRequest, index: int, cancelled: Event) -> Generator[str | Written]: ...


def application(writer: Writer, api_key: str | None = None) -> web.Application:
    """Return the server; with an `api_key` the paths under /v1 ask for it. An answer that nobody waits for any more
    ends.
    """
    one_at_a_time = asyncio.Lock()
    names = (writer.name,)

    async def complete(request: web.Request) -> web.StreamResponse:
        body = read_json(await request.read())
        asked = read_chat(body, names)
        if given := [name for name in _UNSERVED if body.get(name)]:
            raise RequestError(f"{given[0]}: not to be had from this server; leave it out")
        head = {"id": f"chatcmpl-{uuid4().hex}", "created": int(time()), "model": writer.name}
        async with one_at_a_time:
            answer = _stream if asked.stream else _whole
            return await answer(request, writer, asked, head)

    async def models(_: web.Request) -> web.Response:
        return json_answer({"object": "list", "data": [_model(writer.name)]})

    async def model(request: web.Request) -> web.Response:
        if request.match_info["name"] not in names:
            raise no_model(request.match_info["name"], names)
        return json_answer(_model(writer.name))

    async def health(_: web.Request) -> web.Response:
        return json_answer({"status": "ok"})

    app = web.Application(middlewares=[refusing(api_key)], client_max_size=4 * 2**20)
    app.add_routes(
        [
            web.post("/v1/chat/completions", complete),
            web.get("/v1/models", models),
            web.get("/v1/models/{name:.+}", model),
            web.get("/health", health),
        ]
    )
    return app


async def _whole(request: web.Request, writer: Writer, asked: ChatRequest, head: Mapping[str, Any]) -> web.Response:
    choices, ends = [], []
    for index in range(asked.n):
        text = ""
        async with aclosing(_pieces(writer, asked, index)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Written):
                    ends.append(piece)
                elif request.transport is None:
                    return json_answer({}, _CLIENT_LEFT)
                else:
                    text += piece
        message = {"role": "assistant", "content": text}
        choices.append({"index": index, "message": message, "logprobs": None, "finish_reason": ends[-1].finish_reason})
    return json_answer({**head, "object": "chat.completion", "choices": choices, "usage": _usage(ends)})


async def _stream(
    request: web.Request, writer: Writer, asked: ChatRequest, head: Mapping[str, Any]
) -> web.StreamResponse:
    response: web.StreamResponse | None = None
    ends: list[Written] = []

    async def send(response: web.StreamResponse, value: Mapping[str, Any]) -> None:
        await response.write(b"data: " + json.dumps(value, separators=(",", ":")).encode() + b"\n\n")

    with suppress(ConnectionResetError):  # the client may leave when it has read enough
        for index in range(asked.n):
            async with aclosing(_pieces(writer, asked, index)) as pieces:
                async for piece in pieces:
                    if response is None:  # what is refused is refused before the head is sent
                        headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
                        response = web.StreamResponse(headers=headers)
                        await response.prepare(request)
                    is_end = isinstance(piece, Written)
                    ends += [piece] if isinstance(piece, Written) else []
                    delta = {} if is_end else {"role": "assistant", "content": piece}
                    reason = piece.finish_reason if isinstance(piece, Written) else None
                    choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": reason}
                    await send(response, {**head, "object": "chat.completion.chunk", "choices": [choice]})
        assert response is not None
        if asked.include_usage:
            await send(response, {**head, "object": "chat.completion.chunk", "choices": [], "usage": _usage(ends)})
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
    assert response is not None
    return response


async def _pieces(writer: Writer, asked: ChatRequest, index: int) -> AsyncGenerator[str | Written]:
    """In a thread, so that the server hears its clients leave meanwhile."""
    cancelled = Event()
    written = writer.write(asked, index, cancelled)
    coming = asyncio.ensure_future(asyncio.to_thread(next, written, None))
    try:
        while (piece := await asyncio.shield(coming)) is not None:
            yield piece
            coming = asyncio.ensure_future(asyncio.to_thread(next, written, None))
    finally:
        cancelled.set()
        await asyncio.wait([coming])  # a generator that is at work cannot be closed
        await asyncio.to_thread(written.close)


def _usage(ends: list[Written]) -> dict[str, int]:
    prompt, completion = ends[0].prompt_tokens, sum(end.completion_tokens for end in ends)
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "reflectory"}
