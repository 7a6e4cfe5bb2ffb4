"""What curation costs against the number of traces: seconds, processor seconds, peak memory, and against linear.

    python -m tests.benchmarks.curation DIR [10000 100000 1000000]

Warehouses are made in DIR where they are missing. Each size is curated by a process of its own, first with nothing
signed, then again: the second time only the decision is left. Rules: verdict, structure, effect, length, pass rate,
exact and near duplicates, IFD and r-IFD, quotas, mix and sample. The rule for the language is not among them: py3langid
takes half a millisecond a trace.
"""

import json
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from schemas.curation import FunnelStep
from schemas.policy import Policy
from tasks.curation.curate import curate_warehouse
from tests.benchmarks.synthetic_warehouse import make
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


def curate(folder: Path) -> dict[str, Any]:
    """One curation in this process."""
    began, steps = time.monotonic(), {}

    def report(step: FunnelStep) -> None:
        steps[step.rule] = round(time.monotonic() - began, 2)

    made = curate_warehouse(Warehouse(folder), Policy.model_validate(POLICY), report=report)
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


def main(folder: Path, sizes: tuple[int, ...]) -> None:
    table = Table(
        "traces", "run", "seconds", "processor s", "peak GiB", "processor s / linear", "kept", title="Curation"
    )
    per_row = {}
    for size in sizes:
        made = folder / f"w{size}"
        if not made.exists():
            make(made, size)
        for each in ("signatures", "curations", "decisions"):
            shutil.rmtree(made / each, ignore_errors=True)
        for run in ("first", "again"):
            found = measure(made)
            ratio = found["processor"] / size / per_row.setdefault(run, found["processor"] / size)
            figures = [f"{found[name]:.1f}" for name in ("seconds", "processor", "peak")]
            table.add_row(f"{size:,}", run, *figures, f"{ratio:.2f}", f"{found['kept']:,}")
            print(size, run, found["steps"], flush=True)
    Console(width=110).print(table)


if __name__ == "__main__":
    if sys.argv[1] == "--one":
        print(json.dumps(curate(Path(sys.argv[2]))))
    else:
        main(Path(sys.argv[1]), tuple(map(int, sys.argv[2:])) or SIZES)
