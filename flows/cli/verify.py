"""`reflectory verify`, with what there is to say of it."""

import os
from pathlib import Path

from rich.console import Console

from flows.cli.progress import progress_of_file
from tasks.judging.verify_processes import verify_in_processes
from tasks.rows.rewriting import Complaints


def verify_and_show(console: Console, in_path: Path, out_path: Path, workers: int | None) -> None:
    """Judge the rows; say how many got each verdict, and which cannot be judged. Raises `Refused` where none can."""
    complaints = Complaints(in_path)
    with progress_of_file(console, in_path) as report:
        counts = verify_in_processes(in_path, out_path, complaints, workers or os.cpu_count() or 1, report)
    for complaint in complaints.lines():
        console.print(f"reflectory: {complaint}", markup=False)
    complaints.refuse_all(sum(counts.values()))
    console.print(" ".join(f"{verdict} {n}" for verdict, n in counts.items()))
