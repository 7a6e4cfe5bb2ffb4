"""The flow `curate`: a policy decides on every planned attempt of a warehouse."""

from pathlib import Path

from prefect import flow, get_run_logger
from prefect.artifacts import create_table_artifact

from flows.configure import with_prompt_texts
from flows.funnel import books_line, funnel
from flows.pair_judge import judge_of
from flows.quiet_exit import quiet_exit
from flows.rendering import records
from schemas.errors import Refused
from tasks.curation.curate import Curated, curate_warehouse
from tasks.curation.policy import Policy
from warehouse.landing import Warehouse

KEY = "funnel"
"""Each curation adds a version of the artifact."""


@flow(name="curate", flow_run_name="{policy.name}", persist_result=False)
def curate(policy: Policy | None = None, warehouse: str = "data/warehouse", top_up: int | None = None) -> Curated:
    """Decide by `policy` what is kept and why the rest is not, and land the decisions.

    Args:
        policy: named, ordered rules; without one, correct and well-formed traces, each once.
        warehouse: folder of the tables.
        top_up: accepted rows that each bucket should have; the result says how many questions are missing.
    """
    quiet_exit()
    opened, log = Warehouse(Path(warehouse)), get_run_logger()
    if not opened.exists():
        raise Refused(f"--warehouse: no warehouse at {warehouse}; run a configuration first, or name another folder")
    asked = with_prompt_texts(policy or Policy())
    with opened.sole_writer():
        judge = judge_of(asked, opened)
        curated = curate_warehouse(
            opened, asked, top_up, judge, lambda step: log.info("%s: %d remain", step.rule, step.remaining)
        )
    curation = curated.curation
    if curated.warning:
        log.warning("%s", curated.warning)
    said = f"Curation `{curation.curation_id}` by the policy **{curation.name}**\n\n{books_line(curation)}"
    create_table_artifact(table=records(*funnel(curation)), key=KEY, description=said)
    return curated
