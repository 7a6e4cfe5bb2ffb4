"""`reflectory review`: a page on loopback to read a release, to compare it with another, and to rule on disputes."""

import asyncio
from contextlib import closing
from pathlib import Path

from schemas.errors import Refused
from tasks.http.served_page import LOOPBACK, new_token
from tasks.http.server import listen
from tasks.review.server import application
from tasks.review.workbench import Workbench
from warehouse.landing import Warehouse


def serve_review(warehouse: Warehouse, folder: Path, before: Path | None, rulings: Path, port: int) -> None:
    """Serve until Ctrl-C or SIGTERM. Raises `Refused` for what is no release of the warehouse, and for a taken port."""
    if not rulings.parent.is_dir():
        raise Refused(f"--rulings: no folder {rulings.parent}; make it first")
    token = new_token()

    def announced(host: str, port: int) -> str:
        address = f"http://{host}:{port}/{token}/"
        return (
            f"review: {address} (only who has this address may read and rule); Ctrl-C ends it\nrulings go to {rulings}"
        )

    with closing(Workbench(folder, warehouse, before, rulings)) as workbench:
        asyncio.run(listen(application(workbench, token), LOOPBACK, port, announced=announced))
