"""A flow run whose worker was killed writes its log into a pipe that nobody reads; it goes on."""

import ast
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from prefect.logging.handlers import PrefectConsoleHandler

from flows.quiet_exit import quiet_flow_run
from tests.conftest import ROOT


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
    quiet_flow_run()
    for _ in range(2):
        root.warning("for nobody")


def test_control_rich_exits(root: logging.Logger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "out").open("w") as out:
        monkeypatch.setattr(sys, "stdout", out)  # rich puts /dev/null in its place
        with pytest.raises(SystemExit):
            root.warning("for nobody")


def loud(source: str) -> list[str]:
    """The flows of a module that do not begin with that."""
    return [
        each.name
        for each in ast.walk(ast.parse(source))
        if isinstance(each, ast.FunctionDef)
        and any(ast.unparse(decorator).startswith("flow(") for decorator in each.decorator_list)
        and ast.unparse(each.body[1]) != "quiet_flow_run()"
    ]


def test_every_flow_begins_with_that() -> None:
    sources = {path.name: path.read_text("utf-8") for path in (ROOT / "flows").glob("*.py")}
    assert sum("@flow(" in source for source in sources.values()) >= 7
    assert {name: found for name, source in sources.items() if (found := loud(source))} == {}


def test_control_one_that_does_not_is_found() -> None:
    assert loud('@flow(name="x")\ndef loud():\n    """Do."""\n    return 1\n') == ["loud"]
