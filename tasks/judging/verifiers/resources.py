"""What verifiers use while they judge, beside the code that they import."""

from typing import Any

from schemas.record import Json
from tasks.judging.code import CodeJudge
from tasks.judging.rubric import Ask
from tasks.killable import KillableProcess


class Resources:
    """Processes that can be killed, the sandbox, and the model that judges. Each starts when it is first used."""

    def __init__(self, math_timeout_s: float = 1.5, ask: Ask | None = None) -> None:
        """`ask` sends messages to the model that judges by rubric; None without one."""
        self.math_timeout_s = math_timeout_s
        self.ask = ask
        self.code = CodeJudge()
        self._processes: dict[tuple[str, str], KillableProcess] = {}

    def call(self, module: str, function: str, timeout_s: float, *arguments: Json) -> Any:
        """What `module.function(*arguments)` returns in a process of its own, kept for the next call; VERIFIER_TIMEOUT
        or VERIFIER_CRASHED when it does not return in `timeout_s` of processor time, or at all.
        """
        process = self._processes.get((module, function))
        if process is None:
            process = self._processes[module, function] = KillableProcess(module, function, timeout_s)
        return process.ask(*arguments)

    def close(self) -> None:
        """Ends them. Idempotent; the next case that needs one starts it again."""
        for process in self._processes.values():
            process.close()
        self.code.close()
