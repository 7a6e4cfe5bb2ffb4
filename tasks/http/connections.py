"""Connections that are used again only when proven quiet."""

from collections import deque
from functools import partial
from time import monotonic
from weakref import WeakKeyDictionary

import aiohttp
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

REST_S = 0.5
"""A response that is delivered twice shows itself within this time on the connection that brought it."""
_KEPT_S = 4.0
"""Less than the 5 s after which uvicorn and Node hang up, so that they do not do it while we send."""


class QuietConnections(aiohttp.TCPConnector):
    """Opens another connection rather than use one again that has not rested, or on which something came meanwhile.

    aiohttp alone takes a response that is delivered twice for the answer to the next call. So what its pool offers too
    early is taken out of the pool, once, until it has rested.
    """

    def __init__(self) -> None:
        super().__init__(limit=0, keepalive_timeout=_KEPT_S)
        self._left_at: WeakKeyDictionary[object, float] = WeakKeyDictionary()
        """When the protocol of a connection was last in use."""
        self._resting: deque[tuple[float, Connection]] = deque()

    async def connect(
        self, req: aiohttp.ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout
    ) -> Connection:
        while self._resting and monotonic() - self._resting[0][0] >= REST_S:
            self._resting.popleft()[1].release()
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol = connection.protocol
            assert protocol is not None
            left_at = self._left_at.get(protocol)
            if left_at is not None and monotonic() - left_at < REST_S:
                self._resting.append((left_at, connection))
            elif left_at is not None and (protocol.should_close or monotonic() - left_at > _KEPT_S):
                connection.close()
            else:
                connection.add_callback(partial(self._leave, protocol))
                return connection

    async def close(self, *, abort_ssl: bool = False) -> None:
        while self._resting:
            self._resting.popleft()[1].release()
        await super().close(abort_ssl=abort_ssl)

    def _leave(self, protocol: object) -> None:
        self._left_at[protocol] = monotonic()
