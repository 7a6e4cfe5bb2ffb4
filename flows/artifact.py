"""What a run leaves for people who watch Prefect: a table of what came of it, the books beside it."""

from collections.abc import Sequence

from prefect.artifacts import create_table_artifact

from flows.rendering import records
from schemas.run import RunEnd
from warehouse.catalog import query_text
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot


def publish(warehouse: Warehouse, key: str, query: str, plan_id: str, ended: RunEnd, lines: Sequence[str]) -> None:
    """Make a table artifact of the flow run that this is called in, from the warehouse as it is now.

    Each run adds a version, so that the page of the key is the plan's history.
    """
    with Snapshot(warehouse) as now:
        columns, rows = now.ask(query_text(query), {"plan_id": plan_id})
    said = [f"Plan `{plan_id}`: **{ended}**", *lines]
    create_table_artifact(table=records(columns, rows), key=key, description="\n\n".join(said))
