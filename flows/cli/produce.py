"""Commands that make rows: from questions to scored traces, from pairs to better ones."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import (
    ASKED,
    DEFAULT_WAREHOUSE,
    PRACTICE,
    DryRunOption,
    FreshOption,
    PlotOption,
    SetOption,
    StartingPoint,
    WarehouseOption,
    console,
    existing_warehouse,
)
from schemas.errors import Refused
from schemas.until import Until
from tasks.extras import check_extras


def init(
    out: Annotated[Path, typer.Option("--out", help="Configuration to write.")] = Path("reflectory.toml"),
    kind: Annotated[StartingPoint | None, typer.Option(help=ASKED["kind"])] = None,
    data: Annotated[str | None, typer.Option(help=ASKED["data"])] = None,
    model: Annotated[str | None, typer.Option(help=ASKED["model"])] = None,
    url: Annotated[
        str | None, typer.Option(help="Of the teacher's endpoint, such as http://127.0.0.1:8000/v1.")
    ] = None,
) -> None:
    """Write a commented configuration to begin with; what no flag says is asked."""
    from flows.cli.init import write_configuration
    from flows.cli.next_steps import print_commands

    lacking = [f"--{name}" for name, given in (("kind", kind), ("data", data), ("model", model)) if given is None]
    if lacking and not sys.stdin.isatty():
        raise Refused(f"init: got no {', '.join(lacking)}, and there is no terminal to ask at")
    kind = kind or typer.prompt(ASKED["kind"], type=StartingPoint, default=StartingPoint.API, show_choices=False)
    data = data or typer.prompt(ASKED["data"])
    model = model or typer.prompt(ASKED["model"], default=PRACTICE)
    commands = write_configuration(out, kind, data, model, url)
    print_commands(console, DEFAULT_WAREHOUSE.absolute(), commands, heading=f"{out} is written. Next:")


def run(
    config: Annotated[Path, typer.Argument(help="Run configuration, TOML.")],
    set_: SetOption = None,
    until: Annotated[Until, typer.Option(help="The last stage.")] = Until.SCORE,
    dry_run: DryRunOption = False,
    fresh: FreshOption = "",
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Do what is missing of the plan that CONFIG asks for: generate, verify, score, land."""
    check_extras("run", "run", *(["student"] if until is Until.SCORE else []))
    from flows.cli.run import run_configuration
    from flows.configure import check_inputs, read_configuration

    configuration = read_configuration(config, set_ or [])
    check_inputs(configuration)
    run_configuration(console, configuration, warehouse, until, fresh, dry_run)


def recycle(
    config: Annotated[Path, typer.Argument(help="Recycle configuration, TOML.")],
    set_: SetOption = None,
    dry_run: DryRunOption = False,
    fresh: FreshOption = "",
    plot: PlotOption = None,
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Make better pairs of an instruction data set: a teacher reflects on each, the student chooses."""
    check_extras("recycle", "run", "student", *(["report"] if plot else []))
    from flows.cli.recycle import recycle_configuration
    from flows.configure import read_as
    from flows.recycle_preparation import check_recycle_inputs
    from schemas.recycling import RecycleConfiguration
    from tasks.recycling.plot import check_plot

    configuration = read_as(RecycleConfiguration, config, set_ or [])
    check_recycle_inputs(configuration)
    if plot:
        check_plot(plot)
    recycle_configuration(console, configuration, warehouse, fresh, dry_run, plot)


def rescore(
    config: Annotated[Path, typer.Argument(help="Run configuration; its student and run sections count.")],
    set_: SetOption = None,
    dry_run: DryRunOption = False,
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Score what has landed with the student of CONFIG, beside the scores that it has."""
    check_extras("rescore", "run", "student")
    from flows.cli.rescore import rescore_configuration
    from flows.configure import read_configuration

    rescore_configuration(console, read_configuration(config, set_ or []), existing_warehouse(warehouse), dry_run)


def serve(
    config: Annotated[Path, typer.Argument(help="Run configuration, TOML.")],
    set_: SetOption = None,
    until: Annotated[Until, typer.Option(help="The last stage.")] = Until.SCORE,
    cron: Annotated[str, typer.Option(help="When: five fields, in UTC.")] = "0 2 * * *",
    every: Annotated[int | None, typer.Option(min=1, help="Seconds between runs, instead of --cron.")] = None,
    name: Annotated[str, typer.Option(help="Of the deployment.")] = "nightly",
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Run CONFIG on a schedule, as a Prefect deployment that this process serves; Ctrl-C ends it."""
    check_extras("serve", "run", *(["student"] if until is Until.SCORE else []))
    from flows.cli.serve import serve_configuration
    from flows.configure import check_inputs, read_configuration

    configuration = read_configuration(config, set_ or [])
    check_inputs(configuration)
    when = cron if every is None else timedelta(seconds=every)
    serve_configuration(console, configuration, warehouse, until, name, when)
