"""`python -m tasks.practice`: serves the practice teacher on loopback."""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from schemas.errors import Refused
from schemas.teacher import Preset
from tasks.http.server import listen
from tasks.practice.bad_day import read_faults
from tasks.practice.replay import read_golds
from tasks.practice.server import application

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0: one that is free.")] = 0,
    preset: Annotated[Preset, typer.Option(help="The column of the table of rates.")] = Preset.MILD,
    latency_s: Annotated[float, typer.Option(min=0, help="Seconds before each completion.")] = 0.0,
    api_key_env: Annotated[str | None, typer.Option(help="Ask for the key in this environment variable.")] = None,
    faults: Annotated[Path | None, typer.Option(help="TOML: how often which fault is met.")] = None,
    questions: Annotated[Path | None, typer.Option(help="A file of questions with their golds.")] = None,
    until_stdin_closes: Annotated[
        bool, typer.Option("--until-stdin-closes", help="End with whoever holds the pipe.")
    ] = False,
) -> None:
    """Serve the practice teacher on loopback: an OpenAI-compatible endpoint that needs no key."""
    block_golds()
    key = os.environ.get(api_key_env) if api_key_env else None
    if api_key_env and not key:
        raise Refused(f"--api-key-env: {api_key_env} is not set; export the key that clients shall send")
    met = read_faults(faults) if faults else None
    golds = read_golds(questions) if questions else None
    asyncio.run(listen(application(preset, latency_s, key, met, golds), host, port, until_stdin_closes))


def main(arguments: Sequence[str], command: str) -> None:
    """Serve until told to end, by the `arguments` that follow `command`. Raises `Refused`."""
    app(list(arguments), prog_name=command, standalone_mode=False)


def block_golds() -> None:
    """Make what draws the questions, and knows every gold, impossible to import in this process."""
    sys.modules |= dict.fromkeys(("reasoning_gym", "tasks.questions"))  # type: ignore[arg-type]


if __name__ == "__main__":
    try:
        app(prog_name="python -m tasks.practice")
    except Refused as refused:
        sys.stderr.write(f"{refused}\n")
        sys.exit(2)
