"""`reflectory serve`: a run on a schedule, without a work pool."""

import asyncio
import signal
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from flows.prefect_settings import configure_prefect, wait_for_prefect
from schemas.configuration import RunConfiguration
from schemas.errors import Refused
from schemas.until import Until

UI_PORT = 4200
"""Prefect's own; its UI expects the API there."""


def serve_configuration(
    console: Console, configuration: RunConfiguration, warehouse: Path, until: Until, name: str, when: str | timedelta
) -> None:
    """Serve until Ctrl-C or SIGTERM, which pause the schedule. `when` is cron in UTC, or the time between runs.

    Without a Prefect server of the user's, one is started with its UI. Runs never overlap: while one is going,
    the next waits.
    """
    configure_prefect(full_at=UI_PORT)
    from prefect.deployments.runner import RunnerDeployment
    from prefect.runner import Runner
    from prefect.settings import PREFECT_API_URL
    from prefect.types.entrypoint import EntrypointType

    from flows.synthesize import synthesize

    wait_for_prefect()
    try:
        deployment = RunnerDeployment.from_flow(
            synthesize,
            name=name,
            cron=when if isinstance(when, str) else None,
            interval=when if isinstance(when, timedelta) else None,
            parameters={
                "configuration": configuration.model_dump(mode="json"),
                "warehouse": str(warehouse.absolute()),
                "until": until.value,
            },
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
    except ValueError as error:
        raise Refused(f"--cron: got {when!r}; needs five fields such as '0 2 * * *'") from error
    runner = Runner(pause_on_shutdown=True, limit=1)
    # Prefect's own never awaits its stop; ours raises KeyboardInterrupt, as Ctrl-C does
    vars(runner)["handle_sigterm"] = signal.getsignal(signal.SIGTERM)
    runner.add_deployment(deployment)
    rhythm = f"at {when} (UTC)" if isinstance(when, str) else f"every {when}"
    console.print(f"serving synthesize/{name} {rhythm}; Prefect at {PREFECT_API_URL.value()}; Ctrl-C ends it")
    with suppress(KeyboardInterrupt):
        asyncio.run(runner.start())
