"""Who may write a warehouse: a lease with a number that only grows, so that who has lost it is told from who holds it.

Every machine that sees the folder takes part, without a server. Each holder makes a file of the next number, which one
alone can make, and touches it while it lives. On the machine of a holder, the lock on its file says at once that it
has ended; on others, that the file was not touched for two periods, by the clock of the file system. `store_lease`
does the same with objects.
"""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from io import FileIO
from pathlib import Path
from tempfile import TemporaryFile
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from schemas.errors import DiskTrouble, LeaseLost, PlaceGone, Refused
from warehouse.disk import disk_in_a_sentence

if TYPE_CHECKING:
    from warehouse.store_lease import StoreClaim

PERIOD_S = 15.0
"""Between two signs of life; a holder that gave none for two of them has lost what somebody else takes."""
WRITER = "writer"
"""The application id of a lease's number in a Delta log."""
_NAME = ".lease."
NEW = "a process that has begun just now"
_BOOT = Path("/proc/sys/kernel/random/boot_id")


class FileClaim:
    """The file of a holder, in the folder of its warehouse. A `StoreClaim` has the same members."""

    def __init__(self, folder: Path, number: int) -> None:
        self._folder, self._path = folder, _path(folder, number)

    def newest(self) -> int | None:
        """Return the number of the last holder. Raises `PlaceGone`."""
        with disk_in_a_sentence(self._folder):
            self._folder.stat()
            return _newest(self._folder)

    def holder(self, number: int) -> str:
        """Return what that holder says of itself, for a person."""
        return format_holder(_read(_path(self._folder, number)))

    def touch(self) -> None:
        """Give a sign of life."""
        os.utime(self._path)


