"""How far a run is: live bars on a terminal, plain lines in a pipe."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from threading import Lock
from time import monotonic
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

S = TypeVar("S", bound=StrEnum)
"""The stages of a line."""
_LINE_EVERY_S = 5.0


@contextmanager
def progress_of(console: Console, totals: Mapping[S, int]) -> Iterator[Callable[[S, int], None]]:
    """Yields a function that takes a stage and how many more rows it has done; threads may call it."""
    with _bars(console, totals) if console.is_terminal else _lines(console, totals) as report:
        yield report


@contextmanager
def _bars(console: Console, totals: Mapping[S, int]) -> Iterator[Callable[[S, int], None]]:
    columns = (TextColumn("{task.description:9}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        tasks = {stage: bars.add_task(stage.value, total=total) for stage, total in totals.items() if total}
        yield lambda stage, rows: bars.advance(tasks[stage], rows) if stage in tasks else None


@contextmanager
def _lines(console: Console, totals: Mapping[S, int]) -> Iterator[Callable[[S, int], None]]:
    done = dict.fromkeys(totals, 0)
    printed, lock = monotonic(), Lock()

    def report(stage: S, rows: int) -> None:
        nonlocal printed
        with lock:
            done[stage] += rows
            if monotonic() - printed > _LINE_EVERY_S or done[stage] == totals[stage]:
                printed = monotonic()
                console.print(
                    "  ".join(f"{stage.value} {done[stage]}/{total}" for stage, total in totals.items() if total)
                )

    yield report
