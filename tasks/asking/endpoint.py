"""The OpenAI protocol, pure: who an endpoint is, what is sent to it, and what it costs."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
from pydantic import SecretStr

from schemas.budget import Charge
from schemas.call import Request, Usage
from schemas.errors import Refused
from schemas.teacher import OWN_WEIGHTS, TeacherSettings

_DEFAULT_PORT = {"http": 80, "https": 443}
_RENAMED_MAX_TOKENS = (".openai.com", ".openai.azure.com")
"""Hosts whose newer models refuse `max_tokens`, and all of whose models take `max_completion_tokens`."""
_TEMPLATE_TOKENS = 256
"""For the marks around messages, and for the system message that some templates add."""


@dataclass(frozen=True)
class TeacherAddress:
    """Where a teacher listens, and the key that opens it."""

    base_url: str
    """The actual URL; for the practice teacher with its port of today, which no request mentions."""
    api_key: SecretStr | None = None


def endpoint_identity(base_url: str) -> str:
    """Return the one spelling of `base_url`: lower-case scheme and host, no default port, no slash at the end.

    Raises `Refused` for what has no place in a key or a table: user information, a query, a fragment.
    """
    # no message repeats user information or a query, which may hold a key
    try:
        parts = urlsplit(base_url.strip())
        parts.port  # noqa: B018  raises ValueError unless it is a number in range
    except ValueError as error:
        raise Refused(f"teacher.base_url: not an URL ({error}); give one such as http://127.0.0.1:8000/v1") from None
    if parts.scheme not in _DEFAULT_PORT or not parts.hostname:
        raise Refused("teacher.base_url: needs `practice` or an URL that starts with http:// or https:// and a host")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise Refused(
            f"teacher.base_url: got user information, a query or a fragment beside {parts.scheme}://{parts.hostname};"
            " give the URL alone, and the key by teacher.api_key = env:NAME"
        )
    port = f":{parts.port}" if parts.port not in (None, _DEFAULT_PORT[parts.scheme]) else ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"


def request_body(request: Request) -> dict[str, Any]:
    """Return the JSON body of a chat completion. What the sampling leaves open is left out; nothing is added."""
    sampling = request.sampling.model_dump(exclude_none=True)
    if "max_tokens" in sampling and (urlsplit(request.endpoint).hostname or "").endswith(_RENAMED_MAX_TOKENS):
        sampling["max_completion_tokens"] = sampling.pop("max_tokens")
    return {
        "model": request.model,
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
        **sampling,
        **_extra(request),
    }


def request_bytes(request: Request) -> bytes:
    """Return the JSON body of a chat completion as the bytes that are sent."""
    body = request_body(request)
    try:
        return orjson.dumps(body)
    except TypeError:  # what it does not take: a lone surrogate, an integer of more than 64 bits
        return json.dumps(body).encode()


def as_stream(body: bytes) -> bytes:
    """Return a request's body, asking for the same answer as a stream."""
    return body[:-1] + b', "stream": true, "stream_options": {"include_usage": true}}'


def _extra(request: Request) -> dict[str, Any]:
    return json.loads(request.extra_body) if request.extra_body else {}


def tokens_of(usage: Usage) -> int | None:
    """Sum prompt and completion tokens; None unless both are known."""
    known = usage.prompt_tokens is not None and usage.completion_tokens is not None
    return (usage.prompt_tokens or 0) + (usage.completion_tokens or 0) if known else None


def cost_usd(endpoint: str, usage: Usage, settings: TeacherSettings) -> float | None:
    """Return tokens times the prices of the configuration; None when a price or a count is unknown.

    Cached input tokens are part of the prompt tokens. The practice teacher and weights of one's own (`student/…`) are
    free unless given prices.
    """
    price_in, price_out = settings.usd_per_million_input, settings.usd_per_million_output
    if price_in is None or price_out is None:
        return 0.0 if endpoint.startswith(("practice", f"{OWN_WEIGHTS}/")) else None
    if usage.prompt_tokens is None or usage.completion_tokens is None:
        return None
    price_cached = settings.usd_per_million_cached_input
    cached = min(usage.cached_tokens or 0, usage.prompt_tokens)
    usd_per_million = (
        (usage.prompt_tokens - cached) * price_in
        + cached * (price_in if price_cached is None else price_cached)
        + usage.completion_tokens * price_out
    )
    return usd_per_million / 1e6


def worst_case(request: Request, settings: TeacherSettings, body: bytes) -> Charge:
    """Return what one send of `request` may cost at most; None where nothing bounds it or a price is unknown.

    No tokenizer in use makes more tokens of a text than it has bytes (UTF-8), and `body` is longer than the texts in
    it; what a chat template adds on its own has a fixed allowance.
    """
    completion = request.sampling.max_tokens or _extra(request).get("max_completion_tokens")
    if type(completion) is not int:
        return Charge()
    prompt = len(body) + _TEMPLATE_TOKENS
    usage = Usage(prompt_tokens=prompt, completion_tokens=completion)
    price, cached = settings.usd_per_million_input, settings.usd_per_million_cached_input
    if price is not None and cached is not None and cached > price:
        settings = settings.model_copy(update={"usd_per_million_input": cached})
    return Charge(tokens=prompt + completion, usd=cost_usd(request.endpoint, usage, settings))
