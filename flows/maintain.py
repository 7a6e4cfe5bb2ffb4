"""The flow `maintain`: compaction and vacuum of a warehouse."""

from datetime import timedelta
from pathlib import Path

from prefect import flow, get_run_logger
from prefect.artifacts import create_table_artifact

from flows.quiet_exit import quiet_flow_run
from schemas.errors import Refused
from schemas.maintenance import Maintained
from warehouse.compaction import compact
from warehouse.landing import Warehouse

KEEP_DAYS = 7


@flow(name="maintain", flow_run_name="{warehouse}", persist_result=False)
def maintain(warehouse: str = "data/warehouse", keep_days: int = KEEP_DAYS) -> list[Maintained]:
    """Make few files of many, and remove what no reader needs any more.

    Args:
        warehouse: folder of the tables.
        keep_days: how long a reader may go on with the files that it opened.
    """
    quiet_flow_run()
    opened, log = Warehouse(Path(warehouse)), get_run_logger()
    if not opened.exists():
        raise Refused(f"--warehouse: no warehouse at {warehouse}; run a configuration first, or name another folder")
    if keep_days < 1:
        raise Refused(f"--keep-days: got {keep_days}; needs at least 1, for those who are reading now")
    with opened.sole_writer():
        done = compact(opened, timedelta(days=keep_days))
    for row in done:
        log.info("%s: %d files, now %d; %d old ones removed", *row.model_dump().values())
    create_table_artifact(
        table=[row.model_dump() for row in done], key="maintenance", description=f"Files of `{opened.address}`"
    )
    return done
