"""A flow run whose worker was killed writes its log into a pipe that nobody reads; it goes on."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from prefect.logging.handlers import PrefectConsoleHandler

from flows.ending import log_without_a_reader


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, with Prefect's handler on such a pipe."""
    reading, writing = os.pipe()
    os.close(reading)
    with suppress(BrokenPipeError), os.fdopen(writing, "w") as pipe:
        handler = PrefectConsoleHandler(pipe)
        logging.getLogger().addHandler(handler)
        yield logging.getLogger()
        logging.getLogger().removeHandler(handler)


def test_it_goes_on(root: logging.Logger) -> None:
    log_without_a_reader()
    for _ in range(2):
        root.warning("for nobody")


def test_control_rich_exits(root: logging.Logger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "out").open("w") as out:
        monkeypatch.setattr(sys, "stdout", out)  # rich puts /dev/null in its place
        with pytest.raises(SystemExit):
            root.warning("for nobody")
