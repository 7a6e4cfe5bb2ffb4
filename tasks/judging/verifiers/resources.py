"""What verifiers use while they judge, beside the code that they import."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from schemas.record import Json
from tasks.killable import KillableProcess

if TYPE_CHECKING:
    from tasks.judging.code import CodeJudge


class Killable(NamedTuple):
    """A function for a process of its own, which ends with the function's time."""

    module: str
    function: str
    timeout_s: float
    """Processor time for one call."""
    setup: tuple[str, ...] = ()
    """Given, the function is called with it once, and what it returns is called."""
    paths: tuple[str, ...] = ()
    """Where else modules are found there."""


class Resources:
    """Processes that can be killed, and the sandbox. Each starts when it is first used."""

    def __init__(self, math_timeout_s: float = 1.5) -> None:
        self.math_timeout_s = math_timeout_s
        self._processes: dict[Killable, KillableProcess] = {}

    @cached_property
    def code(self) -> "CodeJudge":
        """The judge of code, with its sandbox."""
        from tasks.judging.code import CodeJudge

        return CodeJudge()

    def call(self, function: Killable, *arguments: Json) -> Any:
        """Return what a function returns, in a process that is kept for the next call; VERIFIER_TIMEOUT or
        VERIFIER_CRASHED when it does not return in time, or at all.
        """
        if function not in self._processes:
            self._processes[function] = KillableProcess(*function)
        return self._processes[function].ask(*arguments)

    def close(self) -> None:
        """End them. Idempotent; the next case that needs one starts it again."""
        for process in self._processes.values():
            process.close()
        if "code" in self.__dict__:
            self.code.close()
