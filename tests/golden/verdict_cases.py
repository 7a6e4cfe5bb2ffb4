"""The given cases, judged as `reflectory verify` judges a file: a table per kind, and every case judged wrongly.

    .venv/bin/python -m tests.golden.verdict_cases [PART OF KIND, SECTION, FAULT OR ID …]

`right` of a case is a careful reading, `correct`, `incorrect`, `notcorrect` or `notincorrect`; a case of a report lists
all acceptable verdicts. `today` and `seen` are what commit 9143127 said.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.judging.verify import Verifier
from tests.verified_file import verify_file

RIGHT = {
    "correct": {"correct"},
    "incorrect": {"incorrect"},
    "notcorrect": {"incorrect", "unverified"},
    "notincorrect": {"correct", "unverified"},
}


@dataclass(frozen=True)
class Case:
    id: str
    group: str
    """Its kind, or the fault that its report is about."""
    section: str
    line: str
    """An input row of `verify`."""
    right: frozenset[str]
    """The verdicts that are right."""
    before: str
    """The verdict of commit 9143127."""

    def fault(self, verdict: str) -> str | None:
        """How `verdict` is wrong; None where it is right."""
        if verdict in self.right:
            return None
        return "unverified although " + "/".join(sorted(self.right)) if verdict == "unverified" else f"false {verdict}"


def read_cases(folder: Path) -> list[Case]:
    """All cases for `verify`, of both files."""
    cases = []
    for row in _lines(folder / "verdict_cases.jsonl"):
        if row["kind"] != "decontaminate":
            given = {name: row[name] for name in ("id", "kind", "gold", "response", "spec")}
            right = frozenset(RIGHT[row["right"]])
            cases.append(Case(row["id"], row["kind"], row["section"], json.dumps(given), right, row["today"]))
    for row in _lines(folder / "report_cases.jsonl"):
        if row["station"] == "verify":
            line = row.get("input_line") or json.dumps(row["input"])
            cases.append(Case(row["id"], row["fault"], "report", line, frozenset(row["right"]), row["seen"]["verdict"]))
    return cases


def judge_cases(cases: Sequence[Case], folder: Path) -> dict[str, dict[str, Any]]:
    """The output row of each case, by its id. `folder` takes the files."""
    asked, told = folder / "cases.jsonl", folder / "verdicts.jsonl"
    asked.write_text("".join(case.line + "\n" for case in cases), "utf-8")
    with closing(Verifier()) as verifier:
        verify_file(asked, told, verifier)
    return {case.id: row for case, row in zip(cases, _lines(told), strict=True)}


def table(cases: Iterable[Case], verdicts: dict[str, str]) -> str:
    """Cases and faults by group, before and after."""
    columns = ("false correct", "false incorrect", "unverified although correct")
    counts: dict[str, list[int]] = {}
    for case in cases:
        row = counts.setdefault(case.group, [0] * (1 + 2 * len(columns)))
        row[0] += 1
        for offset, verdict in ((0, case.before), (1, verdicts[case.id])):
            if (fault := case.fault(verdict)) in columns:
                row[1 + 2 * columns.index(fault) + offset] += 1
    counts["all"] = [sum(row[i] for row in counts.values()) for i in range(1 + 2 * len(columns))]
    head = f"{'':32}{'cases':>6}" + "".join(f"{column:>30}" for column in columns)
    lines = [
        f"{group:32}{row[0]:6}" + "".join(f"{f'{row[i]} -> {row[i + 1]}':>30}" for i in (1, 3, 5))
        for group, row in counts.items()
    ]
    return "\n".join([head, *lines])


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def main(parts: Sequence[str]) -> None:
    default = Path(__file__).parents[3] / "shared" / "data"
    cases = read_cases(Path(os.environ.get("REFLECTORY_SHARED_DATA", default)))
    if parts:
        cases = [case for case in cases if any(part in f"{case.group} {case.section} {case.id}" for part in parts)]
    with tempfile.TemporaryDirectory() as folder:
        said = judge_cases(cases, Path(folder))
    for case in cases:
        if fault := case.fault(said[case.id]["verdict"]):
            got = {name: said[case.id][name] for name in ("reason", "answer")}
            print(f"{case.id} {case.group} {case.section}: {fault}\n    {case.line[:900]}\n    {got}")
    print(table(cases, {id: row["verdict"] for id, row in said.items()}))


if __name__ == "__main__":
    main(sys.argv[1:])
