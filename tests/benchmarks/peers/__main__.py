"""Libraries that ask a teacher, beside each other: the same rows, the same server, each as its documents tell.

    tests/benchmarks/peers/environments.sh             # once: an environment for each, pinned
    python -m tests.benchmarks.peers [--only NAME,CASE …] [--table]

Each library has a driver in `drivers/`, which says how it is set up. The server's counters say what was bought, and the
practice teacher itself what each row must hold. Results stay in `results.json`; a new one replaces that of the same
library and case. `--table` prints what is there and measures nothing.
"""

import argparse
import dataclasses
import json
import os
import re
import sys
import tempfile
import urllib.request
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from tasks.practice import process
from tasks.practice.behaviour import reply
from tasks.practice.process import PracticeTeacher
from tests.benchmarks.peers import measure
from tests.benchmarks.peers.cases import CASES, MODEL, SAMPLING, Case, Step, question
from tests.benchmarks.peers.table import Result, markdown, read, write

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
ENVIRONMENTS = Path(os.environ.get("REFLECTORY_PEERS", "/tmp/peers-env"))
OURS = ("bare", "reflectory")
NAMES = (*OURS, "datatrove", "curator", "data-designer", "distilabel", "curatorkit")
NO_SYSTEM_MESSAGE = ("curatorkit",)
"""The prompt stands before the question; and litellm, by which it asks, takes leading thinking out of the answer."""
THINKING = re.compile(r"\A<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
TIMEOUT_S = 600.0
START_S = 300.0
"""For the server, on a machine that is busy with something else."""


def measured(name: str, called: str, case: Case) -> Result:
    """One library, one case, with a folder and a server of their own."""
    with tempfile.TemporaryDirectory(prefix="peers-") as made:
        folder = Path(made)
        (folder / "own").mkdir()
        faults = folder / "faults.toml"
        faults.write_text(_toml(case.faults))
        with PracticeTeacher(latency_s=case.latency_s, faults=faults) as server:
            costs, bought = [], []
            for step in case.steps:
                costs.append(_execute(name, case, step, server, folder))
                bought.append(_get(server, "/keys"))
            counters = _get(server, "")
        last = case.steps[-1]
        right, wrong = _judge(folder / "rows.jsonl", name, last)
        log = (folder / "log.txt").read_text("utf-8", "replace")
    before, now = (sum(made for _, made in keys.values()) for keys in ({}, *bought)[-2:])
    print(f"--- {name} {called}\n{log[-1500:]}\n", file=sys.stderr)
    return Result(
        name=name,
        case=called,
        wall_s=round(sum(cost.wall_s for cost in costs), 2),
        cpu_s=round(sum(cost.cpu_s for cost in costs), 2),
        peak_mib=round(max(cost.peak_mib for cost in costs)),
        rows=last.rows,
        right=right,
        wrong=wrong,
        bought=now - before,
        twice=sum(max(0, made - 1) for _, made in bought[-1].values()),
        refused=counters["by_status"].get("429", 0) + counters["by_status"].get("400", 0),
        in_flight_max=counters["in_flight_max"],
        statuses=[cost.status for cost in costs],
    )


def _execute(name: str, case: Case, step: Step, server: PracticeTeacher, folder: Path) -> measure.Cost:
    questions = folder / "questions.jsonl"
    rows = [{"id": str(n), "question": question(n)} for n in range(step.rows)]
    questions.write_text("".join(json.dumps(row) + "\n" for row in rows))
    order = {
        "base_url": server.base_url,
        "model": MODEL,
        "system_prompt": step.system_prompt,
        **SAMPLING,
        "in_flight": case.in_flight,
        "requests_per_minute": case.requests_per_minute,
        "questions": str(questions),
        "folder": str(folder / "own"),
        "out": str(folder / "rows.jsonl"),
    }
    path = folder / "order.json"
    path.write_text(json.dumps(order))
    command = [_python(name), str(HERE / "drivers" / f"{_driver(name)}.py")]
    environment = _environment(folder / "own", name)
    doomed = partial(_has_answered, server, step.kill_after) if step.kill_after else None
    log = folder / "log.txt"
    cost = measure.run([*command, "run", str(path)], environment, log, TIMEOUT_S, doomed)
    if doomed is None:
        measure.run([*command, "rows", str(path)], environment, log, TIMEOUT_S, None)
    return cost


def _judge(path: Path, name: str, step: Step) -> tuple[int, int]:
    """(rows with the answer to their own question, rows with another or that stand twice); the others are missing."""
    held: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        row = json.loads(line)
        if row["response"] is not None:
            held.setdefault(row["id"], []).append(row["response"].strip())
    right = sum(held.get(str(n)) == [_expected(name, step, n)] for n in range(step.rows))
    return right, len(held) - right


def _expected(name: str, step: Step, n: int) -> str:
    messages = [{"role": "system", "content": step.system_prompt}, {"role": "user", "content": question(n)}]
    if name in NO_SYSTEM_MESSAGE:
        messages = [{"role": "user", "content": f"{step.system_prompt}\n\n{question(n)}"}]
    made = reply({"model": MODEL, "messages": messages, **SAMPLING})
    said = str(made.body["choices"][0]["message"]["content"])
    return (THINKING.sub("", said) if name in NO_SYSTEM_MESSAGE else said).strip()


def _has_answered(server: PracticeTeacher, n: int) -> bool:
    return bool(_get(server, "")["answered"] >= n)


def _get(server: PracticeTeacher, path: str) -> Any:
    with urllib.request.urlopen(server.base_url.removesuffix("/v1") + "/counters" + path) as response:
        return json.load(response)


def _python(name: str) -> str:
    return sys.executable if name in OURS else str(ENVIRONMENTS / name / "bin" / "python")


def _driver(name: str) -> str:
    return name if name in OURS else f"with_{name.replace('-', '_')}"


def _environment(folder: Path, name: str) -> dict[str, str]:
    """Caches in the folder; our own packages for our own driver only; telemetry off."""
    kept = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
    ours = {"PYTHONPATH": str(ROOT)} if name == "reflectory" else {}
    own = {"HOME": str(folder), "TMPDIR": str(folder), "OPENAI_API_KEY": "none", "HF_HUB_OFFLINE": "1"}
    quiet = {
        "DO_NOT_TRACK": "1",
        "TELEMETRY_ENABLED": "0",
        "NEMO_TELEMETRY_ENABLED": "false",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }
    return kept | ours | own | quiet


def _toml(values: dict[str, Any]) -> str:
    plain = {key: value for key, value in values.items() if not isinstance(value, dict)}
    tables = {key: value for key, value in values.items() if isinstance(value, dict)}
    lines = [f"{json.dumps(key)} = {json.dumps(value)}" for key, value in plain.items()]
    for name, table in tables.items():
        lines += [f"[{name}]", *(f"{json.dumps(key)} = {json.dumps(value)}" for key, value in table.items())]
    return "\n".join(lines)


def _chosen(only: str | None) -> Iterable[tuple[str, str]]:
    wanted = set(only.split(",")) if only else set()
    names = [name for name in NAMES if name in wanted] or NAMES
    cases = [case for case in CASES if case in wanted] or CASES
    if unknown := wanted - {*NAMES, *CASES}:
        raise SystemExit(f"--only: got {', '.join(sorted(unknown))}; needs any of {', '.join([*NAMES, *CASES])}")
    return [(name, case) for case in cases for name in names]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--only", help="names of libraries and cases, joined by commas")
    arguments.add_argument("--table", action="store_true")
    options = arguments.parse_args()
    measure.adopt_orphans()
    process.START_S = START_S
    for name, called in () if options.table else _chosen(options.only):
        if not Path(_python(name)).exists():
            print(f"{name}: no environment; run {HERE / 'environments.sh'} {name}", file=sys.stderr)
            continue
        result = measured(name, called, CASES[called])
        print(json.dumps(dataclasses.asdict(result)), file=sys.stderr)
        write(HERE / "results.json", result)
    print(markdown(read(HERE / "results.json")))


if __name__ == "__main__":
    main()
