"""The budget's end in a deployed run: suspended with its figures, until somebody raises it in Prefect's form."""

from collections.abc import Callable
from itertools import count
from typing import Annotated, TypeVar

from prefect import get_run_logger
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput, keyset_from_base_key
from prefect.input.actions import read_flow_run_input
from prefect.runtime import deployment
from pydantic import Field

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
    n, given = _given()
    if given:
        configuration = configuration.model_copy(update={"budget": given})
        get_run_logger().info("the budget was raised to %s", given)
    try:
        return run(configuration)
    except BudgetReached as reached:
        form = MoreBudget.with_initial_data(
            description=f"{reached}.\n\nGive what all runs of the plan may cost together; None is no limit.",
            **configuration.budget.model_dump(),
        )
        get_run_logger().warning("%s", reached)
        suspend_flow_run(wait_for_input=form, key=_key(n))
        raise


def _given() -> tuple[int, Budget | None]:
    """The number of the next suspension, and what the form before it gave."""
    last: Budget | None = None
    for n in count(1):
        answer = read_flow_run_input(keyset_from_base_key(f"suspended-{_key(n)}")["response"])
        if answer is None:
            break
        last = Budget.model_validate(answer)
    return n, last


def _key(n: int) -> str:
    return f"budget-{n}"
