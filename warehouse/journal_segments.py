"""The journal of a warehouse on an object store: what changes in it is kept there, too, in numbered segments.

SQLite needs a local disk, which may be lost with its machine. Each segment is an object that is only made if absent, so
that of two writers one alone makes the next number; whoever has lost the warehouse finds its number taken. A new
driver plays the segments into a journal of its own, and goes on.
"""

import logging
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any, NamedTuple
from uuid import uuid4

import orjson

from schemas.errors import DiskTrouble, LeaseLost, Refused
from warehouse.journal_file import open_journal, transaction
from warehouse.lease import Lease
from warehouse.object_store import ObjectStore, Taken

_LOG = logging.getLogger("reflectory")
_TROUBLE = (DiskTrouble, sqlite3.Error)
EVERY_S = 5.0
"""From a change to its segment, while the store answers."""
AWAY_S = 60.0
"""How long the store may take no segment until the run is halted."""
_FOLDER = "journal"
_MOST = 256
"""Segments; more become one that has all."""
_AT_ONCE = 2_000
"""Changes in a segment."""
_KEYS = {"sends": ("call_id", "n"), "answers": ("call_id",), "batches": ("batch_key",), "batch_calls": ("call_id",)}
_EMPTIED = ("answers", "batch_calls")
"""The tables from which rows go."""
_HOLDER = "holder"
"""No table: by it the first segments of two holders differ."""
_TABLES = """
CREATE TABLE IF NOT EXISTS changes (        -- what no segment has yet
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    what TEXT NOT NULL,                     -- a table
    key TEXT NOT NULL,
    n INTEGER,
    is_new INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS segments (       -- one row
    last INTEGER NOT NULL,                  -- written, or played in
    next BLOB,                              -- under way to the store
    upto INTEGER NOT NULL                   -- the last change in it
);
INSERT INTO segments SELECT 0, NULL, 0 WHERE NOT EXISTS (SELECT 1 FROM segments);
"""
_TRIGGER = """
CREATE TRIGGER IF NOT EXISTS {table}_{event} AFTER {event} ON {table}
BEGIN INSERT INTO changes (what, key, n, is_new) VALUES ('{table}', {key}, {n}, {is_new}); END;
"""


class JournalSegment(NamedTuple):
    """A part of a journal."""

    columns: dict[str, list[str]]
    rows: dict[str, list[list[Any]]]
    """By table."""
    gone: dict[str, list[str]]
    """The keys of rows that are there no more."""
    whole: bool
    """Whether all rows are there, so that no earlier segment is needed."""


