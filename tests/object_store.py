"""Object stores for tests, moto for S3, Azurite for Azure and a double of Google's, behind a proxy that makes
conditional writes one at a time, and faults as it is told.
"""

import base64
import hashlib
import hmac
import http.client
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import unquote

import pytest

from tests.google_storage import IF_GENERATION, GoogleStorage, google_storage

MOTO = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""
AZURITE = shutil.which("azurite-blob")
ACCOUNT = "devstoreaccount1"
ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Azurite's, the same for everybody."""
UNSIGNED = {"disable_oauth": True, "client_email": "", "private_key": "", "private_key_id": ""}
"""The key of a Google account that signs nothing."""
LACKS = {
    "s3": find_spec("moto") is None and "moto[server]==5.2.5",
    "az": AZURITE is None and "azurite-blob: npm install --global azurite@3.37.0",
    "gs": None,
}
"""By scheme, what its server needs and this machine has not."""
CONDITIONS = ("if-none-match", "if-match", IF_GENERATION)
BUCKET = "bucket"


@dataclass(frozen=True)
class Seen:
    """A request that came."""

    number: int
    """From 1."""
    method: str
    path: str
    """With the query, and no character of it encoded."""


@dataclass
class ObjectServer:
    """What `object_server` yields."""

    scheme: str
    url: str
    """Of the proxy."""
    fault: Callable[[Seen], str | None] = lambda seen: None
    """A status, `slow`, `cut` before the store hears of it, `lost` after, `hold` before and `held` after, for ever."""
    seen: list[Seen] = field(default_factory=list)
    holding: Event = field(default_factory=Event)
    """Set once a request is held."""
    heeds_conditions: bool = True
    google: GoogleStorage | None = None
    """What stands behind `gs`."""

    @property
    def environment(self) -> dict[str, str]:
        if self.scheme == "az":
            keys = {"AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT, "AZURE_STORAGE_ACCOUNT_KEY": ACCOUNT_KEY}
            return keys | {"AZURE_STORAGE_USE_EMULATOR": "true", "AZURITE_BLOB_STORAGE_URL": self.url}
        if self.scheme == "gs":
            return {"GOOGLE_BASE_URL": self.url, "GOOGLE_SERVICE_ACCOUNT_KEY": json.dumps(UNSIGNED)}
        keys = {"AWS_ACCESS_KEY_ID": "reflectory", "AWS_SECRET_ACCESS_KEY": "not a secret"}
        return keys | {"AWS_ENDPOINT_URL": self.url, "AWS_REGION": "us-east-1"}

    def begin_again(self, fault: Callable[[Seen], str | None] = lambda seen: None) -> None:
        """Count from 1, and fault so."""
        self.seen.clear()
        self.holding.clear()
        self.fault = fault


@contextmanager
def object_server(scheme: str = "s3") -> Iterator[ObjectServer]:
    """A server with an empty bucket. Skips the test where this machine has no such server."""
    if lacks := LACKS[scheme]:
        pytest.skip(f"needs {lacks}")
    behind = {"s3": _moto, "az": _azurite, "gs": _google}[scheme]
    with behind() as (port, google), ThreadingHTTPServer(("127.0.0.1", 0), _Proxy) as proxy:
        proxy.daemon_threads = True
        server = ObjectServer(scheme, f"http://127.0.0.1:{proxy.server_port}", google=google)
        proxy.told, proxy.port, proxy.one_at_a_time = server, port, Lock()  # type: ignore[attr-defined]
        Thread(target=proxy.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            proxy.shutdown()


@contextmanager
def _moto() -> Iterator[tuple[int, None]]:
    command = [sys.executable, "-c", MOTO]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as moto:
        assert moto.stdout
        assert moto.stdin
        port = int(moto.stdout.readline())
        _forward(port, "PUT", f"/{BUCKET}", {}, b"")
        try:
            yield port, None
        finally:
            moto.stdin.close()


@contextmanager
def _azurite() -> Iterator[tuple[int, None]]:
    assert AZURITE
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [AZURITE, "--blobPort", str(port), "--inMemoryPersistence", "--silent", "--skipApiVersionCheck"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as azurite:
        try:
            while not _answers(port):
                assert azurite.poll() is None
                time.sleep(0.1)
            path, headers = f"/{ACCOUNT}/{BUCKET}", {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2021-12-02"}
            told = "".join(f"{name}:{value}\n" for name, value in headers.items())
            told = "PUT" + 12 * "\n" + told + f"/{ACCOUNT}{path}\nrestype:container"
            digest = hmac.new(base64.b64decode(ACCOUNT_KEY), told.encode(), hashlib.sha256).digest()
            signed = {"authorization": f"SharedKey {ACCOUNT}:{base64.b64encode(digest).decode()}"}
            assert _forward(port, "PUT", f"{path}?restype=container", headers | signed, b"")[0] == 201
            yield port, None
        finally:
            azurite.kill()  # told to end, it waits for connections that are kept


def _google() -> AbstractContextManager[tuple[int, GoogleStorage]]:
    return google_storage(BUCKET)


def _answers(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


class _Proxy(BaseHTTPRequestHandler):
    protocol_version, disable_nagle_algorithm = "HTTP/1.1", True
    server: Any

    def handle_request(self) -> None:
        told: ObjectServer = self.server.told
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        seen = Seen(len(told.seen) + 1, self.command, unquote(self.path))
        told.seen.append(seen)
        fault = told.fault(seen)
        if fault and fault.isdigit():
            return self._answer(int(fault), {}, b"<Error><Code>SlowDown</Code></Error>")
        if fault == "slow":
            time.sleep(1.5)
        if fault == "hold":
            return self._hold()
        if fault == "cut":
            return self._cut()
        names = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        if not told.heeds_conditions:
            names = {name: value for name, value in names.items() if name.lower() not in CONDITIONS}
        with self.server.one_at_a_time:
            status, headers, content = _forward(self.server.port, self.command, self.path, names, body)
        if fault == "held":
            return self._hold()
        if fault == "lost":
            return self._cut()
        return self._answer(status, headers, content)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_request  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _hold(self) -> None:
        self.server.told.holding.set()
        with suppress(OSError):
            self.rfile.read(1)  # until the client is gone
        self._cut()

    def _cut(self) -> None:
        self.close_connection = True

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        length = headers.get("content-length") if self.command == "HEAD" else None
        for name, value in headers.items():
            if name not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("content-length", length or str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _forward(
    port: int, method: str, path: str, headers: dict[str, str], body: bytes
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()
