"""Verdicts on numbers and mathematics: ours beside bare math-verify.

    REFLECTORY_SHARED_DATA=DIR python -m tests.benchmarks.peers.verdicts [ROWS]

On the given cases of the kinds `math` and `number`, which are ours and hostile, and on recorded answers of models to
GSM8K, each time in other numbers. math-verify is told as its README has it: gold first, LaTeX between dollar signs, its
timeouts on, in one process. It says yes or no; ours says `unverified`, too.
"""

import json
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from tests.benchmarks.peers import measure
from tests.benchmarks.verify_file import ROOT, answers, rows
from tests.golden.verdict_cases import Case, read_cases

KINDS = ("math", "number")


def math_verify(given: Path, out: Path) -> None:
    """What the library says of every row."""
    from math_verify import parse, verify

    def read(text: str) -> Any:
        return parse(text) or parse(f"${text}$")

    with out.open("w") as made:
        for line in given.read_text("utf-8").splitlines():
            row = json.loads(line)
            same = verify(read(row["gold"] if "$" in row["gold"] else f"${row['gold']}$"), read(row["response"]))
            made.write(json.dumps({"id": row["id"], "verdict": "correct" if same else "incorrect"}) + "\n")


def judged(who: str, given: Path, folder: Path) -> tuple[dict[Any, str], measure.Cost]:
    out = folder / f"{who}.jsonl"
    module = ["-m", "flows", "verify", str(given), "--out", str(out)]
    library = ["-m", "tests.benchmarks.peers.verdicts", "--math-verify", str(given), str(out)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, *(module if who == "reflectory" else library)]
    cost = measure.run(command, environment, folder / f"{who}.log", 230, None)
    said = (json.loads(line) for line in out.read_text().splitlines())
    return {row["id"]: row["verdict"] for row in said}, cost


def recorded(shared: Path, n: int) -> tuple[list[str], dict[Any, bool]]:
    """Lines for `verify`, and whether each is right."""
    found = answers(shared)
    lines = list(rows(found, n))
    truth = []
    for line in (shared / "gsm8k_model_solutions.jsonl").read_text("utf-8").splitlines():
        truth += [cell["is_correct"] for cell in json.loads(line).values() if isinstance(cell, dict)]
    return lines, {place: truth[place % len(truth)] for place in range(n)}


def main() -> None:
    shared = Path(os.environ["REFLECTORY_SHARED_DATA"])
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 4800
    cases = [case for case in read_cases(shared) if case.group in KINDS and json.loads(case.line).get("gold")]
    measure.adopt_orphans()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        given = folder / "cases.in"
        given.write_text("".join(case.line + "\n" for case in cases))
        print("| given cases | rows | false correct | false incorrect | unverified although decided | wall s | CPU s |")
        print("|---|---|---|---|---|---|---|")
        for who in ("reflectory", "math-verify"):
            said, cost = judged(who, given, folder)
            print(f"| {who} | {len(cases)} | {_faults(cases, said)} | {cost.wall_s:.1f} | {cost.cpu_s:.1f} |")
        lines, truth = recorded(shared, n)
        given.write_text("".join(lines))
        print("\n| recorded answers | rows | false correct | false incorrect | unverified | rows a CPU second |")
        print("|---|---|---|---|---|---|")
        for who in ("reflectory", "math-verify"):
            said, cost = judged(who, given, folder)
            ends = Counter((said.get(place), right) for place, right in truth.items())
            unsaid = n - sum(ends[verdict, right] for verdict in ("correct", "incorrect") for right in (True, False))
            false = f"{ends['correct', False]} | {ends['incorrect', True]} | {unsaid}"
            print(f"| {who} | {n} | {false} | {n / cost.cpu_s:,.0f} |")


def _faults(cases: list[Case], said: dict[Any, str]) -> str:
    found = Counter(case.fault(said.get(case.id, "unverified")) for case in cases)
    unsaid = sum(times for fault, times in found.items() if fault and fault.startswith("unverified"))
    return f"{found['false correct']} | {found['false incorrect']} | {unsaid}"


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit()
    if sys.argv[1:2] == ["--math-verify"]:
        math_verify(*map(Path, sys.argv[2:]))
    else:
        main()
