"""Shards through the stages of a pipeline, several at a time."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import cast

from prefect.futures import PrefectConcurrentFuture, PrefectFuture

from tasks.garbage import collect_now_and_then
from tasks.shards import ShardPipeline
from tasks.stages import Stage

_LOOK_S = 0.5
"""In which a shard that has begun has handed on what it asks."""


def send_all(
    pipeline: ShardPipeline,
    stages: Sequence[Stage],
    shard_ids: Sequence[str],
    in_flight: int,
    most: int = 0,
    hungry: Callable[[], bool] = lambda: False,
) -> None:
    """Send the shards through the pipeline, `in_flight` at a time, until all are done or one fails.

    A shard in its first stage counts for none while the models are `hungry`: what it waits for has been sent, and they
    bear more. So up to `most` may be under way.
    """
    under_way: list[tuple[str, list[PrefectFuture[int]]]] = []
    try:
        for shard_id in shard_ids:
            waited = False
            while not pipeline.halted and len(under_way) >= in_flight:
                busy = len([sent for _, sent in under_way if _is_over(sent[0])])
                if waited and len(under_way) < most and busy < in_flight and hungry():
                    break
                _leave_those_done(pipeline, under_way, _LOOK_S)
                waited = True
            if pipeline.halted:
                break
            under_way.append((shard_id, _send(stages, shard_id)))
    except BaseException:
        pipeline.halt()
        raise
    finally:
        while under_way:
            _leave_those_done(pipeline, under_way)


def _send(stages: Sequence[Stage], shard_id: str) -> list[PrefectFuture[int]]:
    """One future per stage, each waiting for the one before it."""
    sent: list[PrefectFuture[int]] = []
    for stage in stages:
        sent.append(stage.submit(shard_id, return_state=False, wait_for=sent[-1:]))
    return sent


def _leave_those_done(
    pipeline: ShardPipeline, under_way: list[tuple[str, list[PrefectFuture[int]]]], timeout: float | None = None
) -> None:
    """Wait for one shard, at most so many seconds. A failed stage is no exception here: the pipeline remembers it."""
    wait([_future(sent[-1]) for _, sent in under_way], timeout, FIRST_COMPLETED)
    for shard_id, sent in [each for each in under_way if _is_over(each[1][-1])]:
        under_way.remove((shard_id, sent))
        pipeline.leave(shard_id)
        collect_now_and_then()  # each task had a client


def _is_over(sent: PrefectFuture[int]) -> bool:
    return _future(sent).done()


def _future(sent: PrefectFuture[int]) -> Future[int]:
    """That of the thread: Prefect's own asks its server."""
    return cast(PrefectConcurrentFuture[int], sent).wrapped_future
