"""A local run's Ray: on loopback only, asks nobody outside, and hears no signal of our process group."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import Refused
from tasks.ray_session import check_cluster, ray_session
from tests.conftest import ROOT

pytestmark = pytest.mark.slow
OUTSIDE = re.compile(r'connect\(.*(?:inet_addr\("|inet_pton\(AF_INET6, ")(?!127\.|::1"|::ffff:127\.)([^"]+)"')
LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
SCRIPT = """
import json, os, socket, sys, time
import psutil, ray
from tasks.ray_session import ray_session

with ray_session(cpus=1, gpus=0):
    assert ray.get(ray.remote(lambda: 5).remote()) == 5
    time.sleep(3)  # what it does in the background, it does by now
    if sys.argv[1] == "control":
        open_to_all = socket.create_server(("0.0.0.0", 0))
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("192.0.2.1", 9))
    ours = {child.pid for child in psutil.Process().children(recursive=True)}
    listening = [c for c in psutil.net_connections("inet") if c.status == "LISTEN"]
    found = [c.laddr.ip for c in listening if c.pid in {*ours, os.getpid()}]
    print(json.dumps({"listens": found, "in_our_group": [p for p in ours if os.getpgid(p) == os.getpgrp()]}))
"""


def local_ray(folder: Path, how: str) -> tuple[dict[str, Any], list[str]]:
    """What the script saw, and the addresses outside that it or anything it started connected to."""
    trace = folder / f"{how}.trace"
    traced = ["strace", "-f", "-qq", "-e", "trace=connect", "-o", str(trace)]
    mine = {name: value for name, value in os.environ.items() if not name.startswith("RAY")} | {"HOME": str(folder)}
    command = [*traced, sys.executable, "-c", SCRIPT, how]
    done = subprocess.run(command, cwd=ROOT, env=mine, capture_output=True, text=True, timeout=200, check=True)
    return json.loads(done.stdout), OUTSIDE.findall(trace.read_text(errors="replace"))


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_a_local_ray_is_this_machines_alone(tmp_path: Path) -> None:
    seen, outside = local_ray(tmp_path, "ours")
    assert seen["listens"]
    assert set(seen["listens"]) <= set(LOOPBACK)
    assert outside == []
    assert seen["in_our_group"] == []

    seen, outside = local_ray(tmp_path, "control")
    assert set(seen["listens"]) - set(LOOPBACK) == {"0.0.0.0"}
    assert outside == ["192.0.2.1"]


@pytest.mark.parametrize("token", ["", "0123456789abcdef0123456789abcdef"], ids=["no token", "another token"])
def test_a_cluster_that_wants_its_token_says_so_at_once(token: str, services: dict[str, str]) -> None:
    """And with the token that it has, it is found to be on loopback: the control."""
    code = "import sys; from tasks.ray_session import check_cluster; print(check_cluster(sys.argv[1]))"
    address = services["RAY_ADDRESS"]

    def ask(**mine: str) -> tuple[str, str]:
        given = {name: value for name, value in services.items() if not name.startswith("RAY_AUTH")} | mine
        done = subprocess.run(
            [sys.executable, "-c", code, address], cwd=ROOT, env=given, capture_output=True, text=True, timeout=60
        )
        return done.stdout.strip(), done.stderr

    started = time.monotonic()
    _, said = ask(HOME="/nowhere", **({"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": token} if token else {}))
    assert f"Refused: RAY_ADDRESS: the cluster at {address} wants its token" in said
    assert time.monotonic() - started < 20
    assert ask(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=services["RAY_AUTH_TOKEN"]) == ("True", "")


def test_a_cluster_that_is_not_there_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(Refused, match=f"nobody listens at {address}"):
            check_cluster(address)
        monkeypatch.setenv("RAY_ADDRESS", address)
        with pytest.raises(Refused, match="nobody listens"), ray_session(1, 0):
            pass


@pytest.mark.parametrize("address", ["ray://head", "ray://head:10001", "http://head:8265"])
def test_an_address_of_a_client_is_refused_by_what_it_is(address: str) -> None:
    """Nobody listened there, it said, or it was a `ValueError` of Ray's."""
    with pytest.raises(Refused, match=f"RAY_ADDRESS: got '{address}'; needs the host:port of Ray's head"):
        check_cluster(address)
