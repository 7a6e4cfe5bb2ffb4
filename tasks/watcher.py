"""Who watches a run: told what happens in it while it works."""

from collections.abc import Sequence
from typing import Any

from schemas.record import Record
from tasks.asking.state import TeacherState


class Watcher:
    """Hears how far a run is. This one does nothing with it. Threads share one."""

    def rows(self, stage: Any, n: int) -> None:
        """Hear that so many more rows of a stage are done."""

    def teacher(self, state: TeacherState) -> None:
        """Hear how far the teachers are, every second."""

    def landed(self, table: str, rows: Sequence[Record]) -> None:
        """Hear that these have been written."""


class Watchers(Watcher):
    """Tells several what one is told."""

    def __init__(self, *watchers: Watcher) -> None:
        self._watchers = watchers

    def rows(self, stage: Any, n: int) -> None:
        for each in self._watchers:
            each.rows(stage, n)

    def teacher(self, state: TeacherState) -> None:
        for each in self._watchers:
            each.teacher(state)

    def landed(self, table: str, rows: Sequence[Record]) -> None:
        for each in self._watchers:
            each.landed(table, rows)
