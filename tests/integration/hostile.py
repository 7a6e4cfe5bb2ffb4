"""An endpoint having a bad day, on loopback: the last word of a prompt names what goes wrong with it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web
from pydantic import SecretStr

from schemas.call import Message, Request, Sampling
from schemas.teacher import TeacherSettings as Settings
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.rate_limiter import RateLimiter, SharedController
from tasks.asking.teacher import Teacher
from tasks.practice.faults import FAULTS, Fault, Work, error, says

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
    return Teacher(
        settings(**changed), address, folder / "journal" / "calls.sqlite", limiter(in_flight), backoff_s=0.01
    )


def limiter(in_flight: int | None = None) -> RateLimiter:
    return RateLimiter(SharedController(in_flight, None))


def completion(text: str, finish_reason: str = "stop", **more: Any) -> dict[str, Any]:
    usage = {"prompt_tokens": 1000, "completion_tokens": 100, "prompt_tokens_details": {"cached_tokens": 400}}
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish_reason}
    return {"model": "m", "choices": [choice], "usage": usage} | more


class Hostile:
    """Counts what arrives. `sent` is the truth that a client's ledger is held against."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.ports: dict[str, int] = {}
        """The client's, of the last request for a prompt: equal ones are one connection."""
        self.flying = self.most_flying = 0
        self.followed = 0
        """Requests that came by a redirect."""
        self.models = 200
        """Status of GET /models."""
        self.base_url = ""
        self.faults = FAULTS

    async def chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        prompt = body["messages"][-1]["content"]
        self.sent[prompt] += 1
        assert request.transport
        self.ports[prompt] = request.transport.get_extra_info("peername")[1]
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        self.flying += 1
        self.most_flying = max(self.flying, self.most_flying)
        try:
            return await self._fault(prompt)(request, partial(self._work, prompt))
        finally:
            self.flying -= 1

    def _fault(self, prompt: str) -> Fault:
        name = prompt.rpartition(" ")[2]
        if name == "429-then-fine":
            busy = says(429, error("slow down"), Retry_After="0.05")
            return busy if self.sent[prompt] < 3 else _after(0)
        return (self.faults | OF_OUR_OWN).get(name, _after(0))

    async def _work(self, prompt: str) -> dict[str, Any]:
        return completion(f"answer to {prompt}")

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
    app.router.add_route("*", "/elsewhere", server.trap)
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


def _after(seconds: float) -> Fault:
    async def fault(request: web.Request, work: Work) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return web.json_response(await work())

    return fault


OF_OUR_OWN: dict[str, Fault] = {
    "400": says(400, error(f"context length; your key is {KEY}")),
    "401": says(401, error(f"Incorrect API key provided: {KEY}", "invalid_api_key")),
    "key-echoed": says(200, completion(f"your key is {KEY}")),
    "reasoning": says(200, {"choices": [{"message": {"content": "4", "reasoning_content": "2+2"}}]}),
    "slow": _after(0.2),
    "brief": _after(0.02),
}
