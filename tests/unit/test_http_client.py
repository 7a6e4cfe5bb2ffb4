"""The HTTP client on this machine alone: which hosts are it, where its key shows, proxies and deadlines."""

import asyncio
from contextlib import suppress
from pathlib import Path
from time import monotonic

import aiohttp
import pytest

from tasks.http.client import HttpClient, NoResponse, is_loopback
from tasks.http.connections import REST_S, QuietConnections

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


async def _heads_at_the_proxy(url: str, asked: int) -> list[str]:
    """What a proxy reads that opens no tunnel, and to anything else says `ok`."""
    heads: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            while True:
                heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
                status = b"407 No" if heads[-1].startswith("CONNECT") else b"200 OK"
                writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\nok")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        [address] = [each.getsockname() for each in server.sockets]
        with pytest.MonkeyPatch.context() as environment:
            for scheme in ("http", "https"):
                environment.setenv(f"{scheme}_proxy", f"http://user:pass%21@127.0.0.1:{address[1]}")
            client = HttpClient(url, "sk-0123456789", 5, 1000)
        for _ in range(asked):
            with suppress(NoResponse):
                await client.send("GET", "models", deadline_s=5)
            await asyncio.sleep(REST_S + 0.1)
        await client.close()
    return heads


@pytest.mark.parametrize(
    ("url", "begins", "sees_key"),
    [
        ("http://teacher.test/v1", "GET http://teacher.test/v1/models HTTP/1.1\r\n", True),
        ("https://teacher.test/v1", "CONNECT teacher.test:443 HTTP/1.1\r\n", False),
    ],
)
def test_the_environments_proxy_is_asked_with_its_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, begins: str, sees_key: bool
) -> None:
    """With each request, and without the key where it only opens a tunnel; also where a `.netrc` has a login for every
    host, which aiohttp refuses beside a key.
    """
    (tmp_path / "netrc").write_text("default login me password mine\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    heads = asyncio.run(_heads_at_the_proxy(url, 2))
    assert len(heads) == 2
    for head in heads:
        assert head.startswith(begins)
        assert f"Proxy-Authorization: {aiohttp.encode_basic_auth('user', 'pass!')}\r\n" in head
        assert ("sk-0123456789" in head) == sees_key


def test_a_host_that_the_environment_excepts_is_asked_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "teacher.test")
    assert asyncio.run(_heads_at_the_proxy("http://teacher.test/v1", 1)) == []


@pytest.mark.parametrize(("silence_s", "deadline_s"), [(0.2, 30.0), (30.0, 0.2), (0.2, None)])
def test_neither_the_whole_nor_a_piece_may_last_longer(silence_s: float, deadline_s: float | None) -> None:
    """A server that begins a body and says no more."""

    async def stalls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nbegun")
        await reader.read()
        writer.close()

    async def scenario() -> float:
        async with await asyncio.start_server(stalls, "127.0.0.1", 0) as server:
            [address] = [each.getsockname() for each in server.sockets]
            client = HttpClient(f"http://127.0.0.1:{address[1]}/v1", "", silence_s, 1000)
            started = monotonic()
            with pytest.raises(NoResponse, match="deadline"):
                await client.send("GET", "models", deadline_s=deadline_s)
            await client.close()
            return monotonic() - started

    assert 0.15 < asyncio.run(scenario()) < 10
