"""What a process says that nobody is to read, or can."""

import atexit
import logging
import os
import sys
from functools import cache, partial

from schemas.errors import ReflectoryError


def quiet_flow_run() -> None:
    """Let the process of a flow run go on when nobody reads its log, and end without pages. Each begins with it."""
    quiet_exit()
    log_without_a_reader()
    log_ends_as_sentences()


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


@cache
def log_ends_as_sentences() -> None:
    """Let the log of a flow run say once, and without a traceback, how it ended, where that is no fault of the program.

    Prefect logs an error with the traceback of its engine, and once more where its process ends, as it does a run that
    somebody has cancelled (3.8.8).
    """
    logging.getLogger("prefect.flow_runs").addFilter(_EndsAsSentences())


class _EndsAsSentences(logging.Filter):
    def __init__(self) -> None:
        super().__init__()
        self._said: BaseException | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        from prefect.exceptions import CancelledRun

        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, CancelledRun) or (error and error is self._said):
            return False
        if isinstance(error, ReflectoryError):
            self._said = error
            record.msg, record.args, record.exc_info = "%s", (f"{type(error).__name__}: {error}",), None
        return True


def _hush() -> None:
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
