"""The flow `synthesize`: from questions to verified, scored traces."""

from pathlib import Path
from typing import Any, cast

from prefect import flow, get_run_logger
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.checks import check_actors, check_endpoints
from flows.configure import check_inputs, with_prompt_texts
from flows.ending import cancelled_when_stopped
from flows.execution import execute, execute_handed
from flows.more_budget import with_more_budget
from flows.preparation import prepared
from flows.quiet_exit import quiet_flow_run
from schemas.configuration import MOST_SHARDS_IN_FLIGHT, RunConfiguration
from schemas.run import Run
from schemas.until import Until


@flow(
    name="synthesize",
    flow_run_name="{configuration.subject} until {until}",
    task_runner=cast(TaskRunner[PrefectFuture[Any]], ThreadPoolTaskRunner(max_workers=3 * MOST_SHARDS_IN_FLIGHT)),
    persist_result=False,
)
@cancelled_when_stopped
def synthesize(
    configuration: RunConfiguration,
    warehouse: str = "data/warehouse",
    until: Until = Until.SCORE,
    fresh: str = "",
) -> Run:
    """Generate, verify and score what is missing of the plan that `configuration` asks for, and land it.

    Args:
        configuration: what to ask, of whom, and how to judge and score it.
        warehouse: folder of the tables, made when missing.
        until: the last stage: generate, verify or score.
        fresh: a name under which new calls are made although answers exist; the same name continues them.
    """
    quiet_flow_run()
    if done := execute_handed():
        return done
    configuration = with_prompt_texts(configuration)
    check_inputs(configuration)
    say = get_run_logger().info

    def run(configuration: RunConfiguration) -> Run:
        with prepared(configuration, Path(warehouse), until, fresh, say, check_actors) as preparation:
            check_endpoints(preparation, preparation.calls_due())
            return execute(preparation)

    return with_more_budget(configuration, run)
