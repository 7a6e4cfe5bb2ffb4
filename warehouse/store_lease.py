"""The lease of a warehouse on an object store: one object, replaced only by who has read its last version.

A holder replaces it each period; who wants it next sees that it was not replaced for two periods, by the clock of the
store. A holder of the same machine, with the same folder for its journal, is known at once to have ended; one with that
folder on a machine that was started another time may be a copy of it, and is waited for.
"""

import fcntl
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from schemas.errors import DiskTrouble, Refused
from warehouse.lease import NEW, PERIOD_S, Lease, format_holder, held_by, myself
from warehouse.object_store import ObjectStore, Stored, Taken

LEASE_REQUEST_S = 10
"""A sign of life has to arrive before the lease ends."""
_NAME = "lease.json"
_LOCK = "lease.lock"
_ANOTHERS = -1


class StoreClaim:
    """The object of a holder."""

    def __init__(self, store: ObjectStore, said: dict[str, Any], version: str) -> None:
        self._store, self._said, self._version = store, said, version

    def newest(self) -> int | None:
        found = self._store.read(_NAME)
        if not found:
            return None
        return int(_said(found)["number"]) if self._is_ours(found) else _ANOTHERS

    def holder(self, number: int) -> str:
        found = self._store.read(_NAME)
        return format_holder(_said(found)) if found else NEW

    def touch(self) -> None:
        with suppress(Taken):  # `newest` says by whom
            self._say(beat=uuid.uuid4().hex)

    def end(self) -> None:
        """Say that the holder has ended. Where that is not heard, the lease runs out."""
        with suppress(DiskTrouble, Taken):
            self._say(ended=True)

    def _is_ours(self, found: Stored) -> bool:
        """By more than the number, which begins again at 1 where a person has removed the object."""
        return bool(_said(found).get("holder") == self._said["holder"])

    def _say(self, **more: object) -> None:
        try:
            self._version = self._store.replace(_NAME, _body(self._said | more), self._version)
        except Taken:
            found = self._store.read(_NAME)
            if found and self._is_ours(found):  # a sign that was not known to have arrived
                self._version = self._store.replace(_NAME, _body(self._said | more), found.version)


@contextmanager
def hold_store_lease(store: ObjectStore, folder: Path, period_s: float) -> Iterator[tuple[Lease, bool]]:
    """Hold the lease of a store, as `hold_lease` that of a folder; `folder` is where this machine has the journal."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(
                f"--warehouse: another run on this machine is writing {store.url}; wait for it, or end it"
            ) from None
        claim, number, expired = _claim(store, folder, period_s)
        lease = Lease(store.url, number, period_s, claim)
        try:
            with lease.renewed():
                yield lease, expired
        finally:
            claim.end()


def _claim(store: ObjectStore, folder: Path, period_s: float) -> tuple[StoreClaim, int, bool]:
    found = store.read(_NAME)
    now = store_clock(store)
    held = _said(found) if found else {"number": 0, "ended": True}
    expired, me = False, myself()
    is_mine = held.get("folder") == _mine(folder) and held.get("boot") == me["boot"]
    if found and not held["ended"] and not is_mine:  # else this process has its lock
        left_s = 2 * float(held["period_s"]) - (now - found.written_at.timestamp())
        if left_s > 0:
            raise held_by(store.url, format_holder(held), left_s)
        expired = True
    said = me | {
        "number": int(held["number"]) + 1,
        "period_s": period_s,
        "ended": False,
        "folder": _mine(folder),
        "holder": uuid.uuid4().hex,
        "beat": uuid.uuid4().hex,
    }
    try:
        version = store.replace(_NAME, _body(said), found.version) if found else store.create(_NAME, _body(said))
    except Taken:
        raise held_by(store.url, NEW, 2 * PERIOD_S) from None
    return StoreClaim(store, said, version), int(held["number"]) + 1, expired


def store_clock(store: ObjectStore) -> float:
    """Return the time by the clock of the store. Raises `Refused` where it lets two writers overwrite each other."""
    name = f"probes/{uuid.uuid4().hex}"
    store.create(name, b"a clock")
    try:
        store.create(name, b"another")
    except Taken:
        pass
    else:
        raise Refused(
            f"--warehouse: the store of {store.url} took an object twice that was to be written only if absent; without"
            " conditional writes two runs would overwrite each other's rows: use a store that has them"
        )
    found = store.read(name)
    store.delete([name])
    if found is None:
        raise Refused(f"--warehouse: {store.url} does not show what was just written; use a store that is consistent")
    return found.written_at.timestamp()


def _mine(folder: Path) -> str:
    """Names the folder among those of all machines, and among copies of it, such as two containers of one image."""
    path = folder / "name"
    if not path.exists() or not path.read_text("ascii"):
        path.write_text(uuid.uuid4().hex, "ascii")
    here = folder.stat()
    return f"{path.read_text('ascii')} {here.st_dev}:{here.st_ino}"


def _said(found: Stored) -> dict[str, Any]:
    return dict(json.loads(found.body))


def _body(said: dict[str, Any]) -> bytes:
    return json.dumps(said).encode()
