"""How far a run is: a live view on a terminal, a line a minute in a pipe."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic
from typing import TypeVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from schemas.record import Record
from schemas.verdict import Ruling, Verdict
from tasks.asking.state import TeacherState
from tasks.rows.rewriting import unit
from tasks.watcher import Watcher

S = TypeVar("S", bound=StrEnum)
"""The stages of a line."""
_FIRST_LINE_S, _LINE_EVERY_S = 10.0, 60.0
_LOOK_S = 0.5
_RATE_OVER_S = 180.0
"""What a rate is taken over: the last few minutes, so that it follows a server that has become slower."""
_BAR = 24
_REASONS = 4
"""Of the verdicts that are not correct, the most frequent ones are named."""


@contextmanager
def progress_of(console: Console, totals: Mapping[S, int]) -> Iterator["RunProgress"]:
    """Show how far the stages are whose rows are to be done in all, for as long as this lasts."""
    progress = RunProgress(totals)
    if console.is_terminal:
        with Live(progress, console=console, refresh_per_second=4, vertical_overflow="crop"):
            yield progress
    else:
        with _lines(console, progress):
            yield progress


@contextmanager
def _lines(console: Console, progress: "RunProgress") -> Iterator[None]:
    """One soon, then one a minute, and one for each stage that is done."""
    over = Event()

    def print_lines() -> None:
        due, shown = monotonic() + _FIRST_LINE_S, 0
        while not over.wait(_LOOK_S):
            if monotonic() >= due or progress.n_finished > shown:
                due, shown = monotonic() + _LINE_EVERY_S, progress.n_finished
                console.print(progress.line(), markup=False)

    printing = Thread(target=print_lines, name="progress", daemon=True)
    printing.start()
    try:
        yield
    finally:
        over.set()
        printing.join()
        if progress.n_finished:
            console.print(progress.line(), markup=False)


@contextmanager
def progress_of_file(console: Console, path: Path) -> Iterator[Callable[[int, int], None]]:
    """Yield what is told how many rows, and how many bytes, of a file are done: a bar on a terminal, a line a minute in
    a pipe.
    """
    size = path.stat().st_size if path.is_file() and unit(path) == "line" else 0
    if console.is_terminal:
        rows = TextColumn("{task.fields[rows]:,} rows")
        columns = (rows, BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), TimeRemainingColumn())
        with Bars(*columns, console=console, transient=True) as bars:
            task = bars.add_task("", total=size or None, rows=0)
            yield lambda n, n_bytes: bars.update(task, completed=n_bytes, rows=n)
        return
    began = shown_at = monotonic()

    def report(n: int, n_bytes: int) -> None:
        nonlocal shown_at
        if monotonic() - shown_at >= _LINE_EVERY_S:
            shown_at = monotonic()
            left = f", {_clock((shown_at - began) * (size - n_bytes) / n_bytes)} left" if size and n_bytes else ""
            console.print(f"{n:,} rows{left}", markup=False)

    yield report


class Throughput:
    """How fast something grows, per second of the last few minutes."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque()

    def see(self, at: float, n: float) -> None:
        """Note how much there is."""
        self._seen.append((at, n))
        while len(self._seen) > 2 and self._seen[1][0] < at - _RATE_OVER_S:
            self._seen.popleft()

    def per_s(self, now: float) -> float:
        """Return how many a second: from the first note that counts until now, so that it falls while nothing comes."""
        if not self._seen or now <= self._seen[0][0]:
            return 0.0
        return (self._seen[-1][1] - self._seen[0][1]) / (now - self._seen[0][0])


