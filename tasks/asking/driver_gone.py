"""The end of the process that a teacher asks for, as the teacher's process learns it."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Driver(NamedTuple):
    """A process of this machine."""

    pid: int
    began: str
    """When, in the system's ticks: another process may get its number, or have it in another container."""

    @classmethod
    def this(cls) -> "Driver | None":
        """The process that calls; None where the system does not say when one began."""
        began = _began(os.getpid())
        return cls(os.getpid(), began) if began else None


def when_gone(driver: Driver, then: Callable[[], object]) -> None:
    """Have the event loop that this is called in call `then` once the driver has ended, however it did. Nothing happens
    where it cannot be watched.
    """
    try:
        watched = os.pidfd_open(driver.pid)
    except (AttributeError, OSError):
        return
    if _began(driver.pid) != driver.began:
        os.close(watched)
        return
    loop = asyncio.get_running_loop()

    def gone() -> None:
        loop.remove_reader(watched)
        os.close(watched)
        then()

    loop.add_reader(watched, gone)


def _began(pid: int) -> str | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[19]
    except OSError:
        return None
