"""The segments of a journal: a new driver knows what the lost one had shipped, and what two have sent counts twice."""

import asyncio
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Event
from time import sleep
from typing import cast

import pytest

from schemas.errors import DiskTrouble, LeaseLost, Refused
from schemas.run import Ledger
from tests.paid import pay
from tests.unit.test_journal_batches import asks, settled
from warehouse import journal_segments
from warehouse.journal import Journal
from warehouse.journal_batches import Batch, BatchBook
from warehouse.journal_segments import Segments
from warehouse.lease import Lease
from warehouse.object_store import ObjectStore, Stored, Taken


class Objects:
    """A store in memory. An object is made once; where it `fails`, it is made or not, and nobody hears of it."""

    url = "s3://bucket/w"

    def __init__(self) -> None:
        self.made: dict[str, bytes] = {}
        self.fails: str | None = None

    def create(self, name: str, body: bytes) -> str:
        if self.made.get(name, body) != body:
            raise Taken(name)
        if self.fails != "before":
            self.made[name] = body
        if self.fails:
            raise DiskTrouble("away")
        return "version"

    def read(self, name: str) -> Stored | None:
        return Stored(self.made[name], "version", datetime.now(UTC)) if name in self.made else None

    def names(self, folder: str) -> list[str]:
        return sorted(name.partition("/")[2] for name in self.made)

    def delete(self, names: Sequence[str]) -> None:
        for name in names:
            del self.made[name]


class Held:
    halted = False

    def check(self) -> None:
        """The lease is ours."""

    def halt(self) -> None:
        self.halted = True


def segments(store: Objects, path: Path, held: Held | None = None) -> Segments:
    return Segments(cast(ObjectStore, store), path, cast(Lease, held or Held()))


def reserve(path: Path, call_id: str) -> None:
    """Announce a send, and be killed."""

    async def announced() -> None:
        with closing(Journal(path)) as journal:
            await journal.reserve(call_id)

    asyncio.run(announced())


def known(path: Path, *call_ids: str) -> tuple[set[str], int]:
    """Those that have an answer, and how many sends there were."""
    journal = Journal(path)
    found, ledger = set(journal.answers(call_ids)), journal.ledger(call_ids)
    journal.close()
    assert ledger == Ledger(sent=ledger.sent, answered=ledger.sent, failed=0, unknown=0)
    return found, ledger.sent


def test_a_new_driver_knows_what_was_shipped(tmp_path: Path) -> None:
    store, lost, fresh = Objects(), tmp_path / "lost" / "j", tmp_path / "fresh" / "j"
    with segments(store, lost).kept(1e6):
        pay(lost, "a", "b")
        journal = Journal(lost)
        journal.forget(["b"])
        journal.close()
    pay(lost, "c")  # in no segment
    with segments(store, fresh).kept(1e6):
        assert known(fresh, "a", "b", "c") == ({"a"}, 2)
        pay(fresh, "c")
    with segments(store, lost).kept(1e6):
        assert known(lost, "a", "b", "c") == ({"a", "c"}, 4), "c was paid for twice, and both count"
    again = tmp_path / "again" / "j"
    with segments(store, again).kept(1e6):
        assert known(again, "a", "b", "c") == ({"a", "c"}, 4)


def test_a_new_driver_knows_each_batch_as_far_as_it_had_come(tmp_path: Path) -> None:
    """Else it would ask for its calls once more, and pay for them twice."""
    store, path = Objects(), tmp_path / "lost" / "j"
    kept, folders = segments(store, path), (tmp_path / f"{n}" / "j" for n in count())

    def found(*call_ids: str) -> tuple[list[Batch], list[str]]:
        """The live batches of a new driver, and their calls."""
        kept.ship()
        fresh = next(folders)
        other = Objects()
        other.made = dict(store.made)
        with segments(other, fresh).kept(1e6), closing(BatchBook(fresh)) as book:
            live = book.live(call_ids)
            return live, [call_id for batch in live for call_id in book.calls(batch)]

    with closing(BatchBook(path)) as book:
        batch = book.announce(asks(1, 2)).batch
        assert batch
        assert found("1") == ([batch], ["1", "2"])
        batch = book.uploaded(batch, "file-1")
        assert found("1") == ([batch], ["1", "2"])
        batch = book.created(batch, "batch-1")
        assert found("1") == ([batch], ["1", "2"])
        book.settle([settled("1")], of_plan=())
        assert found("1", "2") == ([batch], ["2"])
        book.end(batch, "expired", [], of_plan=())
        assert found("1", "2") == ([], [])


