"""The flow `recycle`: from an instruction data set to pairs that the student learns more from."""

from pathlib import Path
from typing import Any, cast

from prefect import flow
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.checks import check_endpoints
from flows.configure import with_prompt_texts
from flows.ending import cancelled_when_stopped
from flows.execution import execute, execute_handed
from flows.more_budget import with_more_budget
from flows.quiet_exit import quiet_flow_run
from flows.recycle_preparation import check_recycle_inputs, prepared_recycling
from schemas.configuration import MOST_SHARDS_IN_FLIGHT
from schemas.recycling import RecycleConfiguration
from schemas.run import Run


@flow(
    name="recycle",
    flow_run_name="{configuration.subject} {configuration.selection.mode}",
    task_runner=cast(TaskRunner[PrefectFuture[Any]], ThreadPoolTaskRunner(max_workers=2 * MOST_SHARDS_IN_FLIGHT)),
    persist_result=False,
)
@cancelled_when_stopped
def recycle(configuration: RecycleConfiguration, warehouse: str = "data/warehouse", fresh: str = "") -> Run:
    """Reflect on instructions and responses, let the student choose, and land what is missing of the plan.

    Args:
        configuration: which pairs, which teacher and student, and how to select.
        warehouse: folder of the tables, made when missing.
        fresh: a name under which new calls are made although answers exist; the same name continues them.
    """
    quiet_flow_run()
    if done := execute_handed():
        return done
    configuration = with_prompt_texts(configuration)
    check_recycle_inputs(configuration)

    def run(configuration: RecycleConfiguration) -> Run:
        with prepared_recycling(configuration, Path(warehouse), fresh) as preparation:
            check_endpoints(preparation, preparation.calls_due())
            return execute(preparation)

    return with_more_budget(configuration, run)
