"""One trace for a reader: who asked what, how the teacher thought, and what verifier and student say of it."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from flows.rendering import printable
from schemas.errors import Refused
from schemas.score import Score
from schemas.trace import Trace
from tasks.curation.scorer import described
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

_VERDICT_STYLE = {"correct": "bold green", "incorrect": "bold red", "unverified": "bold yellow"}
_FOUND = "SELECT * FROM traces_full WHERE starts_with(trace_id, ?) ORDER BY trace_id LIMIT 2"


def show_trace(console: Console, warehouse: Warehouse, trace_id: str) -> None:
    """Print the trace whose id is, or begins with, `trace_id`. Raises `Refused` when it is not one."""
    with Snapshot(warehouse) as now:
        columns, rows = now.ask(_FOUND, [trace_id])
        if len(rows) != 1:
            found = "no trace" if not rows else "more than one trace"
            raise Refused(
                f"show: {found} begins with {trace_id!r}; `reflectory sql 'select trace_id from traces'` lists them"
            )
        row = dict(zip(columns, rows[0], strict=True))
        (trace,) = now.rows(Trace, "trace_id", [row["trace_id"]])
        scores = now.rows(Score, "subject_id", [trace.trace_id])
    for part in (_head(row), _text(trace), _foot(row, scores)):
        console.print(part)


def _head(row: dict[str, Any]) -> Text:
    head = Text()
    head.append(f"trace {row['trace_id']}\n", style="bold")
    head.append(printable(f"{row['source']}, sample {row['sample_index']}, by {row['teacher']}\n\n"), style="dim")
    return head.append(printable(row["question"] or "")).append(f"\n\ngold: {printable(str(row['gold']))}\n")


def _text(trace: Trace) -> Text:
    """The text as the teacher wrote it: reflections, drafts and output by their offsets."""
    shown = Text(printable(trace.text))
    for reflection in trace.reflections:
        shown.stylize("magenta", reflection.start, reflection.end)
    for draft in trace.draft_answers:
        if draft:
            shown.stylize("underline", draft.start, draft.end)
    if trace.output is not None:
        start = trace.text.rfind(trace.output)
        shown.stylize("bold cyan", start, start + len(trace.output))
    return shown


def _foot(row: dict[str, Any], scores: Sequence[Score]) -> Text:
    foot = Text("\n")
    foot.append(row["verdict"] or "no verdict yet", style=_VERDICT_STYLE.get(row["verdict"], "dim"))
    foot.append(f" ({row['reason']})" if row["reason"] else "")
    foot.append(f"  answer: {printable(str(row['answer']))}  structure: {row['structure']}")
    foot.append(f"  effect: {row['effect'] or row['effect_reason']}")
    foot.append("".join(f"\n{line}" for line in _details(row)))
    foot.append(f"\nIFD {_number(row['ifd'], row['ifd_reason'])}  r-IFD {_number(row['rifd'], row['rifd_reason'])}")
    foot.append(printable(f"  student: {row['student'] or 'none'}"))
    for score in sorted(scores, key=lambda score: (score.ifd != row["ifd"], score.score_id)):
        said = f"IFD {_number(score.ifd, score.reason)}  r-IFD {_number(score.rifd, score.rifd_reason)}"
        foot.append(printable(f"\nscored: {said}  by {described(score)}"))
    return foot


def _details(row: dict[str, Any]) -> Iterator[str]:
    """What there is to say of each reflection, and what decided the verdict."""
    marks = row["reflection_marks"] or []
    for n, each in enumerate(row["reflection_effects"] or [], start=1):
        mark = marks[n - 1] if n <= len(marks) else None
        yield f"reflection {n}: {each or 'not judged'}" + (f", decorative ({mark})" if mark else "")
    if row["evidence"]:
        yield f"evidence: {printable(row['evidence'])}"


def _number(value: float | None, reason: str | None) -> str:
    return f"{value:.4f}" if value is not None else f"none ({reason or 'not scored'})"
