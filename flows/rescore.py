"""The flow `rescore`: the student of a configuration over all that has landed, whichever run it came from."""

from pathlib import Path
from typing import Any, cast

from prefect import flow
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.ending import cancelled_when_stopped
from flows.execution import execute, execute_handed
from flows.quiet_exit import quiet_flow_run
from flows.rescore_preparation import prepared_rescoring
from schemas.configuration import MOST_SHARDS_IN_FLIGHT, RunConfiguration
from schemas.run import Run


@flow(
    name="rescore",
    flow_run_name="{configuration.student.model} {configuration.student.template}",
    task_runner=cast(TaskRunner[PrefectFuture[Any]], ThreadPoolTaskRunner(max_workers=MOST_SHARDS_IN_FLIGHT)),
    persist_result=False,
)
@cancelled_when_stopped
def rescore(configuration: RunConfiguration, warehouse: str = "data/warehouse") -> Run:
    """Score every trace and pair of the warehouse that the configuration's student has not scored; nothing is bought.

    Args:
        configuration: of which the sections `student` and `run` count.
        warehouse: folder of the tables.
    """
    quiet_flow_run()
    if done := execute_handed():
        return done
    with prepared_rescoring(configuration, Path(warehouse)) as preparation:
        return execute(preparation)