class Lease:
    """The right to write one warehouse."""

    def __init__(self, address: str, number: int, period_s: float, claim: "FileClaim | StoreClaim") -> None:
        self.number = number
        """Greater than that of every holder before."""
        self._lost, self._told = False, list[Event]()
        self._address, self._period_s, self._claim = address, period_s, claim
        self._over = Event()

    def check(self) -> None:
        """Raise `LeaseLost` where somebody else has taken over."""
        newest = self._claim.newest()
        if newest != self.number:
            self._lost = True
            self.halt()
            other = self._claim.holder(newest) if newest else "somebody who has removed its lease"
            raise LeaseLost(
                f"--warehouse: {self._address} was taken over by {other}, because this process gave no sign of life for"
                f" {2 * self._period_s:g} s. Nothing more of it lands; what it has bought and not landed stays in its"
                " journal, and the same command continues once the other has ended"
            )

    @contextmanager
    def halting(self, halt: Event) -> Iterator[None]:
        """Set `halt` as soon as it is known that somebody else has taken over."""
        self._told.append(halt)
        if self._lost:
            halt.set()
        try:
            yield
        finally:
            self._told.remove(halt)

    @contextmanager
    def renewed(self) -> Iterator[None]:
        """Give a sign of life each period, in a thread of its own."""
        thread = Thread(target=self._renew, name="lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def halt(self) -> None:
        """Halt whoever asked to be told."""
        for halt in self._told:
            halt.set()

    def _renew(self) -> None:
        while not self._over.wait(self._period_s):
            try:
                self.check()
                self._claim.touch()
            except LeaseLost:
                return
            except PlaceGone:
                self.halt()  # what is bought now would be lost with it
                return
            except (OSError, DiskTrouble):
                continue  # the place is away: no landing goes through either, and says so


@contextmanager
def hold_lease(folder: Path, period_s: float = PERIOD_S) -> Iterator[tuple[Lease, bool]]:
    """Hold the lease of a warehouse, and say whether it was taken from a holder that may still be there.

    Raises `Refused` while another has it. It ends with the process, however that ends.
    """
    number, expired = _free(folder)
    path = _path(folder, number)
    try:
        file = path.open("xb", buffering=0)  # closing it then writes nothing more, which a full disk would refuse
    except FileExistsError:
        raise held_by(str(folder), NEW, 2 * period_s) from None
    except OSError as error:
        raise _unwritable(folder, error) from error
    with file:
        try:
            # before its content, so that it cannot be taken for that of a dead process
            fcntl.flock(file, fcntl.LOCK_EX)
            _write(file, period_s, ended=False)
            for older in _numbers(folder):
                if older < number:
                    _path(folder, older).unlink(missing_ok=True)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise _unwritable(folder, error) from error
        lease = Lease(str(folder), number, period_s, FileClaim(folder, number))
        try:
            with lease.renewed():
                yield lease, expired
        finally:
            with suppress(OSError):
                _write(file, period_s, ended=True)


def was_cut_off(folder: Path) -> bool:
    """Return whether the last holder, if there was one, has not said that it ended."""
    with disk_in_a_sentence(folder):
        newest = _newest(folder)
        return newest is not None and not _read(_path(folder, newest)).get("ended")


def _free(folder: Path) -> tuple[int, bool]:
    """The number that is next, and whether the holder before it may still be there. Raises `Refused`."""
    try:
        with TemporaryFile(dir=folder) as probe:
            newest = _newest(folder)
            now_s = os.fstat(probe.fileno()).st_mtime  # by the clock of the file system, not of this machine
    except OSError as error:
        raise _unwritable(folder, error) from error
    if newest is None:
        return 1, False
    path = _path(folder, newest)
    try:
        touched_s, held, locked = path.stat().st_mtime, _read(path), _is_locked(path)
    except FileNotFoundError:
        raise held_by(str(folder), NEW, 2 * PERIOD_S) from None
    if held.get("ended") or (held.get("boot") == _boot() and not locked):
        return newest + 1, False
    if touched_s > now_s:  # the clock was set back since: its age counts from now on
        with suppress(OSError):
            os.utime(path)
        touched_s = now_s
    left_s = 2 * float(held.get("period_s", PERIOD_S)) - (now_s - touched_s)
    if left_s > 0:
        raise held_by(str(folder), format_holder(held), left_s)
    return newest + 1, True


def _unwritable(folder: Path, error: OSError) -> Refused:
    return Refused(f"--warehouse: cannot write to {folder}: {error.strerror}; give a writable folder")


def held_by(address: str, holder: str, left_s: float) -> Refused:
    """Return the refusal of a warehouse that has a writer."""
    return Refused(
        f"--warehouse: another run is writing {address}: {holder}; wait for it, or give another folder. If it has died,"
        f" its lease ends in {max(left_s, 1):.0f} s"
    )


def format_holder(held: dict[str, Any]) -> str:
    """Return what a holder says of itself, for a person."""
    return f"process {held['process']} on {held['host']}" if "process" in held else NEW


def myself() -> dict[str, Any]:
    """Return what a holder says of itself."""
    return {"host": socket.gethostname(), "process": os.getpid(), "boot": _boot()}


def _write(file: FileIO, period_s: float, ended: bool) -> None:
    file.seek(0)
    file.write(json.dumps(myself() | {"period_s": period_s, "ended": int(ended)}).encode())  # always as long
    file.truncate()


def _read(path: Path) -> dict[str, Any]:
    """What a holder says of itself; nothing where it is about to, or its file is gone since it was found."""
    with suppress(ValueError, FileNotFoundError):
        return dict(json.loads(path.read_text("utf-8")))
    return {}


def _is_locked(path: Path) -> bool:
    with path.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@cache
def _boot() -> str:
    """Names this machine since it was started, containers and all: locks of one are seen by all of it.

    Where the system says nothing of that, as macOS and gVisor, each process counts as one on a machine of its own.
    """
    with suppress(OSError):
        if said := _BOOT.read_text("ascii").strip():
            return said
    return uuid4().hex


def _numbers(folder: Path) -> list[int]:
    names = (path.name.removeprefix(_NAME) for path in folder.glob(f"{_NAME}*"))
    return [int(name) for name in names if name.isdigit()]


def _newest(folder: Path) -> int | None:
    return max(_numbers(folder), default=None)


def _path(folder: Path, number: int) -> Path:
    return folder / f"{_NAME}{number}"
