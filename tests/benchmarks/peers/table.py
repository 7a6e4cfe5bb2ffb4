"""Results in a file, and as a table."""

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.peers.cases import CASES


@dataclass(frozen=True)
class Result:
    name: str
    case: str
    wall_s: float
    """Of all steps, starting included."""
    cpu_s: float
    peak_mib: int
    rows: int
    """Of the last step."""
    right: int
    """Rows of the output that hold the answer to their own question, under the prompt that was in force."""
    wrong: int
    """Rows of the output that hold another answer, or stand there twice."""
    bought: int
    """Completions that the server made in the last step."""
    twice: int
    """Completions made for a request that had one already, over all steps."""
    refused: int
    """Answers 429 and 400."""
    in_flight_max: int
    statuses: list[int | None]
    """How each step ended; -9: it was killed as planned; null: it was out of time."""


def read(path: Path) -> list[Result]:
    return [Result(**row) for row in json.loads(path.read_text())] if path.exists() else []


def write(path: Path, result: Result) -> None:
    """Puts it in the place of an earlier one of the same library and case."""
    others = [row for row in read(path) if (row.name, row.case) != (result.name, result.case)]
    rows = sorted([*others, result], key=lambda row: (list(CASES).index(row.case), row.name))
    made = path.with_suffix(".new")
    made.write_text("[\n" + ",\n".join(json.dumps(dataclasses.asdict(row)) for row in rows) + "\n]\n")
    made.replace(path)


def markdown(results: Iterable[Result]) -> str:
    """A section for each case; the wall also as a ratio to the bare loop of the same case."""
    found = list(results)
    bare = {row.case: row for row in found if row.name == "bare"}
    lines = []
    for called, case in CASES.items():
        rows = [row for row in found if row.case == called]
        if rows:
            lines += [f"\n**{called}**: {case.about}\n", _HEAD, *(_line(row, bare.get(called)) for row in rows)]
    return "\n".join(lines)


_HEAD = (
    "| | wall s | of bare | CPU s | peak MiB | rows right | wrong | bought last | bought twice | refused | ended |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|"
)


def _line(row: Result, bare: Result | None) -> str:
    ratio = f"{row.wall_s / bare.wall_s:.2f}" if bare else "-"
    ended = ", ".join("out of time" if status is None else str(status) for status in row.statuses)
    cells = [row.name, f"{row.wall_s:.1f}", ratio, f"{row.cpu_s:.1f}", row.peak_mib, f"{row.right} of {row.rows}"]
    return f"| {' | '.join(map(str, [*cells, row.wrong, row.bought, row.twice, row.refused, ended]))} |"
