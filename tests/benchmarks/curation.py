"""What curation costs against the number of traces: seconds, processor seconds, peak memory, and against linear.

    python -m tests.benchmarks.curation DIR [10000 100000 1000000]

Warehouses are made in DIR where they are missing. Each size is curated by a process of its own, first with nothing
signed or checked, then again: the second time only the decision is left, and the count of n-grams. Rules: verdict,
structure, effect, length, pass rate, contamination by n-grams, exact and near duplicates, IFD and r-IFD, quotas, mix
and sample. The rule for the language is not among them: py3langid takes half a millisecond a trace. The processor's
seconds are drawn to DIR/curation.svg.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from schemas.curation import FunnelStep
from tasks.curation.curate import curate_warehouse
from tasks.curation.policy import Policy
from tests.benchmarks.synthetic_warehouse import MACROS, make
from warehouse.landing import Warehouse

SIZES = (10_000, 100_000, 1_000_000)
POLICY: dict[str, Any] = {
    "effect": {"keep": ["corrected", "confirmed", "none"]},
    "length": {"min_characters": 100, "max_characters": 20_000},
    "pass_rate": {"low": 0.1, "high": 1.0},
    "ifd": {"low": 0.2, "high": 1.2, "unscored": True, "top_share": 0.9},
    "rifd": {"high": 1.2, "unscored": True},
    "quotas": {"per_question": 3},
    "mix": {"shares": {"level:0": 0.4, "level:1": 0.3, "level:2": 0.3}},
    "sample": {"size": 500_000},
}
GIB = 2**20
"""In units of ru_maxrss, KiB."""


def benchmark(file: Path) -> Path:
    """1,000 items to stay clean of: one in ten is a question of every warehouse, word for word."""
    with duckdb.connect() as connection:
        connection.execute(MACROS)
        items = "SELECT words(if(n % 10 = 0, 'q' || n, 'b' || n), 25) AS question FROM range(1000) t(n)"
        connection.execute(f"COPY ({items}) TO '{file}' (FORMAT json)")
    return file


def curate(folder: Path) -> dict[str, Any]:
    """One curation in this process."""
    items = benchmark(folder.with_name("benchmark.jsonl"))
    policy = POLICY | {"contamination": {"benchmarks": [{"path": str(items)}], "detectors": ["ngram"]}}
    began, steps = time.monotonic(), {}

    def report(step: FunnelStep) -> None:
        steps[step.rule] = round(time.monotonic() - began, 2)

    made = curate_warehouse(Warehouse(folder), Policy.model_validate(policy), report=report)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "seconds": time.monotonic() - began,
        "processor": used.ru_utime + used.ru_stime,
        "peak": used.ru_maxrss / GIB,
        "kept": made.curation.kept,
        "steps": steps,
    }


def measure(folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.curation", "--one", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def linear(points: Sequence[float], sizes: Sequence[int], size: int) -> float:
    """What `size` traces would cost if each cost what one of the first size does."""
    return points[0] * size / sizes[0]


def draw(file: Path, sizes: Sequence[int], spent: Mapping[str, Sequence[float]]) -> None:
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    axes.set(xscale="log", yscale="log", xlabel="traces", ylabel="processor seconds")
    for run, points in spent.items():
        axes.plot(sizes, points, "o-", label=run)
        axes.plot(sizes, [linear(points, sizes, size) for size in sizes], "k:", label=f"{run}, were it linear")
    axes.legend()
    figure.savefig(file)


def main(folder: Path, sizes: tuple[int, ...]) -> None:
    table = Table(
        "traces", "run", "seconds", "processor s", "peak GiB", "processor s / linear", "kept", title="Curation"
    )
    spent: dict[str, list[float]] = {"first": [], "again": []}
    for size in sizes:
        made = folder / f"w{size}"
        if not made.exists():
            make(made, size)
        for each in ("signatures", "contaminations", "curations", "decisions"):
            shutil.rmtree(made / each, ignore_errors=True)
        for run, points in spent.items():
            found = measure(made)
            points.append(found["processor"])
            ratio = points[-1] / linear(points, sizes, size)
            figures = [f"{found[name]:.1f}" for name in ("seconds", "processor", "peak")]
            table.add_row(f"{size:,}", run, *figures, f"{ratio:.2f}", f"{found['kept']:,}")
            print(size, run, found["steps"], flush=True)
    draw(folder / "curation.svg", sizes, spent)
    Console(width=110).print(table)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path, metavar="DIR")
    arguments.add_argument("sizes", type=int, nargs="*", default=SIZES)
    arguments.add_argument("--one", action="store_true", help="Curate the warehouse DIR in this process, and no more.")
    options = arguments.parse_args()
    if options.one:
        print(json.dumps(curate(options.folder)))
    else:
        main(options.folder, tuple(options.sizes))
