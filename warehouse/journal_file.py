"""The journal's file: its tables, opening it, and what is written there together."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

from schemas.errors import Refused

_VERSION = 3
_BUSY_S = 60.0
"""How long a writer waits for another process's commit."""

_TABLES = """
CREATE TABLE IF NOT EXISTS sends (
    call_id TEXT NOT NULL,
    n INTEGER NOT NULL,                        -- 1 for the first send of a call, over all runs
    worst_tokens INTEGER,                      -- what it may cost at most, known before it is sent
    worst_usd REAL,
    outcome TEXT NOT NULL DEFAULT 'unknown',   -- schemas.call.SendEnd
    error TEXT,                                -- NULL with outcome 'unknown': nothing was ever heard of it
    tokens INTEGER,                            -- what it did cost; NULL: not known, and charged at its worst case
    usd REAL,
    plan_id TEXT,                              -- whose budget it was announced under; NULL: under none
    PRIMARY KEY (call_id, n)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (call_id TEXT PRIMARY KEY, call TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS accounts (          -- a running sum over the sends of a plan that has a budget
    plan_id TEXT PRIMARY KEY,
    tokens INTEGER NOT NULL,
    usd REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS batches (
    batch_key TEXT PRIMARY KEY,
    announced_at REAL NOT NULL,                -- seconds since 1970
    input_file_id TEXT,                        -- the endpoint's, once uploaded
    batch_id TEXT,                             -- the endpoint's, once created
    ended TEXT                                 -- NULL: it may still bring answers
);
CREATE TABLE IF NOT EXISTS batch_calls (       -- the sends of a batch that have no outcome yet
    call_id TEXT PRIMARY KEY,                  -- so that no call is in two batches
    n INTEGER NOT NULL,
    batch_key TEXT NOT NULL,
    request TEXT NOT NULL                      -- JSON: whoever collects a batch may not have planned it
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS calls_of_batch ON batch_calls (batch_key);
"""
_SINCE = {
    1: "ALTER TABLE sends ADD COLUMN tokens INTEGER; ALTER TABLE sends ADD COLUMN usd REAL;",
    2: "ALTER TABLE sends ADD COLUMN plan_id TEXT;",
}
"""By version, what the next one has more."""


def open_journal(path: Path) -> sqlite3.Connection:
    """Raise `Refused` for a file that is damaged, newer than this code, or cannot be opened."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)  # what SQLite makes beside it gets the same
        path.with_name("open.lock").touch(mode=0o600)
        # SQLite does not wait for a lock while it changes the journal mode: openers of a new file take turns
        with path.with_name("open.lock").open("w") as turn:
            flock(turn, LOCK_EX)
            return _prepare(sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None))
    except (sqlite3.OperationalError, OSError) as error:
        raise Refused(f"{path}: the journal cannot be opened ({error}); it needs a writable local disk") from error
    except sqlite3.DatabaseError as error:
        raise Refused(
            f"{path}: the journal is damaged ({error}). Repair it with `sqlite3 {path.name} .recover`, or move"
            " it and its -wal and -shm files away: landed calls are safe in the table `calls`; answers that had"
            " not landed will be asked for, and paid for, again"
        ) from error


@contextmanager
def transaction(db: sqlite3.Connection, kind: str = "IMMEDIATE") -> Iterator[None]:
    """Write all that is written inside or nothing of it, and sync it at the end."""
    db.execute(f"BEGIN {kind}")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        db.rollback()
        raise


def _prepare(db: sqlite3.Connection) -> sqlite3.Connection:
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    [finding] = db.execute("PRAGMA quick_check(1)").fetchone()
    if finding != "ok":
        raise sqlite3.DatabaseError(" ".join(finding.split()))
    [version] = db.execute("PRAGMA user_version").fetchone()
    if version > _VERSION:
        raise sqlite3.OperationalError(f"version {version} was written by newer code; this code knows {_VERSION}")
    migration = " ".join(more for since, more in _SINCE.items() if 0 < version <= since)
    db.executescript(f"BEGIN IMMEDIATE; {migration} {_TABLES} PRAGMA user_version = {_VERSION}; COMMIT;")
    return db
