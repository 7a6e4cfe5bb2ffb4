"""What a plan has given so far, for a person: the yield, the verdicts, the effects, the scores, the books."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import shorten

from rich.console import Console

from flows.accounts import read_accounts
from flows.cli.next_steps import print_next_steps
from flows.finished import Section, Summary
from flows.preparation import Preparation
from flows.rendering import printable, rich_table
from schemas.verdict import Verdict
from tasks.asking.budget import format_budget
from tasks.asking.first_answers import warn
from tasks.questions.recorded import Seed
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
_SHOWN = 20
"""Questions that are set aside and told one by one; `verdicts` has all of a run's."""
_LONGEST = 80
"""Characters of a question or a gold in a line."""


def read_sections(now: Snapshot, sections: Mapping[str, str], plan_id: str) -> Iterator[Section]:
    """A table for each query that has rows; `sections` are the titles by the names of the queries."""
    for name, title in sections.items():
        columns, rows = now.ask(query_text(name), {"plan_id": plan_id})
        if rows:
            yield Section(title=title, columns=tuple(columns), rows=tuple(rows))


def print_sections(console: Console, sections: Iterable[Section]) -> None:
    """Print each."""
    for section in sections:
        console.print(rich_table(section.columns, section.rows, section.title))


def summary_of(preparation: Preparation) -> Summary:
    """What the prepared plan has given, from the warehouse as it is now."""
    plan = preparation.plan
    with Snapshot(preparation.warehouse, FRUGAL) as now:
        now.keep("traces_full", query_text("plan_traces"), {"plan_id": plan.plan_id})
        sections = tuple(read_sections(now, _SECTIONS, plan.plan_id))
        _, [(n_disputes,)] = now.ask(query_text("disputes"), {"plan_id": plan.plan_id})
        accounts = read_accounts(now, preparation.warehouse, plan)
        _, examples = now.ask(query_text("examples"), {"plan_id": plan.plan_id})
        warning = no_reflection(now, plan)
    return Summary(
        sections=sections,
        n_disputes=n_disputes,
        n_planned=accounts.planned,
        books=accounts.books,
        ledger=accounts.ledger,
        cost_usd=accounts.cost_usd,
        examples=tuple(examples),
        notes=(*([preparation.writing] if preparation.writing else []), *_budget(preparation)),
        left_out=tuple(left_out(preparation)),
        warning=warning,
    )


def print_summary(console: Console, summary: Summary, warehouse: str) -> None:
    """A table per section, then the books; `warehouse` is its address. Raises `BooksDoNotBalance`."""
    print_sections(console, summary.sections)
    accounts, n = summary.accounts, summary.n_disputes
    console.print(
        accounts.books_line,
        f"{accounts.ledger_line}; {accounts.cost_line}",
        f"disputes: {n} questions whose samples agree with each other and not with the gold (view disputes)",
        *summary.notes,
        sep="\n",
    )
    print_left_out(console, summary.left_out)
    if summary.warning:
        warn(summary.warning)
    accounts.check()
    if summary.examples:
        print_next_steps(console, warehouse, summary.examples)


def no_reflection(now: Snapshot, plan: Plan) -> str | None:
    """What is missing, and what to set, where a teacher was asked and none of its traces has a reflection."""
    if not plan.requests:
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


def _budget(preparation: Preparation) -> list[str]:
    opened = preparation.open_budget()
    return [format_budget(*opened)] if opened else []


def print_left_out(console: Console, lines: Sequence[str]) -> None:
    """Print what of the input is not in the plan, and why."""
    for line in lines:
        console.print(printable(line), markup=False)


def left_out(preparation: Preparation) -> list[str]:
    """What of the input is not in the plan, and why, line by line."""
    loaded, aside = preparation.loaded, preparation.set_aside
    shown = {verdict.subject_id for verdict in aside[:_SHOWN]}
    seeds = {s.question.question_id: s for s in (loaded.seeds if shown else ()) if s.question.question_id in shown}
    lines = [_set_aside(seeds[verdict.subject_id], verdict) for verdict in aside[:_SHOWN]]
    if len(aside) > _SHOWN:
        lines.append(f"set aside: {len(aside) - _SHOWN} more questions whose golds fail their own tests")
    if preparation.obeyed:
        said = Counter(ruling.ruling.value for ruling in preparation.obeyed.rulings)
        obeyed = ", ".join(f"{ruling} {n}" for ruling, n in sorted(said.items())) or "none"
        idle = preparation.obeyed.n_idle
        lines.append(f"rulings obeyed: {obeyed}" + (f"; {idle} are on questions that are not here" if idle else ""))
    return lines


def _set_aside(seed: Seed, verdict: Verdict) -> str:
    """A line that finds the question in its file, and says why."""
    question = seed.question
    place = f"{seed.place}, " if seed.place else ""
    text, gold = (shorten(text or "", _LONGEST, placeholder="…") for text in (question.text, question.gold))
    why = f"{verdict.reason}: {verdict.evidence}" if verdict.evidence else verdict.reason
    return f"set aside: {place}question {text!r}: its gold {gold!r} of kind {question.kind} fails its own test ({why})"
