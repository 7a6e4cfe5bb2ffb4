"""A curation from beginning to end: prepare what its rules need, decide on all that is planned, land the decisions."""

import importlib.metadata
import uuid
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from schemas.curation import Curation
from schemas.errors import Refused
from tasks.curation.decide import Report, decide
from tasks.curation.policy import Policy
from tasks.curation.rules.registered import asking
from tasks.curation.rules.rule import AskJudge
from tasks.curation.top_up import Need, needs
from warehouse.catalog import connect, write_catalog
from warehouse.landing import Warehouse
from warehouse.object_store import read_in_a_sentence
from warehouse.reading import Snapshot

_PLANS = """
    SELECT plan_id FROM attempts WHERE list_contains($lines, 'traces')
    UNION
    SELECT plan_id FROM originals WHERE list_contains($lines, 'pairs')
    ORDER BY plan_id
"""


@dataclass(frozen=True)
class Curated:
    curation: Curation
    is_new: bool
    """False: the same policy has made the same decisions before, and nothing landed."""
    needs: Sequence[Need]
    """By bucket, when a number to top up to was given."""
    warning: str | None
    """When several students have scored the traces and the policy does not say which one counts."""


def curate_warehouse(
    warehouse: Warehouse,
    policy: Policy,
    top_up: int | None = None,
    judge: AskJudge | None = None,
    report: Report = lambda step: None,
) -> Curated:
    """Curate by a policy, and land what is new. Whoever calls it is the warehouse's only writer. `report` hears of each
    step of the funnel as it is done.

    Raises `Refused`, and `BooksDoNotBalance` before any decision lands.
    """
    run_id = uuid.uuid4().hex
    warehouse.create()
    _check_plans(warehouse, policy)
    checks: list[str] = []
    for name, rule in policy.rules_on.items():
        with asking(name):
            checks += rule.prepare(warehouse, judge, run_id)
    with read_in_a_sentence(), closing(connect(warehouse)) as connection:
        version = importlib.metadata.version("reflectory")
        decided = decide(connection, policy, warehouse.versions(), version, checks, report)
        found = needs(connection, policy, top_up) if top_up else []
    curation, unit = decided.curation, f"curation {decided.curation.curation_id}"
    with Snapshot(warehouse) as now:
        known = now.rows(Curation, "curation_id", [curation.curation_id])
    if not known:
        # the curation last: decisions without one are those of a kill, and the same command lands it
        warehouse.land_columns("decisions", decided.decisions, run_id, unit)
        warehouse.land("curations", [curation], run_id, unit)
        write_catalog(warehouse)
    return Curated(known[0] if known else curation, not known, found, decided.scorer.warning)


def _check_plans(warehouse: Warehouse, policy: Policy) -> None:
    with Snapshot(warehouse) as now:
        plans = [plan for (plan,) in now.ask(_PLANS, {"lines": policy.lines})[1]]
    if not plans:
        raise Refused(
            f"--warehouse: {warehouse.address} has no plan of {' or '.join(policy.lines)}; run a configuration first,"
            " or recycle one, or name another folder or other `lines`"
        )
    if unknown := sorted(set(policy.plans or ()) - set(plans)):
        raise Refused(f"plans: got {', '.join(unknown)}; needs some of {', '.join(plans)}")
