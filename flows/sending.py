"""Shards through the stages of a pipeline, several at a time."""

from collections import deque
from collections.abc import Sequence

from prefect.futures import PrefectFuture

from tasks.garbage import collect_now_and_then
from tasks.shards import ShardPipeline
from tasks.stages import Stage


def send_all(pipeline: ShardPipeline, stages: Sequence[Stage], shard_ids: Sequence[str], in_flight: int) -> None:
    """Send the shards through the pipeline, at most `in_flight` at a time, until all are done or one fails."""
    under_way: deque[tuple[str, list[PrefectFuture[int]]]] = deque()
    try:
        for shard_id in shard_ids:
            if len(under_way) == in_flight:
                _finish(pipeline, under_way)
            if pipeline.halted:
                break
            under_way.append((shard_id, _send(stages, shard_id)))
    except BaseException:
        pipeline.halt()
        raise
    finally:
        while under_way:
            _finish(pipeline, under_way)


def _send(stages: Sequence[Stage], shard_id: str) -> list[PrefectFuture[int]]:
    """One future per stage, each waiting for the one before it."""
    sent: list[PrefectFuture[int]] = []
    for stage in stages:
        sent.append(stage.submit(shard_id, return_state=False, wait_for=sent[-1:]))
    return sent


def _finish(pipeline: ShardPipeline, under_way: deque[tuple[str, list[PrefectFuture[int]]]]) -> None:
    """Wait for the oldest shard. A failed stage is no exception here: the pipeline remembers it."""
    shard_id, sent = under_way[0]
    for future in sent:
        future.wait()
    under_way.popleft()
    pipeline.leave(shard_id)
    collect_now_and_then()  # each task had a client
