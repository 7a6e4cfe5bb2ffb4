"""The real servers, each a process that is started, killed and started again on one port."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.real.environments import FOLDER, LLAMA, ROOT, gguf

_STARTS_WITHIN_S = 240.0
SLOTS = 4


class RealServer:
    """A model server on loopback; used with `with`."""

    def __init__(self, name: str, model: str, command: Sequence[str], port: int, **environment: str) -> None:
        self.name, self.model, self.base_url = name, model, f"http://127.0.0.1:{port}/v1"
        self._command, self._environment = command, {**os.environ, "OMP_WAIT_POLICY": "PASSIVE", **environment}
        self._log = FOLDER / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "RealServer":
        self.start()
        self.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )

    def wait(self) -> float:
        """Until it answers; returns the seconds that took."""
        began = time.monotonic()
        while time.monotonic() - began < _STARTS_WITHIN_S:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                self.get("models")
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
            else:
                return time.monotonic() - began
        raise SystemExit(f"{self.name} does not start: {self._log.read_text(errors='replace')[-2000:]}")

    def kill(self) -> None:
        """At once, with whatever it has started."""
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.base_url}/{path}", timeout=5) as answer:
            return json.load(answer)


def llama() -> RealServer:
    """SmolLM2-135M-Instruct (Q4_1) by llama.cpp, a thread and four slots."""
    port = free_port()
    command = (str(LLAMA / "bin" / "python"), str(Path(__file__).with_name("llama_server.py")))
    return RealServer("llama.cpp", gguf().name, (*command, str(gguf()), str(port), str(SLOTS)), port)


def vllm(model: Path) -> RealServer:
    """The student's folder by vLLM, in float32."""
    port = free_port()
    script = ROOT / "deploy" / "vllm.sh"
    options = ("--port", str(port), "--max-model-len", "2049")
    return RealServer("vLLM", str(model), (str(script), str(model), *options), port, HF_HUB_OFFLINE="1")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
