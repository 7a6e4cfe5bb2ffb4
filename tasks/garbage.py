"""Python's search for cycles, in processes that import much."""

import gc
from time import monotonic

_NEW_OBJECTS = 50_000
_EVERY_S = 30.0

_collected_at = monotonic()


def collect_rarely() -> None:
    """Have cycles looked for after so many new objects, not 700: what is imported holds hardly any, and to go through
    all of it again and again takes more than a tenth of the time that imports take. Call it before them.
    """
    gc.set_threshold(_NEW_OBJECTS)


def collect_now_and_then() -> None:
    """Have cycles looked for, at most twice a minute. Few objects can hold much: a client of Prefect's that has asked
    something is a cycle of sixty, with half a megabyte of certificates.
    """
    global _collected_at
    if monotonic() - _collected_at >= _EVERY_S:
        gc.collect()
        _collected_at = monotonic()
