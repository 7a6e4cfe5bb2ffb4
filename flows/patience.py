"""Waiting for a Prefect server that is away for a while, where what it is told cannot wait for the next run."""

import time
from collections.abc import Callable
from typing import TypeVar

import httpx

from flows.prefect_settings import UNREACHABLE, PrefectUnavailable

T = TypeVar("T")
PATIENCE_S = 60.0
PAUSE_S = 2.0


def heard(call: Callable[[], T], say: Callable[[str], object]) -> T:
    """Return what `call` gives, which may be made again: for a minute while the server is away, which a line says once.
    Raises `PrefectUnavailable` after it.
    """
    deadline = None
    while True:
        try:
            return call()
        except Exception as error:
            away = _of_a_server_away(error)
            if away is None:
                raise
            if deadline is None:
                deadline = time.monotonic() + PATIENCE_S
                reason = str(away).partition("\n")[0]
                say(f"Prefect's server does not answer ({reason}); trying again for {PATIENCE_S:g} s")
            elif time.monotonic() > deadline:
                raise PrefectUnavailable.for_now(away) from error
        time.sleep(PAUSE_S)


def _of_a_server_away(error: BaseException | None) -> Exception | None:
    """The error itself, or the one that Prefect made it of."""
    while error is not None:
        if isinstance(error, httpx.HTTPStatusError):
            return error if error.response.status_code in (408, 429, 502, 503, 504) else None
        if isinstance(error, httpx.TransportError) or (isinstance(error, RuntimeError) and UNREACHABLE in str(error)):
            return error
        error = error.__cause__ or error.__context__
    return None
