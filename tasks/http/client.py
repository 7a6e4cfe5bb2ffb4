"""HTTP for all who ask a model's server: chat, batches, a student that is served."""

import ipaddress
import math
import resource
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from functools import lru_cache
from typing import Literal, NamedTuple
from urllib.parse import quote
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from tasks.http.connections import QuietConnections

_CONNECT_S = 30.0
_CHUNK_BYTES = 64 * 1024
_SHORTEST_SECRET = 8
"""Servers without authentication are given keys such as `none` or `EMPTY`: words, not secrets."""
_NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class NoResponse(Exception):
    """A request that brought no whole response; `how` is `unreachable` when it was never sent."""

    def __init__(self, how: Literal["unreachable", "cut", "deadline"], said: str) -> None:
        super().__init__(f"{how}: {said}")
        self.how, self.said = how, said


class Response(NamedTuple):
    status: int
    headers: Mapping[str, str]
    """Whatever the case of their names."""
    body: bytes


class Stream(NamedTuple):
    """A response of which the head is there."""

    url: str
    """What was asked for."""
    status: int
    headers: Mapping[str, str]
    """Whatever the case of their names."""
    chunks: AsyncIterator[bytes]
    """Of the body, unpacked; none is large, however much a small one unpacks to."""

    @property
    def is_events(self) -> bool:
        """Whether what was asked for comes as events; an error may name their type, too."""
        return 200 <= self.status < 300 and "event-stream" in self.headers.get("content-type", "")


