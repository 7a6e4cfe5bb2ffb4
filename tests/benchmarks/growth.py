"""What a run, a curation, a release and the views cost against the number of attempts, in processor seconds.

    python -m tests.benchmarks.growth DIR [--sizes 1000 10000 100000 1000000] [--steps run] [--draw docs/growth.svg]

`run` is recorded completions until verify, `again` the same command when nothing is left, both with all processes that
they start; `curate` signs, checks and decides, `release` writes the default formats, `views` asks every view once, over
a synthetic warehouse. What was measured is in DIR/growth.json and is not measured again, so that sizes may be added.
Each cost is a + b n, fitted by relative error: printed with a, b and the worst deviation, and drawn.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from tasks.curation.curate import curate_warehouse
from tasks.curation.policy import Policy
from tests.benchmarks import curation, release
from tests.benchmarks.orchestration import write_rows, write_toml
from tests.benchmarks.plan_size import measured
from tests.benchmarks.synthetic_warehouse import make
from warehouse.catalog import connect
from warehouse.landing import Warehouse

ROOT = Path(__file__).parents[2]
SIZES = (1_000, 10_000, 100_000, 1_000_000)
STEPS = ("curate", "release", "views", "run")
COLOURS = ("#4c78a8", "#f58518", "#54a24b", "#b279a2", "#e45756")
Costs = dict[str, dict[int, float]]
"""Processor seconds by step and size."""


class Fit(NamedTuple):
    constant_s: float
    each_us: float
    worst: float
    """The largest factor between a measured cost and the fitted one."""

    def seconds(self, n: float) -> float:
        return self.constant_s + self.each_us * n / 1e6


def fit(points: Mapping[int, float]) -> Fit:
    """Costs as a constant and a part in proportion, neither below 0; of one size, all in proportion."""
    sizes, costs = np.array([*points], float), np.array([*points.values()])
    each, constant = np.polyfit(sizes, costs, 1, w=1 / costs) if len(points) > 1 else (0.0, -1.0)
    if constant < 0:
        constant, each = 0.0, float(np.average(costs / sizes))
    elif each < 0:
        constant, each = float(np.exp(np.log(costs).mean())), 0.0
    factors = (constant + each * sizes) / costs
    return Fit(float(constant), float(each * 1e6), float(np.exp(np.abs(np.log(factors)).max())))


def ask_views(folder: Path) -> float:
    """Every view of a warehouse once, in this process."""
    with connect(Warehouse(folder)) as connection:
        names = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
        began = time.process_time()
        for (name,) in names:
            connection.execute(f"SELECT bit_xor(hash(COLUMNS(*))) FROM {name}").fetchall()
        return time.process_time() - began


def costs_of(place: Path) -> dict[str, Callable[[], float]]:
    """How to measure each step over the synthetic warehouse at `place`, in their order."""

    def uncurated() -> None:
        for each in ("signatures", "contaminations", "curations", "decisions"):
            shutil.rmtree(place / "warehouse" / each, ignore_errors=True)

    def curate() -> float:
        uncurated()
        return float(curation.measure(place / "warehouse")["processor"])

    def released() -> float:
        uncurated()
        curate_warehouse(Warehouse(place / "warehouse"), Policy())
        return float(release.measure(str(place), release.FORMATS[1])["processor"])

    def views() -> float:
        command = [sys.executable, "-m", "tests.benchmarks.growth", str(place / "warehouse"), "--views"]
        return measured(command, place, ROOT).tree_s

    return {"curate": curate, "release": released, "views": views}


def run_twice(scratch: Path, size: int) -> tuple[float, float]:
    """Recorded completions until verify, then the same command once more."""
    with tempfile.TemporaryDirectory(dir=scratch) as name:
        write_rows(Path(name) / "rows.jsonl", size)
        toml = write_toml(Path(name), Path(name) / "rows.jsonl", 1000)
        command = [sys.executable, "-m", "flows", "run", str(toml), "--until", "verify"]
        return measured(command, Path(name), ROOT).tree_s, measured(command, Path(name), ROOT).tree_s


def kept_in(folder: Path) -> Costs:
    """What was measured before."""
    kept = folder / "growth.json"
    found = json.loads(kept.read_text()) if kept.exists() else {}
    return {step: {int(n): seconds for n, seconds in points.items()} for step, points in found.items()}


def measure(folder: Path, sizes: list[int], steps: list[str]) -> Costs:
    def note(step: str, size: int, seconds: float) -> None:
        found = kept_in(folder)
        found.setdefault(step, {})[size] = seconds
        (folder / "growth.json").write_text(json.dumps(found))
        print(f"{size:,} {step}: {seconds:.1f} s", flush=True)

    for size in sizes:
        found = kept_in(folder)
        place = folder / f"{size}"
        if not (place / "warehouse").exists() and steps != ["run"]:
            make(place / "warehouse", size)
        for step, cost in costs_of(place).items():
            if step in steps and size not in found.get(step, {}):
                note(step, size, cost())
        if "run" in steps and size not in found.get("run", {}):
            for step, seconds in zip(("run", "again"), run_twice(folder, size), strict=True):
                note(step, size, seconds)
    return kept_in(folder)


def draw(file: Path, costs: Costs) -> None:
    figure = Figure(figsize=(6.4, 4), layout="constrained")
    axes = figure.subplots()
    axes.set(xscale="log", yscale="log", xlabel="attempts", ylabel="processor seconds")
    for colour, (step, points) in zip(COLOURS, sorted(costs.items()), strict=False):
        fitted = fit(points)
        line = np.geomspace(min(points), max(points), 50)
        label = f"{step}: {fitted.constant_s:.1f} s + {fitted.each_us:.0f} µs each"
        axes.plot(line, [fitted.seconds(n) for n in line], "-", color=colour, alpha=0.5)
        axes.plot([*points], [*points.values()], "o", color=colour, label=label)
    axes.legend(fontsize="small")
    figure.savefig(file, metadata={"Date": None})


def show(costs: Costs) -> None:
    sizes = sorted({size for points in costs.values() for size in points})
    table = Table("step", *(f"{size:,}" for size in sizes), "constant s", "µs each", "worst factor", title="CPU s")
    for step, points in sorted(costs.items()):
        fitted = fit(points)
        measured_s = [f"{points[size]:.1f}" if size in points else "" for size in sizes]
        numbers = [f"{fitted.constant_s:.1f}", f"{fitted.each_us:.0f}", f"{fitted.worst:.2f}"]
        table.add_row(step, *measured_s, *numbers)
    Console(width=120).print(table)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    arguments.add_argument("--steps", nargs="+", choices=STEPS, default=STEPS, help="`run` measures `again`, too.")
    arguments.add_argument("--draw", type=Path)
    arguments.add_argument("--views", action="store_true", help="Ask every view of the warehouse FOLDER, and no more.")
    options = arguments.parse_args()
    folder = options.folder.absolute()
    if options.views:
        ask_views(folder)
        return
    folder.mkdir(parents=True, exist_ok=True)
    costs = measure(folder, sorted(options.sizes), list(options.steps))
    show(costs)
    if options.draw and all(len(points) > 1 for points in costs.values()):
        draw(options.draw, {step: dict(sorted(points.items())) for step, points in costs.items()})


if __name__ == "__main__":
    main()
