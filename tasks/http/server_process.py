"""A server of ours as a process of its own, for as long as somebody needs it."""

import json
import os
import select
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from schemas.errors import TeacherUnavailable


class ServerProcess:
    """Serves on a free loopback port inside a `with`; ends with it, or with this process however it ends."""

    def __init__(self, what: str, module: str, options: Sequence[str], start_s: float) -> None:
        """`what` it is, for messages. `module` takes `--until-stdin-closes` and the options, and says its port on
        standard output once it listens, which takes it `start_s` seconds at most.
        """
        self._what, self._module, self._options, self._start_s = what, module, list(options), start_s
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
        command = [sys.executable, "-P", "-m", self._module, "--until-stdin-closes", *self._options]
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
            self._port = self._ready(self._process)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
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

    def _ready(self, process: subprocess.Popen[bytes]) -> int:
        """The port, once the server has said it. Raises `TeacherUnavailable`."""
        assert process.stdout
        if not select.select([process.stdout], [], [], self._start_s)[0]:
            raise TeacherUnavailable(
                f"{self._what} did not start within {self._start_s:g} s; is the machine overloaded?"
            )
        line = process.stdout.readline()
        if not line:
            raise TeacherUnavailable(f"{self._what} ended with status {process.wait()}; its reason stands above")
        return int(json.loads(line)["port"])
