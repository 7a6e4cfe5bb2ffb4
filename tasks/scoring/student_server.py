"""The server that a student is read with, another process or machine: what it has, and what it answers. No torch.

`make vllm` starts one.
"""

import asyncio
import json
from asyncio import sleep
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

from schemas.errors import ReflectoryError, Refused
from schemas.student import StudentSettings
from tasks.http.client import HttpClient, NoResponse
from tasks.secret import header_value, secret

S = TypeVar("S")
T = TypeVar("T")

WAITS_S = (0.5, 2.0, 8.0)
"""Between the tries of a request, before the server is given up."""
RESTART_S = (30.0,) * 6
"""After these, in the midst of a run: a server that has died may be loading again."""
_TIMEOUT_S = 600.0
_MOST_BYTES = 2**30
"""Of one answer: a few hundred for each token."""
_START_IT = "start it (`make vllm MODEL=…`), or give the URL under which it listens"


class StudentUnavailable(ReflectoryError):
    """The server gives no log-probabilities."""


class ServedModel(NamedTuple):
    """What the server says of the student."""

    name: str
    window: int | None
    """In tokens, the one included that it insists on writing; None where it does not say."""


class StudentServer:
    """Asks the server of `student.base_url`. Usable also where an event loop runs, as in a notebook."""

    def __init__(self, settings: StudentSettings) -> None:
        self._name = settings.served_as or settings.model
        self._in_flight = settings.max_in_flight
        self._url = str(settings.base_url)
        self._http = HttpClient(self._url, _key(settings.api_key), _TIMEOUT_S, _MOST_BYTES)

    def served_model(self) -> ServedModel:
        """Return one GET. Raises `Refused` where nobody answers it, or the server has another model."""
        try:
            [answer] = self.each(lambda path: self._ask("GET", path, None, WAITS_S), ["models"])
        except StudentUnavailable as error:
            raise Refused(f"{error}; {_START_IT}") from None
        models = {str(each["id"]): each for each in answer.get("data", ())}
        if self._name not in models:
            raise Refused(f"student.served_as: got {self._name!r}; the server has {', '.join(sorted(models))}")
        window = models[self._name].get("max_model_len")
        return ServedModel(self._name, window if isinstance(window, int) else None)

    async def completions(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return what it completes, tried again for as long as a server may take to start once more."""
        return await self._ask("POST", "completions", {"model": self._name, **body}, WAITS_S + RESTART_S)

    def each(self, ask: Callable[[S], Coroutine[Any, Any, T]], wanted: Sequence[S]) -> list[T]:
        """Ask for each, as many at once as may be in flight, in a thread of their own."""

        async def all_of_them() -> list[T]:
            slots = asyncio.Semaphore(self._in_flight)

            async def in_a_slot(one: S) -> T:
                async with slots:
                    return await ask(one)

            try:
                return await asyncio.gather(*map(in_a_slot, wanted))
            finally:
                await self._http.close()

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, all_of_them()).result()

    async def _ask(
        self, method: str, path: str, body: dict[str, Any] | None, waits_s: Sequence[float]
    ) -> dict[str, Any]:
        sent = json.dumps(body).encode() if body else None
        for wait_s in (*waits_s, None):
            try:
                response = await self._http.send(method, path, body=sent)
            except NoResponse as error:
                said = str(error)
            else:
                if response.status == 200:
                    return _object(path, response.body)
                said = f"HTTP {response.status}: {response.body.decode(errors='replace')[:200]}"
                if response.status < 500 and response.status != 429:
                    raise Refused(f"student.base_url: the server refuses /{path} ({said})")
            if wait_s is not None:
                await sleep(wait_s)
        raise StudentUnavailable(
            f"student.base_url: no answer from /{path} of {self._url} in {len(waits_s) + 1} tries ({said})"
        )


def _object(path: str, body: bytes) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        value = json.loads(body)
        if isinstance(value, dict):
            return value
    raise StudentUnavailable(f"student.base_url: what came from /{path} is no JSON object")


def _key(api_key: str | None) -> str:
    if api_key is None:
        return ""
    return header_value(f"student.api_key: {api_key}", secret("student.api_key", api_key))
