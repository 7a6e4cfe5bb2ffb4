"""Commands on the tables of a warehouse."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import (
    DEFAULT_WAREHOUSE,
    Format,
    WarehouseOption,
    console,
    errors,
    existing_warehouse,
    write,
)
from flows.rendering import FORMATS, rich_table
from schemas.errors import Refused
from tasks.extras import check_extras


def sql(
    query: Annotated[str, typer.Argument(help="DuckDB SQL over the tables and views.")] = "",
    format_: Annotated[Format, typer.Option("--format")] = Format.TABLE,
    views: Annotated[bool, typer.Option("--views", help="List the tables, views and macros.")] = False,
    untrusted: Annotated[
        bool, typer.Option("--untrusted", help="A stranger's query: one SELECT, nothing else.")
    ] = False,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for an untrusted query.")] = 10,
    rows: Annotated[int, typer.Option(min=1, help="The most rows of an untrusted query.")] = 1000,
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Ask the warehouse."""
    from flows.cli.sql import ask, ask_guarded, listing
    from warehouse.untrusted import QueryLimits

    if bool(query) == views:
        raise Refused("sql: give either a query or --views")
    existing = existing_warehouse(warehouse)
    if views:
        shown = listing(existing, format_)
    elif untrusted:
        shown = FORMATS[format_](*ask_guarded(existing, query, QueryLimits(timeout_s=timeout, rows=rows), errors))
    else:
        shown = FORMATS[format_](*ask(existing, query))
    if isinstance(shown, str):
        write(shown)
    else:
        console.print(shown)


def export(
    table: Annotated[str, typer.Argument(help="A table or view: `reflectory sql --views` lists them.")],
    out: Annotated[Path, typer.Option("--out", help="File that ends in .parquet, .jsonl or .csv.")],
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Write all rows of a table or view in one file."""
    from flows.cli.export import export as export_table

    n = export_table(existing_warehouse(warehouse), table, out)
    console.print(f"{n} rows of {table}: {out}", markup=False)


def show(
    trace_id: Annotated[str, typer.Argument(help="A trace_id, or its beginning.")],
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Show a trace in colours, with its question, verdict and score."""
    from flows.cli.show import show_trace

    show_trace(console, existing_warehouse(warehouse), trace_id)


def unheard(
    free: Annotated[bool, typer.Option("--free", help="Rule that they have cost nothing.")] = False,
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """List requests that a kill or a cut line left without an answer: a budget charges them at their worst case."""
    from warehouse.journal import Journal

    existing = existing_warehouse(warehouse)
    with existing.sole_writer(), closing(Journal(existing.journal_path)) as journal:
        n, charged = journal.unresolved()
        if free:
            journal.rule_free()
    ruling = "now ruled to be free" if free else "charged until `unheard --free` rules otherwise"
    console.print(f"{n} requests, at most {charged.tokens:,} tokens and {charged.usd:.4f} USD; {ruling}")


def compact(
    keep_days: Annotated[int, typer.Option(min=1, help="How long replaced files stay, for who reads them.")] = 7,
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Make few files of many, and remove what no reader needs any more."""
    check_extras("compact", "run")
    from flows.prefect_settings import configure_prefect, wait_for_prefect
    from schemas.maintenance import Maintained

    address = existing_warehouse(warehouse, to_write=True).address
    with console.status("compacting"):
        configure_prefect()
        from flows.maintain import maintain  # while the server starts

        wait_for_prefect()
        done = maintain(address, keep_days)
    console.print(rich_table(list(Maintained.model_fields), [list(row.model_dump().values()) for row in done]))
    console.print(f"replaced files are kept for {keep_days} days, for those who are reading them")


def hashes(warehouse: WarehouseOption = DEFAULT_WAREHOUSE) -> None:
    """Print one hash per table, equal wherever the same inputs and seeds were run."""
    from warehouse.reading import Snapshot
    from warehouse.row_hash import row_hash

    existing = existing_warehouse(warehouse)
    with Snapshot(existing) as now:
        for table in (version.table for version in existing.versions()):
            if table != "runs":
                console.print(f"{row_hash(now, table)}  {table}")
