"""What commands share: their consoles, the options that several have, and the warehouse that must be there."""

import logging
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from flows.rendering import printable
from schemas.errors import DiskTrouble, Refused
from warehouse.disk import local_path

if TYPE_CHECKING:
    from warehouse.landing import Warehouse

_PIPE_WIDTH = 160
console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _PIPE_WIDTH)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def local(param: typer.CallbackParam, value: Path | None) -> Path | None:
    return value and local_path(param.opts[0], value)


def addressed(param: typer.CallbackParam, value: Path) -> Path:
    from warehouse.place import place_at

    place_at(param.opts[0], value)
    return value


WarehouseOption = Annotated[
    Path,
    typer.Option(
        "--warehouse",
        help="Folder of the tables, s3://BUCKET/PREFIX, az://CONTAINER/PREFIX or gs://BUCKET/PREFIX.",
        callback=addressed,
    ),
]
OutOption = Annotated[Path, typer.Option("--out", metavar="OUT.jsonl", callback=local)]
PlotOption = Annotated[
    Path | None,
    typer.Option("--plot", help="Draw lengths, IFD and r-IFD before and after into this file.", callback=local),
]
SetOption = Annotated[list[str] | None, typer.Option("--set", help="a.b=value, over what the file says.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and stop.")]
FreshOption = Annotated[str, typer.Option(help="A name for new calls, although answers exist.")]
ReleasesOption = Annotated[
    Path | None, typer.Option("--out", help="Folder of releases; by default beside the warehouse.", callback=local)
]
DEFAULT_WAREHOUSE = Path("data/warehouse")


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class ToErrors(logging.Handler):
    """Shows what the logger `reflectory` says on standard error, beside bars that move there."""

    def emit(self, record: logging.LogRecord) -> None:
        errors.print(printable(f"reflectory: {record.levelname.lower()}: {record.getMessage()}"), markup=False)


class StartingPoint(StrEnum):
    """What a configuration that `init` writes is for."""

    API = "api"
    VLLM = "vllm"
    FILES = "files"
    RECYCLE = "recycle"


PRACTICE = "practice"
ASKED = {
    "kind": "What for? api: traces by a teacher behind an API; vllm: by one that vLLM serves; files: from answers that"
    " you have; recycle: better pairs of an instruction data set",
    "data": "Your data: a file of JSON, JSONL, CSV or Parquet, a folder, or a name on the Hugging Face hub",
    "model": "The teacher's name at its endpoint; for files the student's. `practice` is a small one of ours",
}
"""The three questions of `init`, by the flags that answer them."""


def write(text: str) -> None:
    """Write `text` to standard output: on a terminal nothing in it acts; a pipe gets it as it is."""
    sys.stdout.write((printable(text) if sys.stdout.isatty() else text) + "\n")


def existing_warehouse(folder: Path, to_write: bool = False) -> "Warehouse":
    """Return the warehouse in `folder`. Raises `Refused` where there is none, and of one that is `to_write` where it is
    read-only or another command is writing: at once, not when Prefect has started."""
    from warehouse.landing import Warehouse

    warehouse = Warehouse(folder)
    try:
        exists = warehouse.exists()
    except DiskTrouble as error:
        raise Refused(f"--warehouse: {error}") from error
    if not exists:
        raise Refused(
            f"--warehouse: no warehouse at {warehouse.address}; run a configuration first, or name another folder"
        )
    if to_write:
        with warehouse.sole_writer():
            pass
    return warehouse
