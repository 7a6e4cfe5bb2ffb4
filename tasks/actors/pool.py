"""Actors of one kind among which pure work is spread; one that is lost is replaced where there is still room."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic, sleep
from typing import Any

import ray

Make = Callable[[dict[str, Any]], Any]
"""Starts an actor with these options of Ray's."""

_NODE_DEATH_S = 40.0
"""After so long Ray has said so: it asks a node every 3 s, and gives it up after five times."""
_MOST_REPLACED = 3
"""Times for one place: a chunk that kills whoever works at it must not do so forever."""


@dataclass(eq=False)
class Seat:
    """A place in a pool, and the actor that holds it now."""

    actor: Any
    replaced: int = 0


class ActorPool:
    """`size` actors that are each other's equal. Threads may share one.

    Ray restarts an actor only where its CPU is free, and waits for one else: after the death of a node, forever.
    """

    def __init__(self, make: Make, size: int, num_gpus: float = 0.0) -> None:
        self._make, self._num_gpus = make, num_gpus
        self._lock, self._turns = Lock(), itertools.count()
        self._nodes = alive_nodes() if size else 0
        options: dict[str, Any] = {"num_cpus": 1, "num_gpus": num_gpus}
        if self._nodes > 1:
            options["scheduling_strategy"] = "SPREAD"
        self._options = options
        self._seats = [Seat(make(options)) for _ in range(size)]

    @property
    def seats(self) -> list[Seat]:
        with self._lock:
            return list(self._seats)

    def replace(self, seat: Seat, lost: Any) -> Seat | None:
        """Return the seat that does what the actor `lost` was to do; None where there is none: all were lost too often,
        or no GPU is left.
        """
        with self._lock:
            if seat in self._seats and seat.actor is lost:
                ray.kill(seat.actor)
                seat.replaced += 1
                if seat.replaced > _MOST_REPLACED or not self._gpu_left():
                    self._seats.remove(seat)
                else:
                    seat.actor = self._make(self._options | {"num_cpus": 0})
            return self._seats[next(self._turns) % len(self._seats)] if self._seats else None

    def _gpu_left(self) -> bool:
        """Whether there is one for the actor that is lost. Ray takes a while to see that a node is gone."""
        until = monotonic() + _NODE_DEATH_S
        while self._num_gpus and self._nodes > 1 and monotonic() < until:
            if alive_nodes() < self._nodes:
                return bool(ray.cluster_resources().get("GPU", 0.0) >= self._num_gpus * len(self._seats))
            sleep(0.5)
        return True


def alive_nodes() -> int:
    """Count the nodes that Ray has not given up."""
    return sum(node["Alive"] for node in ray.nodes())
