"""Commands to talk to a model: ask it, look at it in a browser, compare two, serve a student."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import (
    DEFAULT_WAREHOUSE,
    Format,
    FreshOption,
    SetOption,
    WarehouseOption,
    console,
    errors,
    local,
    write,
)
from schemas.errors import Refused
from tasks.extras import check_extras

_MODEL = (
    "An URL (OpenAI-compatible; URL#NAME for one of its models), a folder, a name of the Hugging Face hub, or practice."
)
ModelOption = Annotated[str, typer.Option("--model", help=_MODEL)]
ConfigOption = Annotated[Path | None, typer.Option("--config", help="TOML with sections `teacher` and `student`.")]
ReleaseOption = Annotated[
    str | None, typer.Option("--release", help="Folder or name: ask with its system message, as its students learn.")
]
LedgerOption = Annotated[
    Path | None,
    typer.Option(
        "--warehouse",
        help="Keep the call in this warehouse's ledger: the answer comes whole.",
        callback=local,
    ),
]


def ask(
    question: Annotated[str, typer.Argument(help="The question; - reads it from standard input.")],
    model: ModelOption = "practice",
    release: ReleaseOption = None,
    gold: Annotated[str | None, typer.Option(help="The right answer: hold the model's against it.")] = None,
    kind: Annotated[str | None, typer.Option(help="Kind of the gold, as `verify` has it; else by the gold.")] = None,
    spec: Annotated[str | None, typer.Option(help="A JSON object: what the kind needs beside the gold.")] = None,
    config: ConfigOption = None,
    set_: SetOption = None,
    fresh: FreshOption = "",
    warehouse: LedgerOption = None,
) -> None:
    """Ask a model, and see thinking, reflections and output apart while they come.

    Without a release it is asked as Reflection 70B was to be.
    """
    check_extras("ask", "run")
    from flows.answering import find_release, model_of
    from flows.cli.ask import ask_and_show, ask_in_ledger, read_question, wanted_of
    from flows.configure import read_as
    from schemas.configuration import LineConfiguration

    configuration = read_as(LineConfiguration, config, set_ or [])
    text = read_question(question)
    wanted = wanted_of(gold, kind, spec, text)
    folder = find_release(release, DEFAULT_WAREHOUSE.parent / "releases") if release else None
    asked = model_of(model, configuration, folder, {text: gold} if gold else None)
    request = asked.request(text, configuration.run.seed, fresh=fresh)
    if warehouse:
        ask_in_ledger(console, errors, asked, request, wanted, configuration, warehouse)
    elif fresh:
        raise Refused("--fresh: got a name without --warehouse; nothing is kept there that could be asked anew")
    else:
        ask_and_show(console, errors, asked, request, wanted)


def serve_student(
    model: Annotated[str, typer.Argument(metavar="DIR_OR_HUB_ID", help="The student's weights.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: a free one.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on; by default this machine's own.")] = "127.0.0.1",
    api_key_env: Annotated[
        str | None, typer.Option(metavar="NAME", help="Ask for the key in this environment variable.")
    ] = None,
    config: ConfigOption = None,
    set_: SetOption = None,
) -> None:
    """Serve a student as an OpenAI-compatible endpoint, so that it can be asked, scored against, and be a teacher."""
    check_extras("serve-student", "student", "run")
    from flows.configure import read_as
    from schemas.configuration import LineConfiguration
    from tasks.serving.__main__ import serve_student as serve

    student = read_as(LineConfiguration, config, set_ or []).student
    serve(student.model_copy(update={"model": model}), host, port, api_key_env)


def compare(
    a: Annotated[str, typer.Argument(help="A file of answers, a release, or a model as `ask` takes it.")],
    b: Annotated[str, typer.Argument(help="Likewise.")],
    questions: Annotated[Path, typer.Option(help="Questions: JSON, JSONL, CSV or Parquet.", callback=local)],
    rubric: Annotated[str, typer.Option(help="answer, translation, or a text.")] = "answer",
    out: Annotated[Path | None, typer.Option("--out", metavar="OUT.jsonl", callback=local)] = None,
    format_: Annotated[Format, typer.Option("--format", help="json: the figures, on standard output.")] = Format.TABLE,
    config: Annotated[Path | None, typer.Option("--config", help="TOML, with sections as `run` has them.")] = None,
    set_: SetOption = None,
    fresh: FreshOption = "",
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Find which of two answers better, by a judge that sees each pair in both orders: win rates with intervals.

    Every ruling is a call in the warehouse's ledger, within the budget. The judge is the section `judge`.
    """
    check_extras("compare", "run")
    from flows.cli.compare import compare_and_show
    from flows.configure import read_as
    from flows.release import releases_beside
    from schemas.configuration import RunConfiguration
    from warehouse.landing import Warehouse

    if format_ is Format.CSV:
        raise Refused("--format: got csv; needs table or json")
    sets = ["questions.source=jsonl", f"questions.path={questions}", *(set_ or [])]
    configuration = read_as(RunConfiguration, config, sets)
    shown = errors if format_ is Format.JSON else console
    releases = releases_beside(Warehouse(warehouse))
    figures = compare_and_show(shown, a, b, configuration, warehouse, releases, rubric, fresh, out)
    if format_ is Format.JSON:
        write(figures)


def playground(
    models: Annotated[
        list[str] | None, typer.Option("--model", help=f"{_MODEL} Give it twice for two side by side.")
    ] = None,
    questions: Annotated[
        Path, typer.Option(help="JSONL that questions are kept in, for `run`.", callback=local)
    ] = Path("questions.jsonl"),
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: a free one.")] = 0,
    release: ReleaseOption = None,
    config: ConfigOption = None,
    set_: SetOption = None,
) -> None:
    """Serve a page on this machine to talk to one model or two: their parts apart while they come, samples side by
    side.

    Only the address that is printed opens it. Its calls are in no ledger: `ask --warehouse` and `run` have one.
    """
    check_extras("playground", "run")
    from flows.answering import find_release, model_of
    from flows.cli.playground import serve_playground
    from flows.configure import read_as
    from schemas.configuration import LineConfiguration
    from tasks.playground.suggestions import SUGGESTIONS

    configuration = read_as(LineConfiguration, config, set_ or [])
    folder = find_release(release, DEFAULT_WAREHOUSE.parent / "releases") if release else None
    golds = {each.question: each.gold for each in SUGGESTIONS if each.gold}
    named = models or ["practice"]
    if len(named) > 2:
        raise Refused(f"--model: got {len(named)} models; needs one or two")
    serve_playground([model_of(name, configuration, folder, golds) for name in named], questions, port)
