"""What is used of deltalake. It is imported here alone, and where a table is opened: it takes longer than a query of a
small table.

Its allocator is told to keep one arena, not four for each core: a landing is the work of dozens of short-lived threads,
and each arena keeps the most that one of them has ever held.
"""

import os

_ALLOCATOR = "_RJEM_MALLOC_CONF"
"""Of every library that is built with the same one; it reads this once, as it is loaded."""

_given = os.environ.get(_ALLOCATOR)
os.environ.setdefault(_ALLOCATOR, "narenas:1")
try:
    from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
    from deltalake.exceptions import CommitFailedError, TableNotFoundError
finally:
    if _given is None:
        del os.environ[_ALLOCATOR]

__all__ = [
    "CommitFailedError",
    "CommitProperties",
    "DeltaTable",
    "TableNotFoundError",
    "Transaction",
    "write_deltalake",
]
