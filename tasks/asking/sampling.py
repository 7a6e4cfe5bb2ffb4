"""The request for one call, and its sampling."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from schemas.call import Message, Request, Sampling
from schemas.record import content_key
from schemas.teacher import SamplingKey, TeacherSettings


def request(
    settings: TeacherSettings,
    endpoint: str,
    messages: Sequence[Message],
    seed: int,
    sample_index: int = 0,
    fresh: str = "",
    model: str | None = None,
) -> Request:
    """Make a request of the settings' model, or of another one. `endpoint` is the identity, not the address."""
    return Request(
        endpoint=endpoint,
        model=model or settings.model,
        messages=tuple(messages),
        sampling=sampling(settings, seed, sample_index),
        sample_index=sample_index,
        fresh=fresh,
        extra_body=extra_body(settings),
    )


def sampling(teacher: TeacherSettings, seed: int, sample_index: int) -> Sampling:
    """Return the sampling as the configuration has it, with the seed of this sample."""
    values = {
        SamplingKey.TEMPERATURE: teacher.temperature,
        SamplingKey.TOP_P: teacher.top_p,
        SamplingKey.MAX_TOKENS: teacher.max_tokens,
        SamplingKey.SEED: sample_seed(seed, sample_index),
    }
    return Sampling.model_validate({key: value if teacher.sends(key) else None for key, value in values.items()})


def sampling_key(teacher: TeacherSettings, seed: int) -> dict[str, Any]:
    """Return all that the settings say of sampling, for a key."""
    extra = extra_body(teacher)
    return sampling(teacher, seed, 0).model_dump(mode="json") | ({"extra_body": extra} if extra else {})


def with_question_seed(request: Request, seed: int, question: str) -> Request:
    """Return the same request with a seed of this question and sample, where it sends one."""
    if request.sampling.seed is None:
        return request
    own = sample_seed(seed, request.sample_index, question)
    return request.model_copy(update={"sampling": request.sampling.model_copy(update={"seed": own})})


def sample_seed(seed: int, sample_index: int, question: str | None = None) -> int:
    """Return 31 bits that differ between samples, between runs of another seed and, where one is given, between
    questions.
    """
    of_question = [] if question is None else [question]
    return int(content_key("seed", seed, sample_index, *of_question)[:8], 16) & 0x7FFFFFFF


def extra_body(settings: TeacherSettings, more: Mapping[str, Any] = MappingProxyType({})) -> str | None:
    """Return it as JSON, with more, in the order given: a schema's properties are generated in theirs."""
    body = {**settings.extra_body, **more}
    return json.dumps(body, separators=(",", ":")) if body else None