@pytest.mark.parametrize("most", [3, 99])
def test_what_was_forgotten_after_it_was_shipped_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """From who played it in, too, be it told by one segment that has all."""
    store, path, other = Objects(), tmp_path / "here" / "j", tmp_path / "other" / "j"
    with segments(store, path).kept(1e6):
        pay(path, "a", "b")
    with segments(store, other).kept(1e6):
        assert known(other, "a", "b") == ({"a", "b"}, 2)
    monkeypatch.setattr(journal_segments, "_MOST", most)
    with segments(store, path).kept(1e6), closing(Journal(path)) as journal:
        journal.forget(["b"])
    with segments(store, path).kept(1e6):
        assert (len(store.made) == 1) == (most == 3)
    for driver in (other, tmp_path / "fresh" / "j"):
        with segments(store, driver).kept(1e6):
            assert known(driver, "a", "b") == ({"a"}, 2)


def test_a_send_that_nobody_heard_of_counts_beside_another_driver_s(tmp_path: Path) -> None:
    """Both may be on the bill, and both are the first of their call as far as each driver knew."""
    store, lost, fresh = Objects(), tmp_path / "lost" / "j", tmp_path / "fresh" / "j"
    with segments(store, lost).kept(1e6):
        pass
    reserve(lost, "c")
    with segments(store, fresh).kept(1e6):
        pay(fresh, "c")
    with segments(store, lost).kept(1e6), closing(Journal(lost)) as journal:
        assert journal.ledger(["c"]) == Ledger(sent=2, answered=1, failed=0, unknown=1)


def test_all_is_shipped_that_has_changed_however_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_segments, "_AT_ONCE", 3)
    store, path, fresh = Objects(), tmp_path / "here" / "j", tmp_path / "fresh" / "j"
    kept = segments(store, path)
    pay(path, *"abcdefgh")
    kept.ship()
    shipped = len(store.made)
    kept.ship()
    assert len(store.made) == shipped
    with segments(store, fresh).kept(1e6):
        assert known(fresh, *"abcdefgh") == (set("abcdefgh"), 8)


def test_a_run_that_breaks_ships_what_it_has(tmp_path: Path) -> None:
    store, path, fresh = Objects(), tmp_path / "here" / "j", tmp_path / "fresh" / "j"
    with pytest.raises(KeyError), segments(store, path).kept(1e6):  # noqa: PT012
        pay(path, "a")
        raise KeyError
    with segments(store, fresh).kept(1e6):
        assert known(fresh, "a") == ({"a"}, 1)


def test_what_was_written_before_anybody_shipped_is_shipped(tmp_path: Path) -> None:
    store = Objects()
    pay(tmp_path / "first" / "j", "a")
    with segments(store, tmp_path / "first" / "j").kept(1e6):
        pass
    with segments(store, tmp_path / "fresh" / "j").kept(1e6):
        assert known(tmp_path / "fresh" / "j", "a") == ({"a"}, 1)


@pytest.mark.parametrize("fails", ["before", "after"])
def test_a_segment_that_nobody_heard_of_is_no_second_send(fails: str, tmp_path: Path) -> None:
    """Its writer is killed, or the store's answer is lost, before or after the object is there."""
    store, path = Objects(), tmp_path / "here" / "j"
    kept = segments(store, path)
    pay(path, "a")
    store.fails = fails
    with suppress(DiskTrouble):
        kept.ship()
    store.fails = None
    pay(path, "b")
    shutil.copytree(path.parent, tmp_path / "killed")
    kept.ship()
    assert known(path, "a", "b") == ({"a", "b"}, 2)
    if fails == "after":
        del store.made[max(store.made)]
        killed = tmp_path / "killed" / "j"
        with segments(store, killed).kept(1e6):
            assert known(killed, "a", "b") == ({"a", "b"}, 2)


def test_who_has_lost_the_warehouse_makes_no_segment(tmp_path: Path) -> None:
    store, path = Objects(), tmp_path / "late" / "j"
    late = segments(store, path)
    with segments(store, tmp_path / "successor" / "j").kept(1e6):
        pay(path, "a")
        with pytest.raises(LeaseLost, match="somebody else has written"):
            late.ship()


def test_who_learns_of_it_in_between_is_halted(tmp_path: Path) -> None:
    store, path, held, halted = Objects(), tmp_path / "late" / "j", Held(), Event()
    held.halt = halted.set  # type: ignore[method-assign]
    late = segments(store, path, held)
    with segments(store, tmp_path / "successor" / "j").kept(1e6):
        pay(path, "a")
        with pytest.raises(LeaseLost), late.kept(0.01):
            assert halted.wait(10)


