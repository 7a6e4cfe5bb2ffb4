"""Where a warehouse is: in a folder of this machine, or under a prefix of an object store."""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from schemas.errors import Refused
from warehouse.catalog_paths import CATALOG, NOTE
from warehouse.delta_log import CommitsMissing, TableLog, is_table, read_log
from warehouse.delta_table import table_log
from warehouse.disk import check_room, disk_in_a_sentence, disk_trouble, local_path, replacing
from warehouse.durable import finish_landings, sync, sync_commits, sync_open, undo_torn_commit
from warehouse.lease import Lease, hold_lease, was_cut_off

if TYPE_CHECKING:
    import duckdb

    from warehouse.store import Store

_STORE = re.compile(r"\s*(s3|az|gs):/+(?=[^/])", re.IGNORECASE)
"""`pathlib` makes one slash of the two; the command line hands paths on."""


class Folder:
    """A folder of this machine, or of a file system that it shares with others. A `Store` has the same members."""

    def __init__(self, folder: Path) -> None:
        self.address, self.beside = str(folder), folder.parent
        """What `--warehouse` takes, a path or an URL; the folder of this machine for releases."""
        self.folder = Path(os.path.realpath(folder))
        """Of this machine: for the journal, and for what waits for Prefect; here for the tables, too, even where a link
        on the way to them names another place meanwhile.
        """
        self.options, self.at_once = None, 1
        """What deltalake has to know to open a table, and how many logs are best read at the same time."""

    def url(self, name: str) -> str:
        """Return the address of a table, or of a file beside them."""
        return str(self.folder / name)

    def is_table(self, table: str) -> bool:
        """Return whether there is a table that has been committed."""
        return is_table(self.folder / table)

    def log(self, table: str) -> TableLog | None:
        """Return what the table's commits come to; None where there is no table."""
        try:
            return read_log(self.folder / table)
        except CommitsMissing:
            found = table_log(self.url(table))
            return found[0] if found else None

    def try_out(self) -> str:
        """Try what a run needs of the place, and say what was found. Raises `Refused` and `DiskTrouble`."""
        return f"tables are in {self.folder}"

    @contextmanager
    def make(self) -> Iterator[None]:
        """Make the place ready to take tables, which are made inside. Raises `Refused` where it cannot."""
        if set("*?[") & set(str(self.folder)):
            raise Refused(f"--warehouse: {self.folder} has one of * ? [ in its name, which DuckDB takes for a pattern")
        if is_table(self.folder):
            raise Refused(f"--warehouse: {self.folder} is a Delta table; needs the folder of all tables, or a new one")
        try:
            Path(self.address).mkdir(
                mode=0o700, parents=True, exist_ok=True
            )  # not what a link names that leads nowhere
            (self.folder / "journal").mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise Refused(
                f"--warehouse: cannot make {self.folder}: {error.strerror}; give a writable folder"
            ) from error
        check_room("--warehouse", self.folder)
        try:
            for log in self.folder.glob("*/_delta_log"):
                if len(list(log.glob("*.json"))) == 1:  # a table that has nothing yet is made again
                    undo_torn_commit(log.parent)
            yield
            with TemporaryFile(dir=self.folder) as probe:
                probe.write(b"a table that is there already says nothing of the disk")
                probe.flush()
                sync_open(probe.fileno())
            sync(self.folder)
        except Exception as error:
            if said := disk_trouble(error):
                raise Refused(f"--warehouse: the disk of {self.folder} {said}, or give another folder") from error
            raise

    @contextmanager
    def hold_lease(self, period_s: float) -> Iterator[tuple[Lease, bool]]:
        """Yield the right to write, and whether it was taken from a holder that may still be there."""
        cut_off = was_cut_off(self.folder)
        with hold_lease(self.folder, period_s) as held:
            if cut_off:
                with self.in_a_sentence():
                    finish_landings(self.folder)
            yield held

    def settle(self) -> None:
        """Bring what the journal has to where it outlives this machine; here it is. The caller has the lease."""

    def sync(self, table: str, versions: Iterable[int]) -> None:
        """Have these commits where no loss of power takes them. Raises `OSError`."""
        sync_commits(self.folder / table, versions)

    def in_a_sentence(self) -> AbstractContextManager[None]:
        """Make `DiskTrouble` of what goes wrong inside because of the place."""
        return disk_in_a_sentence(self.folder)

    def let_read(self, connection: "duckdb.DuckDBPyConnection") -> None:
        """Let DuckDB read the files of the tables; here it does."""

    def publish_catalog(self) -> None:
        """Put the catalog of this machine where readers look for it; here it is there."""

    def note(self) -> bytes | None:
        """Return what was put as the note on the newest rows, `warehouse.newest`."""
        try:
            return (self.folder / NOTE).read_bytes()
        except OSError:
            return None

    def put_note(self, note: bytes) -> None:
        """Replace that note, in one step."""
        with replacing(self.folder / NOTE) as draft:
            draft.write_bytes(note)

    @property
    def catalogs(self) -> tuple[str, ...]:
        """The paths by which DuckDB may attach the catalog; the last one is for a person."""
        return self.url(CATALOG), f"{self.address}/{CATALOG}"


def place_at(setting: str, given: str | Path) -> "Folder | Store":
    """Raise `Refused` for an URL whose scheme is none of ours."""
    if found := _STORE.match(str(given)):
        from warehouse.store import Store

        return Store(setting, f"{found[1].lower()}://{str(given)[found.end() :]}")
    return Folder(local_path(setting, Path(given)).absolute())
