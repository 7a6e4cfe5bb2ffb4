"""What the pipelines of all flows have in common: shards go through stages, and a failure lets no further one begin."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from time import monotonic

from schemas.errors import Stopped
from schemas.record import Record
from tasks.watcher import Watcher
from warehouse.landing import Warehouse

Tick = Callable[[int], None]
"""Told how many more rows are finished."""
_LANDED_EVERY_S = 30.0
"""What a stage learns in less time is one commit."""


class ShardPipeline:
    """Carries shards through its stages, and lands what they learn. Safe to call from several threads."""

    def __init__(self, warehouse: Warehouse, run_id: str, halted: Event) -> None:
        """While `halted` is set no stage begins; a failure sets it."""
        self._warehouse, self._run_id, self._halted = warehouse, run_id, halted
        self.failure: BaseException | None = None
        """The first thing that went wrong."""
        self.pending: dict[str, str] = {}
        """call_id to why it has no end yet."""
        self.ended: Counter[str | None] = Counter()
        """How the calls that have landed ended: by the error of each that was refused, the others by None."""
        self.watcher = Watcher()
        """Told what lands."""

    def stages(self) -> Sequence[tuple[str, Callable[[str], int]]]:
        """Return the name of each stage and what takes a shard_id through it and counts its rows, in order."""
        raise NotImplementedError

    @property
    def halted(self) -> bool:
        return self._halted.is_set()

    def halt(self) -> None:
        """Let no further stage begin, and end the waits of those under way."""
        self._halted.set()

    def leave(self, shard_id: str) -> None:
        """Forget the shard: every stage that wants it is over."""

    def close(self) -> None:
        """End what is open."""

    @contextmanager
    def _stage(self) -> Iterator[None]:
        if self._halted.is_set():
            raise Stopped("not begun, because the run is stopping")
        try:
            yield
        except BaseException as error:
            self.failure = self.failure or error
            self.halt()
            raise

    def _land(self, table: str, rows: Sequence[Record], unit: str) -> int:
        landed = self._warehouse.land(table, rows, self._run_id, unit)
        self.watcher.landed(table, rows)
        return landed

    @contextmanager
    def _landing(self, table: str, unit: str) -> Iterator[Callable[[Sequence[Record]], None]]:
        """Yield what lands the rows of a long stage as it learns them, also those of one that ends early."""
        new: list[Record] = []
        last = monotonic()

        def take(rows: Sequence[Record]) -> None:
            nonlocal last
            new.extend(rows)
            if monotonic() - last >= _LANDED_EVERY_S:
                self._land(table, new, unit)
                new.clear()
                last = monotonic()

        try:
            yield take
        finally:
            self._land(table, new, unit)


def silent(rows: int) -> None:
    """Ignore a tick, for the calls of rows that take several: a row is not done with one of them."""
