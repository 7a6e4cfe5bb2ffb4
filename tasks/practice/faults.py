"""The bad day of an endpoint, as HTTP does it: every way to answer wrongly, by name.

A fault takes the request and a function that does the work, and answers in its own way. Those that break off before the
work is done never call it, so the counters know what a client would have paid for.
"""

import asyncio
import json
import zlib
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from aiohttp import web

Work = Callable[[], Awaitable[dict[str, Any]]]
"""Makes the completion."""
Fault = Callable[[web.Request, Work], Awaitable[web.StreamResponse]]

SLOW_S = 2.0
BOMB_MEGABYTES = 300
_LATER_S = 0.05
_JSON = "application/json"


def error(message: str, code: object = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "bad_day", "param": None, "code": code}}


def says(status: int, value: object = None, **headers: str) -> Fault:
    """Answers with JSON, without doing the work."""
    return sends(json.dumps(value).encode(), status=status, **headers)


def sends(body: bytes, content_type: str = _JSON, status: int = 200, **headers: str) -> Fault:
    async def fault(request: web.Request, work: Work) -> web.StreamResponse:
        return _whole(body, headers, content_type, status)

    return fault


def changes(**changed: Any) -> Fault:
    """Do the work and answer with it, changed: a field of the completion, or `choice_…` of its choices."""
    in_choices = {name.removeprefix("choice_"): v for name, v in changed.items() if name.startswith("choice_")}
    fields = {name: value for name, value in changed.items() if not name.startswith("choice_")}

    def rewrite(body: bytes) -> bytes:
        made = json.loads(body) | fields
        return json.dumps(made | {"choices": [choice | in_choices for choice in made["choices"]]}).encode()

    return rewrites(rewrite)


def rewrites(rewrite: Callable[[bytes], bytes], pause_s: float = 0.0, **headers: str) -> Fault:
    """Do the work and answer with other bytes, after a pause."""

    async def fault(request: web.Request, work: Work) -> web.StreamResponse:
        await asyncio.sleep(pause_s)
        return _whole(rewrite(json.dumps(await work()).encode()), headers)

    return fault


def raw(*parts: bytes, pause_s: float = 0.0, hang: bool = False, after_work: bool = False) -> Fault:
    """Return bytes on the wire, past all HTTP; then hang up, or hang until the client leaves."""

    async def fault(request: web.Request, work: Work) -> web.StreamResponse:
        if after_work:
            await work()
        await _write(request, *parts, pause_s=pause_s, hang=hang)
        return web.Response()

    return fault


def resets(after_work: bool = False) -> Fault:
    """Break the connection off."""

    async def fault(request: web.Request, work: Work) -> web.StreamResponse:
        if after_work:
            await work()
        if request.transport:
            request.transport.abort()
        return web.Response()

    return fault


async def redirect(request: web.Request, work: Work) -> web.StreamResponse:
    raise web.HTTPTemporaryRedirect(f"http://localhost:{request.url.port}/elsewhere")


async def twice(request: web.Request, work: Work) -> web.StreamResponse:
    """Return the whole response again, a little later, on a connection that stays open."""
    body = json.dumps(await work()).encode()
    response = _head(len(body)) + body
    await _write(request, response, response, pause_s=_LATER_S, hang=True)
    return web.Response()


def explodes(status: int = 200, megabytes: int = BOMB_MEGABYTES) -> Fault:
    async def fault(request: web.Request, work: Work) -> web.StreamResponse:
        return _whole(bomb(megabytes), {"Content_Encoding": "gzip"}, status=status)

    return fault


@cache
def bomb(megabytes: int) -> bytes:
    """Return so many megabytes of zeros, gzipped: about a thousandth of it."""
    packer = zlib.compressobj(1, wbits=31)
    return b"".join(packer.compress(bytes(2**20)) for _ in range(megabytes)) + packer.flush()


async def _write(request: web.Request, *parts: bytes, pause_s: float, hang: bool) -> None:
    """Ends early when the client leaves."""
    transport = request.transport
    for part in parts:
        if transport is None or transport.is_closing():
            return
        transport.write(part)
        await asyncio.sleep(pause_s)
    while hang and transport is not None and not transport.is_closing():
        await asyncio.sleep(_LATER_S)
    if transport is not None:
        transport.close()


def _whole(body: bytes, named: dict[str, str], content_type: str = _JSON, status: int = 200) -> web.Response:
    headers = {name.replace("_", "-"): value for name, value in named.items()}
    return web.Response(body=body, content_type=content_type, status=status, headers=headers)


def _head(length: int) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % length


def _with_text(replacement: bytes) -> Callable[[bytes], bytes]:
    """Puts bytes that no JSON writer makes at the start of the first answer."""
    return lambda body: body.replace(b'"content": "', b'"content": "' + replacement, 1)


_UNREADABLE: dict[str, Any] = {"choices": [{"message": {"content": 7}}]}

FAULTS: dict[str, Fault] = {
    "429": says(429, error("slow down"), Retry_After="0"),
    "429-bare": says(429),
    "429-wait": says(429, error("slow down"), Retry_After="1"),
    "429-a-day": says(429, error("come back tomorrow"), Retry_After="86400"),
    "429-no-quota": says(429, error("You exceeded your quota", "insufficient_quota")),
    "500": says(500, error("oops")),
    "502": sends(b"<html>bad gateway</html>", "text/html", 502),
    "503": says(503, error("overloaded")),
    "504": says(504, error("upstream")),
    "400": says(400, error("context length")),
    "413": sends(b"too large\x1b[31m\n", "text/plain", 413),
    "422": says(422, {"detail": [{"loc": "messages"}]}),
    "401": says(401, error("Incorrect API key provided", "invalid_api_key")),
    "402": says(402, error("Insufficient Balance")),
    "403": says(403, error("forbidden")),
    "404": says(404, error("The model `m` does not exist", "model_not_found")),
    "reset": resets(),
    "reset-after-work": resets(after_work=True),
    "reset-later": raw(_head(5000) + b'{"choices": [', pause_s=0.02, after_work=True),
    "truncated-body": raw(_head(5000) + b'{"choices": [{"message": {"content": "x"}}]}', pause_s=0.01, after_work=True),
    "garbled-http": raw(b"SMTP ready\r\n\r\n"),
    "truncated-json": rewrites(lambda body: body[:-20]),
    "nothing": sends(b""),
    "html": sends(b"<html>Please log in</html>", "text/html"),
    "error-object": says(200, error("provider returned an error", "weird")),
    "error-429-in-200": says(200, error("slow down", 429)),
    "no-choices-at-all": says(200, {"status": "ok"}),
    "empty-choices": says(200, {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 0}}),
    "wrong-types": says(200, _UNREADABLE),
    "other-model": changes(model="m-mini-2020"),
    "bad-utf8": rewrites(_with_text(b"caf\xff")),
    "surrogates": rewrites(_with_text(rb"a\ud800b\u0000c")),
    "length": changes(choice_finish_reason="length"),
    "content-filter": changes(choice_finish_reason="content_filter"),
    "no-usage": changes(usage=None),
    "gzip": rewrites(zlib.compress, Content_Encoding="deflate"),
    "gzip-cut": sends(bomb(1)[:50], Content_Encoding="gzip"),
    "bomb": explodes(),
    "bomb-in-500": explodes(500),
    "half-open": raw(_head(5000), hang=True),
    "drip": raw(_head(5000), *[b"{"] * 5000, pause_s=1.0),
    "redirect": redirect,
    "twice": twice,
    "slow": rewrites(bytes, SLOW_S),
}
