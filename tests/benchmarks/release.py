"""What writing a release costs, beside DuckDB's own COPY of the same columns.

    python -m tests.benchmarks.release DIR [100000 1000000]

A warehouse of each size is made and curated in DIR where it is missing. Then `make_release` (files, hashes, manifest,
card; neither the curation nor the report) in a process of its own, for `chat` alone and for the default formats; and
COPY by bare DuckDB from one Parquet file of the chat rows to JSONL and to Parquet with the same compression. Rows are
those of all formats, each in JSONL and Parquet.
"""

import json
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from flows.release import DEFAULT_FORMATS, ReleaseOrder, make_release, read_formats
from schemas.curation import Curation
from tasks.curation.curate import curate_warehouse
from tasks.curation.policy import Policy
from tests.benchmarks.synthetic_warehouse import make
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

FORMATS = ("chat", ",".join(DEFAULT_FORMATS))
COPIES = (
    "COPY (FROM '{chat}') TO '{out}.jsonl' (FORMAT json)",
    "COPY (FROM '{chat}') TO '{out}.parquet'"
    " (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 6, ROW_GROUP_SIZE 2048)",
)
GIB = 2**20
"""In units of ru_maxrss, KiB."""


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


def copy(folder: Path) -> dict[str, Any]:
    """The same columns of `chat`, in this process."""
    began, worked = time.monotonic(), time.process_time()
    with duckdb.connect() as connection:
        for statement in COPIES:
            connection.execute(statement.format(chat=folder / "made" / "it" / "chat.parquet", out=folder / "copy"))
        [(rows,)] = connection.execute(f"SELECT count(*) FROM '{folder / 'copy.parquet'}'").fetchall()
    figures = {"seconds": time.monotonic() - began, "processor": time.process_time() - worked}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB
    return figures | {"traces": rows, "rows": rows, "peak": peak}


def measure(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.release", "--one", *arguments]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def main(folder: Path, sizes: tuple[int, ...]) -> None:
    table = Table(
        "attempts", "what", "rows", "seconds", "processor s", "rows/s", "rows/processor s", "peak GiB", title="Release"
    )
    for size in sizes:
        place = folder / f"{size}"
        if not (place / "warehouse").exists():
            curate_warehouse(make(place / "warehouse", size), Policy())
        found = {name: measure(str(place), name) for name in reversed(FORMATS)}
        found["bare COPY of chat"] = measure(str(place))
        for name, each in found.items():
            rates = [f"{each['rows'] / each[clock]:,.0f}" for clock in ("seconds", "processor")]
            clocks = [f"{each[clock]:.1f}" for clock in ("seconds", "processor")]
            table.add_row(f"{size:,}", name, f"{each['rows']:,}", *clocks, *rates, f"{each['peak']:.2f}")
        ratio = found["chat"]["processor"] / found["bare COPY of chat"]["processor"]
        print(f"{size:,}: chat costs {ratio:.2f} times the processor's seconds of COPY (target: at most 2)")
    Console(width=120).print(table)


if __name__ == "__main__":
    if sys.argv[1] == "--one":
        place = Path(sys.argv[2])
        print(json.dumps(write(place, sys.argv[3]) if sys.argv[3:] else copy(place)))
    else:
        main(Path(sys.argv[1]), tuple(map(int, sys.argv[2:])) or (100_000, 1_000_000))
