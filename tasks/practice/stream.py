"""A completion as the events of a stream: the same choices in small pieces, then the usage if it was asked for."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

_PIECE = re.compile(r"\s*\S{1,12}|\s+")
"""About two tokens, with the white space before them; nothing of a text is left out."""

DONE = b"data: [DONE]\n\n"


def events(completion: Mapping[str, Any], include_usage: bool) -> Iterator[bytes]:
    """Server-sent events, the closing `[DONE]` included."""
    for chunk in chunks(completion, include_usage):
        yield b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n"
    yield DONE


def chunks(completion: Mapping[str, Any], include_usage: bool) -> Iterator[dict[str, Any]]:
    """The choices take turns. With `include_usage` one more chunk, without choices, ends with the usage."""
    head = {name: completion[name] for name in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    usage = {"usage": None} if include_usage else {}
    for turn in zip_longest(*map(_deltas, completion["choices"])):
        for choice in turn:
            if choice is not None:
                yield {**head, "choices": [choice], **usage}
    if include_usage:
        yield {**head, "choices": [], "usage": completion["usage"]}


def _deltas(choice: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    message = choice["message"]
    yield _delta(choice, {"role": message["role"], "content": ""})
    for field in ("reasoning_content", "content"):
        for piece in _PIECE.findall(message.get(field, "")):
            yield _delta(choice, {field: piece})
    yield _delta(choice, {}) | {"finish_reason": choice["finish_reason"]}


def _delta(choice: Mapping[str, Any], delta: Mapping[str, str]) -> dict[str, Any]:
    return {"index": choice["index"], "delta": delta, "logprobs": None, "finish_reason": None}
