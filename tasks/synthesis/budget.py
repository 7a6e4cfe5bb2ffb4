"""The budget of a plan, over all calls that it has come to."""

from contextlib import closing

from schemas.budget import Cap, Charge
from schemas.configuration import RunConfiguration
from tasks.asking.budget import open_account
from tasks.synthesis.plan import Plan
from tasks.synthesis.requests import judging_requests, later_requests
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot


def open_budget(configuration: RunConfiguration, plan: Plan, warehouse: Warehouse) -> tuple[Cap, Charge] | None:
    """The cap, and what the plan's calls are charged with so far; None without a budget.

    It belongs to the plan and counts all its calls in every run, those that wrote its questions among them, and also
    those that another plan has paid for: a file that asks for a data set says what that set may cost. What a kill left
    without an outcome counts at its worst case.
    """
    if not configuration.budget.is_set:
        return None
    with Snapshot(warehouse) as now, closing(Journal(warehouse.journal_path)) as journal:
        requests = plan.written | plan.requests | later_requests(plan, now, journal)
        judging = judging_requests(plan, now)
    return open_account(configuration, plan.plan_id, requests, warehouse.journal_path, judging)
