"""`reflectory serve` and `reflectory deploy`: flows on a schedule, in this process or on a work pool."""

import asyncio
import signal
from contextlib import suppress

from rich.console import Console

from flows.night import Night
from flows.prefect_settings import configure_prefect, names_server, wait_for_prefect
from schemas.errors import Refused

UI_PORT = 4200
"""Prefect's own; its UI expects the API there."""


def serve(console: Console, night: Night, chained: bool) -> None:
    """Serve until Ctrl-C or SIGTERM, which pause the schedule: all flows where they are `chained`, else `synthesize`.

    Without a Prefect server of the user's, one is started with its UI. Runs never overlap: while one is going,
    the next waits.
    """
    configure_prefect(full_at=UI_PORT)
    from prefect.runner import Runner
    from prefect.settings import PREFECT_API_URL

    from flows.deployments import HEARTBEAT_S, deployments, find_ghosts
    from flows.patience import heard

    wait_for_prefect()
    served = deployments(night, chained)
    runner = Runner(pause_on_shutdown=True, limit=1, heartbeat_seconds=HEARTBEAT_S)
    # Prefect's own never awaits its stop; ours raises KeyboardInterrupt, as Ctrl-C does
    vars(runner)["handle_sigterm"] = signal.getsignal(signal.SIGTERM)
    for deployment in served:
        runner.add_deployment(deployment)
    heard(find_ghosts, console.print)
    names, rhythm = ", ".join(each.full_name for each in served), night.rhythm
    console.print(f"serving {names}, the first {rhythm}; Prefect at {PREFECT_API_URL.value()}; Ctrl-C ends it")
    with suppress(KeyboardInterrupt):
        asyncio.run(runner.start())


def deploy(console: Console, night: Night, pool: str) -> None:
    """Deploy all flows, and say how a worker is started. Raises `Refused` where no server is named that stays."""
    if not names_server():
        raise Refused(
            "deploy: no Prefect server is named; start one with `prefect server start`, export PREFECT_API_URL"
        )
    configure_prefect()
    from prefect.settings import PREFECT_API_URL

    from flows.deployments import deploy as deploy_all
    from flows.patience import heard

    wait_for_prefect()
    names = heard(lambda: deploy_all(night, pool), console.print)
    console.print(
        f"deployed {', '.join(names)}, the first {night.rhythm}; Prefect at {PREFECT_API_URL.value()}",
        f"one run at a time leaves the queue {night.queue}; a worker takes them:",
        f"  prefect worker start --pool {pool} --work-queue {night.queue}",
        sep="\n",
        markup=False,
    )
