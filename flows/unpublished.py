"""What Prefect's server was away for: kept beside the warehouse, and told to it by the next run that reaches one."""

import json
from pathlib import Path
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import ArtifactCreate
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    TaskRunFilter,
    TaskRunFilterState,
    TaskRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import Completed, Crashed

from schemas.record import Json
from warehouse.landing import Warehouse

AWAY = (httpx.HTTPError, ObjectNotFound)
"""Of a server that does not answer, or not as one that knows the run."""


def keep(warehouse: Warehouse, flow_run_id: UUID, **what: Json) -> None:
    """Keep what a flow run was to publish: its `artifacts`, or that it is `done` or a process of it has `crashed`."""
    path = _folder(warehouse) / f"{flow_run_id}.json"
    path.parent.mkdir(exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(_read(path) | what, default=str), "utf-8")
    draft.replace(path)


def publish_kept(warehouse: Warehouse, living: UUID | None = None) -> int:
    """Tell a server that answers now of what was kept, and return how many runs that were; none where none does.

    `living` is the flow run of this process: one that was retried says itself how it ends.
    """
    found = sorted(_folder(warehouse).glob("*.json"))
    published = 0
    for path in found:
        try:
            with get_client(sync_client=True) as client:
                _publish(client, UUID(path.stem), _read(path), living)
        except ObjectNotFound:
            pass  # another server, or one that has forgotten the run: nobody there waits for it
        except httpx.HTTPError:
            break
        path.unlink()
        published += 1
    return published


def _read(path: Path) -> dict[str, Json]:
    """Nothing where there is no file, or a loss of power or a full disk has left none that can be read."""
    try:
        kept = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _publish(client: SyncPrefectClient, flow_run_id: UUID, kept: dict[str, Json], living: UUID | None) -> None:
    flow_run = client.read_flow_run(flow_run_id)
    artifacts = kept.get("artifacts", [kept.get("artifact")])  # older code kept one
    for artifact in artifacts if isinstance(artifacts, list) else ():
        if isinstance(artifact, dict):
            client.create_artifact(ArtifactCreate(flow_run_id=flow_run_id, **artifact))
    if kept.get("crashed"):
        _end_tasks(client, flow_run, flow_run_id == living)
    state = Completed if kept.get("done") else Crashed if kept.get("crashed") else None
    if state and flow_run_id != living and not (flow_run.state and _is_over_or_due(flow_run.state)):
        client.set_flow_run_state(flow_run_id, state(message="told by a later run"), force=True)


def _end_tasks(client: SyncPrefectClient, flow_run: FlowRun, is_living: bool) -> None:
    """Say that those tasks have crashed whose process is gone: Prefect shows them as running for ever (3.8.8). Of a
    living run they began before it was retried; of its own the server may not have heard yet that they are over.
    """
    going = TaskRunFilterStateType(any_=[StateType.RUNNING, StateType.PENDING])
    found = client.read_task_runs(
        flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[flow_run.id])),
        task_run_filter=TaskRunFilter(state=TaskRunFilterState(type=going)),
    )
    retried = flow_run.state.timestamp if is_living and flow_run.state else None
    for task in found:
        if retried and not (task.expected_start_time and task.expected_start_time < retried):
            continue
        client.set_task_run_state(task.id, Crashed(message="its process was gone"), force=True)


def _is_over_or_due(state: State) -> bool:
    """Whether somebody has said how the run ended, or has it begin again."""
    return state.is_final() or state.is_scheduled() or state.is_pending()


def _folder(warehouse: Warehouse) -> Path:
    return warehouse.folder / "unpublished"
