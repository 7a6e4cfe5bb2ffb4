"""Whether a command ever ends by a signal: deltalake beside pyarrow was seen to abort as Python exits.

    .venv/bin/python -m tests.benchmarks.exit_codes [--times 200] [--only sql,compact] [--control]

Each command runs so often over one warehouse, each run in a process of its own, and has to end with its exit code of
the contract and without a word of an abort. `--control` runs a process that writes and reads a table by itself, and
says how often that one aborts. Ends with 1 where one of ours did.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.conftest import ROOT
from tests.sums import SUM

ROWS = 20
CONFIGURATION = '[questions]\nsource = "recorded"\npath = "rows.jsonl"\nkind = "number"\n'
COMMANDS: dict[str, tuple[list[str], int]] = {
    "sql": (["sql", "SELECT count(*) FROM traces_full"], 0),
    "hashes": (["hashes"], 0),
    "show": (["show", "{trace}"], 0),
    "show of nothing": (["show", "none"], 2),
    "export": (["export", "traces", "--out", "out-{n}.parquet"], 0),
    "unheard": (["unheard"], 0),
    "compact": (["compact"], 0),
    "curate": (["curate", "--name", "n{n}"], 0),
    "release": (["release", "r{n}"], 0),
    "run with nothing left": (["run", "run.toml", "--until", "verify"], 0),
    "run of a larger plan": (["run", "run.toml", "--until", "verify", "--set", "questions.limit={n}"], 0),
    "verify": (["verify", "answers.jsonl", "--out", "verdicts-{n}.jsonl"], 0),
}
"""By name, the arguments and the exit code; `{n}` is the number of the run, from 1."""
CONTROL = """
import sys, pyarrow as pa
from deltalake import DeltaTable, write_deltalake
write_deltalake(sys.argv[1], pa.table({"n": list(range(1000))}), mode="append")
assert DeltaTable(sys.argv[1]).to_pyarrow_table().num_rows
"""
ABORTS = re.compile("terminate called|Aborted|core dumped|panicked|Fatal Python error|Traceback")


def write_rows(folder: Path) -> None:
    """Recorded completions, and the same as answers to be verified."""
    rows, answers = [], []
    for n in range(ROWS):
        said = f"<thinking>\nIt is {n + 7}.\n</thinking>\n<output>\n{n + 7}\n</output>"
        rows.append({"question": SUM.format(n, 7), "gold": str(n + 7), "response": said})
        answers.append({"id": str(n), "kind": "number", "gold": str(n + 7), "response": said})
    for name, of in (("rows.jsonl", rows), ("answers.jsonl", answers)):
        (folder / name).write_text("\n".join(map(json.dumps, of)))
    (folder / "run.toml").write_text(CONFIGURATION)


def ended(command: list[str], folder: Path) -> tuple[int, str, str]:
    """Its exit code, what it printed, and what it said on standard error."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")}
    own = {"PYTHONPATH": str(ROOT), "PREFECT_HOME": str(folder / "prefect"), "RUST_BACKTRACE": "0"}
    done = subprocess.run(command, cwd=folder, env=inherited | own, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def wrong(told: tuple[int, str, str], code: int) -> str | None:
    """How an end differs from the one that was due; None where it does not."""
    if told[0] != code:
        return f"ended with {told[0]}, not {code}"
    found = ABORTS.search(told[2])
    return f"said {found[0]!r}" if found else None


def ours(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "flows", *arguments]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--times", type=int, default=200)
    arguments.add_argument("--only", help=f"of {', '.join(COMMANDS)}")
    arguments.add_argument("--control", action="store_true")
    options = arguments.parse_args()
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_rows(folder)
        first = ended(ours("run", "run.toml", "--until", "verify"), folder)
        assert first[0] == 0, first[2]
        trace = json.loads(ended(ours("sql", "SELECT trace_id FROM traces LIMIT 1", "--format", "json"), folder)[1])
        if options.control:
            codes = Counter(ended([sys.executable, "-c", CONTROL, "table"], folder)[0] for _ in range(options.times))
            print(f"control, {options.times} processes of deltalake and pyarrow alone: exit codes {dict(codes)}")
        for command in options.only.split(",") if options.only else COMMANDS:
            given, code = COMMANDS[command]
            began = time.monotonic()
            for n in range(1, options.times + 1):
                words = [word.format(n=n, trace=trace[0]["trace_id"]) for word in given]
                if problem := wrong(told := ended(ours(*words), folder), code):
                    found[f"{command}: {problem}"] += 1
                    print(command, problem, told[2][-500:], file=sys.stderr)
            print(f"{command}: {options.times} runs in {time.monotonic() - began:.0f} s", flush=True)
    sys.exit("\n".join(f"{problem}, {n} times" for problem, n in found.items()) or 0)


if __name__ == "__main__":
    main()
