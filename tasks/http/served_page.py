"""A page of ours on loopback, and what it asks for, for whoever has its address.

The token in the path keeps out other users of the machine and pages of other sites; a request that names another host
(a name that was made to lead here) is refused, too. The page asks nobody but this server, which its policy says.
"""

import hmac
import secrets
from collections.abc import Sequence

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from tasks.http.chat_request import RequestError
from tasks.http.server import refusing

LOOPBACK = "127.0.0.1"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def new_token() -> str:
    """Return what nobody can guess, and what may stand in a path."""
    return secrets.token_urlsafe(24)


def page_application(
    html: str, policy: str, token: str, answers: Sequence[web.RouteDef], longest: int
) -> web.Application:
    """Serve `html` at `/TOKEN/` and the `answers` below it, whose paths are names: `web.post("keep", keep)`.

    `/TOKEN` leads to the page, too, as an address often loses its last slash. `policy` is the page's content
    security policy, and `longest` the most bytes that a request may bring.
    """

    async def show(request: web.Request) -> web.Response:
        return web.Response(text=html, content_type="text/html", charset="utf-8")

    async def add_slash(_: web.Request) -> web.Response:
        return web.Response(status=308, headers={"Location": f"/{token}/"})

    async def harden(_: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(_HEADERS | {"Content-Security-Policy": policy})

    app = web.Application(middlewares=[refusing(None), _only_with(token)], client_max_size=longest)
    routes = [web.get("", show, allow_head=False), *answers]
    app.add_routes([web.route(each.method, f"/{{token}}/{each.path}", each.handler) for each in routes])
    app.add_routes([web.get("/{token}", add_slash, allow_head=False)])
    app.on_response_prepare.append(harden)
    return app


def _only_with(token: str) -> Middleware:
    @web.middleware
    async def checked(request: web.Request, handler: Handler) -> web.StreamResponse:
        address = request.transport.get_extra_info("sockname") if request.transport else None
        known = address and request.host in (f"{LOOPBACK}:{address[1]}", f"localhost:{address[1]}")
        given = request.match_info.get("token", "").encode(errors="surrogateescape")
        if not known or not hmac.compare_digest(given, token.encode()):
            raise RequestError("no such page; open the address that the command printed", 404)
        if request.method == "POST" and request.content_type != "application/json":  # which no other site's form sends
            raise RequestError("needs application/json", 415)
        return await handler(request)

    return checked
