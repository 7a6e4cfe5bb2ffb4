"""Messages on a channel: four bytes of length, then a JSON object. Nothing else is understood, nothing unpickled."""

import json
import os
import re
from typing import Any

Message = dict[str, Any]

LARGEST_REPLY = 4 * 2**20
"""Bytes of one message out of a snippet; more is cut off."""
MOST_CONTAINERS = 700_000
"""Lists and objects in one message out of a snippet: more than there are in any value (`values.MOST_NODES`)."""
LENGTH_BYTES = 4
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"')


class BadFrame(Exception):
    """Not a message of ours."""


def packed(message: Message) -> bytes:
    body = json.dumps(message).encode()
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def unpacked(body: bytes) -> Message:
    """Raise `BadFrame` for anything but a JSON object; numbers of thousands of digits and deep nesting included."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadFrame(f"no JSON: {type(error).__name__}") from None
    if not isinstance(message, dict):
        raise BadFrame(f"a {type(message).__name__} is no message")
    return message


def unpacked_reply(body: bytes) -> Message:
    """Unpack a reply of a process that is not believed: counted before anything is made of it."""
    if _containers(body) > MOST_CONTAINERS and _containers(_TEXT.sub(b"", body)) > MOST_CONTAINERS:
        raise BadFrame(f"more than {MOST_CONTAINERS} lists and objects")
    return unpacked(body)


def _containers(body: bytes) -> int:
    return body.count(b"[") + body.count(b"{")


def write(channel: int, message: Message) -> None:
    left = packed(message)
    while left:
        left = left[os.write(channel, left) :]


def read(channel: int) -> Message | None:
    """Return the next message; None when the other side has closed the channel."""
    length = _exactly(channel, LENGTH_BYTES)
    return unpacked(_exactly(channel, int.from_bytes(length, "big"))) if length else None


def _exactly(channel: int, size: int) -> bytes:
    pieces = []
    while size:
        piece = os.read(channel, min(size, 2**20))
        if not piece:
            return b""
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)
