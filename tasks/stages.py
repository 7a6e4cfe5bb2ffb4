"""The line's stations as Prefect tasks: one per shard and stage, for people to watch. Rows never pass through them."""

from collections.abc import Callable
from enum import StrEnum

from prefect import Task
from prefect.cache_policies import NO_CACHE

from schemas.until import Until
from tasks.recycling.line import RecycleLine, Step
from tasks.synthesis.line import Line

Stage = Task[..., int]
"""Takes a shard_id and returns how many rows it landed."""


def stages_of(line: Line, until: Until) -> list[Stage]:
    """The stages of a run up to `until`, in the order in which a shard passes them."""
    stations = {Until.GENERATE: line.generate, Until.VERIFY: line.verify, Until.SCORE: line.score}
    return [as_task(stage, stations[stage]) for stage in list(Until)[: list(Until).index(until) + 1]]


def recycling_stages(line: RecycleLine) -> list[Stage]:
    """Those of the recycle line, likewise."""
    return [as_task(Step.INSTRUCTION, line.instruction), as_task(Step.RESPONSE, line.response)]


def as_task(stage: StrEnum, station: Callable[[str], int]) -> Stage:
    """A station that takes a shard_id and returns how many rows it landed."""

    def run(shard_id: str) -> int:
        return station(shard_id)

    name = stage.value
    return Task(run, name=name, task_run_name=name + " {shard_id:.8}", cache_policy=NO_CACHE, persist_result=False)
