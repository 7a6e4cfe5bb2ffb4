"""What a run leaves for people who watch Prefect: a table of what came of it, and a card with books and bill."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactCreate

from flows.card import ask, curation_card, release_card, run_card
from flows.events import give_up_waiting_events
from flows.funnel import funnel
from flows.prepared import Shown
from flows.rendering import Rows, records
from flows.unpublished import keep
from schemas.curation import Curation
from schemas.record import Json
from schemas.run import Run
from warehouse.catalog import query_text
from warehouse.landing import Warehouse
from warehouse.reading import FRUGAL, Snapshot

if TYPE_CHECKING:
    from flows.release import Released


def publish_run(
    warehouse: Warehouse, shown: Shown, subject: str, run: Run, lines: Sequence[str], flow_run_id: UUID | None
) -> None:
    """Make the artifacts of a run, from the warehouse as it is now.

    Each run adds a version, so that the page of a key is the history of what it shows.
    """
    with Snapshot(warehouse, FRUGAL) as now:
        if shown.traces:
            now.keep("traces_full", query_text(shown.traces), {"plan_id": run.plan_id})
        table = ask(now, shown.table, run.plan_id)
        card = run_card(now, shown, subject, run, lines)
    said = f"Plan `{run.plan_id}`: **{run.ended}**"
    _publish(warehouse, flow_run_id, shown.key, table, said, card, lines)


def publish_curation(warehouse: Warehouse, curation: Curation, flow_run_id: UUID | None) -> None:
    """Likewise of a curation."""
    said = f"Curation `{curation.curation_id}`"
    _publish(warehouse, flow_run_id, "funnel", funnel(curation), said, curation_card(curation))


def publish_release(warehouse: Warehouse, released: "Released", flow_run_id: UUID | None) -> None:
    """Likewise of a release."""
    said = f"Release `{released.made.release.name}`"
    rows = funnel(released.curated.curation)
    _publish(warehouse, flow_run_id, "release", rows, said, release_card(released))


def _publish(
    warehouse: Warehouse,
    flow_run_id: UUID | None,
    key: str,
    table: Rows,
    said: str,
    card: str,
    lines: Sequence[str] = (),
) -> None:
    """Where the server is away, what a flow run leaves is kept for the next run."""
    data = json.dumps(records(*table), default=str)
    artifacts: list[dict[str, Any]] = [
        {"key": key, "type": "table", "description": "\n\n".join([said, *lines]), "data": data},
        {"key": f"{key}-card", "type": "markdown", "description": said, "data": card},
    ]
    left: list[Json] = list(artifacts)
    try:
        with get_client(sync_client=True) as client:
            for artifact in artifacts:
                client.create_artifact(ArtifactCreate(flow_run_id=flow_run_id, **artifact))
                left.remove(artifact)
    except httpx.HTTPError:
        if flow_run_id:
            keep(warehouse, flow_run_id, artifacts=left)
        give_up_waiting_events()
