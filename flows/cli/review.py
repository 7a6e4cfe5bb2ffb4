"""`reflectory review`: a page on loopback to read a release, to compare it with another, and to rule on disputes."""

from contextlib import closing, suppress
from pathlib import Path

from rich.console import Console

from schemas.errors import Refused
from tasks.review.server import ReviewServer
from tasks.review.workbench import Workbench
from warehouse.landing import Warehouse


def serve_review(
    console: Console, warehouse: Warehouse, folder: Path, before: Path | None, rulings: Path, port: int
) -> None:
    """Serve until Ctrl-C or SIGTERM. Raises `Refused` for what is no release of the warehouse, and for a taken port."""
    if not rulings.parent.is_dir():
        raise Refused(f"--rulings: no folder {rulings.parent}; make it first")
    with closing(Workbench(folder, warehouse, before, rulings)) as workbench:
        try:
            server = ReviewServer(workbench, port)
        except OSError as error:
            raise Refused(f"--port: cannot listen on 127.0.0.1:{port} ({error.strerror}); give another") from error
        console.print(
            f"review: {server.url} (only who has this address may read and rule); Ctrl-C ends it", markup=False
        )
        console.print(f"rulings go to {rulings}", markup=False)
        with server, suppress(KeyboardInterrupt):
            server.serve_forever()