class RunProgress(Watcher):
    """What is known of a run while it works, and how it looks."""

    def __init__(self, totals: Mapping[S, int]) -> None:
        self._totals: dict[StrEnum, int] = {stage: total for stage, total in totals.items() if total}
        self._done: dict[StrEnum, int] = dict.fromkeys(self._totals, 0)
        self._rates = {stage: Throughput() for stage in self._totals}
        self._answers, self._tokens = Throughput(), Throughput()
        self._teacher: TeacherState | None = None
        self._verdicts: Counter[tuple[str, str]] = Counter()
        self._began = monotonic()
        self._lock = Lock()

    @property
    def n_finished(self) -> int:
        """Stages of which every row is done."""
        return sum(self._done[stage] >= total for stage, total in self._totals.items())

    @property
    def is_finished(self) -> bool:
        """Whether every row of every stage is done."""
        return self.n_finished == len(self._totals)

    def rows(self, stage: StrEnum, n: int) -> None:
        with self._lock:
            if stage in self._totals:
                self._done[stage] += n
                self._rates[stage].see(monotonic(), self._done[stage])

    def teacher(self, state: TeacherState) -> None:
        with self._lock:
            now = monotonic()
            if self._teacher is None:  # nothing was asked before
                self._rates[next(iter(self._totals))].see(now, 0)
            self._teacher = state
            self._answers.see(now, state.answered)
            self._tokens.see(now, state.completion_tokens)

    def landed(self, table: str, rows: Sequence[Record]) -> None:
        verdicts = [(row.verdict.value, row.reason.value) for row in rows if isinstance(row, Verdict)]
        with self._lock:
            self._verdicts.update(verdicts)

    def line(self) -> str:
        """Return all of it that a log needs, in one line."""
        with self._lock:
            stages = [f"{stage.value} {self._done[stage]}/{total}" for stage, total in self._totals.items()]
            parts = [f"{'  '.join(stages)}{self._eta()}", *self._of_teacher(), *self._of_verdicts(), *self._trouble()]
        return "; ".join(parts)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        with self._lock:
            shown = list(self._shown(options.max_width))
        yield from shown

    def _shown(self, width: int) -> Iterator[Table | Text]:
        table = Table.grid(padding=(0, 1))
        for stage, total in self._totals.items():
            done, left = self._done[stage], self._left_s(stage)
            bar = ProgressBar(total, done, width=max(8, min(_BAR, width - 40)))
            ends = _clock(left) if left is not None else "" if done < total else "done"
            table.add_row(stage.value, bar, f"{done}/{total}", ends)
        yield table
        at_work = self._teacher or any(self._done.values())
        clock = f"{_clock(monotonic() - self._began)}{self._eta() if at_work else ', starting'}"
        for text in (clock, ", ".join(self._of_teacher()), ", ".join(self._of_verdicts())):
            if text:
                yield Text(text, no_wrap=True, overflow="ellipsis")
        for trouble in self._trouble():
            yield Text(trouble, style="yellow", no_wrap=True, overflow="ellipsis")

    def _left_s(self, stage: StrEnum) -> float | None:
        """None where nothing says."""
        left = self._totals[stage] - self._done[stage]
        per_s = self._rates[stage].per_s(monotonic())
        return left / per_s if left > 0 and per_s > 0 else None

    def _eta(self) -> str:
        """The stage that takes longest is what the run waits for."""
        left = [self._left_s(stage) for stage in self._totals]
        known = [seconds for seconds in left if seconds is not None]
        return f", {_clock(max(known))} left" if known else ""

    def _of_teacher(self) -> Iterator[str]:
        state, now = self._teacher, monotonic()
        if state is None or not (state.answered or state.in_flight):
            return
        if not self.is_finished:  # else the last that was heard is from before the last answers
            yield f"{state.in_flight} in flight"
            yield f"{60 * self._answers.per_s(now):.0f} answers/min"
            if tokens := self._tokens.per_s(now):
                yield f"{tokens:.0f} tokens/s"
        if state.cost_usd:
            stage = next(iter(self._totals))
            done, total = self._done[stage], self._totals[stage]
            yield f"{state.cost_usd:.2f} USD" + (f" of about {state.cost_usd * total / done:.2f}" if done else "")
        if state.rate_limited:
            yield f"{state.rate_limited} answers 429"

    def _of_verdicts(self) -> Iterator[str]:
        rulings: Counter[str] = Counter()
        for (ruling, _), n in self._verdicts.items():
            rulings[ruling] += n
        for ruling in (ruling.value for ruling in Ruling if rulings[ruling.value]):
            reasons = Counter({reason: n for (of, reason), n in self._verdicts.items() if of == ruling})
            named = ", ".join(f"{reason} {n}" for reason, n in reasons.most_common(_REASONS))
            yield f"{rulings[ruling]} {ruling}" + (f" ({named})" if ruling != Ruling.CORRECT.value else "")

    def _trouble(self) -> Iterator[str]:
        state = self._teacher
        if state and state.away:
            yield f"waiting for the teacher: {state.away}"
        elif state and state.error:
            yield f"last error: {state.error}"


def _clock(seconds: float) -> str:
    minutes, s = divmod(int(seconds + 0.5), 60)
    hours, m = divmod(minutes, 60)
    return f"{hours}:{m:02}:{s:02}" if hours else f"{m}:{s:02}"
