"""Actors that ask: how far they are, and whether they live."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any

import ray
from ray.exceptions import GetTimeoutError, RayActorError

from schemas.budget import Cap
from schemas.call import Request
from schemas.configuration import LineConfiguration
from tasks.actors.spreading import WorkerStalled
from tasks.actors.starting import CONTROL, as_actor, here
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.first_answers import warn
from tasks.asking.state import TeacherState
from tasks.shards import Tick
from tasks.watcher import Watcher

_LOOK_S = 1.0
"""Between two looks at how far the teachers are."""


class Ticked:
    """How many rows have been ticked: those that are back, or those that are known to be done before they are back."""

    def __init__(self) -> None:
        self._done = self._told = self._most = 0
        self._telling = Lock()

    @property
    def expected(self) -> int:
        """Rows in all, done or not."""
        return self._most

    def expect(self, rows: int) -> None:
        with self._telling:
            self._most += rows

    def counted(self, tick: Tick) -> Tick:
        """Return a tick for rows that are back: it ticks those that have not been told before."""

        def done(rows: int) -> None:
            with self._telling:
                self._done += rows
                self._tell(self._done, tick)

        return done

    def so_far(self, rows: int, tick: Tick) -> None:
        """Tick as far as `rows`, the number that are done in all."""
        with self._telling:
            self._tell(min(rows, self._most), tick)

    def _tell(self, rows: int, tick: Tick) -> None:
        if rows > self._told:
            tick(rows - self._told)
            self._told = rows


class AskingActors:
    """Actors that ask one by one, and how far they are."""

    def __init__(self, actors: Sequence[Any], patience_s: float, watcher: Watcher) -> None:
        self.actors, self.ticked = actors, Ticked()
        self._patience_s, self._watcher = patience_s, watcher
        self._looked_at = float("-inf")
        self._away: str | None = None
        self._looking = Lock()
        self._state = TeacherState()

    def watch(self, tick: Tick) -> None:
        """Tick what has been answered, once a second. Raises `WorkerStalled` when an actor says nothing."""
        with self._looking:
            if monotonic() - self._looked_at < _LOOK_S:
                return
            states = [actor.state.options(concurrency_group=CONTROL).remote() for actor in self.actors]
            try:
                found: list[TeacherState] = ray.get(states, timeout=self._patience_s)
            except GetTimeoutError:
                raise WorkerStalled(f"an actor that asks has not answered for {self._patience_s:.0f} s") from None
            self._looked_at = monotonic()
        self._state = state = sum(found, TeacherState())
        self.ticked.so_far(state.done, tick)
        self._watcher.teacher(state)
        if state.away and not self._away:
            warn(f"waiting for the teacher, at most teacher.patience_s: {state.away}")
        self._away = state.away

    def is_hungry(self) -> bool:
        """Return whether next to all calls that they have are in flight, as they said last."""
        in_flight = self._state.in_flight
        return in_flight > 0 and self.ticked.expected - self._state.done - in_flight <= in_flight // 4

    def look_again(self, tick: Tick) -> None:
        """Say how far they are now, once they have answered: nobody looks until they are asked again."""
        self._looked_at = float("-inf")
        with suppress(RayActorError, WorkerStalled):  # who asks next is told
            self.watch(tick)


class BatchActor:
    """The actor that asks through batches, and how far they are: it answers when they end, and they take hours."""

    def __init__(self, run: LineConfiguration, address: TeacherAddress, journal: Path, cap: Cap | None) -> None:
        from tasks.asking.batch import BatchTeacher

        settings = run.teacher
        self.actor = as_actor(BatchTeacher).options(**here()).remote(settings, address, journal, cap)
        self._patience_s = run.run.watchdog_s + settings.timeout_s + settings.batch_poll_s
        self.ticked = Ticked()
        self._told: set[str] = set()

    def expect(self, requests: list[Request]) -> None:
        self.ticked.expect(len(requests))
        self.actor.expect.remote(requests)  # what goes wrong, `answer` is told as well

    def watch(self, tick: Tick) -> None:
        """Tick what the endpoint has completed. Raises `WorkerStalled` when it does nothing that it is asked."""
        try:
            state = ray.get(self.actor.state.remote(), timeout=self._patience_s)
        except GetTimeoutError:
            raise WorkerStalled(
                f"the actor that asks through batches has not moved for {self._patience_s:.0f} s"
            ) from None
        if monotonic() - state.heard_at > self._patience_s:
            raise WorkerStalled(
                f"the endpoint's batch API has not answered for {self._patience_s:.0f} s ({state.trouble})."
                " Batches that are under way go on there, and the same command collects them"
            )
        self.ticked.so_far(state.completed, tick)
        for name in state.unknown.keys() - self._told:
            warn(f"batch {state.unknown[name]} is in a state of an unknown name, {name!r}, and is waited for")
        self._told |= state.unknown.keys()
