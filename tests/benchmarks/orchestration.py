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
from tasks.judging.verify import Verifier
from tasks.questions import load
from tasks.synthesis.plan import make_plan
from tasks.tracing.strategy import Answer
from tasks.tracing.trace import make_trace

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


def write_toml(folder: Path, rows: Path, shard_size: int) -> Path:
    path = folder / "run.toml"
    path.write_text(
        f'[questions]\nsource = "recorded"\npath = "{rows}"\nkind = "number"\n[run]\nshard_size = {shard_size}\n'
    )
    return path


def plain_loop(configuration: RunConfiguration) -> tuple[int, float]:
    """Traces judged, and CPU seconds of this process."""
    started = time.process_time()
    plan = make_plan(configuration, load(configuration.questions, 0).seeds, "")
    with closing(Verifier()) as verifier:
        verdicts = [
            verifier.verify_traces(
                [(make_trace(attempt, [call], Answer(call.content or "", None), question), question)]
            )
            for shard in map(plan.opened, plan.spans)
            for attempt in shard.shard.attempts
            for question, call in [(shard.questions[attempt.question_id], shard.recorded[attempt.call_id])]
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
        path = folder / "rows.jsonl"
        write_rows(path, options.rows)
        configuration = RunConfiguration.model_validate(
            {"questions": {"source": "recorded", "path": str(path), "kind": "number"}}
        )
        toml = write_toml(folder, path, options.shard_size)
        command = [sys.executable, "-m", "flows", "run", str(toml), "--until", "verify"]
        one_row = [*command, "--set", "questions.limit=1", "--warehouse"]
        cpu_of_tree([*one_row, "first"], folder)  # makes Prefect's database
        start_s = cpu_of_tree([*one_row, "second"], folder)
        n, floor_s = plain_loop(configuration)
        whole_s = cpu_of_tree(command, folder)
    extra_ms, all_ms = 1000 * (whole_s - start_s - floor_s) / n, 1000 * (whole_s - floor_s) / n
    print(f"{n} traces, CPU: plain loop {floor_s:.1f} s, run of one row {start_s:.1f} s, whole run {whole_s:.1f} s")
    print(f"extra per trace {extra_ms:.2f} ms, with start-up {all_ms:.2f} ms (limit {LIMIT_MS} ms)")
    sys.exit(all_ms > LIMIT_MS)


if __name__ == "__main__":
    main()
