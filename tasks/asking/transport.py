"""HTTP for the teacher: bodies that cannot grow, and connections that are used again only when proven quiet."""

import resource
import zlib
from collections.abc import AsyncIterator, Mapping
from time import monotonic
from typing import NamedTuple

import aiohttp
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from multidict import CIMultiDict
from yarl import URL

REST_S = 0.5
"""A response that is delivered twice shows itself within this time on the connection that brought it."""
_KEPT_S = 4.0
"""Less than the 5 s after which uvicorn and Node hang up, so that they do not do it while we send."""
_CHUNK_BYTES = 64 * 1024


class Response(NamedTuple):
    status: int
    headers: dict[str, str]
    """With lower-case names."""
    body: bytes


class Transport:
    """Requests with the same headers, whole bodies back. Unpacks them itself: 300 kB of gzip may be 300 MB."""

    def __init__(self, headers: Mapping[str, str], max_bytes: int, connect_s: float, trust_env: bool) -> None:
        """No body, be it an error's, is read beyond `max_bytes` and one more, which shows that it was cut."""
        self._headers = CIMultiDict(headers)
        self._limit = max_bytes + 1
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect_s)
        self._trust_env = trust_env
        self._session: aiohttp.ClientSession | None = None

    async def send(self, method: str, url: URL, body: bytes | None) -> Response:
        """Follows no redirect. Raises `aiohttp.ClientError`; a body that is broken or stops short is one."""
        if self._session is None:
            self._session = self._opened()
        async with self._session.request(
            method, url, headers=self._headers, data=body, allow_redirects=False
        ) as response:
            packed = response.headers.get("Content-Encoding", "").lower() in ("gzip", "x-gzip", "deflate")
            chunks = response.content.iter_chunked(_CHUNK_BYTES)
            read = await (_unpacked(chunks, self._limit) if packed else capped(chunks, self._limit))
        return Response(response.status, {name.lower(): value for name, value in response.headers.items()}, read)

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        _allow_many_files()
        return aiohttp.ClientSession(
            connector=_QuietConnections(limit=0, keepalive_timeout=_KEPT_S),
            timeout=self._timeout,
            trust_env=self._trust_env,
            auto_decompress=False,
        )


class _QuietConnections(aiohttp.TCPConnector):
    """Opens another connection rather than use one again that has not rested, or on which something came meanwhile.

    aiohttp alone takes a response that is delivered twice for the answer to the next call.
    """

    async def _get(self, key: ConnectionKey, traces: list[Trace]) -> Connection | None:
        idle = self._conns.get(key)
        while idle and monotonic() - idle[0][1] >= REST_S:
            protocol = idle[0][0]
            if protocol.is_connected() and not protocol.should_close:
                return await super()._get(key, traces)  # takes this one, or none when it has been kept too long
            idle.popleft()
            protocol.close()
        return None


async def capped(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        body += chunk[: limit - len(body)]
        if len(body) == limit:
            break
    return bytes(body)


async def _unpacked(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    inflate, body = zlib.decompressobj(wbits=47), bytearray()
    async for chunk in chunks:
        try:
            body += inflate.decompress(chunk, limit - len(body))
        except zlib.error as error:
            raise aiohttp.ClientPayloadError(f"the compressed body is broken: {error}") from error
        if len(body) == limit:
            return bytes(body)
    if not inflate.eof:
        raise aiohttp.ClientPayloadError("the compressed body stops short")
    return bytes(body)


def _allow_many_files() -> None:
    """As many connections as the machine's hard limit allows; the usual soft limit is 1,024 files."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
