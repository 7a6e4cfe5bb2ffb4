"""What a process says that nobody is to read, or can."""

import atexit
import logging
import os
import sys
from functools import cache, partial


def quiet_flow_run() -> None:
    """Let the process of a flow run go on when nobody reads its log, and end without pages. Each begins with it."""
    quiet_exit()
    log_without_a_reader()


@cache
def quiet_exit() -> None:
    """Close standard error as the last thing at exit: of all handlers that are registered after this call.

    DuckDB's bindings print pages of `leaks` then, wherever Prefect's threads outlive them.
    """
    atexit.register(_hush)


def log_without_a_reader() -> None:
    """Let Prefect's log on the console go nowhere once its other end is closed, as by the death of the worker that
    started the run: rich would exit at the next line, with calls in flight.
    """
    from prefect.logging.handlers import PrefectConsoleHandler

    for handler in logging.getLogger().handlers:
        if isinstance(handler, PrefectConsoleHandler):
            vars(handler.console)["on_broken_pipe"] = partial(setattr, handler.console, "quiet", True)


def _hush() -> None:
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
