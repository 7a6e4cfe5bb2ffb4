"""Prefect servers of tests' own, and what is asked of one."""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.conftest import ROOT, answers

PATIENCE_S = 60.0


def ask_prefect(api: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """GET without a body. Again where the server says 503, as Prefect's clients do: it does while its SQLite is locked
    (3.8.8).
    """
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{api}/{path}", data, {"Content-Type": "application/json"})
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            if error.code != 503 or time.monotonic() > deadline:
                raise
        time.sleep(0.5)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def prefect_server(environment: dict[str, str], port: int, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    """One that listens at a port, for as long as somebody needs it; with `full`, it has pages and every service."""
    command = [sys.executable, "-m", "flows.prefect_server", str(port), *more]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE) as server:
        deadline = time.monotonic() + 120
        while not answers(f"http://127.0.0.1:{port}/api/health"):
            assert server.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)
        yield server
