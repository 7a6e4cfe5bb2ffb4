"""A student that a vLLM server reads with: token ids over HTTP, and the log-probabilities of the prompt back.

The server is another process or machine; `deploy/student_vllm.toml` has its command. Its prefix cache has to be off: a
position that comes out of the cache has no log-probability.
"""

import asyncio
import json
from asyncio import sleep
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from schemas import configuration
from schemas.errors import ReflectoryError, Refused
from schemas.record import content_key
from tasks.http.client import HttpClient, NoResponse
from tasks.scoring.forward import Forward, Plain
from tasks.scoring.reading import ReadingRequest
from tasks.secret import header_value, secret

S = TypeVar("S")
T = TypeVar("T")

PER_REQUEST = 16
TRIES, TIMEOUT_S = 4, 600.0
_MOST_BYTES = 2**30
"""Of one answer: a few hundred for each token."""
TOLERANCE = {"float32": 1e-3}
"""Nats between the mean losses of vLLM and transformers, by the type of the weights."""
_HALF = 0.05


class StudentUnavailable(ReflectoryError):
    """The server gives no log-probabilities."""


class SpotCheckFailed(ReflectoryError):
    """The server and transformers do not agree: another model, other weights, or a cache that is on."""


class Served:
    """Reads through a server. Sends every token of a reading, so that it can be asked only for what stands there."""

    def __init__(
        self, settings: configuration.StudentSettings, max_length: int, local: Forward | Plain | None = None
    ) -> None:
        """`local` reads what is checked; None checks nothing. `Refused` where the server does not fit the settings."""
        self._model = settings.served_as or settings.model
        self._in_flight = settings.max_in_flight
        self._local, self._share = local, settings.spot_check
        self._tolerance = TOLERANCE.get(settings.dtype, _HALF)
        self._http = HttpClient(str(settings.base_url), _key(settings.api_key), TIMEOUT_S, _MOST_BYTES)
        self._check_window(max_length)

    def log_probs(self, readings: Sequence[ReadingRequest]) -> list[list[float]]:
        """For each reading, the natural-log probabilities of what it asks, in its order; equal ones are read once."""
        different = list(dict.fromkeys(readings))
        chunks = [different[first : first + PER_REQUEST] for first in range(0, len(different), PER_REQUEST)]
        found = [answers for chunk in self._each(self._read, chunks) for answers in chunk]
        answers = dict(zip(different, found, strict=True))
        self._spot_check(answers)
        return [answers[reading] for reading in readings]

    def _each(self, ask: Callable[[S], Coroutine[Any, Any, T]], wanted: Sequence[S]) -> list[T]:
        """As many at once as may be in flight, in a thread of their own: ours may have an event loop, in a notebook."""

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

    async def _read(self, readings: Sequence[ReadingRequest]) -> list[list[float]]:
        body = {
            "model": self._model,
            "prompt": [list(reading.tokens) for reading in readings],
            "max_tokens": 1,
            "temperature": 0,
            "prompt_logprobs": 0,
        }
        answer = await self._ask("POST", "completions", body)
        choices = sorted(answer["choices"], key=lambda choice: int(choice["index"]))
        return [
            list(_picked(reading, choice["prompt_logprobs"])) for reading, choice in zip(readings, choices, strict=True)
        ]

    def _spot_check(self, answers: dict[ReadingRequest, list[float]]) -> None:
        chosen = [reading for reading in answers if self._local and _drawn(reading) < self._share]
        if not chosen or not self._local:
            return
        for reading, wanted in zip(chosen, self._local.log_probs(chosen), strict=True):
            off = abs(sum(answers[reading]) - sum(wanted)) / len(wanted)
            if off > self._tolerance:
                raise SpotCheckFailed(
                    f"student.base_url: vLLM and transformers differ by {off:.4f} nats a token, {self._tolerance} are"
                    f" allowed; is {self._model!r} there the model that student.model names, in student.dtype?"
                )

    def _check_window(self, max_length: int) -> None:
        [answer] = self._each(partial(self._ask, "GET"), ["models"])
        models = {each["id"]: each for each in answer["data"]}
        if self._model not in models:
            raise Refused(f"student.served_as: got {self._model!r}; the server has {', '.join(sorted(models))}")
        window = models[self._model].get("max_model_len")
        if window is not None and window <= max_length:  # it insists on writing a token of its own
            raise Refused(f"student.max_length: {max_length} tokens; the server has room for {window - 1} of ours")

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """What the server answers; tried again where it is overloaded, or cannot be heard for a moment."""
        sent = json.dumps(body).encode() if body else None
        for attempt in range(TRIES):
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
            if attempt < TRIES - 1:
                await sleep(0.5 * 4**attempt)
        raise StudentUnavailable(f"student.base_url: no answer from /{path} in {TRIES} tries ({said})")


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


def _picked(reading: ReadingRequest, prompt_logprobs: Sequence[dict[str, Any] | None]) -> Iterator[float]:
    for position, token in reading.asked:
        found = prompt_logprobs[position]
        if found is None or str(token) not in found:
            raise StudentUnavailable(
                f"the server gives no log-probability for position {position} of a prompt; is its prefix cache off?"
            )
        yield float(found[str(token)]["logprob"])


def _drawn(reading: ReadingRequest) -> float:
    """In [0, 1), by the reading alone: the same ones are checked in every run."""
    return int(content_key("spot", list(reading.tokens))[:8], 16) / 2**32
