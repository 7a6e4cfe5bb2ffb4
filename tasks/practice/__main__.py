"""`python -m tasks.practice`: serves the practice teacher on loopback."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from schemas.configuration import Preset
from schemas.errors import Refused
from tasks.http.server import listen
from tasks.practice.bad_day import read_faults
from tasks.practice.replay import read_golds
from tasks.practice.server import application

_ABOUT = "Serve the practice teacher on loopback: an OpenAI-compatible endpoint that needs no key."


def main(arguments: Sequence[str] | None = None, command: str = "python -m tasks.practice") -> None:
    """Serves until told to end; without `arguments`, by those of the command line. `command` is what they follow."""
    block_golds()
    parser = argparse.ArgumentParser(prog=command, description=_ABOUT)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; 127.0.0.1 (default): this machine's")
    parser.add_argument("--port", type=int, default=0, help="0 (default): a free one")
    parser.add_argument("--preset", choices=list(Preset), default=Preset.MILD, help="the column of the table of rates")
    parser.add_argument("--latency-s", type=float, default=0.0, help="seconds before each completion")
    parser.add_argument("--api-key-env", metavar="NAME", help="ask for the key in this environment variable")
    parser.add_argument("--faults", type=Path, metavar="FILE", help="TOML: how often which fault is met")
    parser.add_argument("--questions", type=Path, metavar="FILE", help="JSON lines: questions with their golds")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end with whoever holds the pipe")
    options = parser.parse_args(arguments)
    if options.api_key_env and not os.environ.get(options.api_key_env):
        parser.error(f"--api-key-env: {options.api_key_env} is not set; export the key that clients shall send")
    key = os.environ[options.api_key_env] if options.api_key_env else None
    try:
        faults = read_faults(options.faults) if options.faults else None
        golds = read_golds(options.questions) if options.questions else None
    except Refused as refused:
        parser.error(str(refused))
    app = application(Preset(options.preset), options.latency_s, key, faults, golds)
    asyncio.run(listen(app, options.host, options.port, options.until_stdin_closes))


def block_golds() -> None:
    """Makes what draws the questions, and knows every gold, impossible to import in this process."""
    sys.modules |= dict.fromkeys(("reasoning_gym", "tasks.questions"))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
