"""A response body that cannot grow beyond what was agreed, however it is packed."""

import zlib
from collections.abc import AsyncIterator

import httpx2


class CappedBody(httpx2.AsyncByteStream):
    """A response's body, unpacked, up to one byte beyond `limit`: that byte shows the reader that it was cut.

    Takes over unpacking from the response, which would unpack without a limit. Raises `httpx2.DecodingError`
    for a packed body that is broken or stops short.
    """

    def __init__(self, response: httpx2.Response, limit: int) -> None:
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        self._stream = response.stream
        self._limit = limit
        # we ask for `identity`, and unpack what is sent all the same: 300 kB of gzip may be 300 MB
        packed = response.headers.pop("content-encoding", "").lower() in ("gzip", "x-gzip", "deflate")
        self._inflate = zlib.decompressobj(wbits=47) if packed else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        room = self._limit + 1
        async for chunk in self._stream:
            data = self._unpack(chunk, room)
            yield data
            room -= len(data)
            if not room:
                return
        if self._inflate and not self._inflate.eof:
            raise httpx2.DecodingError("the compressed body stops short")

    async def aclose(self) -> None:
        await self._stream.aclose()

    def _unpack(self, chunk: bytes, room: int) -> bytes:
        if self._inflate is None:
            return chunk[:room]
        try:
            return self._inflate.decompress(chunk, room)
        except zlib.error as error:
            raise httpx2.DecodingError(f"the compressed body is broken: {error}") from error
