"""The batch API over HTTP: JSON to and fro, a file up, and the lines of a file down, however long it is.

As careful as the wire of single calls: no redirect is followed, no body is read beyond its cap, the key is redacted
from whatever comes back, and a loopback address is never asked of a proxy.
"""

import asyncio
import io
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from schemas.configuration import TeacherSettings
from tasks.asking.batch_lines import longest_line, split_lines
from tasks.asking.call_outcome import OUTCOMES, CallOutcome
from tasks.asking.endpoint import TeacherAddress, header_key, is_loopback, redact
from tasks.asking.reply import SendResult, failed, read_reply
from tasks.asking.transport import capped

_CONNECT_S = 30.0
_CHUNK_BYTES = 64 * 1024
_SLOWEST_BYTES_PER_S = 50_000
"""Of an upload."""
_NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


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
        self._base_url = address.base_url.rstrip("/")
        self._silence_s = settings.timeout_s
        self._max_bytes = settings.max_response_bytes
        self._key = header_key(settings, address)
        self._trust_env = not is_loopback(address.base_url)
        self._opened: aiohttp.ClientSession | None = None

    async def get(self, *path: str, **query: str) -> dict[str, Any]:
        return await self._json("GET", path, query, self._silence_s)

    async def post(self, *path: str, value: object) -> dict[str, Any]:
        return await self._json("POST", path, {}, self._silence_s, json=value)

    async def upload(self, name: str, content: bytes) -> dict[str, Any]:
        """The file object of what is now a file for a batch."""
        form = aiohttp.FormData({"purpose": "batch"})
        form.add_field("file", io.BytesIO(content), filename=name, content_type="application/jsonl")
        deadline_s = self._silence_s + len(content) / _SLOWEST_BYTES_PER_S
        return await self._json("POST", ("files",), {}, deadline_s, data=form)

    async def lines(self, file_id: str) -> AsyncGenerator[bytes, None]:
        """The lines of a file as they come, a too long one cut. Raises also in the midst of them."""
        with _told():
            async with self._send("GET", ("files", file_id, "content"), {}) as response:
                chunks = response.content.iter_chunked(_CHUNK_BYTES)
                async for line in split_lines(chunks, longest_line(self._max_bytes)):
                    yield redact(line, self._key)

    async def close(self) -> None:
        if self._opened:
            await self._opened.close()

    async def _json(
        self, method: str, path: tuple[str, ...], query: dict[str, str], deadline_s: float, **sent: Any
    ) -> dict[str, Any]:
        """An object of the API; an error in its place is `NotDone`, whatever the status beside it."""
        with _told():
            async with asyncio.timeout(deadline_s), self._send(method, path, query, **sent) as response:
                body = redact(await self._body(response), self._key)
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict) and ("id" in value or (method == "GET" and "data" in value)):
            return value
        raise NotDone(read_reply(200, {}, body, self._max_bytes))

    @asynccontextmanager
    async def _send(
        self, method: str, path: tuple[str, ...], query: dict[str, str], **sent: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        url = URL("/".join([self._base_url, *(quote(part, safe="") for part in path)]), encoded=True).with_query(query)
        async with self._session().request(method, url, allow_redirects=False, **sent) as response:
            if not 200 <= response.status < 300:
                headers = {name.lower(): value for name, value in response.headers.items()}
                body = redact(await self._body(response), self._key)
                raise NotDone(read_reply(response.status, headers, body, self._max_bytes))
            yield response

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        return await capped(response.content.iter_chunked(_CHUNK_BYTES), self._max_bytes + 1)

    def _session(self) -> aiohttp.ClientSession:
        if self._opened is None:
            connect_s = min(_CONNECT_S, self._silence_s)
            self._opened = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect_s, sock_read=self._silence_s),
                headers={"Accept-Encoding": "identity"}
                | ({"Authorization": f"Bearer {self._key}"} if self._key else {}),
                trust_env=self._trust_env,
            )
        return self._opened


@contextmanager
def _told() -> Iterator[None]:
    """Whatever the line does is a `NotDone`."""
    try:
        yield
    except _NEVER_SENT as error:
        raise NotDone(failed(CallOutcome.UNREACHABLE, f"{type(error).__name__}: {error}")) from error
    except TimeoutError as error:  # aiohttp's too
        raise NotDone(failed(CallOutcome.DEADLINE, "no whole answer in time")) from error
    except aiohttp.ClientError as error:
        raise NotDone(failed(CallOutcome.CUT, f"{type(error).__name__}: {error}")) from error
