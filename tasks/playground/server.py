"""The playground: one page on this machine, for who has the token, and the answers that it streams.

The page asks no network and runs no script but ours: a content security policy allows one style sheet and one script by
their hashes. What a model says goes through `textContent` alone.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from string import Template
from time import monotonic
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field, StringConstraints, ValidationError

from schemas.errors import ReflectoryError, Refused
from schemas.question import KINDS
from schemas.section import Section
from tasks.asking.stream import Streamed
from tasks.http.chat_request import RequestError
from tasks.http.served_page import page_application
from tasks.http.server import json_answer, read_json
from tasks.judging.verify_processes import WorkerPool
from tasks.parsing.grammar import parse
from tasks.parsing.live import LiveParts
from tasks.playground.kept import KeptQuestions
from tasks.playground.suggestions import SUGGESTIONS
from tasks.report.inline import embedded, served_policy

_HERE = Path(__file__).parent
_LONGEST = 2**20
"""Bytes of a prompt."""
_JUDGED_BY = ("", "exact", "number", "math")
"""Kinds that need nothing beside the gold; empty: by the gold."""
Text = Annotated[str, StringConstraints(strip_whitespace=True)]


class Prompt(Section):
    """What the page asks one model for one sample."""

    question: Annotated[Text, Field(min_length=1)]
    model: int = Field(default=0, ge=0)
    system: str = ""
    suffix: Text = ""
    temperature: float = Field(default=0.7, ge=0, le=2)
    top_p: float = Field(default=0.95, gt=0, le=1)
    max_tokens: int = Field(default=2048, ge=1, le=1_000_000)
    seed: int = Field(default=0, ge=0, lt=2**53)
    sample: int = Field(default=0, ge=0)
    gold: Text = ""
    kind: str = ""


class KeptQuestion(Section):
    """A question that is to be kept."""

    question: Annotated[Text, Field(min_length=1)]
    gold: Text = ""
    kind: str = ""


Ask = Callable[[Prompt], AsyncGenerator[str | Streamed]]
"""The pieces of the answer to a prompt, and how it ended."""


@dataclass(frozen=True)
class Settings:
    """What the page starts with."""

    models: Sequence[str]
    system: str
    suffix: str
    temperature: float
    top_p: float
    max_tokens: int
    suggestions: Sequence[dict[str, Any]] = field(default=tuple(each._asdict() for each in SUGGESTIONS))
    kinds: Sequence[str] = _JUDGED_BY


def application(settings: Settings, ask: Ask, kept: KeptQuestions, token: str) -> web.Application:
    """Return the server of the page. `ask` is called with prompts whose model is an index into `settings.models`."""
    judges = WorkerPool(1, "tasks.judging.verify_worker")

    async def answer(request: web.Request) -> web.StreamResponse:
        prompt = _read(Prompt, read_json(await request.read()))
        _check_kind(prompt.kind)
        if prompt.model >= len(settings.models):
            raise RequestError(f"model: got {prompt.model}; there are {len(settings.models)}")
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        with suppress(ConnectionResetError):  # somebody pressed Stop, or closed the page
            async with aclosing(_lines(prompt, ask, judges)) as lines:
                async for line in lines:
                    await response.write(json.dumps(line).encode() + b"\n")
            await response.write_eof()
        return response

    async def keep(request: web.Request) -> web.Response:
        given = _read(KeptQuestion, read_json(await request.read()))
        _check_kind(given.kind)
        try:
            new = await asyncio.to_thread(kept.keep, given.question, given.gold or None, given.kind or None)
        except Refused as refused:
            raise RequestError(str(refused), 500) from refused
        return json_answer({"new": new, "path": str(kept.path)})

    async def close(_: web.Application) -> None:
        judges.kill()

    routes = [web.post("answer", answer), web.post("keep", keep)]
    app = page_application(*_page(settings), token, routes, _LONGEST)
    app.on_cleanup.append(close)
    return app


async def _lines(prompt: Prompt, ask: Ask, judges: WorkerPool) -> AsyncGenerator[dict[str, Any]]:
    """The lines that the page reads: pieces of parts, then how it ended, or what went wrong."""
    parts, started = LiveParts(), monotonic()
    try:
        async with aclosing(ask(prompt)) as pieces:
            async for piece in pieces:
                if not isinstance(piece, Streamed):
                    for part, text in parts.feed(piece):
                        yield {"part": part, "text": text}
                    continue
                for part, text in parts.end():
                    yield {"part": part, "text": text}
                yield {
                    "ended": piece.finish_reason or "stop",
                    "structure": parse(piece.text, piece.finish_reason).structure,
                    "tokens": piece.usage.completion_tokens,
                    "seconds": round(monotonic() - started, 1),
                }
                if prompt.gold:
                    yield {"verdict": await asyncio.to_thread(_verdict, prompt, piece.text, judges)}
    except ReflectoryError as error:
        yield {"error": str(error)}


def _verdict(prompt: Prompt, text: str, judges: WorkerPool) -> dict[str, Any]:
    kind = {"kind": prompt.kind} if prompt.kind else {}
    row = {"gold": prompt.gold, "question": prompt.question, "response": text, **kind}
    judged: dict[str, Any] = json.loads(judges.judge([json.dumps(row).encode()]).rows)
    return judged


def _page(settings: Settings) -> tuple[str, str]:
    """The page, and its content security policy."""
    style, script, page = ((_HERE / f"page.{ending}").read_text("utf-8").rstrip() for ending in ("css", "js", "html"))
    filled = Template(page).substitute(style=style, script=script, data=embedded(asdict(settings)))
    return filled, served_policy(style, script)


def _read(kind: type[Any], value: Any) -> Any:
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise RequestError(f"{'.'.join(map(str, first['loc'])) or 'the body'}: {first['msg']}") from None


def _check_kind(kind: str) -> None:
    if kind and kind not in KINDS:
        raise RequestError(f"kind: got {kind!r}; needs one of {', '.join(KINDS)}")
