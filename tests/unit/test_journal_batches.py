"""Batches in the journal: announced with their calls or not at all, settled once, within the budget."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from schemas.budget import Cap, Charge
from schemas.call import Message, Request, Sampling, SendEnd
from schemas.errors import DiskTrouble, PlaceGone
from schemas.run import Ledger
from warehouse.journal import Journal
from warehouse.journal_batches import Batch, BatchBook
from warehouse.journal_group import Settlement

WORST = Charge(tokens=100, usd=0.1)


def ask(n: int) -> Request:
    sampling = Sampling(temperature=None, top_p=None, max_tokens=None, seed=None)
    messages = (Message(role="user", content=f"{n}?"),)
    return Request(endpoint="e", model="m", messages=messages, sampling=sampling, sample_index=0, fresh="")


def asks(*numbers: int) -> dict[str, tuple[Request, Charge]]:
    return {f"{n}": (ask(n), WORST) for n in numbers}


def settled(call_id: str, n: int = 1, usd: float = 0.04) -> Settlement:
    return Settlement(call_id, n, SendEnd.ANSWERED, None, Charge(tokens=40, usd=usd), None)


def account(path: Path, *numbers: int) -> Charge:
    with closing(Journal(path)) as journal:
        return journal.open_account("p", {f"{n}": WORST for n in numbers})


def ledger(path: Path, *numbers: int) -> Ledger:
    with closing(Journal(path)) as journal:
        return journal.ledger([f"{n}" for n in numbers])


def test_each_step_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    with closing(BatchBook(path)) as book:
        batch = book.announce(asks(1, 2)).batch
        assert batch
    assert ledger(path, 1, 2) == Ledger(sent=2, answered=0, failed=0, unknown=2)
    with closing(BatchBook(path)) as book:
        assert book.live(["2", "9"]) == [batch]
        assert book.live(["9"]) == []
        assert {call_id: call.request for call_id, call in book.calls(batch).items()} == {"1": ask(1), "2": ask(2)}
        batch = book.uploaded(batch, "file-1")
    with closing(BatchBook(path)) as book:
        assert book.live(["1"]) == [batch]
        assert (batch.input_file_id, batch.batch_id) == ("file-1", None)
        batch = book.created(batch, "batch-1")
        book.settle([settled("1")], of_plan=())
    with closing(BatchBook(path)) as book:
        assert book.live(["1"]) == [], "it has what it came for"
        assert book.live(["1", "2"]) == [batch]
        assert list(book.calls(batch)) == ["2"]
        book.end(batch, "expired", [Settlement("2", 1, SendEnd.FAILED, "x", Charge(), None)], of_plan=())
        assert book.live(["1", "2"]) == []
        assert book._db.execute("SELECT ended FROM batches").fetchall() == [("expired",)]
    assert ledger(path, 1, 2) == Ledger(sent=2, answered=1, failed=1, unknown=0)


@pytest.mark.parametrize(
    "write",
    [
        lambda book, batch: book.announce(asks(2)),
        lambda book, batch: book.uploaded(batch, "file-1"),
        lambda book, batch: book.created(batch, "batch-1"),
        lambda book, batch: book.settle([settled("1")], of_plan=()),
        lambda book, batch: book.end(batch, "expired", [], of_plan=()),
    ],
    ids=["announce", "uploaded", "created", "settle", "end"],
)
def test_a_disk_that_takes_no_write_is_told_in_a_sentence(
    tmp_path: Path, write: Callable[[BatchBook, Batch], object]
) -> None:
    with closing(BatchBook(tmp_path / "calls.sqlite")) as book:
        batch = book.announce(asks(1)).batch
        assert batch
        book._db.execute("PRAGMA query_only = ON")
        with pytest.raises(DiskTrouble, match="is read-only; make it writable"):
            write(book, batch)


def test_no_batch_is_announced_in_a_journal_that_was_moved(tmp_path: Path) -> None:
    book = BatchBook(tmp_path / "calls.sqlite")
    (tmp_path / "calls.sqlite").rename(tmp_path / "moved")
    with pytest.raises(PlaceGone):
        book.announce(asks(1))


def test_a_call_is_in_one_batch_at_most(tmp_path: Path) -> None:
    """And when it cannot be in it, nothing of the batch is announced."""
    with closing(BatchBook(tmp_path / "calls.sqlite")) as book:
        book.announce(asks(1, 2))
        with pytest.raises(sqlite3.IntegrityError):
            book.announce(asks(2, 3))
        assert book.live(["3"]) == []
        assert ledger(tmp_path / "calls.sqlite", 1, 2, 3).sent == 2


def test_the_same_calls_are_another_batch_when_they_are_sent_again(tmp_path: Path) -> None:
    with closing(BatchBook(tmp_path / "calls.sqlite")) as book:
        first = book.announce(asks(1, 2)).batch
        assert first
        book.end(first, "expired", [Settlement(f"{n}", 1, SendEnd.FAILED, "x", Charge(), None) for n in (1, 2)], ())
        again = book.announce(asks(1, 2))
        assert again.batch
        assert again.batch.key != first.key
        assert [call.n for call in again.calls.values()] == [2, 2]
        assert book.live(["1"]) == [again.batch]


def test_only_what_the_budget_has_room_for_is_announced(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    account(path, *range(5))
    with closing(BatchBook(path, Cap(plan_id="p", usd=0.35))) as book:
        first = book.announce(asks(*range(5)))
        assert first.batch
        assert (list(first.calls), first.answered) == (["0", "1", "2"], frozenset())
        assert book.announce(asks(3, 4)).batch is None
        book.settle([settled("0"), settled("1")], of_plan={"0", "1"})
        assert list(book.announce(asks(3, 4)).calls) == ["3"]
    assert account(path, *range(5)).usd == pytest.approx(0.04 + 0.04 + 0.1 + 0.1)


def test_what_is_settled_for_another_plan_frees_nothing_of_this_one(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    with closing(BatchBook(path)) as book:
        theirs = book.announce(asks(7, 8, 9)).batch
    account(path, 1, 2)
    with closing(BatchBook(path, Cap(plan_id="p", usd=0.15))) as book:
        assert theirs
        book.announce(asks(1))
        book.end(theirs, "completed", [settled("7"), settled("8"), settled("9")], of_plan={"1", "2"})
        assert book.announce(asks(2)).batch is None


def test_an_answer_that_is_there_is_not_asked_for(tmp_path: Path) -> None:
    with closing(BatchBook(tmp_path / "calls.sqlite")) as book:
        book.announce(asks(1))
        book.settle([Settlement("1", 1, SendEnd.ANSWERED, None, Charge(), "{}")], of_plan=())
        announced = book.announce(asks(1, 2))
        assert (announced.answered, list(announced.calls)) == ({"1"}, ["2"])
        assert book.announce(asks(1)).batch is None


def test_a_journal_of_before_batches_takes_them(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    Journal(path).close()
    with sqlite3.connect(path) as db:
        db.executescript("DROP TABLE batches; DROP TABLE batch_calls;")
    with closing(BatchBook(path)) as book:
        assert isinstance(book.announce(asks(1)).batch, Batch)


def test_what_a_batch_may_still_bring_cannot_be_ruled_free(tmp_path: Path) -> None:
    """Its cost would then be given back a second time, and the cap exceeded."""
    path = tmp_path / "calls.sqlite"
    with closing(BatchBook(path)) as book, closing(Journal(path)) as journal:
        batch = book.announce(asks(1, 2)).batch
        assert batch
        assert journal.unresolved()[0] == 0
        journal.rule_free()
        book.end(batch, "completed", [settled("1"), Settlement("2", 1, SendEnd.UNKNOWN, "x", Charge(), None)], ())
        assert journal.unresolved() == (1, WORST)
    assert account(path, 1, 2).usd == pytest.approx(0.04 + 0.1)
