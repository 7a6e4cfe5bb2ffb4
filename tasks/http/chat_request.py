"""Chat completion requests as a server of ours reads them: checked, with what is wrong as an error of the protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class RequestError(Exception):
    """A request that gets an error object and no completion: one positional message."""

    def __init__(self, message: str, status: int = 400, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass(frozen=True)
class ChatRequest:
    """What of a request matters."""

    model: str
    messages: tuple[tuple[str, str], ...]
    """(role, text)."""
    temperature: float
    """1 when not given, as the protocol has it."""
    top_p: float
    max_tokens: int | None
    seed: int | None
    n: int
    stop: tuple[str, ...]
    stream: bool
    include_usage: bool
    """The stream's last chunk holds the usage."""


def read_chat(body: Any, served: Sequence[str]) -> ChatRequest:
    """Return the request of a JSON body for one of the models `served`. Raises `RequestError`; unknown fields are
    ignored, as servers do.
    """
    if not isinstance(body, Mapping):
        raise RequestError(f"the body must be a JSON object, not {type(body).__name__}")
    model = body.get("model")
    if not isinstance(model, str) or model not in served:
        raise no_model(model, served)
    stream = _flag(body, "stream")
    limit = "max_completion_tokens" if body.get("max_completion_tokens") is not None else "max_tokens"
    value = body.get("messages")
    if not isinstance(value, list) or not value:
        raise RequestError("messages: needs a list with at least one message")
    return ChatRequest(
        model=model,
        messages=tuple(_message(i, message) for i, message in enumerate(value)),
        temperature=_number(body, "temperature", 0, 2, 1.0),
        top_p=_number(body, "top_p", 0, 1, 1.0),
        max_tokens=_whole(body, limit, 1, 2**31 - 1),
        seed=_whole(body, "seed", -(2**63), 2**63 - 1),
        n=_whole(body, "n", 1, 128) or 1,
        stop=_stops(body.get("stop")),
        stream=stream,
        include_usage=_include_usage(body.get("stream_options"), stream),
    )


def no_model(name: object, served: Sequence[str]) -> RequestError:
    return RequestError(f"the model {name!r} does not exist; there are {', '.join(served)}", 404, "model_not_found")


def _message(i: int, message: Any) -> tuple[str, str]:
    if not isinstance(message, Mapping) or not isinstance(message.get("role"), str):
        raise RequestError(f"messages[{i}]: needs an object with a role and content")
    content = message.get("content")
    if isinstance(content, list):  # the protocol's parts
        content = "".join(part["text"] for part in content if isinstance(part, Mapping) and "text" in part)
    if not isinstance(content, str):
        raise RequestError(f"messages[{i}].content: needs a string, not {type(content).__name__}")
    return message["role"], content


def _stops(value: Any) -> tuple[str, ...]:
    stops = (value,) if isinstance(value, str) else [] if value is None else value
    if not isinstance(stops, Sequence) or not all(isinstance(text, str) and text for text in stops) or len(stops) > 4:
        raise RequestError("stop: needs a string or a list of at most four, none empty")
    return tuple(stops)


def _include_usage(options: Any, stream: bool) -> bool:
    if options is None:
        return False
    if not stream or not isinstance(options, Mapping):
        raise RequestError("stream_options: needs an object, and stream to be true")
    return _flag(options, "include_usage", "stream_options.")


def _flag(body: Mapping[str, Any], name: str, within: str = "") -> bool:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise RequestError(f"{within}{name}: got {value!r}; needs true or false")
    return bool(value)


def _number(body: Mapping[str, Any], name: str, low: float, high: float, default: float) -> float:
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise RequestError(f"{name}: got {value!r}; needs a number from {low} to {high}")
    return float(value)


def _whole(body: Mapping[str, Any], name: str, low: int, high: int) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise RequestError(f"{name}: got {value!r}; needs a whole number from {low} to {high}")
    return value
