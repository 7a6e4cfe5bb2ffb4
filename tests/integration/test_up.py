"""`reflectory up`: what it prints is there, on loopback, and ends with it."""

import re
import signal
import subprocess
import sys
from pathlib import Path

from tests.conftest import Reflectory

_NODES = "import sys, tasks.ray_session; print(tasks.ray_session.check_cluster(sys.argv[1]))"


def on_loopback(address: str, environment: dict[str, str]) -> str:
    """`True` for a cluster that answers to the token of the environment, else why it is refused."""
    asked = subprocess.run([sys.executable, "-c", _NODES, address], env=environment, capture_output=True, text=True)
    return asked.stdout.strip() or asked.stderr


def test_a_ray_stays_until_it_is_ended(tmp_path: Path, reflectory: Reflectory, services: dict[str, str]) -> None:
    held = reflectory("up", cwd=tmp_path, RAY_ADDRESS="")
    assert held.stdout
    line = held.stdout.readline()
    found = re.fullmatch(r"export PREFECT_API_URL=(\S+) RAY_ADDRESS=(\S+) RAY_AUTH_MODE=token\n", line)
    assert found, line
    api, address = found.groups()
    assert (api, on_loopback(address, services)) == (services["PREFECT_API_URL"], "True")
    held.send_signal(signal.SIGTERM)
    held.communicate(timeout=120)
    assert held.returncode == 0
    assert "nobody listens" in on_loopback(address, services)


def test_a_cluster_that_is_named_is_used_already(tmp_path: Path, reflectory: Reflectory) -> None:
    refused = reflectory("up", cwd=tmp_path, RAY_ADDRESS="10.0.0.1:6379")
    _, said = refused.communicate(timeout=120)
    assert refused.returncode == 2
    assert said == "reflectory: up: RAY_ADDRESS names 10.0.0.1:6379, which commands use already; unset it first\n"
