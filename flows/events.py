"""What happened to a warehouse, as Prefect's events: automations wait for them, such as the chain of a nightly run."""

from contextlib import suppress
from queue import Empty
from time import monotonic, sleep

from prefect.events import emit_event
from prefect.events.worker import EventsWorker
from prefect.runtime import deployment

from flows.unpublished import AWAY
from schemas.record import Json

RUN_FINISHED = "reflectory.run.finished"
RELEASE_PUBLISHED = "reflectory.release.published"
PATIENCE_S = 15.0
"""For a server that comes back."""


def resource_of(address: str) -> str:
    """Return the id under which a warehouse stands in events."""
    return f"reflectory.warehouse.{address}"


def announce(event: str, address: str, payload: dict[str, Json], **labels: str) -> None:
    """Tell Prefect's server, where it is there. A trigger can match `labels` and the name of the deployment, as
    `reflectory.NAME`; nothing in `payload`.
    """
    labels["deployment"] = _deployment()
    resource = {"prefect.resource.id": resource_of(address), "prefect.resource.name": address.rpartition("/")[2]}
    resource |= {f"reflectory.{name}": value for name, value in labels.items()}
    emit_event(event, resource, payload=payload)


def give_up_waiting_events(patience_s: float = PATIENCE_S) -> None:
    """Let a server that was away hear of what waits to be told, and drop the rest: at its end a process would else try
    each event for seven seconds, and a run has nine for each of its shards (Prefect 3.9.1).
    """
    services = [each for each in EventsWorker._instances.values() if isinstance(each, EventsWorker)]  # type: ignore[misc]
    until = monotonic() + patience_s
    while monotonic() < until and any(service._queue.unfinished_tasks for service in services):
        sleep(0.1)
    for service in services:
        with suppress(Empty):
            while True:
                service._queue.get_nowait()
                service._queue.task_done()


def _deployment() -> str:
    """The name of the one whose run this is; empty on the command line, and where the server is away."""
    try:
        return deployment.get_name() or ""
    except AWAY:
        return ""
