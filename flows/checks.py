"""What stands against sending: an endpoint that refuses, or batches that an earlier run has left there."""

from contextlib import closing
from pathlib import Path

from flows.prepared import DueCalls, Prepared
from flows.teacher_address import check_teacher
from schemas.configuration import LineConfiguration
from schemas.errors import Refused
from schemas.until import Until
from warehouse.journal_batches import BatchBook


def calls_in_batches(preparation: Prepared, due: DueCalls) -> int:
    """Return how many of the calls that are due are in a batch that may still answer."""
    with closing(BatchBook(preparation.warehouse.journal_path)) as book:
        batched = {call_id for batch in book.live(due.call_ids) for call_id in book.calls(batch)}
    return len(batched.intersection(due.call_ids))


def check_batches(preparation: Prepared, due: DueCalls) -> None:
    """Raise `Refused` where the calls of a batch would be asked for, and paid for, one by one as well."""
    if not preparation.configuration.teacher.batch and (n := calls_in_batches(preparation, due)):
        raise Refused(
            f"teacher.batch: got false, but {n} of the calls that are due are in a batch at the endpoint; set it to"
            " true to collect them. A batch that is cancelled there gives back what it has not answered"
        )


def check_actors(configuration: LineConfiguration, until: Until, journal: Path) -> None:
    """Start every actor that a run will need and have each do something, before calls that come before the run.

    Raises `Refused`.
    """
    from tasks.actors import RayWorkers  # here and not above: Ray takes a second to import
    from tasks.halt import Halt, halting_on_signals
    from tasks.ray_session import ray_session

    halt, student = Halt(), configuration.student
    gpus = student.actors * student.num_gpus if until is Until.SCORE else 0
    cpus = student.actors + configuration.verifier.actors
    with halting_on_signals(halt), ray_session(cpus, gpus, configuration.run.ship_code):
        RayWorkers(configuration, None, until, journal, halt).check()


def check_endpoints(preparation: Prepared, due: DueCalls) -> None:
    """Raise `Refused` where a teacher or judge would refuse every call, or where a batch has those that are `due`."""
    if due:
        check_batches(preparation, due)
        check_teacher(preparation.configuration.teacher)
    if preparation.drafter:
        check_teacher(preparation.drafter)
    if preparation.configuration.judge and preparation.wants_judge:
        check_teacher(preparation.configuration.judge)
