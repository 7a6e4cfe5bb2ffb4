"""The end of the process that a teacher asks for, as the teacher's process learns it."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NUMBERS = Path("/proc/self/ns/pid")


class Driver(NamedTuple):
    """A process of one machine, or of one container there."""

    pid: int
    began: str
    """Where and when: since which start of the machine, in which space of numbers, and at which of the system's ticks.
    Elsewhere another process may have the number, and here another may get it.
    """

    @classmethod
    def this(cls) -> "Driver | None":
        """Return the process that calls; None where the system does not say when one began."""
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
        ticks = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[19]
        return f"{_BOOT.read_text('ascii').strip()} {_NUMBERS.readlink()} {ticks}"
    except OSError:
        return None
