"""The command `reflectory`. Prefect, Ray, torch and the warehouse are imported only by the commands that use them."""

import signal
import sys
import traceback
from contextlib import closing
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

from flows.quiet_exit import quiet_exit
from flows.rendering import FORMATS, printable
from schemas.errors import ReflectoryError, Refused, Stopped
from schemas.record import clean_text
from schemas.until import Until

if TYPE_CHECKING:
    from warehouse.landing import Warehouse

_PIPE_WIDTH = 160
app = typer.Typer(
    help="A factory for verified, student-scored reflection traces. With --debug an error shows its traceback.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _PIPE_WIDTH)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

WarehouseOption = Annotated[Path, typer.Option("--warehouse", help="Folder of the tables.")]
DEFAULT_WAREHOUSE = Path("data/warehouse")
_DEBUG = "--debug"
_INTERRUPTED = 130
"""What Typer makes of a KeyboardInterrupt."""


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@app.command()
def run(
    config: Annotated[Path, typer.Argument(help="Run configuration, TOML.")],
    set_: Annotated[list[str] | None, typer.Option("--set", help="a.b=value, over what the file says.")] = None,
    until: Annotated[Until, typer.Option(help="The last stage.")] = Until.SCORE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and stop.")] = False,
    fresh: Annotated[str, typer.Option(help="A name for new calls, although answers exist.")] = "",
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Do what is missing of the plan that CONFIG asks for: generate, verify, score, land."""
    from flows.configure import check_inputs, read_configuration
    from flows.running import run_configuration

    configuration = read_configuration(config, set_ or [])
    check_inputs(configuration)
    run_configuration(console, configuration, warehouse, until, fresh, dry_run)


@app.command()
def recycle(
    config: Annotated[Path, typer.Argument(help="Recycle configuration, TOML.")],
    set_: Annotated[list[str] | None, typer.Option("--set", help="a.b=value, over what the file says.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and stop.")] = False,
    fresh: Annotated[str, typer.Option(help="A name for new calls, although answers exist.")] = "",
    plot: Annotated[
        Path | None, typer.Option(help="Draw lengths, IFD and r-IFD before and after into this file.")
    ] = None,
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Make better pairs of an instruction data set: a teacher reflects on each, the student chooses."""
    from flows.configure import read_as
    from flows.recycle_preparation import check_recycle_inputs
    from flows.recycling import recycle_configuration
    from schemas.recycling import RecycleConfiguration
    from tasks.recycling.plot import check_plot

    configuration = read_as(RecycleConfiguration, config, set_ or [])
    check_recycle_inputs(configuration)
    if plot:
        check_plot(plot)
    recycle_configuration(console, configuration, warehouse, fresh, dry_run, plot)


@app.command()
def serve(
    config: Annotated[Path, typer.Argument(help="Run configuration, TOML.")],
    set_: Annotated[list[str] | None, typer.Option("--set", help="a.b=value, over what the file says.")] = None,
    until: Annotated[Until, typer.Option(help="The last stage.")] = Until.SCORE,
    cron: Annotated[str, typer.Option(help="When: five fields, in UTC.")] = "0 2 * * *",
    every: Annotated[int | None, typer.Option(min=1, help="Seconds between runs, instead of --cron.")] = None,
    name: Annotated[str, typer.Option(help="Of the deployment.")] = "nightly",
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Run CONFIG on a schedule, as a Prefect deployment that this process serves; Ctrl-C ends it."""
    from flows.configure import check_inputs, read_configuration
    from flows.serving import serve_configuration

    configuration = read_configuration(config, set_ or [])
    check_inputs(configuration)
    when = cron if every is None else timedelta(seconds=every)
    serve_configuration(console, configuration, warehouse, until, name, when)


@app.command()
def release(
    name: Annotated[str, typer.Argument(help="Of the release; a name is used once.")],
    policy: Annotated[Path | None, typer.Option(help="Policy, TOML; without one, the default.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="a.b=value, over what the policy says.")] = None,
    formats: Annotated[str, typer.Option(help="Some of chat,dpo,sharegpt,alpaca.")] = "chat,dpo",
    system: Annotated[str, typer.Option(help="System message: teacher, none, or a text.")] = "teacher",
    template: Annotated[Path | None, typer.Option(help="Tokenizer folder whose chat template must keep all.")] = None,
    special_tokens: Annotated[Path | None, typer.Option(help="Tokenizer folder to give the six tags to.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of releases; by default beside the warehouse.")] = None,
    push: Annotated[str | None, typer.Option(help="Data set of the Hugging Face hub, such as me/traces.")] = None,
    token: Annotated[str, typer.Option(help="Reference to the hub's token.")] = "env:HF_TOKEN",
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Curate, and write what is kept as a data set that never changes."""
    from flows.curating import read_policy
    from flows.release import Order, read_formats, releases_beside
    from flows.releasing import release_and_show

    existing, chosen = _existing(warehouse), read_formats(formats)
    order = Order(name, out or releases_beside(existing), chosen, clean_text(system), template, special_tokens)
    release_and_show(console, existing, read_policy(policy, None, set_ or []), order, push, token)


@app.command()
def report(
    name: Annotated[str, typer.Argument(help="Of a release.")],
    out: Annotated[Path | None, typer.Option(help="Folder of releases; by default beside the warehouse.")] = None,
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Make the page of a release again, from what the warehouse holds now."""
    from flows.release import releases_beside
    from flows.reporting import write_report

    existing = _existing(warehouse)
    console.print(f"report: {write_report(existing, name, out or releases_beside(existing))}", markup=False)


@app.command()
def diff(
    before: Annotated[str, typer.Argument(help="Name or folder of a release.")],
    after: Annotated[str, typer.Argument(help="Name or folder of another.")],
    format_: Annotated[
        Format, typer.Option("--format", help="json and csv list every row that differs.")
    ] = Format.TABLE,
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """What differs between two releases: rows by family, and what decided on them."""
    from flows.release import releases_beside
    from flows.releasing import show_difference
    from warehouse.landing import Warehouse

    if shown := show_difference(console, releases_beside(Warehouse(warehouse)), before, after, format_):
        _write(shown)


@app.command()
def curate(
    policy: Annotated[Path | None, typer.Argument(help="Policy, TOML; without one, the default.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="a.b=value, over what the file says.")] = None,
    name: Annotated[str | None, typer.Option(help="Of the curation, instead of the policy's.")] = None,
    top_up: Annotated[int | None, typer.Option(min=1, help="Say what each bucket lacks of so many rows.")] = None,
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Decide which traces are kept, and why the rest is not."""
    from flows.curating import curate_and_show, read_policy

    given = read_policy(policy, name, set_ or [])
    curate_and_show(console, _existing(warehouse).folder, given, top_up)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="DuckDB SQL over the tables and views.")] = "",
    format_: Annotated[Format, typer.Option("--format")] = Format.TABLE,
    views: Annotated[bool, typer.Option("--views", help="List the tables, views and macros.")] = False,
    untrusted: Annotated[
        bool, typer.Option("--untrusted", help="A stranger's query: one SELECT, nothing else.")
    ] = False,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for an untrusted query.")] = 10,
    rows: Annotated[int, typer.Option(min=1, help="The most rows of an untrusted query.")] = 1000,
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Ask the warehouse."""
    from flows.asking import ask, ask_guarded, listing
    from warehouse.untrusted import Limits

    if bool(query) == views:
        raise Refused("sql: give either a query or --views")
    existing = _existing(warehouse)
    if views:
        shown = listing(existing, format_)
    elif untrusted:
        shown = FORMATS[format_](*ask_guarded(existing, query, Limits(timeout_s=timeout, rows=rows), errors))
    else:
        shown = FORMATS[format_](*ask(existing, query))
    if isinstance(shown, str):
        _write(shown)
    else:
        console.print(shown)


@app.command()
def show(
    trace_id: Annotated[str, typer.Argument(help="A trace_id, or its beginning.")],
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """A trace in colours, with its question, verdict and score."""
    from flows.showing import show_trace

    show_trace(console, _existing(warehouse), trace_id)


@app.command()
def verify(
    responses: Annotated[Path, typer.Argument(metavar="IN.jsonl")],
    out: Annotated[Path, typer.Option("--out", metavar="OUT.jsonl")],
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; by default one for each core.")] = None,
) -> None:
    """Judge answers from a file, without the factory."""
    from flows.verifying import verify_and_show

    verify_and_show(errors, responses, out, workers)


@app.command()
def score(
    pairs: Annotated[Path, typer.Argument(metavar="IN.jsonl")],
    student: Annotated[str, typer.Option(help="Folder or Hugging Face name.")],
    template: Annotated[str, typer.Option(help="A TOML file, chat or plain.")],
    out: Annotated[Path, typer.Option("--out", metavar="OUT.jsonl")],
    max_length: Annotated[int | None, typer.Option(min=2, help="Window in tokens.")] = None,
) -> None:
    """IFD and r-IFD of pairs from a file, without the factory."""
    from schemas import configuration
    from tasks.rows.jsonl import Complaints
    from tasks.scoring.score_file import score_file

    settings = configuration.Student(model=student, template=template, max_length=max_length)
    complaints = Complaints(pairs)
    counts = score_file(pairs, out, settings, complaints)
    for told in complaints.told():
        errors.print(f"reflectory: {told}", markup=False)
    complaints.refuse_all(counts.rows)
    errors.print(f"{counts.rows} rows, {counts.with_ifd} with IFD, {counts.with_rifd} with r-IFD")


@app.command()
def decontaminate(
    data: Annotated[Path, typer.Argument(metavar="DATA.jsonl")],
    against: Annotated[list[Path], typer.Option("--against", metavar="BENCH.jsonl", help="May be given repeatedly.")],
    out: Annotated[Path, typer.Option("--out", metavar="OUT.jsonl")],
    detectors: Annotated[
        str | None,
        typer.Option(help="Of ngram,embedding,judge; default the first two. The judge: contamination.judge."),
    ] = None,
    config: Annotated[Path | None, typer.Option(help="TOML with a section `contamination`.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="a.b=value, over what the file says.")] = None,
) -> None:
    """Find the rows of a file that copy or rephrase benchmark items, without the factory.

    A row without an id has the number of its line for one ("line 3"); an undecided row says why (`reason`).
    """
    from flows.decontaminating import decontaminate, read_detection

    decontaminate(errors, data, against, out, read_detection(config, set_ or [], detectors))


@app.command()
def rescore(
    config: Annotated[Path, typer.Argument(help="Run configuration; its student and run sections count.")],
    set_: Annotated[list[str] | None, typer.Option("--set", help="a.b=value, over what the file says.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and stop.")] = False,
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Score what has landed with the student of CONFIG, beside the scores that it has."""
    from flows.configure import read_configuration
    from flows.rescoring import rescore_configuration

    rescore_configuration(console, read_configuration(config, set_ or []), _existing(warehouse), dry_run)


@app.command()
def unheard(
    free: Annotated[bool, typer.Option("--free", help="Rule that they have cost nothing.")] = False,
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Requests that a kill or a cut line left without an answer: a budget charges them at their worst case."""
    from warehouse.journal import Journal

    existing = _existing(warehouse)
    with existing.sole_writer(), closing(Journal(existing.journal_path)) as journal:
        n, charged = journal.unheard()
        if free:
            journal.rule_free()
    ruling = "now ruled to be free" if free else "charged until `unheard --free` rules otherwise"
    console.print(f"{n} requests, at most {charged.tokens:,} tokens and {charged.usd:.4f} USD; {ruling}")


@app.command()
def compact(
    keep_days: Annotated[int, typer.Option(min=1, help="How long replaced files stay, for who reads them.")] = 7,
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Make few files of many, and remove what no reader needs any more."""
    from flows.maintaining import compact_and_show

    compact_and_show(console, _existing(warehouse).folder, keep_days)


@app.command()
def hashes(warehouse: WarehouseOption = DEFAULT_WAREHOUSE) -> None:
    """One hash per table, equal wherever the same inputs and seeds were run."""
    from schemas.tables import TABLES
    from warehouse.reading import Snapshot
    from warehouse.row_hash import row_hash

    with Snapshot(_existing(warehouse)) as now:
        for table in TABLES:
            if table != "runs":
                console.print(f"{row_hash(now, table)}  {table}")


@app.command()
def doctor(
    config: Annotated[Path | None, typer.Argument(help="Run configuration whose teacher and student to try.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="a.b=value, over what the file says.")] = None,
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Try everything that a run needs, and say what to do about what fails."""
    from flows.configure import read_configuration
    from flows.doctor import examine

    configuration = read_configuration(config, set_ or []) if config else None
    if not examine(console, configuration, warehouse):
        raise typer.Exit(1)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def practice_teacher(context: typer.Context) -> None:
    """Serve the practice teacher on loopback: an OpenAI-compatible endpoint that needs no key."""
    from tasks.practice.__main__ import main as serve

    serve(context.args)


def _write(text: str) -> None:
    """On a terminal nothing in it acts; a pipe gets it as it is."""
    sys.stdout.write((printable(text) if sys.stdout.isatty() else text) + "\n")


def _existing(folder: Path) -> "Warehouse":
    from warehouse.landing import Warehouse

    warehouse = Warehouse(folder)
    if not warehouse.exists():
        raise Refused(f"--warehouse: no warehouse at {folder}; run a configuration first, or name another folder")
    return warehouse


def main() -> NoReturn:
    """Run the command line; exits with a code of the contract."""
    signal.signal(signal.SIGTERM, _stop)
    quiet_exit()
    arguments = [argument for argument in sys.argv[1:] if argument != _DEBUG]
    try:
        code = app(arguments, standalone_mode=False)
    except typer.TyperException as error:
        told = f"reflectory: {error.format_message()} (--help says what a command takes)"
        errors.print(printable(told), markup=False)
        sys.exit(error.exit_code)
    except Exception as error:  # noqa: BLE001  every failure becomes a line and an exit code
        _fail(error)
    if code == _INTERRUPTED:
        _fail(Stopped("stopped; the same command continues"))
    sys.exit(code or 0)


def _stop(signum: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _fail(error: BaseException) -> NoReturn:
    if _DEBUG in sys.argv:
        traceback.print_exception(error)
    known = isinstance(error, ReflectoryError)
    message = str(error) if known else f"{type(error).__name__}: {error} (--debug shows where)"
    errors.print(printable(f"reflectory: {message}"), markup=False)
    sys.exit(error.exit_code if isinstance(error, ReflectoryError) else 1)
