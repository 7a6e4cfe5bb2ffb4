"""The log of a flow run says once how it ended, without a traceback where nothing in the program is wrong."""

import io
import logging
from collections.abc import Callable, Iterator

import pytest
from prefect.exceptions import CancelledRun

from flows.quiet_exit import quiet_flow_run
from schemas.errors import ActorLost, BudgetReached, Refused

REFUSED = Refused("teacher.api_key: the environment variable NOPE is not set; export it or name another")
LOST = ActorLost("the student's process is gone; the same command continues")
FLOW_RUNS = logging.getLogger("prefect.flow_runs")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is written of the log of flow runs."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    FLOW_RUNS.addHandler(handler)
    yield written
    FLOW_RUNS.removeHandler(handler)


def end_with(error: Exception) -> None:
    """As Prefect's engine does, and then its process: each logs it, a cancelled run the process alone."""
    if not isinstance(error, CancelledRun):
        _logged(lambda: FLOW_RUNS.exception("Encountered exception during execution: %r", error), error)
    _logged(lambda: FLOW_RUNS.error("Engine execution exited with unexpected exception", exc_info=True), error)


def _logged(log: Callable[[], None], error: Exception) -> None:
    try:
        raise error
    except type(error):
        log()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (REFUSED, f"Refused: {REFUSED}\n"),
        (LOST, f"ActorLost: {LOST}\n"),
        (BudgetReached("100% of 1 USD"), "BudgetReached: 100% of 1 USD\n"),
        (CancelledRun("cancelled in Prefect; the same command continues"), ""),
    ],
)
def test_what_is_no_fault_is_one_sentence(log: io.StringIO, error: Exception, expected: str) -> None:
    quiet_flow_run()
    end_with(error)
    assert log.getvalue() == expected


def test_control_a_fault_of_the_program_keeps_its_traceback(log: io.StringIO) -> None:
    quiet_flow_run()
    end_with(RuntimeError("a fault of the program"))
    assert log.getvalue().count("Traceback") >= 2
