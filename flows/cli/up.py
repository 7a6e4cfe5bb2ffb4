"""`reflectory up`: a Ray and a Prefect server that stay, so that the commands of this machine need not start theirs."""

import os
import signal
from contextlib import suppress

from rich.console import Console

from flows.cli.serve import UI_PORT
from flows.prefect_settings import configure_prefect, wait_for_prefect
from schemas.errors import Refused

_RUNS = 4
"""That find room side by side: Ray's CPUs are places for actors, which share the cores."""


def up(console: Console) -> None:
    """Hold both until Ctrl-C or SIGTERM, on loopback, and print what a shell exports to use them. Raises `Refused`."""
    if os.environ.get("RAY_ADDRESS"):
        raise Refused(f"up: RAY_ADDRESS names {os.environ['RAY_ADDRESS']}, which commands use already; unset it first")
    configure_prefect(full_at=UI_PORT)
    from prefect.settings import PREFECT_API_URL

    from tasks.ray_session import address, ray_session

    with suppress(KeyboardInterrupt), ray_session(cpus=_RUNS * max(4, os.cpu_count() or 1), gpus=0):
        wait_for_prefect()
        console.print(f"export PREFECT_API_URL={PREFECT_API_URL.value()} RAY_ADDRESS={address()} RAY_AUTH_MODE=token")
        console.print("in the shell where your commands are to begin sooner; Ctrl-C here ends both")
        while True:
            signal.pause()
