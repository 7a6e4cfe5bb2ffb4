"""The workbench page and its answers: one style sheet, one script, and what a teacher wrote as text."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from aiohttp import web

from schemas.errors import Refused
from tasks.http.chat_request import RequestError
from tasks.http.served_page import page_application
from tasks.http.server import read_json
from tasks.report.inline import served_policy
from tasks.report.page import asset
from tasks.review.workbench import Asked, Workbench

_HERE = Path(__file__).parent
_LONGEST = 64 * 2**10
"""Bytes of a ruling."""


def application(workbench: Workbench, token: str) -> web.Application:
    """Return the server of the page of one release."""

    async def rule(request: web.Request) -> web.Response:
        said = read_json(await request.read())
        try:
            return _json(await asyncio.to_thread(workbench.rule, said))
        except (Refused, ValueError, RecursionError) as error:
            raise RequestError(str(error)) from error
        except OSError as error:
            raise RequestError(f"the ruling is not written: {error}", 500) from error

    answers = [web.get(name, _answering(answer)) for name, answer in workbench.answers.items()]
    return page_application(*_page(), token, [*answers, web.post("ruling", rule)], _LONGEST)


def _answering(answer: Callable[[Asked], Any]) -> Any:
    async def answered(request: web.Request) -> web.Response:
        try:
            return _json(await asyncio.to_thread(answer, dict(request.query)))
        except (Refused, duckdb.Error) as error:
            raise RequestError(str(error)) from error

    return answered


def _page() -> tuple[str, str]:
    """HTML, and its content security policy."""
    style = asset("style.css") + (_HERE / "review.css").read_text("utf-8")
    script = (_HERE / "review.js").read_text("utf-8")
    html = (_HERE / "page.html").read_text("utf-8").replace("/*style*/", style).replace("/*script*/", script)
    return html, served_policy(style, script)


def _json(value: Any) -> web.Response:
    return web.json_response(value, dumps=lambda each: json.dumps(each, default=str))
