"""`reflectory recycle`: prepare, say what is due, do it, and show what came of it."""

from pathlib import Path

from rich.console import Console

from flows.checks import check_endpoints
from flows.cli.next_steps import print_commands
from flows.cli.options import errors
from flows.cli.progress import progress_of
from flows.cli.summary import print_sections, read_sections
from flows.how_calls_ended import check_room
from flows.pair_accounts import read_pair_accounts
from flows.prefect_settings import configure_prefect, wait_for_prefect
from flows.prepared import DueCalls
from flows.recycle_preparation import RecyclePreparation, prepared_recycling
from flows.unfinished import crashed
from schemas.errors import AllRefused, BudgetReached, Incomplete
from schemas.recycling import RecycleConfiguration
from tasks.asking.forecast import History, forecast
from warehouse.catalog import query_text
from warehouse.reading import Snapshot

_SECTIONS = {
    "pair_fates": "Fates",
    "pair_changes": "What came of reflecting",
    "pair_statistics": "Before and after",
}
QUERIES = (
    "select stage, reason, count(*) as n, round(avg(ifd), 3) as ifd from pairs_full group by all order by all",
    "select instruction, response from pairs_full where chosen order by ifd desc limit 5",
    "select place, on_instruction, on_response, reason from pair_fates where fate = 'dropped' order by position",
)


def recycle_configuration(
    console: Console,
    configuration: RecycleConfiguration,
    warehouse: Path,
    fresh: str,
    dry_run: bool,
    plot: Path | None = None,
) -> None:
    """Raise `Refused` before anything is sent, and `Incomplete` when calls are left without an answer."""
    with prepared_recycling(configuration, warehouse, fresh, dry_run) as preparation:
        due = preparation.calls_due()
        console.print(*preparation.raw.tally.lines(), sep="\n", markup=False)
        console.print(_plan_line(preparation, len(due)))
        if due:
            console.print(f"{_forecast(preparation, due)}; the calls that follow from their answers come on top")
        if dry_run:
            return
        check_endpoints(preparation, due)
        try:
            if preparation.shards or crashed(preparation.warehouse, preparation.command):
                if due and configuration.budget.is_set and preparation.only_asks:
                    check_room(preparation.open_budget(), due.call_ids)
                _run(console, preparation)
        except (AllRefused, BudgetReached, Incomplete):
            _print_summary(console, preparation)
            raise
        _print_summary(console, preparation)
        if plot:
            _plot(preparation, plot)
            console.print(f"before and after: {plot}", markup=False)


def _run(console: Console, preparation: RecyclePreparation) -> None:
    with progress_of(console, preparation.totals) as watcher:
        configure_prefect()
        from flows.ending import run_handed
        from flows.execution import handing_over  # while the server starts
        from flows.recycle import recycle

        wait_for_prefect()
        given = (preparation.configuration, preparation.warehouse.address, preparation.fresh)
        with handing_over(preparation, watcher) as handed:
            run_handed(recycle, handed, *given, say=errors.print)


def _plot(preparation: RecyclePreparation, path: Path) -> None:
    from tasks.recycling.plot import PANELS, draw

    with Snapshot(preparation.warehouse) as now:
        columns, rows = now.ask(query_text("pair_shift"), {"plan_id": preparation.plan.plan_id})
    before, after = (dict(zip(columns, row, strict=True)) for row in rows)
    draw(*({column: side[column] for column in PANELS} for side in (before, after))).savefig(path)


def _forecast(preparation: RecyclePreparation, due: DueCalls) -> str:
    first = next(iter(due))
    _, [seen] = preparation.before.ask(query_text("history"), {"endpoint": first.endpoint, "model": first.model})
    return str(forecast(due, preparation.configuration.teacher, History(*seen)))


def _plan_line(preparation: RecyclePreparation, due: int) -> str:
    plan, mode = preparation.plan, preparation.plan.order.mode
    bad = sum(original.bad is not None for original in plan.originals)
    unread = f" (unreadable: {bad})" if bad else ""
    head = f"plan {plan.plan_id}: {len(plan.originals)} originals{unread}, {mode}"
    if not preparation.shards:
        return f"{head}; nothing is left to do"
    return f"{head}; without a fate: {preparation.n_left}; calls due now: {due}"


def _print_summary(console: Console, preparation: RecyclePreparation) -> None:
    """A table per section, from the warehouse as it is now. Raises `BooksDoNotBalance`."""
    plan = preparation.plan
    with Snapshot(preparation.warehouse) as now:
        print_sections(console, read_sections(now, _SECTIONS, plan.plan_id))
        accounts = read_pair_accounts(now, preparation.warehouse, plan)
    console.print(accounts.books_line, accounts.ledger_line, sep="\n")
    accounts.check()
    print_commands(console, preparation.warehouse.address, [f'sql "{query}"' for query in QUERIES])