class HttpClient:
    """Asks one server, with nothing done behind our back: no retry, no redirect, no body read beyond the cap, be it an
    error's. The key is redacted from what comes back, and a loopback address is never asked of a proxy.

    Plain, for one event loop at a time: once closed it may be used in another.
    """

    def __init__(
        self, base_url: str, key: str, silence_s: float, max_bytes: int, headers: Mapping[str, str] | None = None
    ) -> None:
        """`key` may be empty. `silence_s` bounds the wait for each piece of a response. A body is cut one byte after
        `max_bytes`, which shows that it was cut. `headers` go with each request.
        """
        self.max_bytes = max_bytes
        self._base_url = str(URL(base_url.strip().rstrip("/")))
        self._key = key
        bearer = {"Authorization": f"Bearer {key}"} if key else {}
        self._proxy, login = _proxy(URL(self._base_url))
        self._headers = {**bearer, **(headers or {}), **login, "Accept-Encoding": "identity"}
        self._json_headers = {**self._headers, "Content-Type": "application/json"}
        self._silence_s = silence_s
        self._opened: aiohttp.ClientSession | None = None

    async def send(
        self,
        method: str,
        *path: str,
        deadline_s: float | None = None,
        body: bytes | aiohttp.FormData | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the whole response to a request for `path` below the base URL; `body` is JSON or a form. Raises
        `NoResponse` when it is not there within `deadline_s`.
        """
        with _as_no_response():
            async with self._request(method, path, body, query, _timeout(self._silence_s, deadline_s)) as response:
                return await self.whole(_streamed(response))

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        *path: str,
        body: bytes | aiohttp.FormData | None = None,
        query: Mapping[str, str] | None = None,
    ) -> AsyncIterator[Stream]:
        """Yield a response as it comes. Raises `NoResponse`, also in the midst of it."""
        with _as_no_response():
            async with self._request(method, path, body, query, _timeout(self._silence_s)) as response:
                yield _streamed(response)

    @asynccontextmanager
    async def fetch(self, url: str) -> AsyncIterator[Stream]:
        """Yield what another server has at `url`, which is told nothing of ours. Raises as `stream` does."""
        with _as_no_response():
            place = URL(url, encoded=True)  # a signature holds for the address as it is written
            proxy, headers = _proxy(place)
            headers = {**headers, "Accept-Encoding": "identity"}
            timeout = _timeout(self._silence_s)
            async with self._session().get(
                place, headers=headers, allow_redirects=False, timeout=timeout, proxy=proxy
            ) as response:
                yield _streamed(response)

    async def whole(self, stream: Stream) -> Response:
        """Return a response to its end, or to the cap."""
        body = bytearray()
        async for chunk in stream.chunks:
            body += chunk[: self.max_bytes + 1 - len(body)]
            if len(body) > self.max_bytes:
                break
        return Response(stream.status, stream.headers, self.redact(bytes(body)))

    def redact(self, body: bytes) -> bytes:
        """Return `body` with `***` for the key, which some servers echo."""
        return body.replace(self._key.encode(), b"***") if len(self._key) >= _SHORTEST_SECRET else body

    async def close(self) -> None:
        session, self._opened = self._opened, None
        if session:
            await session.close()

    def _request(
        self,
        method: str,
        path: tuple[str, ...],
        body: bytes | aiohttp.FormData | None,
        query: Mapping[str, str] | None,
        timeout: aiohttp.ClientTimeout,
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        url = _url(self._base_url, path)
        return self._session().request(
            method,
            url.with_query(query) if query else url,
            data=body,
            headers=self._json_headers if isinstance(body, bytes) else self._headers,  # a session's go to a proxy, too
            allow_redirects=False,
            timeout=timeout,
            proxy=self._proxy,
        )

    def _session(self) -> aiohttp.ClientSession:
        if self._opened is None:
            _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            self._opened = aiohttp.ClientSession(
                connector=QuietConnections(),
                auto_decompress=False,  # 300 kB of gzip may be 300 MB
            )
        return self._opened


@lru_cache
def _url(base_url: str, path: tuple[str, ...]) -> URL:
    return URL("/".join([base_url, *(quote(part, safe="") for part in path)]), encoded=True)


@lru_cache
def _timeout(silence_s: float, whole_s: float | None = None) -> aiohttp.ClientTimeout:
    """Of each piece, and of the whole. One timer where the whole may not last longer than a piece."""
    piece_s = silence_s if whole_s is None or silence_s < whole_s else None
    connect_s = min(_CONNECT_S, silence_s)
    return aiohttp.ClientTimeout(total=whole_s, sock_connect=connect_s, sock_read=piece_s, ceil_threshold=math.inf)


def _streamed(response: aiohttp.ClientResponse) -> Stream:
    packed = response.headers.get("Content-Encoding", "").lower() in ("gzip", "x-gzip", "deflate")
    chunks = response.content.iter_chunked(_CHUNK_BYTES)
    return Stream(str(response.url), response.status, response.headers, _unpacked(chunks) if packed else chunks)


def _proxy(url: URL) -> tuple[URL | None, dict[str, str]]:
    """The proxy that the environment names for it, looked for once, and the header that a plain request brings it.

    aiohttp would look with each request, in a thread, and in a `.netrc`, whose login it takes for a mistake beside a
    key; and it says who asks with the first request of a connection alone.
    """
    named = getproxies().get(url.scheme)
    if not named or is_loopback(str(url)) or proxy_bypass(url.host or ""):
        return None, {}
    proxy = URL(named)
    if not proxy.user or url.scheme != "http":
        return proxy, {}
    return proxy, {"Proxy-Authorization": aiohttp.encode_basic_auth(proxy.user, proxy.password or "")}


def is_loopback(url: str) -> bool:
    """Return whether a host is this machine, which no proxy can reach for us."""
    host = URL(url).host or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


@contextmanager
def _as_no_response() -> Iterator[None]:
    """Whatever the line does is a `NoResponse`, without aiohttp's error: that one holds the headers."""
    try:
        yield
    except _NEVER_SENT as error:
        raise NoResponse("unreachable", f"{type(error).__name__}: {error}") from None
    except TimeoutError:  # aiohttp's too
        raise NoResponse("deadline", "no whole answer in time") from None
    except aiohttp.ClientError as error:
        raise NoResponse("cut", f"{type(error).__name__}: {error}") from None


async def _unpacked(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    inflate = zlib.decompressobj(wbits=47)
    async for packed in chunks:
        full = True
        while full:
            try:
                piece = inflate.decompress(packed, _CHUNK_BYTES)
            except zlib.error as error:
                raise aiohttp.ClientPayloadError(f"the compressed body is broken: {error}") from error
            packed, full = inflate.unconsumed_tail, len(piece) == _CHUNK_BYTES
            if piece:
                yield piece
    if not inflate.eof:
        raise aiohttp.ClientPayloadError("the compressed body stops short")
