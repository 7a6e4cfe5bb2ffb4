"""The practice teacher over HTTP: chat completions and batches of them, and counters to check books against."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from schemas.teacher import Preset
from tasks.http.chat_request import no_model
from tasks.http.server import json_answer, read_json, refusing
from tasks.practice.bad_day import BadDay, Faults
from tasks.practice.batches import Batches
from tasks.practice.behaviour import Reply, reply
from tasks.practice.protocol import SERVED, ask
from tasks.practice.rates import PRESETS, endpoint
from tasks.practice.replay import Golds

_PIECE = re.compile(r"\s*\S{1,12}|\s+")
"""About two tokens, with the white space before them; nothing of a text is left out."""
DONE = b"data: [DONE]\n\n"


@dataclass
class Counters:
    """What came in by POST; GET requests are not counted."""

    received: int = 0
    answered: int = 0
    """With any status; `received - answered` is in flight."""
    in_flight_max: int = 0
    by_status: Counter[int] = field(default_factory=Counter)
    asked: set[str] = field(default_factory=set)
    """Ids of the completions made: fewer than the answers of status 200 if any was asked for twice."""
    by_key: dict[str, list[int]] = field(default_factory=dict)
    """Per `Ask.key`: requests received, and completions made, which a client may have to pay for."""

    def count(self, key: str, received: int, made: int) -> None:
        before = self.by_key.setdefault(key, [0, 0])
        self.by_key[key] = [before[0] + received, before[1] + made]

    def as_json(self) -> dict[str, Any]:
        return {
            "received": self.received,
            "answered": self.answered,
            "in_flight": self.received - self.answered,
            "in_flight_max": self.in_flight_max,
            "by_status": {str(status): n for status, n in sorted(self.by_status.items())},
            "distinct": len(self.asked),
        }


def application(
    preset: Preset = Preset.MILD,
    latency_s: float = 0.0,
    api_key: str | None = None,
    faults: Faults | None = None,
    golds: Golds | None = None,
) -> web.Application:
    """Make the server. Each completion waits `latency_s`; with an `api_key` the paths under /v1 ask for it."""
    rates = PRESETS[preset]
    counters = Counters()
    faults = faults or Faults()
    day = BadDay(faults)
    slots = asyncio.Semaphore(faults.answers_at_once) if faults.answers_at_once else nullcontext()

    def made_of(body: Any, received: int = 0) -> Reply:
        made = reply(body, rates, golds or {})
        counters.asked.add(made.body["id"])
        counters.count(made.asked.key, received, 1)
        return made

    async def complete(request: web.Request) -> web.StreamResponse:
        body = read_json(await request.read())
        key = ask(body).key
        counters.count(key, 1, 0)

        async def make() -> Reply:
            if latency_s:
                async with slots:
                    await asyncio.sleep(latency_s)
            return made_of(body)

        async def work() -> dict[str, Any]:
            return (await make()).body

        if fault := day.fault(key):
            return await fault(request, work)
        made = await make()
        return await _stream(request, made) if made.asked.stream else json_answer(made.body)

    def model(name: str) -> dict[str, Any]:
        if name not in SERVED:
            raise no_model(name, SERVED)
        return {"id": name, "object": "model", "created": 0, "owned_by": "reflectory"}

    def shows(path: str, value: Callable[..., Any]) -> web.RouteDef:
        async def answer(request: web.Request) -> web.Response:
            return json_answer(value(**request.match_info))

        return web.get(path, answer)

    batches = Batches(lambda body: made_of(body, 1).body, faults.batches, faults.seed)
    app = web.Application(middlewares=[_counted(counters), refusing(api_key)], client_max_size=4 * 2**20)
    app.add_routes(
        [
            web.post("/v1/chat/completions", complete),
            shows("/v1/models", lambda: {"object": "list", "data": [*map(model, SERVED)]}),
            shows("/v1/models/{name}", model),
            shows("/health", lambda: {"status": "ok", "endpoint": endpoint(preset)}),
            shows("/counters", lambda: counters.as_json() | {"faults": dict(day.met)}),
            shows("/counters/keys", lambda: counters.by_key),
            *batches.routes(),
        ]
    )
    app.on_shutdown.append(batches.close)
    return app


def _counted(counters: Counters) -> Middleware:
    @web.middleware
    async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method != "POST":
            return await handler(request)
        counters.received += 1
        counters.in_flight_max = max(counters.in_flight_max, counters.received - counters.answered)
        status = 500
        try:
            response = await handler(request)
            status = response.status
        finally:
            counters.answered += 1
            counters.by_status[status] += 1
        return response

    return counted


async def _stream(request: web.Request, made: Reply) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
    await response.prepare(request)
    with suppress(ConnectionResetError):  # the client may leave when it has read enough
        for event in events(made.body, made.asked.include_usage):
            await response.write(event)
        await response.write_eof()
    return response


def events(completion: Mapping[str, Any], include_usage: bool) -> Iterator[bytes]:
    """Yield server-sent events, the closing `[DONE]` included."""
    for chunk in chunks(completion, include_usage):
        yield b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n"
    yield DONE


def chunks(completion: Mapping[str, Any], include_usage: bool) -> Iterator[dict[str, Any]]:
    """Yield a completion in chunks, the choices in turns. With `include_usage` one more chunk, without choices, ends
    with the usage.
    """
    head = {name: completion[name] for name in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    usage = {"usage": None} if include_usage else {}
    for turn in zip_longest(*map(_deltas, completion["choices"])):
        for choice in turn:
            if choice is not None:
                yield {**head, "choices": [choice], **usage}
    if include_usage:
        yield {**head, "choices": [], "usage": completion["usage"]}


def _deltas(choice: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    message = choice["message"]
    yield _delta(choice, {"role": message["role"], "content": ""})
    for name in ("reasoning_content", "content"):
        for piece in _PIECE.findall(message.get(name, "")):
            yield _delta(choice, {name: piece})
    yield _delta(choice, {}) | {"finish_reason": choice["finish_reason"]}


def _delta(choice: Mapping[str, Any], delta: Mapping[str, str]) -> dict[str, Any]:
    return {"index": choice["index"], "delta": delta, "logprobs": None, "finish_reason": None}
