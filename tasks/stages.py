"""The stages of a line as Prefect tasks: one per shard, for people to watch. Rows never pass through them."""

from collections.abc import Callable
from typing import cast

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.states import Cancelled

from schemas.errors import Stopped

Stage = Task[..., int]
"""Takes a shard_id and returns how many rows it landed."""


def as_task(name: str, stage: Callable[[str], int], subject: str) -> Stage:
    """Make a task of what takes a shard_id and returns how many rows it landed. One that is stopped is cancelled, and
    one that fails is not tried again: its run ends.

    Its runs are named for stage and shard, and for the `subject`: of what, by which model.
    """

    def run(shard_id: str) -> int:
        try:
            return stage(shard_id)
        except Stopped as stopped:
            return cast(int, Cancelled(message=str(stopped)))  # Prefect takes the state for the task's

    of_what = subject.replace("{", "{{").replace("}", "}}")
    run_name = f"{name} {{shard_id:.8}} of {of_what}"
    return Task(run, name=name, task_run_name=run_name, retries=0, cache_policy=NO_CACHE, persist_result=False)
