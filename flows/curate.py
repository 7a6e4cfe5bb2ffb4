"""The flow `curate`: a policy decides on every planned attempt of a warehouse."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger
from prefect.runtime import flow_run

from flows.artifact import publish_curation
from flows.configure import with_prompt_texts
from flows.pair_judge import judge_of
from flows.quiet_exit import quiet_flow_run
from flows.watch import current_flow_run
from schemas.errors import Refused
from tasks.curation.curate import Curated, curate_warehouse
from tasks.curation.policy import Policy
from warehouse.landing import Warehouse


def policy_name(parameters: Mapping[str, Any]) -> str:
    """Return the name of the policy that a flow is given: as an object here, as JSON by Prefect's server, or none."""
    given = parameters.get("policy") or {}
    return str(given.get("name", Policy().name) if isinstance(given, Mapping) else given.name)


def _named() -> str:
    return policy_name(flow_run.get_parameters())


@flow(name="curate", flow_run_name=_named, persist_result=False)
def curate(policy: Policy | None = None, warehouse: str = "data/warehouse", top_up: int | None = None) -> Curated:
    """Decide by `policy` what is kept and why the rest is not, and land the decisions.

    Args:
        policy: named, ordered rules; without one, correct and well-formed traces, each once.
        warehouse: folder of the tables.
        top_up: accepted rows that each bucket should have; the result says how many questions are missing.
    """
    quiet_flow_run()
    opened, log = Warehouse(Path(warehouse)), get_run_logger()
    if not opened.exists():
        raise Refused(f"--warehouse: no warehouse at {warehouse}; run a configuration first, or name another folder")
    asked = with_prompt_texts(policy or Policy())
    with opened.sole_writer():
        judge = judge_of(asked, opened)
        curated = curate_warehouse(
            opened, asked, top_up, judge, lambda step: log.info("%s: %d remain", step.rule, step.remaining)
        )
    if curated.warning:
        log.warning("%s", curated.warning)
    publish_curation(opened, curated.curation, current_flow_run())
    return curated
