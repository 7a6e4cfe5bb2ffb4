"""`reflectory rescore`: another student or template over what has landed, and what it says beside the others."""

from pathlib import Path

from rich.console import Console

from flows.cli.options import errors
from flows.cli.progress import progress_of
from flows.prefect_settings import configure_prefect, wait_for_prefect
from flows.rendering import rich_table
from flows.rescore_preparation import prepared_rescoring
from schemas.configuration import RunConfiguration
from schemas.until import Until
from tasks.scoring.rescoring import find_due
from tasks.scoring.student_identity import student_identity
from warehouse.catalog import query_text
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot


def rescore_configuration(
    console: Console, configuration: RunConfiguration, warehouse: Warehouse, dry_run: bool
) -> None:
    """Raise `Refused` before anything is scored."""
    student = student_identity(configuration.student)
    with Snapshot(warehouse) as now:
        due = find_due(now, student, configuration.run.shard_size)
    console.print(
        f"{student.student} ({student.template}, {student.dtype}): {due.n_subjects} of {due.n_landed} traces and pairs"
        f" to score, in {len(due.shards)} shards",
        markup=False,
    )
    if dry_run:
        return
    _run(console, configuration, warehouse.address)
    with Snapshot(warehouse) as now:
        console.print(rich_table(*now.ask(query_text("scores_by_student")), "Scores by student"))


def _run(console: Console, configuration: RunConfiguration, warehouse: str) -> None:
    configure_prefect()
    from flows.ending import run_handed
    from flows.execution import handing_over
    from flows.rescore import rescore  # while the server starts

    wait_for_prefect()
    with (
        prepared_rescoring(configuration, Path(warehouse)) as preparation,
        progress_of(console, {Until.SCORE: preparation.due.n_subjects}) as watcher,
        handing_over(preparation, watcher) as handed,
    ):
        run_handed(rescore, handed, configuration, warehouse, say=errors.print)
