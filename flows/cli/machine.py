"""Commands about this machine: what a run needs, what may stay between runs, and the practice teacher."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import DEFAULT_WAREHOUSE, SetOption, WarehouseOption, console
from tasks.extras import check_extras


def doctor(
    config: Annotated[
        Path | None, typer.Argument(help="Run configuration whose questions, teacher and student to try.")
    ] = None,
    set_: SetOption = None,
    spend: Annotated[
        bool, typer.Option("--spend", help="Ask the teacher for one token with each sampling key: which does it take?")
    ] = False,
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Try everything that a run needs, and say what to do about what fails."""
    from flows.cli.doctor import examine
    from flows.configure import read_configuration

    configuration = read_configuration(config, set_ or []) if config else None
    if not examine(console, configuration, warehouse, spend):
        raise typer.Exit(1)


def up() -> None:
    """Keep a Ray and a Prefect server for the commands of this machine, which begin sooner then; Ctrl-C ends both."""
    check_extras("up", "run")
    from flows.cli.up import up as hold

    hold(console)


def practice_teacher(context: typer.Context) -> None:
    """Serve the practice teacher on loopback: an OpenAI-compatible endpoint that needs no key."""
    check_extras("practice-teacher", "run")
    from tasks.practice.__main__ import main as serve

    serve(context.args, context.command_path)
