"""One long run against a teacher that fails 2 % of the requests: does memory grow, does it slow down, is anything lost?

    .venv/bin/python -m tests.benchmarks.soak [--minutes 60] [--per-minute 120] [--until score] [--faults 0.02]

The run has a Prefect server and a Ray of its own, and is stopped by SIGTERM in the end. Memory is what its whole
process tree has for itself (resident, not shared). Its slope is fitted from the end of the first sixth on: caches fill
and actors load before. Ends with 1 where memory grows by 1 MB a minute or more, where the last twelfth of the time
brings fewer than 95 % of the answers of the first, or where the books do not come out.
"""

import argparse
import json
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from tasks.practice.process import PracticeTeacher
from tests.conftest import ROOT
from tests.sums import write_sums

MOST_MB_A_MINUTE = 1.0
LEAST_SHARE = 0.95
SAMPLES = 240
NO_SOAK = {"429-a-day", "bomb", "bomb-in-500", "drip", "half-open"}
"""Faults that are meant to stop a client, or that hold a slot until the deadline."""
ROLES = {"flows.prefect_server": "prefect", "ray::": "actors", "raylet": "ray", "gcs_server": "ray", "ray/": "ray"}


class Sample(NamedTuple):
    """What was seen at one moment."""

    minute: float
    answered: int
    mb: dict[str, float]
    """By role of the process."""


def slope_mb_a_minute(samples: list[Sample], role: str | None = None) -> float:
    """Least squares over the samples after the first sixth; of all roles together, or of one."""
    later = [sample for sample in samples if sample.minute >= samples[-1].minute / 6]
    mb = [sample.mb.get(role, 0.0) if role else sum(sample.mb.values()) for sample in later]
    return statistics.linear_regression([sample.minute for sample in later], mb).slope


def kept_share(samples: list[Sample]) -> float:
    """Answers per minute in the last twelfth of the time, as a share of those in the first."""
    begin = next(sample for sample in samples if sample.answered)
    twelfth = (samples[-1].minute - begin.minute) / 12
    first = [sample for sample in samples if begin.minute <= sample.minute <= begin.minute + twelfth]
    last = [sample for sample in samples if sample.minute >= samples[-1].minute - twelfth]
    return _pace(last) / _pace(first)


def _pace(samples: list[Sample]) -> float:
    return (samples[-1].answered - samples[0].answered) / (samples[-1].minute - samples[0].minute)


def problems(samples: list[Sample]) -> list[str]:
    """What is wrong with a soak; empty where nothing is."""
    found = []
    if (slope := slope_mb_a_minute(samples)) >= MOST_MB_A_MINUTE:
        found.append(f"memory grows by {slope:.2f} MB a minute; at most {MOST_MB_A_MINUTE:g}")
    if (share := kept_share(samples)) < LEAST_SHARE:
        found.append(f"in the end {share:.1%} of the answers a minute of the beginning; at least {LEAST_SHARE:.0%}")
    return found


def check_controls(samples: list[Sample]) -> None:
    """The same samples of a run that leaks, and of one that gets slower, are refused."""
    leaks = [sample._replace(mb=sample.mb | {"leak": 2 * sample.minute}) for sample in samples]
    slower = [sample._replace(answered=int(sample.answered**0.9)) for sample in samples]
    assert any("memory" in problem for problem in problems(leaks))
    assert any("answers" in problem for problem in problems(slower))


def role_of(process: psutil.Process) -> str:
    told = " ".join(process.cmdline()[:6])
    return next((role for words, role in ROLES.items() if words in told), "driver")


def memory_mb(root: psutil.Process) -> dict[str, float]:
    """What the processes of the tree have for themselves, by role."""
    found = dict.fromkeys([*ROLES.values(), "driver"], 0.0)
    for process in [root, *root.children(recursive=True)]:
        try:
            memory = process.memory_info()
            found[role_of(process)] += (memory.rss - memory.shared) / 2**20
        except psutil.NoSuchProcess:
            continue
    return found


