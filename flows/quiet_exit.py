"""DuckDB's bindings print pages of `leaks` at exit, wherever Prefect's threads outlive them."""

import atexit
import os
import sys
from functools import cache


@cache
def quiet_exit() -> None:
    """Close standard error as the last thing at exit: of all handlers that are registered after this call."""
    atexit.register(_hush)


def _hush() -> None:
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
