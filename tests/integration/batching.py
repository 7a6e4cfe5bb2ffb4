"""The practice teacher's batch API behind a door that knows each step, breaks it on demand, and counts."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler

from schemas.budget import Cap
from schemas.call import Message, Outcome, Request, Sampling
from schemas.teacher import TeacherSettings as Settings
from tasks.asking.batch import BatchTeacher
from tasks.asking.endpoint import TeacherAddress
from tasks.practice.bad_day import Faults
from warehouse.journal import Journal

T = TypeVar("T")
Break = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]


def ask(n: int, **changed: Any) -> Request:
    text = f"State the final answer to the following arithmetic problem: {n} + 467 - 914 + 807 ="
    sampling = Sampling(temperature=0.7, top_p=0.95, max_tokens=512, seed=3)
    asked = {"endpoint": "https://teacher.test/v1", "model": "practice", "sampling": sampling, "sample_index": 0}
    return Request(**asked, messages=(Message(role="user", content=text),), fresh="").model_copy(update=changed)


def asks(count: int, start: int = 0) -> list[Request]:
    return [ask(n) for n in range(start, start + count)]


class Door:
    """In front of the practice teacher. `breaks[step]` meets the next requests of that step, one each."""

    def __init__(self) -> None:
        self.steps: Counter[str] = Counter()
        self.breaks: dict[str, list[Break]] = {}
        self.rewrite: Callable[[bytes], bytes] | None = None
        """Of every file that is read."""
        self.spoken: dict[str, Callable[[Any], Any]] = {}
        """By step, how this endpoint says what the practice teacher would."""
        self.headers: dict[str, Any] = {}
        """Of the last request of each step."""
        self.files: list[bytes] = []
        """As they were read."""
        self.at_step: Callable[[str, int], Awaitable[None]] | None = None
        self.base_url = ""

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        step = _step(request)
        if step is None:
            return await handler(request)
        self.steps[step] += 1
        self.headers[step] = request.headers
        if self.at_step:
            await self.at_step(step, self.steps[step])
        broken = self.breaks.get(step)
        response = await (broken.pop(0)(request, handler) if broken else handler(request))
        if (spoken := self.spoken.get(step)) and isinstance(response, web.Response) and response.status == 200:
            response = web.json_response(spoken(json.loads(response.text or "null")))
        if step == "content" and isinstance(response, web.Response) and isinstance(response.body, bytes):
            response.body = self.rewrite(response.body) if self.rewrite else response.body
            self.files.append(response.body)
        return response

    async def counted(self, path: str) -> Any:
        url = self.base_url.removesuffix("/v1") + path
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return await response.json()

    async def paid(self) -> list[int]:
        """How often each call was executed."""
        return [made for _, made in (await self.counted("/counters/keys")).values()]


def _step(request: web.Request) -> str | None:
    path = request.path.removeprefix("/v1/").split("/")
    return {
        ("POST", "files", 1): "upload",
        ("GET", "files", 2): "file",
        ("GET", "files", 3): "content",
        ("POST", "batches", 1): "create",
        ("GET", "batches", 1): "list",
        ("GET", "batches", 2): "poll",
    }.get((request.method, path[0], len(path)))


def says(status: int, body: str = "{}", **headers: str) -> Break:
    async def broken(request: web.Request, handler: Handler) -> web.StreamResponse:
        return web.Response(status=status, text=body, content_type="application/json", headers=headers)

    return broken


async def cut(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Before anything is done."""
    assert request.transport
    request.transport.abort()
    return web.Response()


async def cut_after(request: web.Request, handler: Handler) -> web.StreamResponse:
    """It is done, and nobody hears of it."""
    await handler(request)
    return await cut(request, handler)


async def cut_midway(request: web.Request, handler: Handler) -> web.StreamResponse:
    whole = await handler(request)
    assert isinstance(whole, web.Response)
    assert isinstance(whole.body, bytes)
    assert request.transport
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(whole.body)}\r\n\r\n".encode()
    request.transport.write(head + whole.body[: len(whole.body) // 2])
    await asyncio.sleep(0.05)
    request.transport.close()
    return web.Response()


@asynccontextmanager
async def serving(faults: Faults | None = None) -> AsyncIterator[Door]:
    from tasks.practice.server import application  # here: a client that is killed starts in half the time

    door = Door()
    app = application(faults=faults)
    app.middlewares.append(door.middleware)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    door.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield door
    finally:
        await runner.cleanup()


def with_batches(scenario: Callable[[Door], Awaitable[T]], **faults: Any) -> T:
    async def run() -> T:
        async with serving(Faults.model_validate({"batches": faults})) as door:
            return await scenario(door)

    return asyncio.run(run())


def teacher(door: Door, folder: Path, cap: Cap | None = None, **changed: Any) -> BatchTeacher:
    given: dict[str, Any] = {"model": "practice", "batch": True, "batch_poll_s": 0.02, "timeout_s": 5, "tries": 3}
    priced = {"usd_per_million_input": 1.0, "usd_per_million_output": 10.0}
    settings = Settings(**(given | priced | changed))
    return BatchTeacher(settings, TeacherAddress(door.base_url), folder / "calls.sqlite", cap)


async def life(
    door: Door, folder: Path, requests: list[Request], cap: Cap | None = None, **changed: Any
) -> list[Outcome]:
    """One client from start to end."""
    asked = teacher(door, folder, cap, **changed)
    try:
        async with asyncio.timeout(30):
            return await asked.answer(requests)
    finally:
        await asked.close()


def ledger(folder: Path, requests: list[Request]) -> tuple[int, int, int, int]:
    """Sent, answered, failed, unknown."""
    journal = Journal(folder / "calls.sqlite")
    found = journal.ledger([request.call_id for request in requests])
    journal.close()
    assert found.balanced
    return found.sent, found.answered, found.failed, found.unknown
