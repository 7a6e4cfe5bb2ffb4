"""The request for one call, and its sampling."""

from collections.abc import Sequence

from schemas import configuration
from schemas.call import Message, Request, Sampling
from schemas.record import content_key


def request(
    settings: configuration.TeacherSettings,
    endpoint: str,
    messages: Sequence[Message],
    seed: int,
    sample_index: int = 0,
    fresh: str = "",
    model: str | None = None,
) -> Request:
    """Of the settings' model, or of another one. `endpoint` is the identity, not the address."""
    return Request(
        endpoint=endpoint,
        model=model or settings.model,
        messages=tuple(messages),
        sampling=sampling(settings, seed, sample_index),
        sample_index=sample_index,
        fresh=fresh,
    )


def sampling(teacher: configuration.TeacherSettings, seed: int, sample_index: int) -> Sampling:
    """As the configuration has it, with the seed of this sample."""
    return Sampling(
        temperature=teacher.temperature,
        top_p=teacher.top_p,
        max_tokens=teacher.max_tokens,
        seed=sample_seed(seed, sample_index) if teacher.send_seed else None,
    )


def sample_seed(seed: int, sample_index: int) -> int:
    """31 bits that differ between the samples of a question and between runs of another seed."""
    return int(content_key("seed", seed, sample_index)[:8], 16) & 0x7FFFFFFF
