"""Spread jobs over actors, and gather the rows that come back."""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

import ray
from ray.exceptions import RayActorError, RayTaskError

from schemas.errors import ReflectoryError, Stopped
from tasks.actors.pool import ActorPool, Seat, alive_nodes
from tasks.halt import Halt
from tasks.shards import Tick

_IN_FLIGHT = 2
"""Calls to an actor that are sent and not back: one that it works at, one that waits there."""
_POLL_S = 0.5


class WorkerStalled(ReflectoryError):
    """No batch came back within the watchdog's time."""


class Pieces:
    """Jobs by pieces of at most so many: the next one as soon as somebody is free for it."""

    def __init__(
        self, jobs: Sequence[Any], most: int, group: Callable[[Any], Any] | None = None, seconds: float = 0.0
    ) -> None:
        """`group`: what neighbours have in common that stay together, where that is not too many; `seconds`: what a
        piece may take, where jobs are slow.
        """
        self._jobs, self._most, self._group, self._seconds = jobs, most, group, seconds
        self._size = 1 if seconds else most
        self._begin = 0

    def take(self) -> list[Any]:
        """Return the next piece; nothing once all are taken."""
        begin, jobs = self._begin, self._jobs
        end = min(begin + self._size, len(jobs))
        if self._group and begin < len(jobs):
            while end < min(begin + self._most, len(jobs)) and self._group(jobs[end]) == self._group(jobs[end - 1]):
                end += 1
        self._begin = end
        return list(jobs[begin:end])

    def took(self, seconds_a_job: float) -> None:
        """Say how long a job took."""
        if self._seconds:
            self._size = max(1, min(self._most, int(self._seconds / max(seconds_a_job, 1e-6))))


class Gatherer:
    """Waits for what actors were sent, until a run is halted or they say nothing for too long."""

    def __init__(self, halt: Halt, watchdog_s: float, drain: Callable[[], None]) -> None:
        """`drain` is called where a halt leaves paid answers to wait for."""
        self._halt, self._watchdog_s, self._drain = halt, watchdog_s, drain

    def spread(
        self,
        pool: ActorPool,
        work: str | Callable[..., Any],
        pieces: "Pieces",
        tick: Tick,
        heard: Callable[[Sequence[Any]], None] = lambda rows: None,
    ) -> list[Any]:
        """Spread pieces over the actors of a pool. `work`: a method of the actors, or a function of the object that
        lives there. At most `_IN_FLIGHT` pieces are at an actor; the next one goes to where one has come back from.
        What an actor had that is lost, another gets.
        """
        at: dict[Any, tuple[Seat, Any, list[Any], float]] = {}

        def begin(seat: Seat, piece: list[Any]) -> Any:
            ref = _begin(actor := seat.actor, work, piece)
            at[ref] = seat, actor, piece, monotonic()
            return ref

        def send(seat: Seat) -> list[tuple[Any, int]]:
            piece = pieces.take()
            return [(begin(seat, piece), len(piece))] if piece else []

        def after(ref: Any) -> list[tuple[Any, int]]:
            seat, _, piece, sent_at = at.pop(ref)
            pieces.took((monotonic() - sent_at) / len(piece))
            return send(seat)

        def again(ref: Any) -> Any:
            seat, actor, piece, _ = at.pop(ref)
            other = pool.replace(seat, actor)
            return begin(other, piece) if other else None

        first = [sent for _ in range(_IN_FLIGHT) for seat in pool.seats for sent in send(seat)]
        return self.gather(first, tick, after=after, again=again, heard=heard)

    def gather(
        self,
        sent: list[tuple[Any, int]],
        tick: Tick,
        watch: Callable[[], None] | None = None,
        after: Callable[[Any], list[tuple[Any, int]]] = lambda ref: [],
        again: Callable[[Any], Any] = lambda ref: None,
        heard: Callable[[Sequence[Any]], None] = lambda rows: None,
        paid: bool = False,
    ) -> list[Any]:
        """Return the rows of every chunk, in the order sent. `watch` looks whether the actors live, where a chunk may
        take any time; `after` sends more when one has come; `again` sends one whose actor is lost to another, or
        returns None; `heard` is told its rows. What is `paid` for lands, within the grace of a halt.
        """
        chunks = dict(enumerate(sent))
        at = {ref: n for n, (ref, _) in chunks.items()}
        rows: dict[int, list[Any]] = {}
        last = monotonic()
        while at:
            done, _ = ray.wait(list(at), num_returns=1, timeout=_POLL_S)
            if self._halt.is_set():
                if not paid or self._halt.over:
                    raise Stopped("stopped while waiting for an actor")
                self._drain()
            if watch:
                watch()
            elif done:
                last = monotonic()
            elif not alive_nodes():
                raise WorkerStalled("no node of Ray's is left: what it started was killed; the same command continues")
            elif monotonic() - last > self._watchdog_s:
                raise WorkerStalled(
                    f"no answer from an actor for {self._watchdog_s:.0f} s; raise run.watchdog_s if a batch may take"
                    " longer"
                )
            for ref in done:
                n = at.pop(ref)
                try:
                    rows[n] = _get(ref)
                except RayActorError:
                    if (other := again(ref)) is None:
                        raise
                    at[other] = n
                    continue
                heard(rows[n])
                tick(chunks[n][1])
                for chunk in after(ref):
                    at[chunk[0]] = len(chunks)
                    chunks[len(chunks)] = chunk
        return [row for n in sorted(rows) for row in rows[n]]


def _begin(actor: Any, work: str | Callable[..., Any], chunk: list[Any]) -> Any:
    return getattr(actor, work).remote(chunk) if isinstance(work, str) else actor.__ray_call__.remote(work, chunk)


def _get(ref: Any) -> list[Any]:
    try:
        return list(ray.get(ref))
    except RayTaskError as error:
        if isinstance(error.cause, ReflectoryError):
            raise error.cause from None
        raise
