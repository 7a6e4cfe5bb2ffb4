"""What a run leaves for people who watch Prefect: a table of what came of it, the books beside it."""

import json
from collections.abc import Sequence
from uuid import UUID

import httpx
from prefect.artifacts import create_table_artifact

from flows.rendering import records
from flows.unpublished import keep
from schemas.run import RunEnd
from warehouse.catalog import query_text
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot


def publish(
    warehouse: Warehouse,
    key: str,
    query: str,
    plan_id: str,
    ended: RunEnd,
    lines: Sequence[str],
    flow_run_id: UUID | None = None,
) -> None:
    """Make a table artifact of the flow run that this is called in, from the warehouse as it is now.

    Each run adds a version, so that the page of the key is the plan's history. Where the server is away, it is kept for
    the next run.
    """
    with Snapshot(warehouse) as now:
        columns, rows = now.ask(query_text(query), {"plan_id": plan_id})
    table, said = records(columns, rows), "\n\n".join([f"Plan `{plan_id}`: **{ended}**", *lines])
    try:
        create_table_artifact(table=table, key=key, description=said)
    except httpx.HTTPError:
        if flow_run_id:
            data = json.dumps(table, default=str)
            keep(warehouse, flow_run_id, artifact={"key": key, "type": "table", "description": said, "data": data})
