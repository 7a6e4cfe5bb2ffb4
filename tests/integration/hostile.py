"""An endpoint having a bad day, on loopback: the last word of a prompt names what goes wrong with it."""

import asyncio
import json
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web
from pydantic import SecretStr

from schemas.call import Message, Request, Sampling
from schemas.configuration import Teacher as Settings
from tasks.endpoint import TeacherAddress
from tasks.gate import Gate, SharedPace
from tasks.teacher import Teacher

Fault = Callable[["Hostile", web.Request, str], Awaitable[web.StreamResponse]]
T = TypeVar("T")
KEY = "sk-a-secret-of-our-own-0123456789"
SAMPLING = Sampling(temperature=0.7, top_p=None, max_tokens=64, seed=None)
TRIES = 3


def ask(prompt: str, **changed: Any) -> Request:
    messages = (Message(role="system", content="Think."), Message(role="user", content=prompt))
    asked = {"endpoint": "https://teacher.test/v1", "model": "m", "messages": messages, "sampling": SAMPLING}
    return Request(**asked, sample_index=0, fresh="").model_copy(update=changed)


def settings(**changed: Any) -> Settings:
    prices = {"usd_per_million_input": 1.0, "usd_per_million_cached_input": 0.5, "usd_per_million_output": 10.0}
    given = {"model": "m", "api_key": "env:TEACHER_KEY", "tries": TRIES, "timeout_s": 2.5}
    return Settings(**(given | prices | {"max_response_bytes": 2**20} | changed))


def teacher(server: "Hostile", folder: Path, in_flight: int = 64, key: str = KEY, **changed: Any) -> Teacher:
    address = TeacherAddress(server.base_url, SecretStr(key))
    return Teacher(settings(**changed), address, folder / "journal" / "calls.sqlite", gate(in_flight), backoff_s=0.01)


def gate(in_flight: int | None = None) -> Gate:
    return Gate(SharedPace(in_flight, None))


def completion(text: str, finish_reason: str = "stop", **more: Any) -> dict[str, Any]:
    usage = {"prompt_tokens": 1000, "completion_tokens": 100, "prompt_tokens_details": {"cached_tokens": 400}}
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish_reason}
    return {"model": "m", "choices": [choice], "usage": usage} | more


def bomb(megabytes: int) -> bytes:
    """So many megabytes of zeros, gzipped: about a thousandth of it."""
    packer = zlib.compressobj(1, wbits=31)
    return b"".join(packer.compress(bytes(2**20)) for _ in range(megabytes)) + packer.flush()


