"""What a plan has given so far, for a person: the yield, the verdicts, the effects, the scores, the books."""

from collections import Counter
from collections.abc import Mapping

from rich.console import Console

from flows.accounts import read_accounts
from flows.cli.next_steps import print_next_steps
from flows.preparation import Preparation
from flows.rendering import rich_table
from tasks.asking.budget import format_budget
from tasks.asking.first_answers import warn
from tasks.synthesis.plan import Plan
from warehouse.catalog import query_text
from warehouse.reading import Snapshot

_SECTIONS = {
    "yield": "Yield",
    "verdicts": "Verdicts by reason",
    "failures": "Without a trace",
    "structures": "Structure",
    "effects": "What reflecting did",
}


def print_sections(console: Console, now: Snapshot, sections: Mapping[str, str], plan_id: str) -> None:
    """Print a table for each query that has rows; `sections` are the titles by the names of the queries."""
    for name, title in sections.items():
        columns, rows = now.ask(query_text(name), {"plan_id": plan_id})
        if rows:
            console.print(rich_table(columns, rows, title))


def print_summary(console: Console, preparation: Preparation) -> None:
    """A table per section, for the prepared plan, from the warehouse as it is now. Raises `BooksDoNotBalance`."""
    plan = preparation.plan
    with Snapshot(preparation.warehouse) as now:
        print_sections(console, now, _SECTIONS, plan.plan_id)
        _, [(n_disputes,)] = now.ask(query_text("disputes"), {"plan_id": plan.plan_id})
        accounts = read_accounts(now, preparation.warehouse, plan)
        _, examples = now.ask(query_text("examples"), {"plan_id": plan.plan_id})
        unread = no_reflection(now, plan)
    console.print(
        accounts.books_line,
        f"{accounts.ledger_line}; {accounts.cost_line}",
        f"disputes: {n_disputes} questions whose samples agree with each other and not with the gold (view disputes)",
        *([preparation.writing] if preparation.writing else []),
        *_budget(preparation),
        *_left_out(preparation),
        sep="\n",
    )
    if unread:
        warn(unread)
    accounts.check()
    if examples:
        print_next_steps(console, preparation.warehouse.folder, examples)


def no_reflection(now: Snapshot, plan: Plan) -> str | None:
    """What is missing, and what to set, where a teacher was asked and none of its traces has a reflection."""
    if not plan.requests:
        return None
    _, [(n, reflected, unthought, unsaid, most)] = now.ask(query_text("reflections"), {"plan_id": plan.plan_id})
    if reflected or not n:
        return None
    other = "" if plan.teacher.strategy == "draft_reflect_revise" else ", or teacher.strategy = 'draft_reflect_revise'"
    return (
        f"no reflection was read in any of {n} traces ({unthought} without thinking, {unsaid} without output, most are"
        f" {most}): try teacher.examples{other}"
    )


def _budget(preparation: Preparation) -> list[str]:
    opened = preparation.open_budget()
    return [format_budget(*opened)] if opened else []


def _left_out(preparation: Preparation) -> list[str]:
    """What of the input is not in the plan, and why."""
    lines = [
        f"set aside: question {verdict.subject_id}, whose gold fails its own test ({verdict.reason})"
        for verdict in preparation.set_aside
    ]
    if preparation.obeyed:
        said = Counter(ruling.ruling.value for ruling in preparation.obeyed.rulings)
        obeyed = ", ".join(f"{ruling} {n}" for ruling, n in sorted(said.items())) or "none"
        idle = preparation.obeyed.n_idle
        lines.append(f"rulings obeyed: {obeyed}" + (f"; {idle} are on questions that are not here" if idle else ""))
    return lines
