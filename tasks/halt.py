"""How a run is told to end: no stage begins, nothing more is sent, and what is in flight has a time to land."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, current_thread, main_thread
from time import monotonic
from types import FrameType

NOT_SENT = "not sent: the run is stopping"
"""Why a call has no answer that was due when a run was told to end."""


class Halt(Event):
    """Set: no stage begins, and nothing more is sent."""

    def __init__(self, grace_s: float = 60.0) -> None:
        """`grace_s`: how long what is in flight when it is set may take to land."""
        super().__init__()
        self.grace_s = grace_s
        self._until: float | None = None
        self._setting = Lock()
        self.signal: int | None = None
        """The signal that set it."""

    @property
    def advice(self) -> str:
        """What becomes of what is in flight, for a person."""
        twice = "; Ctrl-C once more ends at once" if self.signal == signal.SIGINT else ""
        return f"nothing more is sent; what is in flight has {self.grace_s:g} s to land{twice}"

    def set(self) -> None:
        with self._setting:
            if self._until is None:
                self._until = monotonic() + self.grace_s
        super().set()

    def set_at_once(self) -> None:
        """Halt, and give what is in flight no time."""
        self._until = monotonic()
        super().set()

    @property
    def over(self) -> bool:
        """Whether it is set, and what is in flight has had its time."""
        return self._until is not None and monotonic() >= self._until


@contextmanager
def halting_on_signals(halt: Halt) -> Iterator[None]:
    """Have Ctrl-C and SIGTERM set `halt`: the first with its grace, the second at once, and the third raises
    `KeyboardInterrupt`. Changes nothing outside the main thread, where no signal arrives.
    """
    came = 0

    def hear(signum: int, frame: FrameType | None) -> None:
        nonlocal came
        came += 1
        halt.signal = signum
        if came == 1:
            halt.set()
        elif came == 2:
            halt.set_at_once()
        else:
            raise KeyboardInterrupt

    if current_thread() is not main_thread():
        yield
        return
    before = {signum: signal.signal(signum, hear) for signum in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
