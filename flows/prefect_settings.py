"""Prefect, configured in one place, before it is imported: offline, quiet, and never in the way of a user's own."""

import os
from pathlib import Path

import psutil

_DRIVER = "REFLECTORY_DRIVER"
"""Every child of a driver carries `<pid>:<start time>` of the driver in this environment variable."""
_QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",  # the command line says it itself, in a line
    "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
}


def configure_prefect(home: Path) -> None:
    """Set what the user's environment leaves unset; call it before the first `import prefect`.

    Without an API URL, profile or home of the user's own, runs are kept below `home`, and `make ui` shows them.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    if not _user_has_prefect():
        os.environ["PREFECT_HOME"] = str(home.absolute())
        os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_ENABLED", "true")
    os.environ[_DRIVER] = _identity(psutil.Process())


def end_orphaned_servers() -> list[int]:
    """End ephemeral Prefect servers whose driver was killed before it could; returns their process ids."""
    ended = []
    for process in psutil.process_iter():
        try:
            environment = process.environ()
            driver = environment.get(_DRIVER)
            if driver and "PREFECT__SERVER_EPHEMERAL" in environment and not _alive(driver):
                process.terminate()
                ended.append(process.pid)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return ended


def _user_has_prefect() -> bool:
    names = ("PREFECT_API_URL", "PREFECT_PROFILE", "PREFECT_HOME")
    return any(name in os.environ for name in names) or (Path.home() / ".prefect" / "profiles.toml").exists()


def _identity(process: psutil.Process) -> str:
    return f"{process.pid}:{process.create_time():.2f}"


def _alive(driver: str) -> bool:
    pid = int(driver.partition(":")[0])
    return psutil.pid_exists(pid) and _identity(psutil.Process(pid)) == driver
