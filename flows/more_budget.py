"""The budget's end in a deployed run: suspended with its figures, until somebody raises it in Prefect's form."""

from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Annotated, Any, TypeVar, cast

from prefect import get_run_logger
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.client.schemas.responses import SetStateStatus
from prefect.exceptions import Pause
from prefect.input import RunInput, keyset_from_base_key
from prefect.input.actions import read_flow_run_input
from prefect.runtime import deployment
from prefect.states import Suspended
from pydantic import Field

from flows.unpublished import AWAY
from flows.watch import current_flow_run
from schemas.configuration import Budget, LineConfiguration
from schemas.errors import BudgetReached
from schemas.run import Run

C = TypeVar("C", bound=LineConfiguration)


class MoreBudget(RunInput):
    """What resumes the run."""

    usd: Annotated[float, Field(ge=0)] | None = None
    tokens: Annotated[int, Field(ge=0)] | None = None


def with_more_budget(configuration: C, run: Callable[[C], Run]) -> Run:
    """Call `run`. Where it reaches the budget in a deployed run, suspend that with the figures; resumed, it begins
    again with the budget that the form gave. Elsewhere, raises `BudgetReached`.
    """
    if not deployment.get_id():
        return run(configuration)
    n, given = _given(configuration.budget)
    if given != configuration.budget:
        configuration = configuration.model_copy(update={"budget": given})
        get_run_logger().info("the budget was raised to %s", given)
    try:
        return run(configuration)
    except BudgetReached as reached:
        get_run_logger().warning("%s", reached)
        _suspend(n, reached, given)
        raise


def _suspend(n: int, reached: BudgetReached, budget: Budget) -> None:
    """Suspend the flow run. Returns where the server does not take that: it is away, or the run is cancelled.

    The form is stored before the state that says it is there. Prefect's `suspend_flow_run` does it the other way round:
    whoever resumes at once is refused, and a run whose process ends in between can never be resumed (3.8.8).
    """
    form = MoreBudget.with_initial_data(
        description=f"{reached}.\n\nGive what all runs of the plan may cost together; None is no limit.",
        **budget.model_dump(),
    )
    keys, flow_run_id = keyset_from_base_key(f"suspended-{_key(n)}"), current_flow_run()
    assert flow_run_id
    state: State[None] = Suspended(pause_key=_key(n), state_details={"run_input_keyset": keys})
    with suppress(*AWAY), get_client(sync_client=True) as client:
        form.save(keys, flow_run_id)
        if client.set_flow_run_state(flow_run_id, state).status is SetStateStatus.ACCEPT:
            raise Pause(state=state)


def _given(budget: Budget) -> tuple[int, Budget]:
    """The number of the next suspension, and the budget as the forms before it left it: what one leaves out stays."""
    for n in count(1):
        keys = keyset_from_base_key(f"suspended-{_key(n)}")
        if _read(keys["schema"]) is None:
            break
        budget = Budget.model_validate(budget.model_dump() | (_read(keys["response"]) or {}))
    return n, budget


def _read(key: str) -> dict[str, Any] | None:
    return cast("dict[str, Any] | None", read_flow_run_input(key))


def _key(n: int) -> str:
    return f"budget-{n}"
