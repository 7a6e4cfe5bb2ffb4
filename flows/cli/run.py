"""`reflectory run`: prepare, say what is due, do it, and show what came of it."""

from functools import partial
from pathlib import Path

from rich.console import Console

from flows.checks import calls_in_batches, check_actors, check_endpoints
from flows.cli.forecast import ask_sample, forecast_of
from flows.cli.options import errors
from flows.cli.progress import progress_of
from flows.cli.summary import left_out, print_summary, summary_of
from flows.finished import Kept
from flows.how_calls_ended import check_room
from flows.prefect_settings import configure_prefect, wait_for_prefect
from flows.preparation import Preparation, prepared
from flows.prepared import DueCalls
from flows.rendering import printable
from flows.writing import unwritten_questions
from schemas.configuration import RunConfiguration
from schemas.errors import AllRefused, BudgetReached, Incomplete
from schemas.until import Until
from tasks.asking.forecast import Forecast
from warehouse.landing import Warehouse

_NOTHING_LEFT = "nothing is left to do"


def run_configuration(
    console: Console, configuration: RunConfiguration, warehouse: Path, until: Until, fresh: str, dry_run: bool
) -> None:
    """Raise `Refused` before anything is sent, and `Incomplete` when calls are left without an answer."""
    if dry_run and (unwritten := unwritten_questions(configuration, warehouse, fresh)):
        console.print(unwritten)
        return
    say = partial(console.print, markup=False)
    kept = Kept(configuration, warehouse, until, fresh)
    if found := kept.find():
        say(*found.head, sep="\n")
        if not dry_run:
            print_summary(console, found.summary, Warehouse(warehouse).address)
        return
    with prepared(configuration, warehouse, until, fresh, say, check_actors, dry_run) as preparation:
        due = preparation.calls_due()
        head = _input_lines(preparation)
        if head:
            say(*head, sep="\n")
        console.print(_plan_line(preparation, len(due)))
        if n := calls_in_batches(preparation, due):
            console.print(f"{n} of these calls are in batches that are under way")
        if dry_run:
            if due:
                console.print(_format_forecast(preparation, forecast_of(preparation, due)))
            return
        check_endpoints(preparation, due)
        try:
            if not preparation.is_done:
                if due and preparation.configuration.budget.is_set and preparation.only_asks(due):
                    check_room(preparation.open_budget(), due.call_ids)
                _run(console, preparation, due)
        except (AllRefused, BudgetReached, Incomplete):
            print_summary(console, summary_of(preparation), preparation.warehouse.address)
            raise
        summary = summary_of(preparation)
        print_summary(console, summary, preparation.warehouse.address)
        kept.keep(preparation, [*head, f"{_plan_head(preparation)}; {_NOTHING_LEFT}"], summary)


def _input_lines(preparation: Preparation) -> list[str]:
    """What there was in the rows that were read, and what of it is not in the plan."""
    loaded = preparation.loaded
    lines = [*loaded.tally.lines(), loaded.kinds_line] if loaded.of_rows else []
    return [printable(line) for line in [*lines, *left_out(preparation)]]


def _forecast(console: Console, preparation: Preparation, due: DueCalls) -> None:
    """Where there is nothing to go by, the first calls of the plan are the sample; a batch would take hours."""
    opened = preparation.open_budget()
    expected = forecast_of(preparation, due)
    if opened and not expected.seen and not (preparation.configuration.teacher.batch or preparation.plan.drafting):
        sample_s = ask_sample(preparation, due, opened.cap)
        expected = forecast_of(preparation, preparation.calls_due(), sample_s)
    console.print(_format_forecast(preparation, expected), *([opened.line] if opened else []), sep="\n")


def _format_forecast(preparation: Preparation, expected: Forecast) -> str:
    return (
        f"{expected}; calls that follow from their answers come on top" if preparation.plan.goes_on else str(expected)
    )


def _run(console: Console, preparation: Preparation, due: DueCalls) -> None:
    def before_sending() -> None:
        if due and preparation.configuration.budget.is_set:
            _forecast(console, preparation, due)

    with progress_of(console, preparation.totals) as watcher:
        configure_prefect()
        from flows.ending import run_handed
        from flows.execution import handing_over  # while the server starts
        from flows.synthesize import synthesize

        wait_for_prefect()
        given = (preparation.configuration, preparation.warehouse.address, preparation.until, preparation.fresh)
        with handing_over(preparation, watcher, before_sending) as handed:
            run_handed(synthesize, handed, *given, say=errors.print)


def _plan_line(preparation: Preparation, due: int) -> str:
    plan, head = preparation.plan, _plan_head(preparation)
    if not preparation.work:
        return f"{head}; {_NOTHING_LEFT}"
    calls = f"{due} calls and those that follow from their answers" if plan.goes_on and due else f"{due} calls"
    return f"{head}; to do: " + ", ".join(
        [calls, *(f"{stage.value} {total}" for stage, total in preparation.totals.items() if total)]
    )


def _plan_head(preparation: Preparation) -> str:
    plan = preparation.plan
    return f"plan {plan.plan_id}: {len(plan.seeds)} questions, {len(plan)} attempts, {len(plan.spans)} shards"