@pytest.mark.parametrize("trouble", ["the store's", "SQLite's"])
def test_trouble_that_lasts_halts_the_run_and_is_said_once(
    trouble: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """That of SQLite ended the thread, and what was bought from then on was on this machine alone."""
    monkeypatch.setattr(journal_segments, "AWAY_S", 0.05)
    store, path, held, halted = Objects(), tmp_path / "j", Held(), Event()
    held.halt = halted.set  # type: ignore[method-assign]
    kept = segments(store, path, held)
    pay(path, "a")
    if trouble == "SQLite's":
        with closing(sqlite3.connect(path)) as other:
            other.execute("ALTER TABLE changes RENAME TO changed")
    else:
        store.fails = "before"
    with pytest.raises((sqlite3.OperationalError, DiskTrouble)), kept.kept(0.01):  # noqa: PT012
        assert halted.wait(10)
        sleep(0.1)  # and does not say it again
    [said] = caplog.messages
    assert said.startswith("s3://bucket/w: the journal has not been written there for 0 s (")
    assert said.endswith("); nothing more is sent")


def test_two_that_begin_at_once_do_not_take_each_others_segment_for_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One was stopped before its first segment, and goes on when the other has made it."""
    store, path = Objects(), tmp_path / "stopped" / "j"
    create, others = store.create, list[Segments]()

    def late(name: str, body: bytes) -> str:
        monkeypatch.setattr(store, "create", create)
        others.append(segments(store, tmp_path / "other" / "j"))
        return create(name, body)

    monkeypatch.setattr(store, "create", late)
    segments(store, path)
    assert len(store.made) == 2


def test_what_is_under_way_is_not_taken_for_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A segment fails between the shipping and the gathering of another thread."""
    monkeypatch.setattr(journal_segments, "_MOST", 3)
    store, path = Objects(), tmp_path / "here" / "j"
    kept = segments(store, path)
    for call_id in "ab":
        pay(path, call_id)
        kept.ship()
    pay(path, "c")
    store.fails = "before"
    with pytest.raises(DiskTrouble):
        kept.ship()
    store.fails = None
    kept._gather()
    kept.ship()
    kept._gather()
    assert len(store.made) == 1
    fresh = tmp_path / "fresh" / "j"
    with segments(store, fresh).kept(1e6):
        assert known(fresh, *"abc") == (set("abc"), 3)


def test_segments_that_become_one_while_they_are_read_are_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a holder that was stopped in the middle of it, and goes on."""
    store, path = Objects(), tmp_path / "here" / "j"
    kept = segments(store, path)
    for call_id in "ab":
        pay(path, call_id)
        kept.ship()
    read = store.read

    def meanwhile(name: str) -> Stored | None:
        monkeypatch.setattr(store, "read", read)
        monkeypatch.setattr(journal_segments, "_MOST", 3)
        kept._gather()
        monkeypatch.setattr(journal_segments, "_MOST", 99)
        return read(name)

    monkeypatch.setattr(store, "read", meanwhile)
    fresh = tmp_path / "fresh" / "j"
    with segments(store, fresh).kept(1e6):
        assert known(fresh, *"ab") == (set("ab"), 2)


def test_many_segments_become_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_segments, "_MOST", 3)
    store, path = Objects(), tmp_path / "here" / "j"
    for call_id in "abcdef":
        with segments(store, path).kept(1e6):
            pay(path, call_id)
    assert len(store.made) < 6
    fresh = tmp_path / "fresh" / "j"
    with segments(store, fresh).kept(1e6):
        assert known(fresh, *"abcdef") == (set("abcdef"), 6)


def test_what_cannot_be_played_in_is_refused(tmp_path: Path) -> None:
    store, path = Objects(), tmp_path / "here" / "j"
    with segments(store, path).kept(1e6):
        pay(path, "a")
    first = min(store.made)
    whole = store.made[first]
    store.made[first] = whole[:9]
    with pytest.raises(Refused, match="not a segment of a journal"):
        segments(store, tmp_path / "fresh" / "j")
    del store.made[first]
    with pytest.raises(Refused, match="the segments 1 to 1 are missing"):
        segments(store, tmp_path / "fresh" / "j")
    store.made[first] = whole
    segments(store, tmp_path / "fresh" / "j").ship()
