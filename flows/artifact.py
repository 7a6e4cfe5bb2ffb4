"""What a run leaves for people who watch Prefect: the yield by family as a table, the books beside it."""

from prefect.artifacts import create_table_artifact

from flows.accounts import read_accounts
from flows.pair_accounts import PairAccounts
from flows.preparation import Preparation
from flows.recycle_preparation import RecyclePreparation
from flows.rendering import records
from schemas.run import RunEnd
from warehouse.catalog import query_text
from warehouse.reading import Snapshot

KEY = "yield"
FATES = "pair-fates"
"""Each run adds a version, so that the page of the key is the plan's history."""


def publish(preparation: Preparation, ended: RunEnd) -> None:
    """A table artifact of the flow run that this is called in, from the warehouse as it is now."""
    plan = preparation.plan
    with Snapshot(preparation.warehouse) as now:
        accounts = read_accounts(now, preparation.warehouse, plan)
        columns, rows = now.ask(query_text("yield"), {"plan_id": plan.plan_id})
    said = [f"Plan `{plan.plan_id}`: **{ended}**", accounts.books_line, accounts.ledger_line, accounts.cost_line]
    create_table_artifact(table=records(columns, rows), key=KEY, description="\n\n".join(said))


def publish_fates(preparation: RecyclePreparation, accounts: PairAccounts, ended: RunEnd) -> None:
    """Likewise, of a recycle plan: its originals by fate and reason."""
    plan_id = preparation.plan.plan_id
    with Snapshot(preparation.warehouse) as now:
        columns, rows = now.ask(query_text("pair_fates"), {"plan_id": plan_id})
    said = [f"Plan `{plan_id}`: **{ended}**", accounts.books_line, accounts.ledger_line]
    create_table_artifact(table=records(columns, rows), key=FATES, description="\n\n".join(said))
