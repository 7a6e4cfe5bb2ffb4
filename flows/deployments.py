"""Every flow as a Prefect deployment over one warehouse, and what Prefect does by itself: the nightly chain, ghosts."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from prefect import Flow
from prefect.automations import Automation
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import StateType
from prefect.deployments.runner import RunnerDeployment
from prefect.events import DeploymentEventTrigger, EventTrigger, Posture
from prefect.events.actions import ChangeFlowRunState
from prefect.exceptions import ObjectNotFound
from prefect.runner.storage import LocalStorage
from prefect.types.entrypoint import EntrypointType

from flows.curate import curate
from flows.events import RELEASE_PUBLISHED, RUN_FINISHED, resource_of
from flows.maintain import maintain
from flows.night import Night
from flows.prove import prove
from flows.publish import release
from flows.recycle import recycle
from flows.rescore import rescore
from flows.synthesize import synthesize
from schemas.errors import Refused

TAG = "reflectory"
HEARTBEAT_S = 30
"""The least that Prefect allows."""
_SILENT_S = 3 * HEARTBEAT_S
_BEAT = "prefect.flow-run.heartbeat"
_OVER = tuple(f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled", "Crashed", "Suspended"))
GHOSTS = "reflectory: runs without a heartbeat have crashed"


def deployments(night: Night, chained: bool = True) -> list[RunnerDeployment]:
    """Return all flows, or `synthesize` alone where they are not `chained`. Raises `Refused` for a schedule that is
    none.
    """
    configuration = night.configuration.model_dump(mode="json")
    first = _deployment(
        synthesize, night, {"configuration": configuration, "until": night.until.value}, when=night.when
    )
    if not chained:
        return [first]
    recycling = {"configuration": night.recycling.model_dump(mode="json")} if night.recycling else {}
    policy = {"policy": night.policy.model_dump(mode="json")} if night.policy else {}
    finished = {"reflectory.flow": "synthesize", "reflectory.ended": "done", "reflectory.worked": "true"}
    return [
        first,
        _deployment(recycle, night, recycling),
        _deployment(rescore, night, {"configuration": configuration}),
        _deployment(curate, night, policy),
        _deployment(release, night, policy, after=(RUN_FINISHED, finished)),
        _deployment(maintain, night, {}, after=(RELEASE_PUBLISHED, {})),
        _deployment(prove, night, {}),
    ]


def deploy(night: Night, pool: str) -> list[str]:
    """Deploy all flows to a work pool, which is made when missing, with a queue of this warehouse that one run at a
    time may leave; returns the names of the deployments.
    """
    with get_client(sync_client=True) as client:
        _see_to_queue(client, pool, night.queue)
    names = []
    for each in deployments(night):
        each.work_pool_name, each.work_queue_name = pool, night.queue
        each.job_variables = {"env": {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_S)}}
        each.storage = LocalStorage(str(Path.cwd()))
        each.apply()
        names.append(each.full_name)
    find_ghosts()
    return names


def find_ghosts() -> None:
    """Have the server call crashed what is tagged as ours and has given no heartbeat for 90 s: its process and its
    worker are gone, and nobody else would say so.
    """
    automation = Automation(
        name=GHOSTS,
        description="A run whose process and worker were killed stays RUNNING else, and keeps its place in the queue.",
        trigger=EventTrigger(
            after={_BEAT},
            expect={_BEAT, *_OVER},
            match={"prefect.resource.id": "prefect.flow-run.*"},
            match_related={"prefect.resource.id": f"prefect.tag.{TAG}"},
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=_SILENT_S),
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.CRASHED,
                name="Crashed",
                message=f"no heartbeat for {_SILENT_S} s; the next run continues what it has left",
            )
        ],
    )
    with get_client(sync_client=True) as client:
        for known in client.read_automations_by_name(GHOSTS):
            client.delete_automation(known.id)
    automation.create()


def _deployment(
    flow: Flow[..., Any],
    night: Night,
    parameters: Mapping[str, Any],
    when: str | timedelta | None = None,
    after: tuple[str, Mapping[str, str]] | None = None,
) -> RunnerDeployment:
    try:
        return RunnerDeployment.from_flow(
            flow,
            name=night.name,
            cron=when if isinstance(when, str) else None,
            interval=when if isinstance(when, timedelta) else None,
            parameters={**parameters, "warehouse": night.address},
            triggers=list(_triggers(night, flow.name, *after)) if after else [],
            tags=[TAG],
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
    except ValueError as error:
        raise Refused(f"--cron: got {when!r}; needs five fields such as '0 2 * * *'") from error


def _triggers(night: Night, flow: str, event: str, labels: Mapping[str, str]) -> Iterator[DeploymentEventTrigger]:
    yield DeploymentEventTrigger(
        name=f"{flow}/{night.name} after {event}",
        expect={event},
        match={
            "prefect.resource.id": resource_of(night.address),
            "reflectory.deployment": night.name,
            **labels,
        },
    )


def _see_to_queue(client: SyncPrefectClient, pool: str, queue: str) -> None:
    try:
        client.read_work_pool(pool)
    except ObjectNotFound:
        client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
    try:
        client.update_work_queue(client.read_work_queue_by_name(queue, pool).id, concurrency_limit=1)
    except ObjectNotFound:
        client.create_work_queue(queue, concurrency_limit=1, work_pool_name=pool)
