"""A student that a vLLM server reads with: token ids over HTTP, and the log-probabilities of the prompt back.

`make vllm` and `deploy/student_vllm.toml` have its command. Its prefix cache has to be off: a position that comes out
of the cache has no log-probability.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from schemas.errors import ReflectoryError, Refused
from schemas.record import content_key
from schemas.student import StudentSettings
from tasks.scoring.forward import Forward, Plain
from tasks.scoring.reading import ReadingRequest, Tokens
from tasks.scoring.student_server import StudentServer, StudentUnavailable

PER_REQUEST = 16
_MEAN, _ROOT_MEAN_SQUARE = 0.05, 0.5
TOLERANCE = {"float32": (1e-3, 1e-3)}
"""Nats between vLLM and transformers by the type of the weights: of a reading's mean loss, and the root mean square
over all tokens that are compared. Measured on SmolLM2-135M, root mean square: float32 1e-5, float16 8e-3, bfloat16
6e-2."""
_GRID = 2**14
"""Logits of a 16-bit type are multiples of less than this part of one (bfloat16 from 1/128 on, float16 from 1/16 on),
and so are differences between two of a position; those of float32 are not."""
_ON_GRID = 0.1
"""Mean distance to such multiples, in their unit, at most: measured 0.002 for 16-bit types; chance gives 0.25."""


class SpotCheckFailed(ReflectoryError):
    """The server and transformers do not agree: another model, other weights, or a cache that is on."""


class Served:
    """Reads through a server. Sends every token of a reading, so that it can be asked only for what stands there."""

    def __init__(
        self,
        settings: StudentSettings,
        max_length: int,
        probe: Sequence[int] = (),
        local: Forward | Plain | None = None,
    ) -> None:
        """`local` reads what is checked; None checks nothing. `probe`: tokens of any text, from its start token on, by
        which the server's type is told. `Refused` where the server does not fit the settings, or differs from `local`.
        """
        self._server = StudentServer(settings)
        self._local, self._share = local, settings.spot_check
        self._dtype, self._name = settings.dtype, settings.served_as or settings.model
        window = self._server.served_model().window
        if window is not None and window <= max_length:  # it insists on writing a token of its own
            raise Refused(f"student.max_length: {max_length} tokens; the server has room for {window - 1} of ours")
        if len(probe) > 1:
            self._check_type(tuple(probe[:max_length]))

    def log_probs(self, readings: Sequence[ReadingRequest]) -> list[list[float]]:
        """Return for each reading the natural-log probabilities of what it asks, in its order; equal ones are read
        once.
        """
        different = list(dict.fromkeys(readings))
        chunks = [different[first : first + PER_REQUEST] for first in range(0, len(different), PER_REQUEST)]
        found = [answers for chunk in self._server.each(self._read, chunks) for answers in chunk]
        answers = dict(zip(different, found, strict=True))
        self._spot_check({reading: found for reading, found in answers.items() if _drawn(reading) < self._share})
        return [answers[reading] for reading in readings]

    async def _read(self, readings: Sequence[ReadingRequest]) -> list[list[float]]:
        prompts = await self._prompt_log_probs([reading.tokens for reading in readings], 0)
        return [list(_picked(reading, found)) for reading, found in zip(readings, prompts, strict=True)]

    async def _prompt_log_probs(self, prompts: Sequence[Tokens], beside: int) -> list[list[dict[str, Any] | None]]:
        """Of each token of the prompts, and of so many of the most likely ones at its place."""
        asked = {"prompt": list(map(list, prompts)), "max_tokens": 1, "temperature": 0, "prompt_logprobs": beside}
        answer = await self._server.completions(asked)
        choices = sorted(answer["choices"], key=lambda choice: int(choice["index"]))
        return [choice["prompt_logprobs"] for choice in choices]

    def _check_type(self, probe: Tokens) -> None:
        """The type that the server computes in shows in its own answers; that it has the same weights, beside ours."""
        [[places]] = self._server.each(lambda prompt: self._prompt_log_probs([prompt], 2), [probe])
        half, said = is_half(places), self._dtype
        if half == (said == "float32"):
            has = "a 16-bit type" if half else "float32"
            raise Refused(f"student.dtype: got {said!r}, but the server's logits are of {has}; give both the same")
        whole = ReadingRequest(probe[:1], probe[1:], tuple(enumerate(probe))[1:])
        try:
            self._spot_check({whole: list(_picked(whole, places))})
        except SpotCheckFailed as error:
            raise Refused(str(error)) from None

    def _spot_check(self, answers: Mapping[ReadingRequest, list[float]]) -> None:
        if not answers or not self._local:
            return
        apart = [
            [there - here for there, here in zip(answers[reading], wanted, strict=True)]
            for reading, wanted in zip(answers, self._local.log_probs(list(answers)), strict=True)
        ]
        mean = max(abs(math.fsum(each)) / len(each) for each in apart)
        spread = math.sqrt(_mean(difference**2 for difference in chain.from_iterable(apart)))
        most_mean, most_spread = TOLERANCE.get(self._dtype, (_MEAN, _ROOT_MEAN_SQUARE))
        if not (mean <= most_mean and spread <= most_spread):
            raise SpotCheckFailed(
                f"student.base_url: vLLM and transformers differ by {mean:.4f} nats a token ({spread:.4f} in root mean"
                f" square), {most_mean} ({most_spread}) are allowed; is {self._name!r} there the model that"
                " student.model names, in student.dtype?"
            )


def is_half(places: Sequence[Mapping[str, Any] | None]) -> bool:
    """Return whether the logits behind log-probabilities are of a 16-bit type; `places` have two or more tokens
    each.
    """
    found = [sorted(float(each["logprob"]) for each in place.values()) for place in places if place]
    steps = [(values[-1] - values[0]) * _GRID for values in found if len(values) > 1]
    return bool(steps) and _mean(abs(step - round(step)) for step in steps) < _ON_GRID


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return math.fsum(found) / len(found)


def _picked(reading: ReadingRequest, prompt_logprobs: Sequence[Mapping[str, Any] | None]) -> Iterator[float]:
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
