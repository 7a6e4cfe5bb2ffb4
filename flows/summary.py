"""What a plan has given so far, for a person: the yield, the verdicts, the effects, the scores, the books."""

from contextlib import closing

from rich.console import Console

from flows.ending import read_books, read_cost
from flows.preparation import Preparation
from flows.rendering import fetch, rich_table
from schemas.run import Books, Ledger
from warehouse.catalog import connect, query_text
from warehouse.journal import Journal

_SECTIONS = {
    "yield": "Yield",
    "verdicts": "Verdicts by reason",
    "structures": "Structure",
    "effects": "What reflecting did",
    "ifd": "IFD quartiles",
}


def print_summary(console: Console, preparation: Preparation) -> None:
    """A table per section, for the prepared plan, from the warehouse as it is now."""
    plan_id = preparation.plan.plan_id
    with closing(connect(preparation.warehouse)) as now:
        for name, title in _SECTIONS.items():
            columns, rows = fetch(now.execute(query_text(name), {"plan_id": plan_id}))
            if rows:
                console.print(rich_table(columns, rows, title))
        books, cost = read_books(now, plan_id), read_cost(now, plan_id)
    ledger = Journal(preparation.warehouse.journal_path).ledger(list(preparation.plan.requests))
    console.print(_books_line(books), _ledger_line(ledger, cost), sep="\n")
    for verdict in preparation.set_aside:
        console.print(f"set aside: question {verdict.subject_id}: its gold fails its own test ({verdict.reason})")
    loaded = preparation.loaded
    if loaded.n_duplicates:
        console.print(f"{loaded.n_duplicates} of {loaded.n_rows} rows repeat an earlier question; asked once")


def _books_line(books: Books) -> str:
    return (
        f"books: planned {books.planned} = verified {books.verified} + unverified {books.unverified}"
        f" + failed {books.failed} + pending {books.pending}" + ("" if books.balanced else "  DO NOT BALANCE")
    )


def _ledger_line(ledger: Ledger, cost: float | None) -> str:
    price = "unknown" if cost is None else f"{cost:.4f} USD"
    return (
        f"calls: sent {ledger.sent} = answered {ledger.answered} + failed {ledger.failed}"
        f" + unknown {ledger.unknown}; cost {price}"
    )
