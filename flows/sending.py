"""Shards through the stages of a pipeline, several at a time."""

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence

from prefect.futures import PrefectFuture

from schemas.budget import Cap, Charge
from schemas.call import OVER_BUDGET
from schemas.configuration import TeacherSettings
from schemas.errors import AllRefused, BudgetReached, Incomplete
from tasks.asking.budget import format_budget
from tasks.asking.first_answers import advice_on_refusal
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


def check_answered(pending: Mapping[str, str], budget: Callable[[], str]) -> None:
    """Raises `BudgetReached` or `Incomplete` where calls have no answer, by the reason of each. `budget` tells how far
    it is used.
    """
    over_budget = sum(reason == OVER_BUDGET for reason in pending.values())
    if over_budget:
        raise BudgetReached(
            f"{budget()}; {over_budget} calls are left, and the worst case of the next one does not fit."
            " The same command with a higher budget continues"
        )
    if pending:
        listed = "; ".join(f"{reason} ({n})" for reason, n in Counter(pending.values()).most_common(3))
        raise Incomplete(f"{len(pending)} calls have no answer yet: {listed}. The same command continues")


def check_not_refused(ended: Mapping[str | None, int], teacher: TeacherSettings) -> None:
    """Raises `AllRefused`, in the endpoint's own words, where every call that `ended` was refused: by the error of
    each, others by None.
    """
    errors = Counter({error: n for error, n in ended.items() if error is not None})
    if not errors or errors.total() < sum(ended.values()):
        return
    [(most, n)] = errors.most_common(1)
    said = advice_on_refusal(most, teacher) or ". The same command asks none of them again; with --fresh NAME it does"
    raise AllRefused(f"the endpoint refused every call ({errors.total()}): {most} ({n}){said}")


def budget_line(opened: tuple[Cap, Charge] | None) -> str:
    """Tell how far a budget that is set is used."""
    assert opened
    return format_budget(*opened)


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
