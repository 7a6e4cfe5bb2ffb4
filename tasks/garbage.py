"""Python's search for cycles, in processes that import much."""

import gc

_NEW_OBJECTS = 50_000


def collect_rarely() -> None:
    """Have cycles looked for after so many new objects, not 700: what is imported holds hardly any, and to go through
    all of it again and again takes more than a tenth of the time that imports take. Call it before them.
    """
    gc.set_threshold(_NEW_OBJECTS)
