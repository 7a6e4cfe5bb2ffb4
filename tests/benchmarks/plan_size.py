"""What a plan's size costs: recorded completions until verify, its driver's peak of memory and the CPU of its tree.

    .venv/bin/python -m tests.benchmarks.plan_size [--rows 10000 100000] [--beside CHECKOUT] [--scratch DIR]

Each size is run, and then asked for again, when nothing is left to do. `--beside` does the same with another checkout
of this repository, run by the same Python. The peak is the kernel's (`VmHWM`): resident, shared pages counted.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil

from tests.benchmarks.orchestration import SAMPLE_S, write_rows, write_toml

MOST_GROWTH_BYTES = 300
_SHOWN = 4_000
"""Characters of the log of a command that has failed."""
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


class Measured(NamedTuple):
    peak_bytes: int
    """Of the driver."""
    driver_s: float
    """CPU seconds of the driver."""
    tree_s: float
    """Of the driver and all that it started."""
    wall_s: float


def measured(command: list[str], folder: Path, checkout: Path) -> Measured:
    """Run it to its end. Raises `SystemExit` where that is no good one."""
    used: dict[tuple[int, float], float] = {}
    peak, began = 0, time.monotonic()
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    with (folder / "out.log").open("ab") as log:
        root = psutil.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
    while root.poll() is None:
        with suppress(psutil.NoSuchProcess, OSError):
            found = _PEAK.search(Path(f"/proc/{root.pid}/status").read_text())
            peak = max(peak, int(found[1]) * 1024 if found else 0)
            for process in [root, *root.children(recursive=True)]:
                with suppress(psutil.NoSuchProcess):
                    times = process.cpu_times()
                    used[process.pid, process.create_time()] = times.user + times.system
        time.sleep(SAMPLE_S)
    if root.returncode:
        said = (folder / "out.log").read_text(errors="replace")[-_SHOWN:]
        raise SystemExit(f"{command} ended with {root.returncode}; the end of its log:\n{said}")
    driver = next(seconds for (pid, _), seconds in used.items() if pid == root.pid)
    return Measured(peak, driver, sum(used.values()), time.monotonic() - began)


def run_of(rows: int, checkout: Path, scratch: Path | None) -> tuple[Measured, Measured, Measured]:
    """Of one row, in a warehouse of its own; of all rows; and of the same command again."""
    with tempfile.TemporaryDirectory(dir=scratch) as name:
        folder = Path(name)
        write_rows(folder / "rows.jsonl", rows)
        toml = write_toml(folder, folder / "rows.jsonl", 1000)
        command = [sys.executable, "-m", "flows", "run", str(toml), "--until", "verify"]
        one = measured([*command, "--set", "questions.limit=1", "--warehouse", "one"], folder, checkout)
        return one, measured(command, folder, checkout), measured(command, folder, checkout)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    arguments.add_argument("--beside", type=Path)
    arguments.add_argument("--scratch", type=Path, help="Where warehouses are made; 4 GB for a million rows.")
    options = arguments.parse_args()
    here = Path(__file__).parents[2]
    for checkout in [here, *([options.beside.absolute()] if options.beside else [])]:
        peaks: dict[int, int] = {}
        for rows in options.rows:
            one, whole, again = run_of(rows, checkout, options.scratch)
            peaks[rows] = whole.peak_bytes
            a_row_ms = 1000 * (whole.tree_s - one.tree_s) / rows
            print(
                f"{checkout.name}, {rows} attempts: driver's peak {whole.peak_bytes / 1e9:.2f} GB (one row"
                f" {one.peak_bytes / 1e9:.2f}); CPU {whole.tree_s:.1f} s (one row {one.tree_s:.1f}; driver"
                f" {whole.driver_s:.1f}), {a_row_ms:.3f} ms an attempt; wall {whole.wall_s:.0f} s;"
                f" nothing to do: CPU {again.tree_s:.1f} s, peak {again.peak_bytes / 1e9:.2f} GB",
                flush=True,
            )
        if len(peaks) > 1:
            few, many = min(peaks), max(peaks)
            growth = (peaks[many] - peaks[few]) / (many - few)
            limit = f"(limit {MOST_GROWTH_BYTES})"
            print(f"{checkout.name}: growth from {few} to {many}: {growth:.0f} bytes an attempt {limit}", flush=True)


if __name__ == "__main__":
    main()
