"""`reflectory verify`, with what there is to say of it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tasks.judging.verify_processes import Report, verify_in_processes
from tasks.rows.jsonl import Complaints


def verify_and_show(console: Console, in_path: Path, out_path: Path, workers: int | None) -> None:
    """Judge the rows; say how many got each verdict, and which cannot be judged. Raises `Refused` where none can."""
    complaints = Complaints(in_path)
    with _progress(console, in_path) as report:
        counts = verify_in_processes(in_path, out_path, complaints, workers or os.cpu_count() or 1, report)
    for told in complaints.told():
        console.print(f"reflectory: {told}", markup=False)
    complaints.refuse_all(sum(counts.values()))
    console.print(" ".join(f"{verdict} {n}" for verdict, n in counts.items()))


@contextmanager
def _progress(console: Console, path: Path) -> Iterator[Report]:
    """A bar on a terminal, nothing in a pipe."""
    if not console.is_terminal:
        yield lambda rows, n_bytes: None
        return
    size = path.stat().st_size if path.is_file() else None
    rows = TextColumn("{task.fields[rows]:,} rows")
    columns = (rows, BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task("", total=size, rows=0)
        yield lambda rows, n_bytes: bars.update(task, completed=n_bytes, rows=rows)
