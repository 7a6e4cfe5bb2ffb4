"""`reflectory compact`: maintain the warehouse, and show what it took."""

from rich.console import Console

from flows.prefect_settings import configure_prefect, wait_for_prefect
from flows.rendering import rich_table
from schemas.maintenance import Maintained


def compact_and_show(console: Console, warehouse: str, keep_days: int) -> None:
    """Raises `Refused` while a run is writing."""
    with console.status("compacting"):
        configure_prefect()
        from flows.maintain import maintain  # while the server starts

        wait_for_prefect()
        done = maintain(warehouse, keep_days)
    console.print(rich_table(list(Maintained.model_fields), [list(row.model_dump().values()) for row in done]))
    console.print(f"replaced files are kept for {keep_days} days, for those who are reading them")