def write_faults(path: Path, share: float) -> None:
    """The bad day that is shipped, at another share of the requests."""
    rates = tomllib.loads((ROOT / "deploy/faults/bad_day.toml").read_text())["rates"]
    left = {name: rate for name, rate in rates.items() if name not in NO_SOAK}
    scale = share / sum(left.values())
    path.write_text("[rates]\n" + "".join(f'"{name}" = {rate * scale:.6f}\n' for name, rate in left.items()))


def answered(teacher: PracticeTeacher) -> int:
    with urllib.request.urlopen(teacher.base_url.removesuffix("/v1") + "/counters") as response:
        return int(json.load(response)["answered"])


def soak(folder: Path, teacher: PracticeTeacher, options: argparse.Namespace) -> tuple[list[Sample], int]:
    """Run it for its time, stop it, and return what was seen and its exit code."""
    write_sums(folder / "questions.jsonl", int(1.3 * options.minutes * options.per_minute))
    (folder / "run.toml").write_text(
        f'[questions]\nsource = "jsonl"\npath = "questions.jsonl"\n[run]\nshard_size = {options.per_minute // 2}\n'
        f'[teacher]\nbase_url = "{teacher.base_url}"\nrequests_per_minute = {options.per_minute}\ntimeout_s = 20\n'
    )
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT", "RAY"))}
    own = {"PREFECT_HOME": str(folder / "prefect"), "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "soak"}
    command = [sys.executable, "-m", "flows", "run", "run.toml", "--until", options.until]
    with (folder / "run.log").open("w") as log:
        run = psutil.Popen(command, cwd=folder, env=inherited | own | {"PYTHONPATH": str(ROOT)}, stdout=log, stderr=log)
        while not answered(teacher) and run.poll() is None:
            time.sleep(0.5)
        begin, samples = time.monotonic(), list[Sample]()
        while run.poll() is None and time.monotonic() < begin + 60 * options.minutes:
            samples.append(Sample((time.monotonic() - begin) / 60, answered(teacher), memory_mb(run)))
            told = ", ".join(f"{role} {mb:.0f}" for role, mb in sorted(samples[-1].mb.items()))
            print(f"{samples[-1].minute:6.2f} min, {samples[-1].answered} answered, MB: {told}", flush=True)
            time.sleep(60 * options.minutes / SAMPLES)
        if run.poll() is not None:
            raise SystemExit(f"the run ended by itself: {(folder / 'run.log').read_text()[-2000:]}")
        run.send_signal(signal.SIGTERM)
        return samples, int(run.wait(timeout=180))


def ask(folder: Path, query: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "flows", "sql", query, "--format", "json"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    said = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True).stdout
    return list(json.loads(said))


def unkept_promises(folder: Path) -> list[str]:
    """What the tables and the journal say of a run that was stopped."""
    [books] = ask(folder, "SELECT balanced, doubled FROM books")
    [run] = ask(folder, "SELECT ended FROM runs")
    with sqlite3.connect(folder / "data/warehouse/journal/calls.sqlite") as journal:
        [(sent, unknown)] = journal.execute("SELECT count(*), sum(outcome = 'unknown' AND error IS NULL) FROM sends")
    print(f"books {books}, run {run}, sent {sent}, of unknown outcome {unknown}")
    return [f"{books} {run}"] if books != {"balanced": True, "doubled": 0} or run["ended"] != "stopped" else []


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--minutes", type=float, default=60)
    arguments.add_argument("--per-minute", type=int, default=120)
    arguments.add_argument("--until", default="score", choices=["generate", "verify", "score"])
    arguments.add_argument("--faults", type=float, default=0.02, help="share of the requests")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_faults(folder / "faults.toml", options.faults)
        with PracticeTeacher(latency_s=0.5, faults=folder / "faults.toml") as teacher:
            samples, code = soak(folder, teacher, options)
        found = [*problems(samples), *unkept_promises(folder), *([f"exit code {code}, not 5"] if code != 5 else [])]
    check_controls(samples)
    for role in sorted(samples[-1].mb):
        print(f"{role}: {samples[-1].mb[role]:.0f} MB, {slope_mb_a_minute(samples, role):+.3f} MB a minute")
    print(f"all: {slope_mb_a_minute(samples):+.3f} MB a minute; {kept_share(samples):.1%} of the first pace in the end")
    sys.exit("\n".join(found) or 0)


if __name__ == "__main__":
    main()
