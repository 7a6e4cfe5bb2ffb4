"""`reflectory verify` of many recorded answers, against an older commit on the same machine in the same minutes.

    python -m tests.benchmarks.verify_file [ROWS] [COMMIT] [TIMES]      100,000 rows, 9143127, 3 times by default

The rows are the 1,600 recorded GSM8K answers of the shared data, each repetition in another wording; in a second part
also about other numbers, so that not even an answer comes again. Both commits run by turns, start-up included; the
ratio is of medians. Processor seconds stand beside the wall: on a busy machine they are what can be compared.
"""

import io
import json
import os
import re
import statistics
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
WORDINGS = (
    "{0}\nA: {1}",
    "{0}\nThe answer is {1}.",
    "{0}\n#### {1}",
    "{0}\n\n**Final answer:** {1}",
    "{0}\nAnswer: {1}",
)
_LAST_LINE = re.compile(r"\nA: (-?\d+)$")


class Took(NamedTuple):
    wall_s: float
    cpu_s: float
    peaks: dict[str, int]
    """KiB, of the parent, and of the largest of its children at any time."""


def answers(folder: Path) -> list[tuple[str, str]]:
    """Golds and solutions."""
    found = []
    for line in (folder / "gsm8k_model_solutions.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        gold = row["ground_truth"].rpartition("A: ")[2].replace(",", "")
        found += [(gold, cell["solution"]) for cell in row.values() if isinstance(cell, dict)]
    return found


def rows(recorded: list[tuple[str, str]], n: int, other_numbers: bool = True) -> Iterator[str]:
    """Lines for `verify`."""
    for place in range(n):
        times, (gold, solution) = place // len(recorded), recorded[place % len(recorded)]
        stated = _LAST_LINE.search(solution)
        if stated and gold.lstrip("-").isdecimal():
            more = times if other_numbers else 0
            gold = str(int(gold) + more)
            work = f"Attempt {times}: {solution[: stated.start()]}"
            solution = WORDINGS[times % len(WORDINGS)].format(work, int(stated[1]) + more)
        yield json.dumps({"id": place, "kind": "number", "gold": gold, "response": solution}) + "\n"


def verify(code: Path, given: Path) -> Took:
    """One run of the command with the code in a folder."""
    command = [sys.executable, "-m", "flows", "verify", str(given), "--out", str(given.with_suffix(".out"))]
    environment = os.environ | {"PYTHONPATH": str(code)}
    began, before = time.perf_counter(), os.times()
    with subprocess.Popen(command, cwd=code, env=environment, stderr=subprocess.DEVNULL) as process:
        peaks = {"parent": 0, "child": 0}
        watching = threading.Thread(target=_watch, args=(process, peaks))
        watching.start()
        assert process.wait() == 0
        wall = time.perf_counter() - began
        watching.join()
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Took(wall, cpu, peaks)


def _watch(process: subprocess.Popen[bytes], peaks: dict[str, int]) -> None:
    while process.poll() is None:
        peaks["parent"] = max(peaks["parent"], _peak(process.pid))
        peaks["child"] = max([peaks["child"], *map(_peak, _children(process.pid))])
        time.sleep(0.1)


def _children(pid: int) -> list[int]:
    try:
        return [
            int(each)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for each in (task / "children").read_text().split()
        ]
    except (OSError, ValueError):
        return []


def _peak(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return int(found[1]) if found else 0


def unpack(commit: str, folder: Path) -> Path:
    """The code of a commit."""
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as files:
        files.extractall(folder, filter="data")
    return folder


def compare(old: Path, given: Path, n: int, times: int) -> None:
    """Both by turns."""
    runs: dict[Path, list[Took]] = {old: [], ROOT: []}
    for _ in range(times):
        for code, took in runs.items():
            took.append(verify(code, given))
            print(f"  {'now' if code == ROOT else 'then'}: {took[-1].wall_s:.2f} s, {took[-1].cpu_s:.2f} s of CPU")
            assert sum(1 for _ in given.with_suffix(".out").open("rb")) == n
    for name, value in (("rows per second", "wall_s"), ("rows per CPU second", "cpu_s")):
        was, now = (statistics.median(n / getattr(each, value) for each in took) for took in runs.values())
        print(f"{name}: {was:,.0f} then, {now:,.0f} now: {now / was:.2f} times")


def main(n: int = 100_000, commit: str = "9143127", times: int = 3) -> None:
    shared = Path(os.environ.get("REFLECTORY_SHARED_DATA", ROOT.parent / "shared" / "data"))
    recorded = answers(shared)
    with tempfile.TemporaryDirectory() as made:
        old, given = unpack(commit, Path(made) / "old"), Path(made) / "given.jsonl"
        for other_numbers in (False, True):
            print(f"{n:,} rows in other words{' and numbers' * other_numbers}, then being {commit}")
            given.write_text("".join(rows(recorded, n, other_numbers)))
            compare(old, given, n, times)
        for size in (n // 10, n):
            given.write_text("".join(rows(recorded, size)))
            peaks = verify(ROOT, given).peaks
            print(f"peak of {size:,} rows: " + ", ".join(f"{who} {kib / 1024:.0f} MiB" for who, kib in peaks.items()))


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit()
    asked = sys.argv[1:]
    main(*map(int, asked[:1]), *asked[1:2], *map(int, asked[2:3]))
