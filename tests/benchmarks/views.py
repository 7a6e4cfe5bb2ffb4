"""Every shipped view over the warehouse, beside the same SQL over one sorted Parquet file per table; and landing.

Every column of every row is computed (a hash of all of them), because a count alone would skip most of the work.
Prints each time, the ratio of the processors' times, which others on the machine disturb less, then the median and
landing's rows per second.

    python -m tests.benchmarks.views DIR 100000 [VIEW ...]
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import duckdb
from rich.console import Console

from flows.rendering import rich_table
from schemas.tables import KEYS, TABLES
from tasks.curation.curate import curate_warehouse
from tasks.curation.policy import Policy
from tests.benchmarks.synthetic_warehouse import make
from warehouse.catalog import connect
from warehouse.defining import define_views
from warehouse.landing import Warehouse
from warehouse.newest import known_whole
from warehouse.reading import Snapshot

THREADS = 2
TRIES = 3
MOST = 1.5
"""Times the bare one; the issue's."""
MOST_S = 2.0
"""The median view, at a million traces."""


def bare(ours: duckdb.DuckDBPyConnection, folder: Path, whole: set[str]) -> duckdb.DuckDBPyConnection:
    """The same tables, each as one Parquet file sorted by its key, under the same views."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for table in TABLES:
        file = folder / f"{table}.parquet"
        if not file.exists():
            ours.execute(f"COPY (FROM {table} ORDER BY {', '.join(KEYS[table])}) TO '{file}'")
        connection.execute(f"CREATE VIEW {table} AS FROM '{file}'")
    define_views(connection, whole=whole)
    return connection


def seconds(connection: duckdb.DuckDBPyConnection, view: str) -> tuple[float, float]:
    """Of the clock and of the processors, the best of some tries each: the machine may be shared."""
    taken = []
    for _ in range(TRIES):
        began, worked = time.perf_counter(), time.process_time()
        connection.execute(f"SELECT bit_xor(hash(COLUMNS(*))) FROM {view}").fetchall()
        taken.append((time.perf_counter() - began, time.process_time() - worked))
    return min(clock for clock, _ in taken), min(work for _, work in taken)


def land_once(n_traces: int) -> float:
    """Rows per second over all tables, from SQL that makes them to the commit."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        warehouse = make(Path(folder), n_traces)
        taken = time.perf_counter() - began
        with connect(warehouse) as connection:
            rows = [connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in TABLES]
    return float(sum(rows) / taken)


def main(folder: Path, n_traces: int, only: list[str]) -> None:
    warehouse = Warehouse(folder / "warehouse")
    if not warehouse.exists():
        make(warehouse.folder, n_traces)
        curate_warehouse(warehouse, Policy())
    with Snapshot(warehouse) as now:
        now.note_newest()  # as a run does when it ends
    whole = known_whole(warehouse, warehouse.all_files(TABLES.keys()))
    with connect(warehouse) as ours, bare(ours, folder, whole) as other:
        for connection in (ours, other):
            connection.execute(f"SET threads = {THREADS}")
        names = [row[0] for row in ours.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()]
        views = only or sorted(set(names) - set(TABLES))
        rows = []
        for view in views:
            (clock, one), (_, two) = seconds(ours, view), seconds(other, view)
            mark = "" if one <= MOST * two else "slow"
            rows.append((view, round(clock, 3), round(one, 3), round(two, 3), round(one / two, 2), mark))
    console = Console(width=100)
    console.print(rich_table(["view", "seconds", "processor s", "bare", "ratio", ""], rows, title=f"{n_traces} traces"))
    median = statistics.median(row[1] for row in rows)
    console.print(f"median view {median:.3f} s (at 10^6 at most {MOST_S}); landing {land_once(50_000):,.0f} rows/s")


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit()
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
