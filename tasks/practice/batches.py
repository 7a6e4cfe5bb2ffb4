"""The practice teacher's batch API: files and batches by the protocol, kept for as long as the server runs.

Lines come back in an order of their own, never that of the input. What else goes wrong, `BatchFaults` says.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from aiohttp import BodyPartReader, web

from schemas.record import content_key
from tasks.http.chat_request import RequestError
from tasks.http.server import read_json
from tasks.practice.bad_day import BatchFaults
from tasks.practice.faults import error

URL = "/v1/chat/completions"
MOST_LINES = 50_000
_LARGEST_FILE_BYTES = 200 * 2**20
_DAY_S = 24 * 3600
_LIVE = ("validating", "in_progress", "finalizing", "cancelling")
_STAGES = ("in_progress", "finalizing", "completed", "failed", "expired", "cancelling", "cancelled")
Line = dict[str, Any]


@dataclass
class _Batch:
    said: dict[str, Any]
    """As the protocol shows it, but for the counts."""
    lines: list[Line] = field(default_factory=list)
    outputs: list[Line] = field(default_factory=list)
    failures: list[Line] = field(default_factory=list)

    @property
    def status(self) -> str:
        return str(self.said["status"])

    def enter(self, status: str) -> None:
        self.said |= {"status": status, f"{status}_at": int(time.time())}

    def as_json(self) -> dict[str, Any]:
        counts = {"total": len(self.lines), "completed": len(self.outputs), "failed": len(self.failures)}
        return self.said | {"request_counts": counts}


class Batches:
    """Its routes, and what has been asked of them."""

    def __init__(self, complete: Callable[[Any], dict[str, Any]], faults: BatchFaults, seed: int = 0) -> None:
        """`complete` makes the completion of one request, or raises `RequestError`."""
        self._complete = complete
        self._faults, self._seed = faults, seed
        self._files: dict[str, tuple[dict[str, Any], bytes]] = {}
        """What the protocol shows of each, and its content."""
        self._batches: dict[str, _Batch] = {}
        self._work: set[asyncio.Task[None]] = set()
        self._asked: Counter[str] = Counter()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v1/files", self._upload),
            web.get("/v1/files/{id}", self._file),
            web.get("/v1/files/{id}/content", self._content),
            web.post("/v1/batches", self._create),
            web.get("/v1/batches", self._list),
            web.get("/v1/batches/{id}", self._batch),
            web.post("/v1/batches/{id}/cancel", self._cancel),
            web.get("/counters/batches", self._count),
        ]

    async def close(self, _: web.Application) -> None:
        for task in self._work:
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)

    async def _upload(self, request: web.Request) -> web.Response:
        if not request.content_type.startswith("multipart/"):
            raise RequestError("the body must be multipart/form-data with `purpose` and `file`")
        purpose, name, content = "", "", None
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            if part.name == "purpose":
                purpose = await part.text()
            if part.name == "file":
                name, content = part.filename or "", await _read(part)
        if content is None:
            raise RequestError("file: there is none")
        if purpose != "batch":
            raise RequestError(f"purpose: got {purpose!r}; needs 'batch'")
        return web.json_response(self._keep(name, purpose, content))

    async def _file(self, request: web.Request) -> web.Response:
        return web.json_response(_of(self._files, request, "file")[0])

    async def _content(self, request: web.Request) -> web.Response:
        return web.Response(body=_of(self._files, request, "file")[1], content_type="application/octet-stream")

    async def _create(self, request: web.Request) -> web.Response:
        asked = read_json(await request.read())
        if not isinstance(asked, dict):
            raise RequestError("the body must be a JSON object")
        shown, content = self._files.get(str(asked.get("input_file_id")), ({}, b""))
        if shown.get("purpose") != "batch":
            raise RequestError(f"input_file_id: no file {asked.get('input_file_id')!r} with purpose 'batch'")
        for name, needed in (("endpoint", URL), ("completion_window", "24h")):
            if asked.get(name) != needed:
                raise RequestError(f"{name}: got {asked.get(name)!r}; needs {needed!r}")
        value = asked.get("metadata")
        texts = isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
        if value is not None and not (texts and len(value) <= 16):
            raise RequestError("metadata: needs at most 16 texts by name")
        said = {
            "id": f"batch_{len(self._batches)}",
            "object": "batch",
            **dict.fromkeys(("errors", "output_file_id", "error_file_id", *(f"{stage}_at" for stage in _STAGES))),
            **{name: asked[name] for name in ("endpoint", "input_file_id", "completion_window")},
            "status": "validating",
            "created_at": (now := int(time.time())),
            "expires_at": now + _DAY_S,
            "metadata": (dict(value) if value is not None else None),
        }
        batch = self._batches[said["id"]] = _Batch(said)
        task = asyncio.create_task(self._process(batch, content))
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return web.json_response(batch.as_json())

    async def _list(self, request: web.Request) -> web.Response:
        """The newest first, a page at a time."""
        ids = [*reversed(self._batches)]
        after, limit = request.query.get("after"), request.query.get("limit", "20")
        if not (limit.isdecimal() and 1 <= int(limit) <= 100) or (after is not None and after not in ids):
            raise RequestError("limit: needs a number from 1 to 100; after: the id of a batch")
        start = ids.index(after) + 1 if after is not None else 0
        shown = [self._batches[name].as_json() for name in ids[start : start + int(limit)]]
        first, last = (shown[0]["id"], shown[-1]["id"]) if shown else (None, None)
        more = start + len(shown) < len(ids)
        listed = {"object": "list", "data": shown, "first_id": first, "last_id": last, "has_more": more}
        return web.json_response(listed)

    async def _batch(self, request: web.Request) -> web.Response:
        return web.json_response(_of(self._batches, request, "batch").as_json())

    async def _cancel(self, request: web.Request) -> web.Response:
        batch = _of(self._batches, request, "batch")
        if batch.status not in _LIVE:
            raise RequestError(f"the batch is {batch.status} and cannot be cancelled", 409)
        batch.enter("cancelling")
        return web.json_response(batch.as_json())

    async def _count(self, _: web.Request) -> web.Response:
        made = [batch for batch in self._batches.values() if batch.status != "failed"]
        lines = sum(len(batch.lines) for batch in made)
        return web.json_response({"files": len(self._files), "batches": len(made), "lines": lines})

    async def _process(self, batch: _Batch, content: bytes) -> None:
        await asyncio.sleep(0)
        batch.lines, errors = validated(content)
        queued = sum(len(other.lines) for other in self._batches.values() if other.status in _LIVE)
        most = self._faults.most_queued
        if not errors and most is not None and queued > most:
            errors = [problem("token_limit_exceeded", f"more than {most} requests queued in all batches", None)]
        if errors:
            batch.lines = []
            batch.said["errors"] = {"object": "list", "data": errors}
            batch.enter("failed")
            return
        if batch.status != "cancelling":
            batch.enter("in_progress")
        left = iter(batch.lines)
        expired = await self._answer_all(batch, left)
        end = "cancelled" if batch.status == "cancelling" else "expired" if expired else "completed"
        for line in [*expired, *left]:
            why = "cancelled" if end == "cancelled" else "expired"
            error = {"code": f"batch_{why}", "message": f"This request was not executed: the batch was {why}."}
            batch.failures.append(outcome(line, None, error))
        if end != "cancelled":
            batch.enter("finalizing")
        batch.said["output_file_id"] = self._deliver(batch, "output", batch.outputs)
        batch.said["error_file_id"] = self._deliver(batch, "errors", batch.failures)
        batch.enter(end)

    async def _answer_all(self, batch: _Batch, left: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
        """Until the batch is cancelled; the lines that its window was too short for."""
        expired = []
        for line in left:
            await asyncio.sleep(self._faults.seconds_per_line)
            self._asked[line["custom_id"]] += 1
            if self._meets("expired", self._faults.expired, line):
                expired.append(line)
            else:
                self._answer(batch, line)
            if batch.status == "cancelling":
                break
        return expired

    def _answer(self, batch: _Batch, line: dict[str, Any]) -> None:
        if self._meets("failed", self._faults.failed, line):
            status, body = 500, error("oops", "server_error")
        elif self._meets("refused", self._faults.refused, line):
            status, body = 400, error("context length", "context_length_exceeded")
        else:
            try:
                status, body = 200, self._complete(line["body"])
            except RequestError as refused:
                status, body = refused.status, error(str(refused), refused.code)
        request_id = content_key("request", batch.said["id"], line["custom_id"])
        response = {"status_code": status, "request_id": request_id, "body": body}
        (batch.outputs if status == 200 else batch.failures).append(outcome(line, response, None))

    def _deliver(self, batch: _Batch, name: str, lines: list[dict[str, Any]]) -> str | None:
        """The file of these lines, shuffled, some missing and some twice; None when there are none."""
        if not lines:
            return None
        there = [line for line in lines if not self._meets("missing", self._faults.missing, line)]
        there += [line for line in there if self._meets("twice", self._faults.twice, line)]
        Random(f"{self._seed}/{batch.said['id']}/{name}").shuffle(there)
        content = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in there)
        return str(self._keep(f"{batch.said['id']}_{name}.jsonl", "batch_output", content.encode())["id"])

    def _meets(self, what: str, rate: float, line: Mapping[str, Any]) -> bool:
        """The same in every run; another when the same call is asked again."""
        custom_id = line["custom_id"]
        return Random(f"{self._seed}/{what}/{custom_id}/{self._asked[custom_id]}").random() < rate

    def _keep(self, name: str, purpose: str, content: bytes) -> dict[str, Any]:
        shown: dict[str, Any] = {"id": f"file-{len(self._files)}", "object": "file", "created_at": int(time.time())}
        shown |= {"filename": name, "bytes": len(content), "purpose": purpose, "status": "processed"}
        self._files[shown["id"]] = shown, content
        return shown


def _of(kept: Mapping[str, Any], request: web.Request, what: str) -> Any:
    found = kept.get(request.match_info["id"])
    if found is None:
        raise RequestError(f"no {what} {request.match_info['id']!r}", 404)
    return found


async def _read(part: BodyPartReader) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(2**20):
        content += chunk
        if len(content) > _LARGEST_FILE_BYTES:
            raise RequestError(f"file: more than {_LARGEST_FILE_BYTES} bytes", 413)
    return bytes(content)


def validated(content: bytes) -> tuple[list[Line], list[dict[str, Any]]]:
    """Return the requests of a file, and what is wrong with it."""
    lines: list[Line] = []
    errors: list[dict[str, Any]] = []
    seen: set[str] = set()
    for number, text in enumerate(content.splitlines(), start=1):
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):
            errors.append(problem("invalid_json_line", "This line is not JSON.", number))
            continue
        custom_id = line.get("custom_id") if isinstance(line, dict) else None
        if not isinstance(custom_id, str) or custom_id in seen:
            errors.append(problem("invalid_custom_id", "custom_id: needs a string that no other line has.", number))
        elif line.get("method") != "POST" or line.get("url") != URL or not isinstance(line.get("body"), dict):
            errors.append(problem("invalid_request", f"needs method POST, url {URL} and a body.", number))
        else:
            seen.add(custom_id)
            lines.append(line)
    if not 1 <= len(lines) <= MOST_LINES and not errors:
        errors = [problem("invalid_file", f"needs from 1 to {MOST_LINES} lines; there are {len(lines)}.", None)]
    return lines, errors


def problem(code: str, message: str, line: int | None) -> dict[str, Any]:
    """Return why a batch fails as a whole."""
    return {"code": code, "line": line, "message": message, "param": None}


def outcome(line: Mapping[str, Any], response: dict[str, Any] | None, error: dict[str, Any] | None) -> dict[str, Any]:
    """Return the line that says what became of a request."""
    custom_id = line["custom_id"]
    return {"id": f"batch_req_{custom_id}", "custom_id": custom_id, "response": response, "error": error}