class Hostile:
    """Counts what arrives. `sent` is the truth that a client's ledger is held against."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.flying = self.most_flying = 0
        self.followed = 0
        """Requests that came by a redirect."""
        self.models = 200
        """Status of GET /models."""
        self.base_url = ""
        self.bomb = b""

    async def chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        prompt = body["messages"][-1]["content"]
        self.sent[prompt] += 1
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        self.flying += 1
        self.most_flying = max(self.flying, self.most_flying)
        try:
            return await FAULTS.get(prompt.rpartition(" ")[2], _healthy)(self, request, prompt)
        finally:
            self.flying -= 1

    async def list_models(self, request: web.Request) -> web.Response:
        self.headers.append(dict(request.headers))
        return web.json_response({"data": []}, status=self.models) if isinstance(self.models, int) else self.models()

    async def trap(self, request: web.Request) -> web.Response:
        self.followed += 1
        return web.json_response(completion("stolen"))


@asynccontextmanager
async def hostile() -> AsyncIterator[Hostile]:
    server = Hostile()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.chat)
    app.router.add_get("/v1/models", server.list_models)
    app.router.add_route("*", "/trap", server.trap)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    server.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()


def on_loopback(scenario: Callable[[Hostile], Awaitable[T]]) -> T:
    async def run() -> T:
        async with hostile() as server:
            return await scenario(server)

    return asyncio.run(run())


async def _healthy(server: Hostile, request: web.Request, prompt: str) -> web.StreamResponse:
    return web.json_response(completion(f"answer to {prompt}"))


def _says(status: int, value: object = None, **headers: str) -> Fault:
    async def fault(server: Hostile, request: web.Request, prompt: str) -> web.StreamResponse:
        names = {name.replace("_", "-"): text for name, text in headers.items()}
        return web.json_response(value, status=status, headers=names)

    return fault


def _sends(body: bytes, content_type: str = "application/json", status: int = 200, **headers: str) -> Fault:
    async def fault(server: Hostile, request: web.Request, prompt: str) -> web.StreamResponse:
        names = {name.replace("_", "-"): text for name, text in headers.items()}
        return web.Response(body=body, content_type=content_type, status=status, headers=names)

    return fault


def _raw(first: bytes, *later: bytes, pause_s: float = 0.0, hang: bool = False) -> Fault:
    """Bytes on the wire, past all HTTP; then hang up, or hang."""

    async def fault(server: Hostile, request: web.Request, prompt: str) -> web.StreamResponse:
        assert request.transport
        request.transport.write(first)
        for part in later:
            await asyncio.sleep(pause_s)
            request.transport.write(part)
        await asyncio.sleep(60 if hang else pause_s)
        request.transport.close()
        return web.Response()

    return fault


async def _reset(server: Hostile, request: web.Request, prompt: str) -> web.StreamResponse:
    assert request.transport
    request.transport.abort()
    return web.Response()


async def _first_time_busy(server: Hostile, request: web.Request, prompt: str) -> web.StreamResponse:
    if server.sent[prompt] < 3:
        return web.json_response({"error": {"message": "slow down"}}, status=429, headers={"Retry-After": "0.05"})
    return await _healthy(server, request, prompt)


async def _slow(server: Hostile, request: web.Request, prompt: str) -> web.StreamResponse:
    await asyncio.sleep(0.2)
    return await _healthy(server, request, prompt)


async def _brief(server: Hostile, request: web.Request, prompt: str) -> web.StreamResponse:
    await asyncio.sleep(0.02)
    return await _healthy(server, request, prompt)


async def _redirect(server: Hostile, request: web.Request, prompt: str) -> web.StreamResponse:
    raise web.HTTPTemporaryRedirect(server.base_url.replace("127.0.0.1", "localhost").replace("/v1", "/trap"))


async def _twice(server: Hostile, request: web.Request, prompt: str) -> web.StreamResponse:
    """The whole response again, a little later, on a connection that would have been kept."""
    body = json.dumps(completion(f"answer to {prompt}")).encode()
    response = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
        len(body),
        body,
    )
    return await _raw(response, response, pause_s=0.05, hang=True)(server, request, prompt)


def _explodes(status: int) -> Fault:
    async def fault(server: Hostile, request: web.Request, prompt: str) -> web.StreamResponse:
        packed = {"Content-Encoding": "gzip"}
        return web.Response(body=server.bomb, content_type="application/json", status=status, headers=packed)

    return fault


def _error(message: str, code: object = None) -> dict[str, Any]:
    return {"error": {"message": message, "code": code}}


_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
_NO_CONTENT_TYPE = completion("x")["choices"][0] | {"message": {"content": 7}}

FAULTS: dict[str, Fault] = {
    "429": _says(429, _error("slow down"), Retry_After="0"),
    "429-bare": _says(429),
    "429-then-fine": _first_time_busy,
    "429-a-day": _says(429, _error("come back tomorrow"), Retry_After="86400"),
    "429-no-quota": _says(429, _error("You exceeded your quota", "insufficient_quota")),
    "500": _says(500, _error("oops")),
    "502": _sends(b"<html>bad gateway</html>", "text/html", 502),
    "503": _says(503, _error("overloaded")),
    "504": _says(504, _error("upstream")),
    "400": _says(400, _error(f"context length; your key is {KEY}")),
    "413": _sends(b"too large\x1b[31m\n", "text/plain", 413),
    "422": _says(422, {"detail": [{"loc": "messages"}]}),
    "401": _says(401, _error(f"Incorrect API key provided: {KEY}", "invalid_api_key")),
    "402": _says(402, _error("Insufficient Balance")),
    "403": _says(403, _error("forbidden")),
    "404": _says(404, _error("The model `m` does not exist", "model_not_found")),
    "reset": _reset,
    "reset-later": _raw(_HEAD + b'{"choices": [', pause_s=0.02),
    "truncated-body": _raw(_HEAD + json.dumps(completion("x")).encode(), pause_s=0.01),
    "garbled-http": _raw(b"SMTP ready\r\n\r\n"),
    "truncated-json": _sends(json.dumps(completion("x")).encode()[:-20]),
    "nothing": _sends(b""),
    "html": _sends(b"<html>Please log in</html>", "text/html"),
    "error-object": _says(200, _error("provider returned an error", "weird")),
    "error-429-in-200": _says(200, _error("slow down", 429)),
    "no-choices-at-all": _says(200, {"status": "ok"}),
    "empty-choices": _says(200, {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 0}}),
    "wrong-types": _says(200, {"choices": [_NO_CONTENT_TYPE]}),
    "other-model": _says(200, completion("fine", model="m-mini-2020")),
    "bad-utf8": _sends(json.dumps(completion("caf~")).encode().replace(b"~", b"\xff")),
    "surrogates": _sends(rb'{"choices": [{"message": {"content": "a\ud800b\u0000c"}}]}'),
    "key-echoed": _says(200, completion(f"your key is {KEY}")),
    "length": _says(200, completion("cut he", "length")),
    "content-filter": _says(200, completion("", "content_filter")),
    "no-usage": _says(200, completion("fine", usage=None)),
    "reasoning": _says(200, {"choices": [{"message": {"content": "4", "reasoning_content": "2+2"}}]}),
    "gzip": _sends(zlib.compress(json.dumps(completion("packed")).encode()), Content_Encoding="deflate"),
    "gzip-cut": _sends(bomb(1)[:50], Content_Encoding="gzip"),
    "bomb": _explodes(200),
    "bomb-in-500": _explodes(500),
    "half-open": _raw(_HEAD, hang=True),
    "drip": _raw(_HEAD, *[b"{"] * 1000, pause_s=0.02),
    "redirect": _redirect,
    "twice": _twice,
    "slow": _slow,
    "brief": _brief,
}
