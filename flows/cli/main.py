"""The command `reflectory`. Prefect, Ray, torch and the warehouse are imported only by the commands that use them."""

import logging
import os
import re
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from flows.cli import data_sets, files, machine, produce, tables, talk
from flows.cli.options import ToErrors, errors
from flows.cli.surroundings import surroundings_trouble
from flows.cli.usage import complaint
from flows.quiet_exit import quiet_exit
from flows.rendering import printable
from schemas.errors import ReflectoryError, Refused, Stopped
from tasks.extras import advice
from tasks.garbage import collect_rarely

app = typer.Typer(
    help="A factory for verified, student-scored reflection traces.",
    pretty_exceptions_enable=False,
)
_DEBUG = "--debug"
_INTERRUPTED = 130
"""What Typer makes of a KeyboardInterrupt."""
_STOPPED = Stopped("stopped; the same command continues")
_WRITTEN = re.compile(r'file \\?"(/.+?)\\?"')
"""In the words of DuckDB."""

_PANELS: dict[str, tuple[Callable[..., None], ...]] = {
    "Generate": (produce.init, produce.run, produce.recycle, produce.rescore, produce.serve, produce.deploy),
    "Data sets": (
        data_sets.release,
        data_sets.report,
        data_sets.review,
        data_sets.diff,
        data_sets.curate,
        data_sets.prove,
    ),
    "Query": (tables.sql, tables.show, tables.export),
    "Files": (files.verify, files.score, files.decontaminate),
    "Models": (talk.ask, talk.playground, talk.compare, talk.serve_student),
    "Operate": (machine.doctor, machine.up, tables.unheard, tables.compact, tables.hashes),
}

for panel, commands in _PANELS.items():
    for command in commands:
        app.command(rich_help_panel=panel)(command)
handed_on = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
app.command(rich_help_panel="Models", context_settings=handed_on)(machine.practice_teacher)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"reflectory {version('reflectory')}")
        raise typer.Exit


@app.callback()
def _whole(
    version_: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version, and stop.")
    ] = False,
    debug: Annotated[
        bool, typer.Option(_DEBUG, help="Show the traceback of an error; may stand anywhere on the line.")
    ] = False,
) -> None:
    """Whole command line. `main` takes --debug out before a command sees it."""


def main() -> NoReturn:
    """Run the command line; exits with a code of the contract."""
    signal.signal(signal.SIGTERM, _stop)
    quiet_exit()
    collect_rarely()
    logger = logging.getLogger("reflectory")
    logger.addHandler(ToErrors())
    logger.propagate = False
    arguments = [argument for argument in sys.argv[1:] if argument != _DEBUG]
    try:
        code = app(arguments, standalone_mode=False)
    except typer.TyperException as error:
        errors.print(printable(f"reflectory: {complaint(error, arguments)}"), markup=False)
        sys.exit(error.exit_code)
    except ModuleNotFoundError as error:
        said = advice(error)
        _fail(Refused(said) if said else error)
    except Exception as error:  # noqa: BLE001  every failure becomes a line and an exit code
        _fail(_STOPPED if _is_interrupt(error) else error)
    if code == _INTERRUPTED:
        _fail(_STOPPED)
    sys.exit(code or 0)


def _stop(signum: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _is_interrupt(error: Exception) -> bool:
    """Whether DuckDB has made it of a KeyboardInterrupt in the midst of a query."""
    return isinstance(error, RuntimeError) and str(error) == "Query interrupted"


def _fail(error: BaseException) -> NoReturn:
    if _DEBUG in sys.argv:
        traceback.print_exception(error)
    known = isinstance(error, ReflectoryError)
    message = (
        str(error)
        if known
        else _prefect(error)
        or surroundings_trouble(error)
        or _disk(error)
        or f"{type(error).__name__}: {error} (--debug shows where)"
    )
    errors.print(printable(f"reflectory: {message}"), markup=False)
    sys.exit(error.exit_code if isinstance(error, ReflectoryError) else 1)


def _prefect(error: BaseException) -> str | None:
    """What a person is told of a Prefect server that its client never reached; None for another error."""
    from flows.prefect_settings import UNREACHABLE, PrefectUnavailable  # here and not above: few commands need Prefect

    if not (isinstance(error, RuntimeError) and UNREACHABLE in str(error)):
        return None
    return str(PrefectUnavailable.for_now(error))


def _disk(error: BaseException) -> str | None:
    """What is wrong with the disk that a command writes to; None for another error, also a right that is missing: that
    may be one to read.
    """
    from warehouse.disk import disk_trouble
    from warehouse.spilling import spill_trouble

    if said := spill_trouble(error):
        return said
    if isinstance(error, PermissionError) or not (said := disk_trouble(error)):
        return None
    named = _WRITTEN.search(str(error))
    file = error.filename if isinstance(error, OSError) else named and named[1]
    place = f" of {Path(os.fsdecode(file)).parent}" if file else ""
    return f"the disk{place} {said}, or write to another folder"
