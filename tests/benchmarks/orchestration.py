"""What orchestration and landing cost per trace: a whole run against the same functions in one plain loop.

    .venv/bin/python tests/benchmarks/orchestration.py [--rows 20000] [--shard-size 1000]

Both read the same recorded completions, parse them and judge them as numbers. CPU seconds are those of the whole
process tree (driver, Prefect's server, Ray's processes and actors), sampled until each process ends.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import psutil

from schemas.configuration import RunConfiguration
from tasks.plan import make_plan
from tasks.questions import load
from tasks.trace import make_trace
from tasks.verify import Verifier

LIMIT_MS = 1.5
SAMPLE_S = 0.1
TEXT = (
    "<thinking>\nFirst {a} and {b} make {wrong}. So the answer is {wrong}.\n<reflection>\nLet me add again: {a} + {b} "
    "is {said}. So the answer is {said}.\n</reflection>\n</thinking>\n<output>\nAdding {a} and {b} gives {said}.\n"
    "Answer: {said}\n</output>"
)


def write_rows(path: Path, n: int) -> None:
    """Every tenth answer is wrong."""
    with path.open("w") as out:
        for index in range(n):
            a, b = index, 7 * index % 1000
            said = a + b + (index % 10 == 0)
            response = TEXT.format(a=a, b=b, wrong=a + b - 1, said=said)
            row = {"question": f"What is {a} + {b}?", "gold": str(a + b), "response": response}
            out.write(json.dumps(row) + "\n")


def plain_loop(configuration: RunConfiguration) -> tuple[int, float]:
    """Traces judged, and CPU seconds of this process."""
    started = time.process_time()
    plan = make_plan(configuration, load(configuration.questions, 0).seeds, "")
    with closing(Verifier()) as verifier:
        verdicts = [
            verifier.verify_traces([(make_trace(attempt, plan.recorded[attempt.call_id], question), question)])
            for attempt in plan.attempts
            for question in [plan.questions[attempt.question_id]]
        ]
    return len(verdicts), time.process_time() - started


def cpu_of_tree(command: list[str], folder: Path) -> float:
    """CPU seconds of the command and of everything that it started."""
    used: dict[tuple[int, float], float] = {}
    root = psutil.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    while root.poll() is None:
        for process in [root, *_children(root)]:
            try:
                times = process.cpu_times()
                used[process.pid, process.create_time()] = times.user + times.system
            except psutil.NoSuchProcess:
                continue
        time.sleep(SAMPLE_S)
    if root.returncode:
        raise SystemExit(f"{command} ended with {root.returncode}")
    return sum(used.values())


def _children(root: psutil.Process) -> list[psutil.Process]:
    try:
        return root.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=20_000)
    arguments.add_argument("--shard-size", type=int, default=1000)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_rows(folder / "rows.jsonl", options.rows)
        settings = {
            "questions": {"source": "recorded", "path": str(folder / "rows.jsonl"), "kind": "number"},
            "run": {"shard_size": options.shard_size},
        }
        (folder / "run.toml").write_text(
            f'[questions]\nsource = "recorded"\npath = "{folder}/rows.jsonl"\nkind = "number"\n'
            f"[run]\nshard_size = {options.shard_size}\n"
        )
        n, floor_s = plain_loop(RunConfiguration.model_validate(settings))
        command = [sys.executable, "-m", "flows", "run", "run.toml", "--until", "verify"]
        whole_s = cpu_of_tree(command, folder)
        again_s = cpu_of_tree(command, folder)
    extra_ms = 1000 * (whole_s - floor_s) / n
    print(f"{n} traces: plain loop {floor_s:.1f} s CPU, whole run {whole_s:.1f} s CPU, ratio {whole_s / floor_s:.2f}")
    print(
        f"extra {extra_ms:.2f} ms CPU per trace, start-up included (limit {LIMIT_MS}); run again: {again_s:.1f} s CPU"
    )
    sys.exit(extra_ms > LIMIT_MS)


if __name__ == "__main__":
    main()
