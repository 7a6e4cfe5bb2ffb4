"""The HTTP client without a network: which hosts are this machine, and where its key shows."""

import asyncio

import aiohttp
import pytest

from tasks.http.client import HttpClient, is_loopback
from tasks.http.connections import QuietConnections

URL = "http://127.0.0.1:1/v1"


@pytest.mark.parametrize(
    ("base_url", "loopback"),
    [
        ("http://127.0.0.1:1/v1", True),
        ("http://127.8.8.8/v1", True),
        ("http://[::1]/v1", True),
        ("http://LOCALHOST/v1", True),
        ("http://a.localhost/v1", True),
        ("http://10.0.0.1/v1", False),
        ("http://localhost.example.com/v1", False),
        ("https://api.openai.com/v1", False),
    ],
)
def test_loopback(base_url: str, loopback: bool) -> None:
    assert is_loopback(base_url) == loopback


@pytest.mark.parametrize(
    ("secret", "body", "left"),
    [
        ("sk-0123456789", b'{"a": "Bearer sk-0123456789", "b": "sk-0123456789"}', b'{"a": "Bearer ***", "b": "***"}'),
        ("sk-0123456789", b"\xffsk-012345678", b"\xffsk-012345678"),
        ("none", b"there are none", b"there are none"),
        ("", b"text", b"text"),
    ],
)
def test_redact(secret: str, body: bytes, left: bytes) -> None:
    """A server without authentication is given a word as key; that word is no secret and stays in answers."""
    assert HttpClient(URL, secret, 1, 1).redact(body) == left


def test_a_client_does_not_show_its_key() -> None:
    assert "sk-0123456789" not in repr(HttpClient(URL, "sk-0123456789", 1, 1))


def test_nothing_private_of_aiohttp_is_replaced() -> None:
    """Its pin is open: a name that a later version takes for itself shows here."""

    async def names() -> tuple[set[str], set[str]]:
        ours, theirs = QuietConnections(), aiohttp.TCPConnector()
        found = set(vars(QuietConnections)) | (set(vars(ours)) - set(vars(theirs))), set(dir(theirs))
        await ours.close()
        await theirs.close()
        return found

    ours, theirs = asyncio.run(names())
    assert {name for name in ours & theirs if not name.startswith("__")} == {"connect", "close"}
    assert {"_left_at", "_resting", "_leave"} <= ours
