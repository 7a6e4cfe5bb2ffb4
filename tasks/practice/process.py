"""The practice teacher as a process of its own, for as long as somebody needs it."""

import json
import os
import select
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from schemas.configuration import Preset
from schemas.errors import TeacherUnavailable
from tasks.practice.rates import endpoint

START_S = 30.0
"""Seconds that the server may take to listen; it takes about half of one on an idle machine."""


class PracticeTeacher:
    """Serves on a free loopback port inside a `with`; ends with it, or with this process however it ends."""

    def __init__(
        self,
        preset: Preset = Preset.MILD,
        latency_s: float = 0.0,
        api_key_env: str | None = None,
        faults: Path | None = None,
        questions: Path | None = None,
    ) -> None:
        """`faults`: a file that says how often the server fails, and how. `questions`: one with questions and golds."""
        self.endpoint = endpoint(preset)
        self._options = ["--preset", preset, "--latency-s", str(latency_s)]
        self._options += ["--api-key-env", api_key_env] if api_key_env else []
        self._options += ["--faults", str(faults)] if faults else []
        self._options += ["--questions", str(questions)] if questions else []
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    @property
    def base_url(self) -> str:
        """Where an OpenAI client reaches it; valid inside the `with`."""
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def __enter__(self) -> Self:
        command = [sys.executable, "-P", "-m", "tasks.practice", "--until-stdin-closes", *self._options]
        root = str(Path(__file__).parents[2])
        path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            process_group=0,  # Ctrl-C is the driver's: it still needs its teacher while it stops
        )
        try:
            self._port = _ready(self._process)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin
        assert process.stdout
        process.stdin.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _ready(process: subprocess.Popen[bytes]) -> int:
    """The port, once the server has said it. Raises `TeacherUnavailable`."""
    assert process.stdout
    if not select.select([process.stdout], [], [], START_S)[0]:
        raise TeacherUnavailable(f"the practice teacher did not start within {START_S:g} s; is the machine overloaded?")
    line = process.stdout.readline()
    if not line:
        raise TeacherUnavailable(f"the practice teacher ended with status {process.wait()}; its reason stands above")
    return int(json.loads(line)["port"])