class Segments:
    """Keeps the segments of one journal up to date, for the holder of the lease. Safe to call from several threads."""

    def __init__(self, store: ObjectStore, path: Path, lease: Lease) -> None:
        """Raises `Refused` for a journal that cannot be opened, and for segments that are missing or damaged."""
        self._store, self._lease = store, lease
        self._shipping, self._over, self._last_s = Lock(), Event(), monotonic()
        self._n = 0
        """Segments that there are."""
        with closing(open_journal(path)):
            pass  # its tables
        self._db = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
        try:
            [(is_known,)] = self._db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'changes'").fetchall()
            listing = "" if is_known else _list_all()
            self._db.executescript(f"BEGIN IMMEDIATE; {_TABLES} {listing} {_triggers()} COMMIT;")
            self._begin()
        except BaseException:
            self._db.close()
            raise

    def ship(self) -> None:
        """Write what has changed; it is in the store once this returns. Raises `LeaseLost` and `DiskTrouble`."""
        with self._shipping:
            try:
                while self._write(*self._changed()):
                    pass
            except Taken as taken:
                self._lease.check()
                raise LeaseLost(
                    f"--warehouse: somebody else has written {taken} in {self._store.url}; nothing more of this process"
                    " lands, and the same command continues"
                ) from None
            self._last_s = monotonic()

    @contextmanager
    def kept(self, every_s: float = EVERY_S) -> Iterator[None]:
        """Ship now and then, in a thread of its own, and at the end."""
        thread = Thread(target=self._keep, args=(every_s,), name="segments", daemon=True)
        thread.start()
        try:
            yield
        except BaseException:
            with suppress(LeaseLost, *_TROUBLE):
                self.ship()
            raise
        else:
            self.ship()
        finally:
            self._over.set()
            thread.join()
            self._db.close()

    def _keep(self, every_s: float) -> None:
        """Whatever is wrong with the store or with SQLite is tried again, and said once, when it lasts."""
        is_told = False
        while not self._over.wait(every_s):
            try:
                self.ship()
                self._gather()
            except LeaseLost:
                self._lease.halt()
                return
            except _TROUBLE as error:
                away_s = monotonic() - self._last_s
                if away_s > AWAY_S and not is_told:
                    message = "%s: the journal has not been written there for %.0f s (%s); nothing more is sent"
                    _LOG.warning(message, self._store.url, away_s, error)
                    is_told = True
                    self._lease.halt()  # what is bought now could be lost with this machine

    def _begin(self) -> None:
        """Play in what others have written, and make a segment, so that nobody who has lost the lease makes it."""
        while True:
            with suppress(Taken):
                self._play_in()
                segment, upto = self._changed()
                self._n = len(self._numbers())
                mine = {_HOLDER: [uuid4().hex]}  # nobody takes it for one of the same bytes
                self._write(segment or JournalSegment({}, {}, mine, whole=False), upto)
                break
        self._gather()

    def _write(self, segment: JournalSegment | None, upto: int = 0) -> bool:
        """Make the next segment of what was under way, or else of this one; False where there is neither."""
        last, under_way = self._state()
        if under_way is None:
            if segment is None:
                return False
            under_way = zlib.compress(orjson.dumps(tuple(segment)), 1)
            self._db.execute("UPDATE segments SET next = ?, upto = ?", (under_way, upto))
        self._store.create(_name(last + 1), under_way)  # the same bytes after a kill: they are known for ours
        self._n += 1
        with transaction(self._db):
            self._written()
        return True

    def _changed(self) -> tuple[JournalSegment | None, int]:
        """What has changed, or a part of it, as it is now, and the last change in it. None where nothing has, or a
        segment is under way.
        """
        with transaction(self._db, "DEFERRED"):  # writes nothing, so that actors can
            [(upto,)] = self._db.execute(
                "SELECT max(seq) FROM (SELECT seq FROM changes ORDER BY seq LIMIT ?)", (_AT_ONCE,)
            ).fetchall()
            if upto is None or self._state()[1] is not None:
                return None, 0
            changed = "SELECT {keys} FROM changes WHERE what = '{table}' AND seq <= " + str(upto)
            return _segment(self._db, changed), upto

    def _written(self) -> None:
        self._db.execute("DELETE FROM changes WHERE seq <= (SELECT upto FROM segments)")
        self._db.execute("UPDATE segments SET last = last + 1, next = NULL, upto = 0")

    def _play_in(self) -> None:
        """Make the journal know all that the segments do. Raises `Taken` where somebody makes one of them meanwhile."""
        last, under_way = self._state()
        gap, numbers = "", self._numbers()
        with transaction(self._db):
            for number in (n for n in numbers if n > last):
                found = self._store.read(_name(number))
                if found is None:
                    gap = gap or f"{number} to {number}"
                    break
                body = found.body
                if body == under_way:
                    self._written()
                else:
                    segment = _unpacked(self._store, number, body)
                    gap = "" if segment.whole else gap or (f"{last + 1} to {number - 1}" if number > last + 1 else "")
                    _play(self._db, segment)
                    self._db.execute("UPDATE segments SET last = ?, next = NULL, upto = 0", (number,))
                last = number
            if numbers != self._numbers():
                raise Taken(_FOLDER)
            if gap:
                raise Refused(
                    f"{self._store.url}/{_FOLDER}: the segments {gap} are missing; put them back: what was paid for"
                    " stands in them"
                )

    def _gather(self) -> None:
        """Make one segment of all, where they are many. A kill in between leaves some that nobody needs."""
        with self._shipping:
            if self._n < _MOST or self._changed()[0] or self._state()[1]:
                return  # what is under way would be written in place of the whole
            numbers = self._numbers()
            with transaction(self._db, "DEFERRED"):
                whole = _segment(self._db, None)
            self._write(whole)
            self._store.delete([_name(number) for number in numbers])
            self._n = 1

    def _numbers(self) -> list[int]:
        return sorted(int(name.partition(".")[0]) for name in self._store.names(_FOLDER))

    def _state(self) -> tuple[int, bytes | None]:
        """The number of the last segment, and what is under way after it."""
        [(last, under_way)] = self._db.execute("SELECT last, next FROM segments").fetchall()
        return last, under_way


