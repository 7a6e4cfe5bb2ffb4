"""What a plan has given so far, for a person: the yield, the verdicts, the effects, the scores, the books."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from rich.console import Console

from flows.accounts import read_accounts
from flows.cli.next_steps import print_next_steps
from flows.cli.set_aside import format_set_aside
from flows.finished import Summary, SummarySection
from flows.preparation import Preparation
from flows.rendering import rich_table
from tasks.asking.first_answers import warn
from tasks.synthesis.plan import Plan
from warehouse.catalog import query_text
from warehouse.reading import FRUGAL, Snapshot

_SECTIONS = {
    "yield": "Yield",
    "verdicts": "Verdicts by reason",
    "failures": "Without a trace",
    "structures": "Structure",
    "effects": "What reflecting did",
}


def read_sections(now: Snapshot, sections: Mapping[str, str], plan_id: str) -> Iterator[SummarySection]:
    """Yield a table for each query that has rows; `sections` are the titles by the names of the queries."""
    for name, title in sections.items():
        columns, rows = now.ask(query_text(name), {"plan_id": plan_id})
        if rows:
            yield SummarySection(title=title, columns=tuple(columns), rows=tuple(rows))


def print_sections(console: Console, sections: Iterable[SummarySection]) -> None:
    """Print each."""
    for section in sections:
        console.print(rich_table(section.columns, section.rows, section.title))


def summary_of(preparation: Preparation) -> Summary:
    """Return what the prepared plan has given, from the warehouse as it is now."""
    plan = preparation.plan
    with Snapshot(preparation.warehouse, FRUGAL) as now:
        now.keep("traces_full", query_text("plan_traces"), {"plan_id": plan.plan_id})
        sections = tuple(read_sections(now, _SECTIONS, plan.plan_id))
        _, [(n_disputes,)] = now.ask(query_text("disputes"), {"plan_id": plan.plan_id})
        accounts = read_accounts(now, preparation.warehouse, plan)
        _, examples = now.ask(query_text("examples"), {"plan_id": plan.plan_id})
        warning = no_reflection(now, plan)
    opened = preparation.open_budget()
    return Summary(
        sections=sections,
        n_disputes=n_disputes,
        n_planned=accounts.planned,
        books=accounts.books,
        ledger=accounts.ledger,
        cost_usd=accounts.cost_usd,
        examples=tuple(examples),
        notes=tuple(filter(None, (preparation.writing, opened and opened.line))),
        warning=warning,
    )


def print_summary(console: Console, summary: Summary, warehouse: str) -> None:
    """Print a table per section, then the books; `warehouse` is its address. Raises `BooksDoNotBalance`."""
    print_sections(console, summary.sections)
    accounts, n = summary.accounts, summary.n_disputes
    console.print(
        accounts.books_line,
        f"{accounts.ledger_line}; {accounts.cost_line}",
        f"disputes: {n} questions whose samples agree with each other and not with the gold (view disputes)",
        *summary.notes,
        sep="\n",
    )
    if summary.warning:
        warn(summary.warning)
    accounts.check()
    if summary.examples:
        print_next_steps(console, warehouse, summary.examples)


def no_reflection(now: Snapshot, plan: Plan) -> str | None:
    """Return what is missing, and what to set, where a teacher was asked and none of its traces has a reflection."""
    if not plan.first:
        return None
    _, [(n, reflected, unthought, unsaid, most)] = now.ask(query_text("reflections"), {"plan_id": plan.plan_id})
    if reflected or not n:
        return None
    composed = plan.teacher.strategy in ("draft_reflect_revise", "assembled")
    other = "" if composed else ", or teacher.strategy = 'assembled'"
    return (
        f"no reflection was read in any of {n} traces ({unthought} without thinking, {unsaid} without output, most are"
        f" {most}): try teacher.examples{other}"
    )


def left_out(preparation: Preparation) -> list[str]:
    """Return what of the input is not in the plan, and why, line by line."""
    lines = format_set_aside(preparation.loaded.seeds, preparation.set_aside)
    if preparation.obeyed:
        said = Counter(ruling.ruling.value for ruling in preparation.obeyed.rulings)
        obeyed = ", ".join(f"{ruling} {n}" for ruling, n in sorted(said.items())) or "none"
        idle = preparation.obeyed.n_idle
        lines.append(f"rulings obeyed: {obeyed}" + (f"; {idle} are on questions that are not here" if idle else ""))
    return lines
