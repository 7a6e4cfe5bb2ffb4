"""The workbench page over HTTP, on loopback, for whoever has its address.

The token in the path keeps out other users of the machine and pages of other sites; a request that names another host
(a name that was made to lead here) is refused, too. The page is one HTML file with one style sheet and one script,
which its policy allows by their hashes; it asks nobody but this server, and shows what a teacher wrote as text.
"""

import json
import secrets
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import duckdb

from schemas.errors import Refused
from tasks.report.inline import served_policy
from tasks.report.page import asset
from tasks.review.workbench import Workbench

_HERE = Path(__file__).parent
_LONGEST = 64 * 2**10
"""Bytes of a ruling."""


class ReviewServer(ThreadingHTTPServer):
    """Serves one workbench until it is shut down."""

    daemon_threads = True

    def __init__(self, workbench: Workbench, port: int = 0) -> None:
        """Port 0 is one that is free. Raises `OSError` where the port is taken."""
        super().__init__(("127.0.0.1", port), _Handler)
        self.workbench = workbench
        self.token = secrets.token_urlsafe(24)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/{self.token}/"

    @cached_property
    def page(self) -> tuple[bytes, str]:
        """HTML, and its security policy."""
        style = asset("style.css") + (_HERE / "review.css").read_text("utf-8")
        script = (_HERE / "review.js").read_text("utf-8")
        html = (_HERE / "page.html").read_text("utf-8").replace("/*style*/", style).replace("/*script*/", script)
        return html.encode(), served_policy(style, script)


class _Handler(BaseHTTPRequestHandler):
    server: ReviewServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "reflectory", ""
    timeout = 60

    def do_GET(self) -> None:
        name, asked = self._named()
        if name is None:
            self._refuse(
                HTTPStatus.NOT_FOUND, "no such page; the address has a token, which `reflectory review` prints"
            )
        elif name == "":
            page, policy = self.server.page
            self._send(HTTPStatus.OK, page, "text/html; charset=utf-8", policy)
        elif answer := self.server.workbench.answers.get(name):
            try:
                self._json(answer(asked))
            except (Refused, duckdb.Error) as error:
                self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        else:
            self._refuse(HTTPStatus.NOT_FOUND, f"no {name}; there are {', '.join(self.server.workbench.answers)}")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        self.close_connection = True  # a body that is not read would be taken for the next request
        if self._named()[0] != "ruling":
            self._refuse(HTTPStatus.NOT_FOUND, "no such page")
        elif self.headers.get_content_type() != "application/json":  # which no other site's form can send
            self._refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "needs application/json")
        elif not length.isdecimal() or int(length) > _LONGEST:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"needs a Content-Length of at most {_LONGEST}")
        else:
            try:
                self._json(self.server.workbench.rule(json.loads(self.rfile.read(int(length)))))
            except (Refused, ValueError, RecursionError) as error:
                self._refuse(HTTPStatus.BAD_REQUEST, str(error))
            except OSError as error:
                self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, f"the ruling is not written: {error}")

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the address is a secret."""

    def _named(self) -> tuple[str | None, dict[str, str]]:
        """What is asked for behind the token, and the parameters; None without the token or under another name."""
        asked = urlsplit(self.path)
        _, token, *rest = asked.path.split("/")
        hosts = (f"127.0.0.1:{self.server.server_port}", f"localhost:{self.server.server_port}")
        known = secrets.compare_digest(token.encode(), self.server.token.encode())
        if not known or len(rest) != 1 or self.headers.get("Host") not in hosts:
            return None, {}
        return rest[0], dict(parse_qsl(asked.query))

    def _json(self, value: Any) -> None:
        self._send(HTTPStatus.OK, json.dumps(value, default=str).encode(), "application/json")

    def _refuse(self, status: HTTPStatus, said: str) -> None:
        self._send(status, json.dumps({"error": said}).encode(), "application/json")

    def _send(self, status: HTTPStatus, body: bytes, kind: str, policy: str = "default-src 'none'") -> None:
        self.send_response(status)
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Content-Security-Policy", policy),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
