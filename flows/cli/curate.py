"""`reflectory curate`: apply a policy, and show what it left and why."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from flows.configure import read_as
from flows.funnel import books_line, funnel, funnel_by_source, needs_table
from flows.prefect_settings import configure_prefect, wait_for_prefect
from flows.rendering import rich_table
from tasks.curation.policy import Policy


def read_policy(path: Path | None, name: str | None, sets: Sequence[str]) -> Policy:
    """Read the policy of a file, or the default one, changed by `a.b=value` settings and then by `name`. Raises
    `Refused`.
    """
    policy = read_as(Policy, path, sets)
    return policy.model_copy(update={"name": name}) if name else policy


def curate_and_show(console: Console, warehouse: str, policy: Policy, top_up: int | None) -> None:
    """Raise `Refused` and `BooksDoNotBalance`."""
    with console.status(f"curating by the policy {policy.name}"):
        configure_prefect()
        from flows.curate import curate  # while the server starts

        wait_for_prefect()
        curated = curate(policy, warehouse, top_up)
    curation = curated.curation
    console.print(rich_table(*funnel(curation), title=f"Funnel of the policy {curation.name}"))
    console.print(rich_table(*funnel_by_source(curation), title="What remained, by family"))
    if curated.warning:
        console.print(curated.warning, style="yellow", markup=False)
    if curated.needs:
        console.print(
            rich_table(*needs_table(curated.needs), title=f"Questions that each bucket lacks of {top_up} accepted rows")
        )
    again = "" if curated.is_new else "; the same decisions were there already, and nothing landed"
    console.print(books_line(curation), f"curation {curation.curation_id}{again}", sep="\n")
