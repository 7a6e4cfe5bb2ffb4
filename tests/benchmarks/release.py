"""What writing a release costs, beside DuckDB's own COPY of the same columns.

    python -m tests.benchmarks.release DIR [100000 1000000]

A warehouse of each size is made and curated in DIR where it is missing. Then `make_release` (files, hashes, manifest,
card; neither the curation nor the report) in a process of its own, for `chat` alone and for the default formats; and
COPY by bare DuckDB to JSONL and to Parquet with the same compression: from one Parquet file of the chat rows, and of
the query over the warehouse that gives them. Rows are those of all formats, each in JSONL and Parquet, counted once.
The attempts are those that the curation decided on; three of five are kept.
"""

import json
import resource
import shutil
import subprocess
import sys
import time
from multiprocessing import Pool
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from flows.release import DEFAULT_FORMATS, ReleaseOrder, make_release, read_formats
from schemas.curation import Curation
from tasks.curation.curate import curate_warehouse
from tasks.curation.policy import Policy
from tasks.publishing.decided import KEPT
from tasks.publishing.files import PARQUET_SETTINGS
from tests.benchmarks.synthetic_warehouse import make
from warehouse.catalog import connect
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

FORMATS = ("chat", ",".join(DEFAULT_FORMATS))
COPIES = (
    "COPY rows TO '{out}.jsonl' (FORMAT json)",
    "COPY rows TO '{out}.parquet' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL {level}, ROW_GROUP_SIZE 2048)",
)
FILE, QUERY = "file", "query"
CLOCKS = ("seconds", "processor")
GIB = 2**20
"""In units of ru_maxrss, KiB."""


def fill(folder: Path, size: int) -> None:
    """Make a warehouse, and curate it."""
    curate_warehouse(make(folder, size), Policy())


def write(folder: Path, formats: str) -> dict[str, Any]:
    """One release in this process."""
    shutil.rmtree(folder / "made", ignore_errors=True)
    shutil.rmtree(folder / "warehouse" / "releases", ignore_errors=True)
    warehouse = Warehouse(folder / "warehouse")
    warehouse.create()
    with Snapshot(warehouse) as now:
        [curation] = now.rows(Curation, "name", ["default"])
    began, worked = time.monotonic(), time.process_time()
    made = make_release(warehouse, curation, ReleaseOrder("it", folder / "made", read_formats(formats)), "benchmark")
    figures = {"seconds": time.monotonic() - began, "processor": time.process_time() - worked}
    rows = sum(file.rows or 0 for file in made.release.files if file.path.endswith(".jsonl"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB
    return figures | {"traces": curation.kept, "rows": rows, "peak": peak}


def copy(folder: Path, source: str) -> dict[str, Any]:
    """The rows of `chat` from a file, or those that they are made of from the warehouse, in this process."""
    with Snapshot(Warehouse(folder / "warehouse")) as now:
        [(curation_id,)] = now.ask("SELECT curation_id FROM curations WHERE name = 'default'")[1]
    chat = f"FROM '{folder / 'made' / 'it' / 'chat.parquet'}'"
    rows = chat if source == FILE else KEPT.replace("$curation_id", f"'{curation_id}'")
    began, worked = time.monotonic(), time.process_time()
    with connect(Warehouse(folder / "warehouse")) as connection:
        connection.execute(f"CREATE VIEW rows AS {rows}")
        for statement in COPIES:
            connection.execute(statement.format(out=folder / "copy", level=PARQUET_SETTINGS["compression_level"]))
        [(rows,)] = connection.execute(f"SELECT count(*) FROM '{folder / 'copy.parquet'}'").fetchall()
    figures = {"seconds": time.monotonic() - began, "processor": time.process_time() - worked}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB
    return figures | {"traces": rows, "rows": rows, "peak": peak}


def measure(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.release", "--one", *arguments]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def main(folder: Path, sizes: tuple[int, ...]) -> None:
    table = Table(
        *("attempts", "what", "rows", "seconds", "processor s"),
        *("rows/s", "rows/processor s", "attempts/s", "attempts/processor s", "peak GiB"),
        title="Release",
    )
    for size in sizes:
        place = folder / f"{size}"
        if not (place / "warehouse").exists():
            with Pool(1) as apart:  # the peak of a process is at least that of the one which has started it
                apart.apply(fill, (place / "warehouse", size))
        found = {name: measure(str(place), name) for name in reversed(FORMATS)}
        found |= {f"bare COPY, {source}": measure(str(place), source) for source in (FILE, QUERY)}
        for name, each in found.items():
            rates = [f"{n / each[clock]:,.0f}" for n in (each["rows"], size) for clock in CLOCKS]
            clocks = [f"{each[clock]:.1f}" for clock in CLOCKS]
            table.add_row(f"{size:,}", name, f"{each['rows']:,}", *clocks, *rates, f"{each['peak']:.2f}")
        for clock in CLOCKS:
            ratios = [found["chat"][clock] / found[f"bare COPY, {source}"][clock] for source in (FILE, QUERY)]
            print(
                f"{size:,}: chat takes {ratios[0]:.2f} of the {clock} of COPY from a file, {ratios[1]:.2f} of the query"
            )
    Console(width=160).print(table)


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit()
    if sys.argv[1] == "--one":
        place = Path(sys.argv[2])
        print(json.dumps((copy if sys.argv[3] in (FILE, QUERY) else write)(place, sys.argv[3])))
    else:
        main(Path(sys.argv[1]), tuple(map(int, sys.argv[2:])) or (100_000, 1_000_000))
