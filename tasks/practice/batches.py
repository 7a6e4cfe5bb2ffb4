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
from tasks.practice.bad_day import BatchFaults
from tasks.practice.batch_files import URL, error_body, outcome, problem, validated

_LARGEST_FILE_BYTES = 200 * 2**20
_DAY_S = 24 * 3600
_LIVE = ("validating", "in_progress", "finalizing", "cancelling")


@dataclass(frozen=True)
class _File:
    id: str
    name: str
    purpose: str
    content: bytes
    created_at: int

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "file",
            "bytes": len(self.content),
            "created_at": self.created_at,
            "filename": self.name,
            "purpose": self.purpose,
            "status": "processed",
        }


@dataclass
class _Batch:
    id: str
    input_file_id: str
    metadata: dict[str, str] | None
    created_at: int
    status: str = "validating"
    times: dict[str, int] = field(default_factory=dict)
    """When it came into each status, by the protocol's name of the field."""
    errors: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    outputs: list[dict[str, Any]] = field(default_factory=list)
    failures: list[dict[str, Any]] = field(default_factory=list)
    output_file_id: str | None = None
    error_file_id: str | None = None

    def enter(self, status: str) -> None:
        self.status = status
        self.times[f"{status}_at"] = int(time.time())

    def as_json(self) -> dict[str, Any]:
        stages = ("in_progress", "finalizing", "completed", "failed", "expired", "cancelling", "cancelled")
        return {
            "id": self.id,
            "object": "batch",
            "endpoint": URL,
            "errors": {"object": "list", "data": self.errors} if self.errors else None,
            "input_file_id": self.input_file_id,
            "completion_window": "24h",
            "status": self.status,
            "output_file_id": self.output_file_id,
            "error_file_id": self.error_file_id,
            "created_at": self.created_at,
            "expires_at": self.created_at + _DAY_S,
            **{f"{stage}_at": self.times.get(f"{stage}_at") for stage in stages},
            "request_counts": {
                "total": len(self.lines),
                "completed": len(self.outputs),
                "failed": len(self.failures),
            },
            "metadata": self.metadata,
        }


class Batches:
    """Its routes, and what has been asked of them."""

    def __init__(self, complete: Callable[[Any], dict[str, Any]], faults: BatchFaults, seed: int = 0) -> None:
        """`complete` makes the completion of one request, or raises `RequestError`."""
        self._complete = complete
        self._faults, self._seed = faults, seed
        self._files: dict[str, _File] = {}
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
        return web.json_response(self._keep(name, purpose, content).as_json())

    async def _file(self, request: web.Request) -> web.Response:
        return web.json_response(_of(self._files, request, "file").as_json())

    async def _content(self, request: web.Request) -> web.Response:
        return web.Response(body=_of(self._files, request, "file").content, content_type="application/octet-stream")

    async def _create(self, request: web.Request) -> web.Response:
        asked = await _object(request)
        file = self._files.get(str(asked.get("input_file_id")))
        if file is None or file.purpose != "batch":
            raise RequestError(f"input_file_id: no file {asked.get('input_file_id')!r} with purpose 'batch'")
        for name, needed in (("endpoint", URL), ("completion_window", "24h")):
            if asked.get(name) != needed:
                raise RequestError(f"{name}: got {asked.get(name)!r}; needs {needed!r}")
        batch = _Batch(f"batch_{len(self._batches)}", file.id, _metadata(asked.get("metadata")), int(time.time()))
        self._batches[batch.id] = batch
        task = asyncio.create_task(self._process(batch, file))
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return web.json_response(batch.as_json())

    async def _list(self, request: web.Request) -> web.Response:
        """The newest first, a page at a time."""
        newest = list(self._batches.values())[::-1]
        ids = [batch.id for batch in newest]
        after, limit = request.query.get("after"), request.query.get("limit", "20")
        if not (limit.isdecimal() and 1 <= int(limit) <= 100) or (after is not None and after not in ids):
            raise RequestError("limit: needs a number from 1 to 100; after: the id of a batch")
        start = ids.index(after) + 1 if after is not None else 0
        page = newest[start : start + int(limit)]
        listed = {"first_id": page[0].id, "last_id": page[-1].id} if page else {"first_id": None, "last_id": None}
        more = start + len(page) < len(newest)
        return web.json_response(
            {"object": "list", "data": [batch.as_json() for batch in page], **listed, "has_more": more}
        )

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

    async def _process(self, batch: _Batch, file: _File) -> None:
        await asyncio.sleep(0)
        batch.lines, batch.errors = validated(file.content)
        queued = sum(len(other.lines) for other in self._batches.values() if other.status in _LIVE)
        most = self._faults.most_queued
        if not batch.errors and most is not None and queued > most:
            batch.errors = [problem("token_limit_exceeded", f"more than {most} requests queued in all batches", None)]
        if batch.errors:
            batch.lines = []
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
        batch.output_file_id = self._deliver(batch, "output", batch.outputs)
        batch.error_file_id = self._deliver(batch, "errors", batch.failures)
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
            status, body = 500, error_body("oops", "server_error")
        elif self._meets("refused", self._faults.refused, line):
            status, body = 400, error_body("context length", "context_length_exceeded")
        else:
            try:
                status, body = 200, self._complete(line["body"])
            except RequestError as error:
                status, body = error.status, error_body(str(error), error.code)
        response = {
            "status_code": status,
            "request_id": content_key("request", batch.id, line["custom_id"]),
            "body": body,
        }
        (batch.outputs if status == 200 else batch.failures).append(outcome(line, response, None))

    def _deliver(self, batch: _Batch, name: str, lines: list[dict[str, Any]]) -> str | None:
        """The file of these lines, shuffled, some missing and some twice; None when there are none."""
        if not lines:
            return None
        there = [line for line in lines if not self._meets("missing", self._faults.missing, line)]
        there += [line for line in there if self._meets("twice", self._faults.twice, line)]
        Random(f"{self._seed}/{batch.id}/{name}").shuffle(there)
        content = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in there)
        return self._keep(f"{batch.id}_{name}.jsonl", "batch_output", content.encode()).id

    def _meets(self, what: str, rate: float, line: Mapping[str, Any]) -> bool:
        """The same in every run; another when the same call is asked again."""
        custom_id = line["custom_id"]
        return Random(f"{self._seed}/{what}/{custom_id}/{self._asked[custom_id]}").random() < rate

    def _keep(self, name: str, purpose: str, content: bytes) -> _File:
        file = _File(f"file-{len(self._files)}", name, purpose, content, int(time.time()))
        self._files[file.id] = file
        return file


def _metadata(value: Any) -> dict[str, str] | None:
    texts = isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
    if value is not None and not (texts and len(value) <= 16):
        raise RequestError("metadata: needs at most 16 texts by name")
    return dict(value) if value is not None else None


def _of(kept: Mapping[str, Any], request: web.Request, what: str) -> Any:
    found = kept.get(request.match_info["id"])
    if found is None:
        raise RequestError(f"no {what} {request.match_info['id']!r}", 404)
    return found


async def _object(request: web.Request) -> dict[str, Any]:
    try:
        value = json.loads(await request.read())
    except (ValueError, RecursionError) as error:
        raise RequestError(f"the body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise RequestError("the body must be a JSON object")
    return value


async def _read(part: BodyPartReader) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(2**20):
        content += chunk
        if len(content) > _LARGEST_FILE_BYTES:
            raise RequestError(f"file: more than {_LARGEST_FILE_BYTES} bytes", 413)
    return bytes(content)
