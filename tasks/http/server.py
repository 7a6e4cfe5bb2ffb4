"""A server of ours on aiohttp: the protocol's errors, JSON in and out, and listening until somebody ends it."""

import asyncio
import hmac
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from schemas.errors import Refused
from tasks.http.chat_request import RequestError


def refusing(api_key: str | None) -> Middleware:
    """Turn what a client did wrong into the protocol's error objects."""
    wanted = f"Bearer {api_key}".encode()

    @web.middleware
    async def refusing(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").encode(errors="surrogateescape")
        if api_key is not None and request.path.startswith("/v1/") and not hmac.compare_digest(given, wanted):
            return json_error("Incorrect API key provided", 401, "invalid_api_key")
        try:
            return await handler(request)
        except RequestError as error:
            return json_error(str(error), error.status, error.code)
        except web.HTTPException as error:
            return json_error(f"{request.method} {request.path}: {error.reason}", error.status)

    return refusing


def read_json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:  # bad UTF-8 and deep nesting too
        raise RequestError(f"the body is not JSON: {error}") from error


def json_answer(value: Any, status: int = 200) -> web.Response:
    return web.Response(
        body=json.dumps(value, separators=(",", ":")).encode(), status=status, content_type="application/json"
    )


def json_error(message: str, status: int, code: str | None = None) -> web.Response:
    return json_answer(
        {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}, status
    )


def _address(host: str, port: int) -> str:
    return json.dumps({"port": port, "base_url": f"http://{host}:{port}/v1"})


async def listen(
    app: web.Application,
    host: str,
    port: int,
    until_stdin_closes: bool = False,
    announced: Callable[[str, int], str] = _address,
) -> None:
    """Serve until a signal, or the end of standard input; prints what is `announced` of host and port once it listens.

    Raises `Refused` where the port cannot be had.
    """
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, done.set)
    if until_stdin_closes:
        loop.add_reader(sys.stdin.fileno(), _end_at_eof, done)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, host, port, backlog=1024, shutdown_timeout=1.0)
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        raise Refused(f"--port: cannot listen on {host}:{port} ({error.strerror}); give another, or 0") from error
    port = runner.addresses[0][1]
    print(announced(host, port), flush=True)
    await done.wait()
    await runner.cleanup()


def _end_at_eof(done: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 4096):
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        done.set()
