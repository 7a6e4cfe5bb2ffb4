"""The files of a batch, pure: a line for each request, and what the lines that come back say."""

import json
import re
from collections.abc import AsyncIterator
from typing import NamedTuple

from schemas.call import Request
from tasks.asking.call_outcome import CallOutcome, of_error, of_numeric_code
from tasks.asking.endpoint import request_bytes
from tasks.asking.reply import SendResult, failed, read_reply

_VERSION = re.compile(r"/(v[2-9])/?$")
_AROUND_A_BODY = 64 * 1024
"""Bytes that a line may hold beside the body in it, at most."""
_CUSTOM_ID = re.compile(rb'"custom_id"\s*:\s*"(\w+)"')
_SPACE = re.compile(r"[ \t\n\r]*")
_READ = json.JSONDecoder()


class BatchLine(NamedTuple):
    call_id: str
    ended: SendResult


def chat_path(base_url: str) -> str:
    """Return the path that lines and batches name: of the version that ends the URL, as Zhipu's `/v4` does, or 1."""
    version = _VERSION.search(base_url)
    return f"/{version[1] if version else 'v1'}/chat/completions"


def input_line(call_id: str, request: Request) -> bytes:
    """Write the line of a request, whose body is byte for byte what a call of its own would send."""
    head = json.dumps({"custom_id": call_id, "method": "POST", "url": chat_path(request.endpoint)})
    return head[:-1].encode() + b', "body": ' + request_bytes(request) + b"}\n"


def longest_line(max_bytes: int) -> int:
    """Return bytes of a line that `read_line` may need to see: one that is longer holds too long a body."""
    return max_bytes + _AROUND_A_BODY


def read_line(line: bytes, max_bytes: int) -> BatchLine | None:
    """Return which call a line is about, and how that ended; None where it does not say which.

    Judged as the same answer would be over HTTP, its body byte for byte as it stands in the line.
    """
    if len(line) > longest_line(max_bytes):
        named = _CUSTOM_ID.search(line[:_AROUND_A_BODY])
        return BatchLine(named[1].decode(), read_reply(200, {}, line, max_bytes)) if named else None
    text = line.decode(errors="surrogateescape").strip()
    try:
        value = json.loads(text)
        if isinstance(value, dict) and isinstance(call_id := value.get("custom_id"), str):
            return BatchLine(call_id, _ended(_members(text), max_bytes))
    except (ValueError, RecursionError):
        pass
    return None


def _ended(members: dict[str, str], max_bytes: int) -> SendResult:
    response = members.get("response", "null")
    parts = _members(response) if response.startswith("{") else {}
    status = json.loads(parts.get("status_code", "null"))
    if (body := parts.get("body", "null")) != "null":  # without a status the body tells: it may be paid for
        return read_reply(status if type(status) is int else 200, {}, body.encode(errors="surrogateescape"), max_bytes)
    error = json.loads(members.get("error", "null"))
    named = error if isinstance(error, dict) else {"message": "no response" if error is None else str(error)}
    if type(status) is int and status >= 300:  # vLLM's, which has the error beside it
        return read_reply(status, {}, json.dumps({"error": named}).encode(), max_bytes)
    outcome = of_error(named) or of_numeric_code(named) or CallOutcome.ERROR_OBJECT
    return failed(outcome, f"{named.get('code') or 'batch'}: {named.get('message') or 'no message'}")


def _members(text: str) -> dict[str, str]:
    """The members of the JSON object that `text` is, each value as it is written."""
    found: dict[str, str] = {}
    at = _after_space(text, 1)
    while text[at] != "}":
        name, at = _READ.raw_decode(text, at)
        start = _after_space(text, _after_space(text, at) + 1)
        _, end = _READ.raw_decode(text, start)
        found[name] = text[start:end]
        at = _after_space(text, end)
        at = _after_space(text, at + (text[at] == ","))
    return found


def _after_space(text: str, at: int) -> int:
    matched = _SPACE.match(text, at)
    assert matched
    return matched.end()


async def split_lines(chunks: AsyncIterator[bytes], limit: int) -> AsyncIterator[bytes]:
    """Yield the lines of a stream; of one that is longer than `limit` its start and one byte more."""
    line = bytearray()
    async for chunk in chunks:
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            line += end[: limit + 1 - len(line)]
            yield bytes(line)
            line.clear()
        line += rest[: limit + 1 - len(line)]
    if line:
        yield bytes(line)