def _list_all() -> str:
    """SQL that takes all there is for changed: it was written before anybody held the lease here."""
    return "".join(
        f"INSERT INTO changes (what, key, n, is_new) SELECT '{table}', {keys[0]}, {keys[1] if keys[1:] else 'NULL'}, 1"
        f" FROM {table};"
        for table, keys in _KEYS.items()
    )


def _triggers() -> str:
    """SQL that keeps a list of what changes."""
    events = [(table, event) for table in ("sends", "batches") for event in ("INSERT", "UPDATE")]
    events += [(table, event) for table in _EMPTIED for event in ("INSERT", "DELETE")]
    return "".join(
        _TRIGGER.format(
            table=table,
            event=event,
            key=f"{'old' if event == 'DELETE' else 'new'}.{_KEYS[table][0]}",
            n="new.n" if table == "sends" else "NULL",
            is_new=int(event == "INSERT"),
        )
        for table, event in events
    )


def _segment(db: sqlite3.Connection, changed: str | None) -> JournalSegment:
    """Of the rows whose keys `changed` selects, or of all."""
    columns: dict[str, list[str]] = {}
    rows: dict[str, list[list[Any]]] = {}
    gone: dict[str, list[str]] = {}
    for table, keys in _KEYS.items():
        these = changed and changed.format(table=table, keys="key, n" if len(keys) == 2 else "key")
        cursor = db.execute(f"SELECT * FROM {table}" + (f" WHERE ({', '.join(keys)}) IN ({these})" if these else ""))
        columns[table] = [column[0] for column in cursor.description]
        rows[table] = [list(row) for row in cursor]
        if these and table in _EMPTIED:
            left = db.execute(f"{these} EXCEPT SELECT {keys[0]} FROM {table}")
            gone[table] = [key for (key,) in left]
    return JournalSegment(columns, rows, gone, whole=changed is None)


def _play(db: sqlite3.Connection, segment: JournalSegment) -> None:
    """Take over what another driver wrote. What this one has changed, and nobody else knows of, stays."""
    for call_id, n, *_ in segment.rows.get("sends", ()):
        _renumber_own(db, call_id, n)
    [(own,)] = db.execute("SELECT coalesce(max(seq), 0) FROM changes").fetchall()
    for table, columns in segment.columns.items():
        key = _KEYS[table][0]
        unknown = f"NOT EXISTS (SELECT 1 FROM changes WHERE what = '{table}' AND key = ?1 AND seq <= {own}"
        unknown += " AND n = ?2)" if table == "sends" else ")"
        if segment.whole and table in _EMPTIED:
            db.execute(f"DELETE FROM {table} WHERE {key} NOT IN (SELECT key FROM changes WHERE what = '{table}')")
        db.executemany(f"DELETE FROM {table} WHERE {key} = ?", [(gone,) for gone in segment.gone.get(table, ())])
        places = ", ".join(f"?{i}" for i in range(1, len(columns) + 1))
        insert = f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) SELECT {places} WHERE {unknown}"
        db.executemany(insert, segment.rows[table])
    db.execute("DELETE FROM changes WHERE seq > ?", (own,))


def _renumber_own(db: sqlite3.Connection, call_id: str, n: int) -> None:
    """Two drivers have sent the same call, each for the `n`th time as far as it knew: both sends count."""
    own = "what = 'sends' AND key = ? AND n = ?"
    if not db.execute(f"SELECT 1 FROM changes WHERE {own} AND is_new", (call_id, n)).fetchone():
        return
    [(free,)] = db.execute("SELECT max(n) + 1 FROM sends WHERE call_id = ?", (call_id,)).fetchall()
    db.execute(f"DELETE FROM changes WHERE {own}", (call_id, n))
    db.execute("UPDATE sends SET n = ? WHERE call_id = ? AND n = ?", (free, call_id, n))
    db.execute(f"UPDATE changes SET is_new = 1 WHERE {own}", (call_id, free))


def _unpacked(store: ObjectStore, number: int, body: bytes) -> JournalSegment:
    try:
        return JournalSegment(*orjson.loads(zlib.decompress(body)))
    except (ValueError, TypeError, zlib.error) as error:
        raise Refused(
            f"{store.url}/{_name(number)}: not a segment of a journal ({error}); put it back: what was paid for stands"
            " in it"
        ) from error


def _name(number: int) -> str:
    return f"{_FOLDER}/{number:012d}.json.zlib"
