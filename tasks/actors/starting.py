"""Start the actors of a run, and say of each why it could not start."""

import uuid
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import ray
from ray.exceptions import RayActorError, RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from schemas.budget import Cap
from schemas.configuration import VerifierSettings
from schemas.errors import ActorLost, ReflectoryError, Refused
from schemas.student import StudentSettings
from schemas.teacher import OWN_WEIGHTS, DrafterSettings, TeacherSettings
from tasks.actors.pool import ActorPool
from tasks.asking.aimd import Permit
from tasks.asking.driver_gone import Driver
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.rate_limiter import Controller, Observations, RateLimiter, SharedController
from tasks.garbage import collect_rarely
from tasks.judging.verify import Verifier
from tasks.scoring.student_actor import StudentActor
from tasks.secret import from_a_block

CONTROL = "control"
"""What must not wait behind a teacher's calls."""
_RESTARTS: dict[str, Any] = {"max_restarts": 3, "max_task_retries": 3}
"""Of what asks: it looks in the journal before it sends."""
Drafter = tuple[DrafterSettings, TeacherAddress]
"""Who writes drafts, and where; of weights of one's own the address is of no account."""


def as_actor(plain: type, **options: Any) -> Any:
    """Make a plain class one of actors, whose processes look for cycles as rarely as commands do."""

    class Actor(plain):  # type: ignore[misc]
        def __init__(self, *given: Any, **named: Any) -> None:
            collect_rarely()
            super().__init__(*given, **named)

    Actor.__name__, Actor.__qualname__ = plain.__name__, plain.__qualname__  # of its process: idle, and at work
    return ray.remote(**options)(Actor) if options else ray.remote(Actor)


def start_teachers(
    settings: TeacherSettings,
    address: TeacherAddress,
    journal: Path,
    cap: Cap | None,
    controller: Controller,
    load: Callable[[], Callable[[bytes], bytes]] | None = None,
    num_gpus: float = 0,
) -> list[Any]:
    """Start teachers on the driver's node, because the journal is a local file, and so that all have one clock. `load`
    gives what answers in the actor itself.
    """
    from tasks.asking.teacher import Teacher  # here and below: a run imports openai and torch only if it uses them

    parts = _parts(settings)
    actor = as_actor(Teacher, concurrency_groups={CONTROL: 1}).options(**here(), num_gpus=num_gpus)
    tokens_per_s = settings.tokens_per_minute and settings.tokens_per_minute / 60 / parts
    driver = Driver.this()
    return [
        actor.remote(
            settings, address, journal, RateLimiter(controller, who, tokens_per_s), cap, load=load, driver=driver
        )
        for who in range(parts)
    ]


def start_drafters(
    drafter: Drafter, student: StudentSettings, journal: Path, cap: Cap | None, controller: Controller
) -> list[Any]:
    """Start who asks a server for drafts, or writes them with the student's own weights."""
    settings, address = drafter
    if settings.base_url != OWN_WEIGHTS:
        return start_teachers(settings, address, journal, cap, controller)
    from tasks.serving.complete import student_completions

    load = partial(student_completions, student)
    return start_teachers(settings, address, journal, cap, controller, load, student.num_gpus)


def start_controller(settings: TeacherSettings) -> Controller:
    """Start one AIMD controller for all teachers: with it where there is only one, else in an actor that lives as long
    as this object.
    """
    parts = _parts(settings)
    values = (settings.max_in_flight, settings.requests_per_minute, parts, settings.timeout_s)
    if parts == 1:
        return SharedController(*values)
    name = f"pace-{uuid.uuid4().hex}"
    return _RemoteController(name, as_actor(SharedController).options(**here(), name=name).remote(*values))


class _RemoteController:
    """A controller in an actor. Travels as its name: Ray warns of handles among what a restart would need."""

    def __init__(self, name: str, actor: Any = None) -> None:
        self._name, self._actor = name, actor

    def __reduce__(self) -> tuple[type["_RemoteController"], tuple[str]]:
        return _RemoteController, (self._name,)

    async def allow(self, who: int, observations: Observations) -> Permit:
        self._actor = self._actor or ray.get_actor(self._name)
        permit: Permit = await self._actor.allow.remote(who, observations)
        return permit


def _parts(settings: TeacherSettings) -> int:
    """None without a slot."""
    return min(settings.actors, settings.max_in_flight or settings.actors)


def here() -> dict[str, Any]:
    """Return the options of an actor that asks: on the driver's node, without a CPU of its own."""
    node = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    return {"num_cpus": 0, "scheduling_strategy": node, **_RESTARTS}


def start_verifiers(settings: VerifierSettings, wanted: bool) -> ActorPool:
    """Start those that judge; none unless they are `wanted`."""
    actor = as_actor(Verifier)
    return ActorPool(
        lambda options: actor.options(**options).remote(settings.math_timeout_s), settings.actors if wanted else 0
    )


def start_students(settings: StudentSettings, wanted: bool) -> ActorPool:
    """Start those that score; none unless they are `wanted`."""
    actor = as_actor(StudentActor)
    key = from_a_block("student.api_key", settings.api_key) if wanted else None
    return ActorPool(
        lambda options: actor.options(**options).remote(settings, key),
        settings.actors if wanted else 0,
        settings.num_gpus,
    )


def started(ref: Any, section: str) -> Any:
    """Return what an actor answered. Raises `Refused` with what one said that could not start, or could not do what it
    is there for, and `ActorLost` where its process or its node died meanwhile.
    """
    try:
        return ray.get(ref)
    except RayTaskError as error:
        if isinstance(error.cause, ReflectoryError):
            raise Refused(str(error.cause)) from None
        raise Refused(f"{section}: its actor failed before the first call: {_last_line(error)}") from error
    except RayError as error:
        if isinstance(error, RayActorError) and not error.actor_init_failed:
            raise ActorLost(
                f"{section}: its actor was lost as it started ({_last_line(error)}); the same command continues"
            ) from error
        raise Refused(f"{section}: its actor could not start: {_last_line(error)}") from error


def _last_line(error: Exception) -> str:
    """What Ray was told, without its pages: the exception that stands at the end of a traceback."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    said = lines[-1].strip() if lines else type(error).__name__
    hint = "; run.ship_code sends this package to a cluster's workers" if "No module named" in said else ""
    return said.removeprefix(f"{Refused.__module__}.Refused: ") + hint


class Room(NamedTuple):
    """Of a cluster, or what a run takes of one."""

    cpus: float
    gpus: float

    def __str__(self) -> str:
        return f"{self.cpus:g} CPUs and {self.gpus:g} GPUs"


def left() -> Room:
    """Return the resources that nobody has of the cluster."""
    return _room(ray.available_resources())


def too_little(asked: Room, free: Room) -> str | None:
    """Return what to do where not all actors of a run find room, for a person; None where they do."""
    if asked.cpus <= free.cpus and asked.gpus <= free.gpus:
        return None
    return (
        f"waiting for Ray to have room, at most run.watchdog_s: the actors of this run take {asked}; of the"
        f" cluster's {_room(ray.cluster_resources())} it had {free} free when they began to start. Add a node, wait for"
        " others to end, or lower verifier.actors, student.actors or student.num_gpus"
    )


def _room(resources: Mapping[str, float]) -> Room:
    return Room(resources.get("CPU", 0.0), resources.get("GPU", 0.0))
