"""A warehouse on an object store: its tables, its lease and the segments of its journal are objects there.

On the disk of the driver is only its journal, in a folder for each warehouse.
"""

import hashlib
import os
import re
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path

import duckdb

from schemas.errors import DiskTrouble, Refused
from warehouse.catalog_paths import CATALOG, NOTE
from warehouse.delta_log import TableLog
from warehouse.delta_table import table_log
from warehouse.journal_segments import Segments
from warehouse.lease import Lease
from warehouse.object_store import ObjectStore, Taken, delta_options, store_in_a_sentence
from warehouse.store_lease import LEASE_REQUEST_S, hold_store_lease, store_clock

_NAME = "name"
_OTHERWISE = re.compile(r"[*?\[#^|\\\x00-\x1f\x7f]|%[0-9a-fA-F]{2}|//|/\.{1,2}(/|$)")
"""What DuckDB, deltalake and obstore do not all take for the same name."""


class Store:
    """A prefix of a bucket of S3, or of a store that speaks as it does; or of Google's; or of a container of Azure."""

    def __init__(self, setting: str, url: str) -> None:
        self.address, self.at_once = url.rstrip("/"), 8
        if found := _OTHERWISE.search(self.address.partition("://")[2]):
            raise Refused(
                f"{setting}: {url!r} has {found[0]!r} in its name, which the libraries that read and write there"
                " take for something else; use letters, digits and - _ . between single slashes"
            )
        self._objects = ObjectStore(self.address)
        self._segments: Segments | None = None

    @cached_property
    def folder(self) -> Path:
        """One for each warehouse that was ever made at this address: $XDG_STATE_HOME/reflectory/…"""
        home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
        digest = hashlib.sha256(f"{self.address} {self._name()}".encode()).hexdigest()[:12]
        folder = home / "reflectory" / f"{self.address.rpartition('/')[2]}-{digest}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    @property
    def beside(self) -> Path:
        return Path("data").absolute()

    @property
    def options(self) -> dict[str, str]:
        return delta_options(self.address)

    @property
    def catalogs(self) -> tuple[str, ...]:
        return (self.url(CATALOG),)

    def url(self, name: str) -> str:
        return f"{self.address}/{name}"

    def is_table(self, table: str) -> bool:
        return self._objects.has(f"{table}/_delta_log")  # deltalake's own question stops all threads of Python

    def log(self, table: str) -> TableLog | None:
        from warehouse.store_files import state_size

        with self.in_a_sentence():
            found = table_log(self.url(table), self.options)
        if found is None:
            return None
        log, sizes = found
        for name, size in zip(log.names, sizes, strict=True):
            state_size(self.url(f"{table}/{name}"), size)
        return log

    def try_out(self) -> str:
        ahead_s = store_clock(self._objects) - time.time()
        return f"{self.address} can be written, and heeds conditions; its clock is {ahead_s:+.0f} s from this machine's"

    @contextmanager
    def make(self) -> Iterator[None]:
        try:
            self._name()
            with self.in_a_sentence():
                yield
        except DiskTrouble as error:
            raise Refused(f"--warehouse: {error}") from error

    @contextmanager
    def hold_lease(self, period_s: float) -> Iterator[tuple[Lease, bool]]:
        with hold_store_lease(ObjectStore(self.address, LEASE_REQUEST_S), self.folder, period_s) as (lease, expired):
            self._segments = Segments(self._objects, self.folder / "journal" / "calls.sqlite", lease)
            try:
                with self._segments.kept():
                    yield lease, expired
            finally:
                self._segments = None

    def settle(self) -> None:
        if self._segments:
            self._segments.ship()

    def sync(self, table: str, versions: Iterable[int]) -> None:
        """Do nothing: what a store has answered to, it keeps."""

    def in_a_sentence(self) -> AbstractContextManager[None]:
        return store_in_a_sentence(self.address)

    def let_read(self, connection: duckdb.DuckDBPyConnection) -> None:
        from warehouse.store_files import StoreFiles

        connection.register_filesystem(StoreFiles())

    def publish_catalog(self) -> None:
        self._objects.put(CATALOG, (self.folder / CATALOG).read_bytes())

    def note(self) -> bytes | None:
        found = self._objects.read(NOTE)
        return found.body if found else None

    def put_note(self, note: bytes) -> None:
        self._objects.put(NOTE, note)

    def _name(self) -> str:
        """Tells this warehouse from one that was at the same address before."""
        if found := self._objects.read(_NAME):
            return found.body.decode("ascii")
        name = uuid.uuid4().hex
        try:
            self._objects.create(_NAME, name.encode("ascii"))
        except Taken:
            return self._name()
        return name
