"""What commands cost that have next to nothing to do, beside another checkout of the project or a bare import.

    PYTHONPATH=. .venv/bin/python tests/benchmarks/startup.py [--against CHECKOUT] [--times 3] [--only NAME …]

Wall clock and processor seconds of the whole process tree, the least and the median of so many runs that take turns;
the ratio is that of the least. The other checkout runs with the same packages. Exits with 1 where a ratio is above its
limit.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.orchestration import cpu_of_tree
from tests.sums import write_sums

ROOT = Path(__file__).parents[2]
BARE, NOW, THEN = "bare", "now", "then"
TEMPLATE = """
prompt_with_input = "{instruction} {input}: "
prompt_without_input = "{instruction}: "
reverse_prompt = "{response} answers: "
"""


@dataclass(frozen=True)
class Case:
    arguments: tuple[str, ...]
    limits: dict[str, float]
    """The most times what it is beside: bare Python (`wall`), or the other checkout (`wall`, `cpu`)."""
    bare: str | None = None
    """Python that does the same without us."""
    fresh: bool = False
    """Whether each run has a folder of its own."""


CASES = {
    "help": Case(("--help",), {"wall": 1.5}, "import typer.rich_utils"),
    "version": Case(("--version",), {"wall": 1.5}, "import typer.rich_utils"),
    "sql": Case(
        ("sql", "select 1"),
        {"wall": 3.0},
        "import duckdb; duckdb.connect('data/warehouse/warehouse.duckdb', read_only=True).sql('select 1').fetchall()",
    ),
    "nothing": Case(("run", "run.toml", "--until", "verify"), {"cpu": 0.5}),
    "fresh": Case(("run", "run.toml"), {"wall": 0.5, "cpu": 0.5}, fresh=True),
    "score": Case(
        ("score", "pairs.jsonl", "--student", "practice", "--template", "template.toml", "--out", "scores.jsonl"),
        {"wall": 0.5, "cpu": 0.5},
    ),
    "decontaminate": Case(
        ("decontaminate", "texts.jsonl", "--against", "texts.jsonl", "--out", "found.jsonl"), {"wall": 0.5, "cpu": 0.5}
    ),
}


def make_world(folder: Path) -> None:
    folder.mkdir()
    write_sums(folder / "questions.jsonl", 12)
    (folder / "run.toml").write_text('[questions]\nsource = "jsonl"\npath = "questions.jsonl"\n')
    (folder / "template.toml").write_text(TEMPLATE)
    rows = [{"id": n, "instruction": f"What is {n} + 2?", "input": "", "response": f"{n + 2}"} for n in range(2)]
    (folder / "pairs.jsonl").write_text("\n".join(map(json.dumps, rows)))
    texts = [{"id": n, "text": f"Tom has {n} apples and buys {n + 3} more. How many has he?"} for n in range(4)]
    (folder / "texts.jsonl").write_text("\n".join(map(json.dumps, texts)))


def measured(command: Sequence[str], folder: Path, root: Path) -> tuple[float, float]:
    """Wall clock and processor seconds."""
    os.environ["PYTHONPATH"] = str(root)
    started = time.monotonic()
    cpu_s = cpu_of_tree(list(command), folder)
    return time.monotonic() - started, cpu_s


def take_turns(case: Case, sides: dict[str, Path], world: Path, times: int) -> dict[str, list[tuple[float, float]]]:
    commands = {who: [sys.executable, "-m", "flows", *case.arguments] for who in sides}
    commands |= {BARE: [sys.executable, "-c", case.bare]} if case.bare else {}
    found: dict[str, list[tuple[float, float]]] = {who: [] for who in commands}
    for turn in range(times):
        for who, command in commands.items():
            folder = world / who
            if case.fresh:
                folder = world / f"{who} {turn}"
                make_world(folder)
            found[who].append(measured(command, folder, sides.get(who, ROOT)))
            if case.fresh:
                shutil.rmtree(folder)
    return found


def ratios(found: dict[str, list[tuple[float, float]]], case: Case) -> dict[str, float]:
    beside = BARE if case.bare else THEN
    if beside not in found:
        return {}
    at = {"wall": 0, "cpu": 1}
    return {
        what: min(run[at[what]] for run in found[NOW]) / min(run[at[what]] for run in found[beside])
        for what in case.limits
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--against", type=Path, help="another checkout of the project")
    arguments.add_argument("--times", type=int, default=3)
    arguments.add_argument("--only", nargs="*", choices=CASES, default=list(CASES))
    options = arguments.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else all of ours is compiled each time, as for no user
    sides = {NOW: ROOT} | ({THEN: options.against.absolute()} if options.against else {})
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    above = False
    with tempfile.TemporaryDirectory() as name:
        world = Path(name)
        for who, root in (sides | {BARE: ROOT}).items():
            make_world(world / who)
            if {"nothing", "sql"} & set(options.only):
                measured([sys.executable, "-m", "flows", *CASES["nothing"].arguments], world / who, root)
        for called in options.only:
            case = CASES[called]
            known = {NOW: ROOT} if called == "version" else sides  # which the other checkout may not know
            found = take_turns(case, known, world, options.times)
            for who, runs in found.items():
                walls, cpus = zip(*runs, strict=True)
                told = f"wall {min(walls):.2f} s, median {statistics.median(walls):.2f}"
                print(f"{called:14}{who:5} {told}; cpu {min(cpus):.2f} s, median {statistics.median(cpus):.2f}")
            for what, ratio in ratios(found, case).items():
                above |= ratio > case.limits[what]
                print(f"{called:14}{what} {ratio:.2f} (limit {case.limits[what]})")
    sys.exit(above)


if __name__ == "__main__":
    main()
