"""What happened to a warehouse, as Prefect's events: automations wait for them, such as the chain of a nightly run."""

from prefect.events import emit_event
from prefect.runtime import deployment

from flows.unpublished import AWAY
from schemas.record import Json

RUN_FINISHED = "reflectory.run.finished"
RELEASE_PUBLISHED = "reflectory.release.published"


def resource_of(address: str) -> str:
    """The id under which a warehouse stands in events."""
    return f"reflectory.warehouse.{address}"


def announce(event: str, address: str, payload: dict[str, Json], **labels: str) -> None:
    """Tell Prefect's server, where it is there. A trigger can match `labels` and the name of the deployment, as
    `reflectory.NAME`; nothing in `payload`.
    """
    labels["deployment"] = _deployment()
    resource = {"prefect.resource.id": resource_of(address), "prefect.resource.name": address.rpartition("/")[2]}
    resource |= {f"reflectory.{name}": value for name, value in labels.items()}
    emit_event(event, resource, payload=payload)


def _deployment() -> str:
    """The name of the one whose run this is; empty on the command line, and where the server is away."""
    try:
        return deployment.get_name() or ""
    except AWAY:
        return ""
