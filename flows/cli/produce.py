"""Commands that make rows: from questions to scored traces, from pairs to better ones."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    errors,
    existing_warehouse,
)
from flows.rendering import printable
from schemas.errors import Refused
from schemas.until import Until
from tasks.extras import check_extras

if TYPE_CHECKING:
    from flows.night import Night


def init(
    path: Annotated[str | None, typer.Argument(metavar="[DATA]", help="As --data.", show_default=False)] = None,
    out: Annotated[Path, typer.Option("--out", help="Configuration to write.")] = Path("reflectory.toml"),
    kind: Annotated[StartingPoint | None, typer.Option(help=ASKED["kind"])] = None,
    data: Annotated[str | None, typer.Option(help=ASKED["data"])] = None,
    model: Annotated[str | None, typer.Option(help=ASKED["model"])] = None,
    url: Annotated[
        str | None, typer.Option(help="Of the teacher's endpoint, such as http://127.0.0.1:8000/v1.")
    ] = None,
) -> None:
    """Write a commented configuration to begin with; what no flag says is asked."""
    from flows.cli.init import missing_data, row_remarks, write_configuration
    from flows.cli.next_steps import print_commands

    if path and data:
        raise Refused(f"init: got {path} and --data {data}; give one")
    data = data or path
    lacking = [f"--{name}" for name, given in (("kind", kind), ("data", data), ("model", model)) if given is None]
    if lacking and not sys.stdin.isatty():
        raise Refused(f"init: got no {', '.join(lacking)}, and there is no terminal to ask at")
    kind = kind or typer.prompt(ASKED["kind"], type=StartingPoint, default=StartingPoint.API, show_choices=False)
    data = data or typer.prompt(ASKED["data"])
    model = model or typer.prompt(ASKED["model"], default=PRACTICE)
    commands = write_configuration(out, kind, data, model, url)
    for missing in missing_data(data):
        errors.print(printable(f"reflectory: {missing}"), markup=False)
    heading = f"{out} is written. Next:"
    try:
        lines = row_remarks(out, data, kind)
    except Refused as refused:
        lines = str(refused).splitlines()
        heading = f"{out} is written, and nothing in {data} can be used as it is. Once it can:"
    for line in lines:
        console.print(printable(line), markup=False)
    print_commands(console, str(DEFAULT_WAREHOUSE.absolute()), commands, heading=heading)


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
    check_inputs(configuration, dry_run)
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
    check_recycle_inputs(configuration, dry_run)
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

    configuration = read_configuration(config, set_ or [])
    rescore_configuration(console, configuration, existing_warehouse(warehouse, to_write=not dry_run), dry_run)


_CronOption = Annotated[str, typer.Option("--cron", help="When: five fields, in UTC.")]
_EveryOption = Annotated[int | None, typer.Option("--every", min=1, help="Seconds between runs, instead of --cron.")]
_NameOption = Annotated[str, typer.Option("--name", help="Of the deployments.")]
_RecycleOption = Annotated[Path | None, typer.Option("--recycle", help="Recycle configuration for the flow recycle.")]
_PolicyOption = Annotated[Path | None, typer.Option("--policy", help="Policy for the flows curate and release.")]
_UntilOption = Annotated[Until, typer.Option("--until", help="The last stage.")]


def serve(
    config: Annotated[Path, typer.Argument(help="Run configuration, TOML.")],
    set_: SetOption = None,
    until: _UntilOption = Until.SCORE,
    cron: _CronOption = "0 2 * * *",
    every: _EveryOption = None,
    name: _NameOption = "nightly",
    all_: Annotated[
        bool, typer.Option("--all", help="Every flow, chained: after a run a release, then maintain.")
    ] = False,
    recycle: _RecycleOption = None,
    policy: _PolicyOption = None,
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Run CONFIG on a schedule, as a Prefect deployment that this process serves; Ctrl-C ends it."""
    check_extras("serve", "run", *(["student"] if until is Until.SCORE else []), *(["report"] if all_ else []))
    from flows.cli.serve import serve as serve_night

    if not all_ and (recycle or policy):
        raise Refused("serve: got --recycle or --policy, which are for the other flows; needs --all beside it")
    night = _night(
        config, set_, until, cron if every is None else timedelta(seconds=every), name, recycle, policy, warehouse
    )
    serve_night(console, night, all_)


def deploy(
    config: Annotated[Path, typer.Argument(help="Run configuration, TOML.")],
    set_: SetOption = None,
    until: _UntilOption = Until.SCORE,
    cron: _CronOption = "0 2 * * *",
    every: _EveryOption = None,
    name: _NameOption = "nightly",
    recycle: _RecycleOption = None,
    policy: _PolicyOption = None,
    pool: Annotated[str, typer.Option(help="Work pool; made, of type process, when missing.")] = "reflectory",
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Deploy every flow to a work pool of your Prefect server: after a run a release, then maintain."""
    check_extras("deploy", "run", "report", *(["student"] if until is Until.SCORE else []))
    from flows.cli.serve import deploy as deploy_night

    night = _night(
        config, set_, until, cron if every is None else timedelta(seconds=every), name, recycle, policy, warehouse
    )
    deploy_night(console, night, pool)


def _night(
    config: Path,
    sets: list[str] | None,
    until: Until,
    when: str | timedelta,
    name: str,
    recycle: Path | None,
    policy: Path | None,
    warehouse: Path,
) -> "Night":
    from flows.configure import check_inputs, read_as, read_configuration
    from flows.night import Night
    from flows.recycle_preparation import check_recycle_inputs
    from schemas.recycling import RecycleConfiguration
    from tasks.curation.policy import Policy

    configuration = read_configuration(config, sets or [])
    check_inputs(configuration)
    recycling = read_as(RecycleConfiguration, recycle, []) if recycle else None
    if recycling:
        check_recycle_inputs(recycling)
    return Night(
        name, warehouse, configuration, until, when, recycling, read_as(Policy, policy, []) if policy else None
    )
