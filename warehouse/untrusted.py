"""A stranger's query: one SELECT over the tables and views, in a process of its own that can do nothing else.

DuckDB's own locks come first (no file but the tables' own, no extension, no setting). What they do not stop, a
function that never looks at its interrupt or a crash, ends with the process: its memory, processor time and file size
are limited by the kernel, its environment is empty, and it is killed when its time is up.
"""

import os
import pickle
import resource
import subprocess
import sys
from dataclasses import dataclass, field
from threading import Timer
from typing import Any

import duckdb

from schemas.errors import Refused
from schemas.tables import TABLES
from warehouse.catalog import connect
from warehouse.landing import Warehouse
from warehouse.undisclosed import check_names, hide_paths, scrubbed

_LOCKS = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "allow_persistent_secrets": False,
    "python_enable_replacements": False,
    "temp_directory": "",
    "home_directory": "/",
    "extension_directory": "/",
    "secret_directory": "/",
    "max_temp_directory_size": "0B",
}
_AROUND = 3 << 30
"""Address space beside DuckDB's memory limit, in bytes: libraries and thread stacks."""
_START_S = 30.0
"""Time to start the process and to read the Delta logs, before the query's own time begins."""
_GRACE_S = 1.0
"""From DuckDB's interrupt to the kill."""


@dataclass(frozen=True)
class QueryLimits:
    """What a stranger's query may use."""

    timeout_s: float = 10.0
    rows: int = 1_000
    """More are cut off, and a note says so."""
    cell: int = 20_000
    """Characters, or bytes, of one value; longer ones are cut, nested ones become text first."""
    result: int = 32 << 20
    """Bytes of the whole answer; a larger one is refused."""
    query: int = 20_000
    """Characters of SQL."""
    memory_mib: int = 1_024
    threads: int = 2


@dataclass(frozen=True)
class QueryResult:
    columns: list[str]
    rows: list[tuple[Any, ...]]
    notes: list[str] = field(default_factory=list)
    """What was cut."""


def ask_untrusted(warehouse: Warehouse, query: str, limits: QueryLimits = QueryLimits()) -> QueryResult:
    """Raise `Refused` for anything but one SELECT that succeeds within the limits."""
    if len(query) > limits.query:
        raise Refused(f"sql: the query has {len(query)} characters; at most {limits.query} are read")
    if warehouse.place.options is not None:
        raise Refused("sql: --untrusted needs a warehouse in a folder; its process has no credentials for a store")
    paths = [os.path.abspath(path) for path in sys.path if path]  # noqa: PTH100  a zip on the path is no folder
    process = subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": os.pathsep.join(paths)},
        cwd="/",
    )
    try:
        out, _ = process.communicate(
            pickle.dumps((warehouse.address, query, limits)), timeout=_START_S + limits.timeout_s
        )
    except subprocess.TimeoutExpired:
        raise Refused(_late(limits)) from None
    finally:
        process.kill()
        process.wait()
    if process.returncode == -9:
        raise Refused(_late(limits))
    if process.returncode:
        raise Refused("sql: the query brought its process down; it needs more memory than it may have, or less nesting")
    found: QueryResult | str = pickle.loads(out)
    if isinstance(found, str):
        raise Refused(f"sql: {found}")
    return found


def lock(connection: duckdb.DuckDBPyConnection, warehouse: Warehouse, limits: QueryLimits) -> None:
    """Lock the connection: from now on it reads the tables' committed files and nothing else, and no statement can undo
    it.

    What the tables hold of the host's paths is cut to their last part.
    """
    hide_paths(connection, warehouse)
    files = [file for table in TABLES for file in warehouse.files(table).paths]
    for name, value in _LOCKS.items():
        connection.execute(f"SET {name} = ?", [value])
    connection.execute(f"SET memory_limit = '{limits.memory_mib}MiB'")
    connection.execute(f"SET threads = {limits.threads}")
    connection.execute("SET allowed_paths = ?", [files])
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _late(limits: QueryLimits) -> str:
    return f"sql: stopped after {limits.timeout_s:g} s; ask for less, or give more time by --timeout"


def answer(connection: duckdb.DuckDBPyConnection, query: str, limits: QueryLimits) -> QueryResult:
    statements = connection.extract_statements(query)
    if len(statements) != 1 or statements[0].type is not duckdb.StatementType.SELECT:
        kinds = ", ".join(statement.type.name for statement in statements) or "nothing"
        raise ValueError(f"got {kinds}; an untrusted query is one SELECT")
    check_names(connection, query)
    relation = connection.sql(statements[0])
    rows = relation.limit(limits.rows + 1).fetchall()
    notes = [f"more than {limits.rows} rows; the rest is cut off"] if len(rows) > limits.rows else []
    kept = [tuple(_cut(value, limits.cell) for value in row) for row in rows[: limits.rows]]
    if any(a is not b for row, cut in zip(rows, kept, strict=False) for a, b in zip(row, cut, strict=True)):
        notes.append(f"values longer than {limits.cell} characters are cut")
    return QueryResult(relation.columns, kept, notes)


def _cut(value: Any, most: int) -> Any:
    if isinstance(value, list | dict | tuple):
        text = str(value)
        return value if len(text) <= most else text[:most]
    return value[:most] if isinstance(value, str | bytes) and len(value) > most else value


def _serve() -> None:
    """One query from standard input, one answer, or the text of a refusal, to standard output."""
    folder, query, limits = pickle.load(sys.stdin.buffer)
    warehouse = Warehouse(folder)
    connection = connect(warehouse, spills=False)
    lock(connection, warehouse, limits)
    memory, cpu = (limits.memory_mib << 20) + _AROUND, int(limits.timeout_s * limits.threads + _START_S)
    for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, cpu), (resource.RLIMIT_FSIZE, 0)):
        resource.setrlimit(what, (most, most))
    late = [
        Timer(limits.timeout_s, connection.interrupt),
        Timer(limits.timeout_s + _GRACE_S, os.kill, (os.getpid(), 9)),
    ]
    for timer in late:
        timer.daemon = True
        timer.start()
    found: QueryResult | str
    try:
        found = answer(connection, query, limits)
    except duckdb.InterruptException:
        found = _late(limits).removeprefix("sql: ")
    except (duckdb.Error, ValueError, MemoryError) as error:
        found = scrubbed(str(error), warehouse, query) or "the query needs more memory than it may have"
    out = pickle.dumps(found)
    if len(out) > limits.result:
        out = pickle.dumps(f"the answer has {len(out)} bytes; at most {limits.result} are given. Select fewer columns")
    sys.stdout.buffer.write(out)
    sys.stdout.buffer.flush()
    os._exit(0)


if __name__ == "__main__":
    from warehouse.untrusted import _serve as serve  # so that what is pickled here has the module's own name

    serve()
