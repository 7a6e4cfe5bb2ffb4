"""Other processes as a test sees them, which may end while it looks."""

import psutil


def command(process: psutil.Process) -> list[str]:
    """Its command line; empty for one that has ended, reaped or not."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []
