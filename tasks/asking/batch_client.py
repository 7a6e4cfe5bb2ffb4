"""The batch API over HTTP: JSON to and fro, a file up, and the lines of a file down, however long it is."""

import io
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urljoin, urlsplit

from aiohttp import FormData

from schemas.teacher import TeacherSettings
from tasks.asking.batch_lines import longest_line, split_lines
from tasks.asking.call_outcome import OUTCOMES, CallOutcome
from tasks.asking.completion import parsed
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.reply import SendResult, read_reply
from tasks.asking.wire import teacher_client, unanswered
from tasks.http.client import NoResponse, Response, Stream

_SLOWEST_BYTES_PER_S = 50_000
"""Of an upload."""
_TOGETHER = (".together.xyz", ".together.ai")
_MOST_REDIRECTS = 5


class NotDone(Exception):
    """A request to the batch API that came to nothing; `ended` says how."""

    def __init__(self, ended: SendResult) -> None:
        super().__init__(ended.error)
        self.ended = ended

    @property
    def passes(self) -> bool:
        """Whether the same request may succeed later."""
        rule = OUTCOMES[self.ended.outcome]
        return not (rule.stop or rule.ended or self.ended.outcome is CallOutcome.REDIRECTED)


class BatchWire:
    """Its requests raise `NotDone`. Plain, for one event loop."""

    def __init__(self, settings: TeacherSettings, address: TeacherAddress) -> None:
        self._http = teacher_client(settings, address)
        self._silence_s = settings.timeout_s
        self._is_together = (urlsplit(address.base_url).hostname or "").endswith(_TOGETHER)

    async def get(self, *path: str, **query: str) -> dict[str, Any]:
        return await self._json("GET", path, self._silence_s, query=query)

    async def post(self, *path: str, value: object) -> dict[str, Any]:
        return await self._json("POST", path, self._silence_s, body=json.dumps(value).encode())

    async def upload(self, name: str, content: bytes) -> dict[str, Any]:
        """Return the file object of what is now a file for a batch."""
        form = FormData({"purpose": "batch-api", "file_name": name} if self._is_together else {"purpose": "batch"})
        form.add_field("file", io.BytesIO(content), filename=name, content_type="application/jsonl")
        path = ("files", "upload") if self._is_together else ("files",)
        return await self._json("POST", path, self._silence_s + len(content) / _SLOWEST_BYTES_PER_S, body=form)

    async def lines(self, file_id: str) -> AsyncGenerator[bytes, None]:
        """Yield the lines of a file as they come, a too long one cut. Raises also in the midst of them."""
        try:
            async with self._content(file_id) as stream:
                if not _is_fine(stream.status):
                    raise self._not_done(await self._http.whole(stream))
                async for line in split_lines(stream.chunks, longest_line(self._http.max_bytes)):
                    yield self._http.redact(line)
        except NoResponse as error:
            raise NotDone(unanswered(error)) from error

    async def close(self) -> None:
        await self._http.close()

    @asynccontextmanager
    async def _content(self, file_id: str) -> AsyncIterator[Stream]:
        """Yield a file's content, from the store that the endpoint names where it does not hand it out itself."""
        asked = self._http.stream("GET", "files", file_id, "content")
        for _ in range(_MOST_REDIRECTS):
            async with asked as stream:
                if (place := _elsewhere(stream)) is None:
                    yield stream
                    return
            asked = self._http.fetch(place)
        async with asked as stream:
            yield stream

    async def _json(
        self,
        method: str,
        path: tuple[str, ...],
        deadline_s: float,
        body: bytes | FormData | None = None,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """An object of the API, taken out of what Together and SiliconFlow wrap it in; an error in its place is
        `NotDone`, whatever the status beside it.
        """
        try:
            response = await self._http.send(method, *path, deadline_s=deadline_s, body=body, query=query)
        except NoResponse as error:
            raise NotDone(unanswered(error)) from error
        value = parsed(response.body) if _is_fine(response.status) else None
        if isinstance(value, list) and method == "GET":
            return {"data": value}
        if isinstance(value, dict):
            inner = value.get("job") or value.get("data")
            value = inner if isinstance(inner, dict) and "id" in inner else value
            if "id" in value or (method == "GET" and "data" in value):
                return value
        raise self._not_done(response)

    def _not_done(self, response: Response) -> NotDone:
        return NotDone(read_reply(response.status, response.headers, response.body, self._http.max_bytes))


def _elsewhere(stream: Stream) -> str | None:
    """The address that a response sends us on to, never from https to http; None where it is what was asked for."""
    to = stream.headers.get("location") if 300 <= stream.status < 400 else None
    try:
        there = urljoin(stream.url, to) if to else ""
        scheme, known = urlsplit(there).scheme, urlsplit(there).hostname
    except ValueError:
        return None
    return there if known and scheme in ("https", urlsplit(stream.url).scheme) and there != stream.url else None


def _is_fine(status: int) -> bool:
    return 200 <= status < 300
