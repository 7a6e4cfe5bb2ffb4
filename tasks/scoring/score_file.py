"""`reflectory score`: a JSONL of instructions and responses to a JSONL of scores, without the factory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from schemas.score import Score
from schemas.student import StudentSettings
from tasks.rows.exchange import complaint, names_of
from tasks.rows.jsonl import read_object
from tasks.rows.rewriting import Complaints, rewriting
from tasks.scoring.ifd import OVERFLOW, perplexity
from tasks.scoring.score import ScoredText, Scorer, score_texts
from tasks.scoring.student import Student

NUMBERS = (
    "ifd",
    "rifd",
    "ppl_response_conditioned",
    "ppl_response_direct",
    "ppl_instruction_conditioned",
    "ppl_instruction_direct",
    "n_response_tokens",
    "n_instruction_tokens",
)
"""The numbers of an output row: `id` stands before them, `truncated` and `reason` after them."""
BAD_ROW = "bad_row: "
"""How the reason begins where there is no row to score."""


@dataclass
class ScoreCounts:
    rows: int = 0
    with_ifd: int = 0
    with_rifd: int = 0
    template_adds: str | None = None
    """What the student's chat template says before every instruction of its own."""


def score_file(
    in_path: Path,
    out_path: Path,
    settings: StudentSettings,
    complaints: Complaints | None = None,
    report: Callable[[int, int], None] = lambda rows, n_bytes: None,
) -> ScoreCounts:
    """Score the rows in their order; a blank line is none. `out_path` appears whole or not at all.

    `complaints` gets what is wrong with a row that cannot be scored; `report` how many rows and bytes are done.
    """
    counts, complain = ScoreCounts(), complaints or Complaints(in_path)
    with rewriting(in_path, out_path) as (lines, write):
        student, n_bytes = Student(settings), 0
        counts.template_adds = student.template.adds
        numbered = ((lines.number, line) for line in lines)
        while batch := list(islice(numbered, student.at_once)):
            for (number, line), row in zip(batch, score_lines(student, [line for _, line in batch]), strict=True):
                if str(row["reason"]).startswith(BAD_ROW):
                    complain.add(number, row["reason"].removeprefix(BAD_ROW))
                counts.rows += 1
                counts.with_ifd += row["ifd"] is not None
                counts.with_rifd += row["rifd"] is not None
                write(row)
                n_bytes += len(line)
            report(counts.rows, n_bytes)
    return counts


def score_lines(student: Scorer, lines: Sequence[bytes]) -> list[dict[str, Any]]:
    """Return the output row of each input line; one that holds no row has nulls and a reason that begins `bad_row`."""
    read = [_read(line) for line in lines]
    scores = iter(score_texts(student, [text for _, text in read if isinstance(text, ScoredText)]))
    return [_row(id, text) if isinstance(text, str) else _score_row(id, next(scores)) for id, text in read]


def _read(line: bytes) -> tuple[object, ScoredText | str]:
    """The id, and what to score or the reason why there is nothing."""
    try:
        row = read_object(line)
    except ValueError as error:
        return None, f"{BAD_ROW}the row: {error}"
    texts: dict[str, Any] = {name: row.get(name) for name in ("instruction", "input", "response")}
    if texts["input"] is None:
        texts["input"] = ""
    for name, text in texts.items():
        if not isinstance(text, str):
            there = "" if name in row else f"; this row has {names_of(row) or 'no columns'}"
            return row.get("id"), f"{BAD_ROW}{name}: {complaint(text, f'text{there}')}"
    return row.get("id"), ScoredText("", **texts)


def _score_row(id: object, score: Score) -> dict[str, Any]:
    numbers: list[float | None] = [
        perplexity(getattr(score, name.replace("ppl_", "loss_"))) if name.startswith("ppl_") else getattr(score, name)
        for name in NUMBERS
    ]
    reason = score.reason or score.rifd_reason or (OVERFLOW if None in numbers else None)
    return _row(id, reason, score.truncated, numbers)


def _row(
    id: object, reason: str | None, truncated: bool = False, numbers: Sequence[float | None] = ()
) -> dict[str, Any]:
    named = zip(NUMBERS, numbers or [None] * len(NUMBERS), strict=True)
    return {"id": id, **dict(named), "truncated": truncated, "reason": reason}
