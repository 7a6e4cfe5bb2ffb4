"""The practice teacher as a process of its own, for as long as somebody needs it."""

from pathlib import Path

from schemas.teacher import Preset
from tasks.http.server_process import ServerProcess
from tasks.practice.rates import endpoint

START_S = 30.0
"""Seconds that the server may take to listen; it takes about half of one on an idle machine."""


class PracticeTeacher(ServerProcess):
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
        options = ["--preset", preset, "--latency-s", str(latency_s)]
        options += ["--api-key-env", api_key_env] if api_key_env else []
        options += ["--faults", str(faults)] if faults else []
        options += ["--questions", str(questions)] if questions else []
        super().__init__("the practice teacher", "tasks.practice", options, START_S)
