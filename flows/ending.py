"""How a flow ends that is no success, said in Prefect's terms, and a run's end said where Prefect's server is away."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

import httpx
from prefect import Flow
from prefect.exceptions import Pause, PrefectException
from prefect.states import Cancelled

from flows.events import give_up_waiting_events
from flows.execution import Handed
from flows.prefect_settings import PrefectUnavailable
from flows.unpublished import keep
from schemas.errors import ReflectoryError, Stopped

P = ParamSpec("P")
R = TypeVar("R")


def cancelled_when_stopped(flow: Callable[P, R]) -> Callable[P, R]:
    """Let what stops the function make its flow run cancelled, not failed with a traceback in its log."""

    @wraps(flow)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return flow(*args, **kwargs)
        except Stopped as stopped:
            return cast(R, Cancelled(message=str(stopped)))

    return call


def run_handed(flow: Flow[..., Any], handed: Handed, *arguments: object, say: Callable[[str], object]) -> None:
    """Call a flow that takes what is handed over, once: a retry would work off a plan that knows nothing of what has
    landed since. Raises what the run ended with.

    Its end counts as it landed; where Prefect's server does not hear of it, a line says so and a later run tells it.
    """
    try:
        flow.with_options(retries=0)(*arguments)
    except (PrefectException, Pause, httpx.HTTPError, RuntimeError, KeyboardInterrupt) as error:
        if handed.ended is None and isinstance(error, httpx.HTTPError):
            raise PrefectUnavailable.for_now(error) from error
        if handed.ended is None:
            raise
        if not isinstance(handed.ended, ReflectoryError):
            say(f"Prefect's server has not heard of the run's end ({type(error).__name__}); the next run tells it")
            if handed.flow_run_id:
                keep(handed.preparation.warehouse, handed.flow_run_id, done=True)
            give_up_waiting_events()
    if isinstance(handed.ended, ReflectoryError):
        raise handed.ended
