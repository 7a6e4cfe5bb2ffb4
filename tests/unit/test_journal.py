"""The journal: durable before it returns, one group one commit, and what is left of it after damage."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from schemas.budget import Cap, Charge
from schemas.call import Call, CallEnd, Message, Sampling, SendEnd, Usage
from schemas.errors import DiskTrouble, Refused
from schemas.run import Ledger
from warehouse.journal import Journal
from warehouse.journal_group import Found, OverBudget, Write


def call(call_id: str, content: str = "4") -> Call:
    return Call(
        call_id=call_id,
        endpoint="https://teacher.test/v1",
        model_asked="m",
        model_answered="m",
        messages=(Message(role="user", content="2+2?"),),
        sampling=Sampling(temperature=0.7, top_p=None, max_tokens=None, seed=None),
        sample_index=0,
        fresh="",
        ended=CallEnd.ANSWERED,
        error=None,
        raw_response=b'{"not utf-8": "\xff\x00"}',
        content=content,
        reasoning=None,
        finish_reason="stop",
        usage=Usage(prompt_tokens=3),
        cost_usd=0.1,
        latency_s=0.5,
        tries=1,
    )


async def paid(journal: Journal, call_id: str) -> None:
    n = await journal.reserve(call_id)
    assert isinstance(n, int)
    await journal.settle(call_id, n, SendEnd.ANSWERED, call=call(call_id))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal" / "calls.sqlite"


def test_the_life_of_a_call(path: Path) -> None:
    async def life() -> None:
        journal = Journal(path)
        assert await journal.reserve("a", Charge(tokens=100, usd=0.01)) == 1
        await journal.settle("a", 1, SendEnd.FAILED, error="server_error: HTTP 500")
        assert await journal.reserve("a") == 2
        await journal.settle("a", 2, SendEnd.UNKNOWN, error="cut: reset")
        assert await journal.reserve("a") == 3
        assert await journal.reserve("b") == 1
        await journal.settle("a", 3, SendEnd.ANSWERED, call=call("a"))
        assert await journal.reserve("a") == call("a"), "what is answered is not announced again"
        journal.close()

    asyncio.run(life())
    again = Journal(path)
    assert again.answers(["a", "b", "c"]) == {"a": call("a")}
    assert again.ledger(["a", "b", "c"]) == Ledger(sent=4, answered=1, failed=1, unknown=2)
    again.forget(["a"])
    assert again.answers(["a"]) == {}
    assert again.ledger(["a"]) == Ledger(sent=3, answered=1, failed=1, unknown=1), "sends are kept for good"
    assert again.ledger([]) == Ledger(sent=0, answered=0, failed=0, unknown=0)
    again.close()


def test_what_an_intent_may_cost_is_kept(path: Path) -> None:
    async def intend() -> None:
        journal = Journal(path)
        await journal.reserve("a", Charge(tokens=100, usd=0.01))
        journal.close()

    asyncio.run(intend())
    with sqlite3.connect(path) as db:
        row = db.execute("SELECT n, worst_tokens, worst_usd, outcome, error, tokens, usd FROM sends").fetchall()
    assert row == [(1, 100, 0.01, "unknown", None, None, None)]


CAP = Cap(plan_id="p", tokens=250)
WORST = Charge(tokens=100, usd=0.01)


def test_no_intent_beyond_the_cap(path: Path) -> None:
    """Over two processes, within one group, and with what settlements give back."""

    async def spend() -> None:
        one, other = Journal(path, CAP), Journal(path, CAP)
        one.open_account("p", {})
        found = await asyncio.gather(*(journal.reserve(f"{i}", WORST) for i in range(3) for journal in (one, other)))
        assert sum(isinstance(n, int) for n in found) == 2
        assert isinstance(await other.reserve("late", WORST), OverBudget)
        await one.settle("0", 1, SendEnd.ANSWERED, call=call("0"), spent=Charge(tokens=40))
        assert await other.reserve("late", WORST) == 1, "40 + 100 + 100"
        await one.settle("late", 1, SendEnd.FAILED, error="server_error: HTTP 500")
        assert await one.reserve("later", WORST) == 1, "a refusal is free"
        await one.settle("later", 1, SendEnd.UNKNOWN, error="cut: reset")
        assert isinstance(await one.reserve("more", WORST), OverBudget), "what may have been paid for stays charged"
        assert isinstance(await one.reserve("unbounded"), OverBudget)
        assert await one.reserve("0", WORST) == call("0"), "an answer needs no room"
        again = Journal(path, CAP)
        assert again.open_account("p", dict.fromkeys(["0", "1", "late", "later"], WORST)).tokens == 240
        for journal in (one, other, again):
            journal.close()

    asyncio.run(spend())


def test_an_account_counts_what_was_left_open_at_its_worst(path: Path) -> None:
    async def crash() -> None:
        journal = Journal(path)
        await journal.reserve("said", Charge(tokens=7, usd=0.5))
        await journal.reserve("unsaid")
        await paid(journal, "of another plan")
        journal.close()

    asyncio.run(crash())
    journal = Journal(path)
    charged = journal.open_account("p", {"said": WORST, "unsaid": WORST, "not sent": WORST})
    assert charged == Charge(tokens=107, usd=0.51)
    journal.close()


def test_an_account_counts_what_its_plan_asks_no_more(path: Path) -> None:
    """The bug: another judge, or another prompt for it, and all that the one before had cost could be spent again."""

    async def spend() -> None:
        journal, free = Journal(path, CAP), Journal(path)
        journal.open_account("p", {})
        assert await journal.reserve("of the first judge", WORST) == 1
        await journal.settle("of the first judge", 1, SendEnd.ANSWERED, call=call("j"), spent=Charge(tokens=60))
        assert await journal.reserve("not heard of", WORST) == 1
        assert await free.reserve("of no budget", WORST) == 1
        assert journal.open_account("p", {"of the second judge": WORST}).tokens == 60 + 100
        assert journal.open_account("q", {"of the second judge": WORST}).tokens == 0, "another plan"
        assert isinstance(await journal.reserve("of the second judge", WORST), OverBudget), "160 + 100"
        journal.close()
        free.close()

    asyncio.run(spend())


def test_what_was_not_heard_of_is_charged_until_somebody_rules(path: Path) -> None:
    async def send() -> None:
        journal = Journal(path)
        await journal.reserve("lost", WORST)
        n = await journal.reserve("cut", WORST)
        assert isinstance(n, int)
        await journal.settle("cut", n, SendEnd.UNKNOWN, error="cut: reset")
        n = await journal.reserve("answered", WORST)
        assert isinstance(n, int)
        await journal.settle("answered", n, SendEnd.ANSWERED, call=call("answered"), spent=Charge(tokens=10, usd=0.001))
        journal.close()

    asyncio.run(send())
    journal = Journal(path)
    plan = dict.fromkeys(["lost", "cut", "answered"], WORST)
    assert journal.unresolved() == (2, Charge(tokens=200, usd=0.02))
    assert journal.open_account("p", plan).tokens == 210
    journal.rule_free()
    assert journal.unresolved() == (0, Charge(tokens=0, usd=0.0))
    assert journal.open_account("p", plan) == Charge(tokens=10, usd=0.001)
    assert journal.ledger(list(plan)).unknown == 2, "the books keep what is known"
    journal.close()


@pytest.mark.parametrize(("version", "spent"), [(1, ""), (2, "tokens INTEGER, usd REAL,")])
def test_a_journal_of_an_older_version_is_brought_up_to_date(path: Path, version: int, spent: str) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.executescript(
            f"""
            CREATE TABLE sends (call_id TEXT NOT NULL, n INTEGER NOT NULL, worst_tokens INTEGER, worst_usd REAL,
                outcome TEXT NOT NULL DEFAULT 'unknown', error TEXT, {spent} PRIMARY KEY (call_id, n)) WITHOUT ROWID;
            CREATE TABLE answers (call_id TEXT PRIMARY KEY, call TEXT NOT NULL);
            INSERT INTO sends (call_id, n, outcome) VALUES ('a', 1, 'answered');
            PRAGMA user_version = {version};
            """
        )
    for _ in range(2):
        journal = Journal(path)
        assert journal.ledger(["a"]).answered == 1
        assert journal.open_account("p", {"a": WORST}) == WORST
        journal.close()


def test_every_commit_is_synced(path: Path) -> None:
    journal = Journal(path)
    assert journal._thread.submit(lambda: journal._db.execute("PRAGMA journal_mode").fetchone()).result() == ("wal",)
    assert journal._thread.submit(lambda: journal._db.execute("PRAGMA synchronous").fetchone()).result() == (2,)
    journal.close()


class Counting(Journal):
    commits = 0

    def _commit(self, writes: Sequence[Write]) -> list[Found]:
        self.commits += 1
        return super()._commit(writes)


def test_writes_that_come_together_share_a_commit(path: Path) -> None:
    async def together() -> tuple[int, int]:
        journal = Counting(path)
        await asyncio.gather(*(paid(journal, f"{i}") for i in range(500)))
        grouped = journal.commits
        for i in range(10):
            await paid(journal, f"alone {i}")
        journal.close()
        return grouped, journal.commits - grouped

    grouped, alone = asyncio.run(together())
    assert grouped < 50, "1,000 writes"
    assert alone == 20, "the control: nobody to share with"


def test_a_group_that_fails_is_not_written_and_says_so(path: Path) -> None:
    async def fail() -> list[Any]:
        journal = Journal(path)
        with sqlite3.connect(path) as db:
            db.execute(
                "CREATE TRIGGER no BEFORE INSERT ON sends WHEN new.call_id = 'bad' BEGIN SELECT raise(ABORT, 'no'); END"
            )
        results = await asyncio.gather(
            journal.reserve("first"), journal.reserve("x"), journal.reserve("bad"), return_exceptions=True
        )
        assert await journal.reserve("later") == 1, "the next group is not hurt"
        assert journal.ledger(["x"]).sent == sum(isinstance(result, int) for result in results[1:2])
        journal.close()
        return results

    assert isinstance(asyncio.run(fail())[-1], sqlite3.IntegrityError)


@pytest.mark.parametrize(
    "write",
    [
        lambda journal: asyncio.run(paid(journal, "a")),
        lambda journal: journal.open_account("plan", {"a": Charge(tokens=1, usd=0.0)}),
        lambda journal: journal.forget(["a"]),
        lambda journal: journal.rule_free(),
        lambda journal: journal.check(),
    ],
    ids=["intend", "open_account", "forget", "rule_free", "check"],
)
def test_a_disk_that_takes_no_write_is_told_in_a_sentence(path: Path, write: Callable[[Journal], object]) -> None:
    """Only some of the writes did; the others failed with what SQLite says."""
    journal = Journal(path)
    write(journal)
    journal._run("PRAGMA query_only = ON")
    with pytest.raises(DiskTrouble, match="is read-only; make it writable"):
        write(journal)
    journal.close()


def test_a_closed_journal_keeps_nobody_waiting(path: Path) -> None:
    """The first write of two said so, the second joined it for ever."""

    async def late(journal: Journal) -> list[Any]:
        writes = [asyncio.wait_for(journal.reserve(call_id), timeout=5) for call_id in ("a", "b")]
        return await asyncio.gather(*writes, return_exceptions=True)

    journal = Journal(path)
    journal.close()
    assert [type(error) for error in asyncio.run(late(journal))] == [RuntimeError, RuntimeError]


def test_a_cancelled_writer_does_not_cancel_its_group(path: Path) -> None:
    async def cancel() -> None:
        journal = Journal(path)
        writers = [asyncio.create_task(paid(journal, f"{i}")) for i in range(10)]
        await asyncio.sleep(0)
        writers[3].cancel()
        ended = await asyncio.gather(*writers, return_exceptions=True)
        assert [type(error) for error in ended if error] == [asyncio.CancelledError]
        assert len(journal.answers([f"{i}" for i in range(10)])) == 9
        assert journal.ledger(["3"]) == Ledger(sent=1, answered=0, failed=0, unknown=1)
        journal.close()

    asyncio.run(cancel())


def test_several_may_write_at_once(path: Path) -> None:
    """Two journals on one file: numbers stay distinct, and the first answer to a call stands."""

    async def compete() -> None:
        one, other = Journal(path), Journal(path)
        numbers = await asyncio.gather(*(journal.reserve("a") for journal in (one, other) * 20))
        assert sorted(n for n in numbers if isinstance(n, int)) == list(range(1, 41))
        await one.settle("a", 1, SendEnd.ANSWERED, call=call("a", "first"))
        await other.settle("a", 2, SendEnd.ANSWERED, call=call("a", "second"))
        assert other.answers(["a"])["a"].content == "first"
        one.close()
        other.close()

    asyncio.run(compete())


def test_books_of_many_calls(path: Path) -> None:
    ids = [f"{i:032x}" for i in range(100_000)]

    async def send() -> Ledger:
        journal = Journal(path)
        await asyncio.gather(*(journal.reserve(call_id) for call_id in ids[:1000]))
        ledger = journal.ledger(ids)
        journal.close()
        return ledger

    assert asyncio.run(send()) == Ledger(sent=1000, answered=0, failed=0, unknown=1000)


def crashed_copy(path: Path, to: Path) -> Path:
    """What a power cut leaves: the file and its write-ahead log, taken while the journal is open."""
    to.mkdir()
    for name in (path.name, f"{path.name}-wal"):
        shutil.copy(path.with_name(name), to / name)
    return to / path.name


def cut(wal: bytes) -> bytes:
    return wal[:-1000]


def zeroed(wal: bytes) -> bytes:
    return wal[:-1000] + bytes(1000)


def littered(wal: bytes) -> bytes:
    return wal + bytes(range(256)) * 20


@pytest.mark.parametrize(("tear", "may_lose"), [(cut, 1), (zeroed, 1), (littered, 0), (bytes, 0)])
def test_a_torn_tail_costs_at_most_the_last_commit(
    path: Path, tmp_path: Path, tear: Callable[[bytes], bytes], may_lose: int
) -> None:
    """SQLite's checksums find where the log ends. The control is the tear itself: it does reach the last commit."""

    async def write() -> Path:
        journal = Journal(path)
        for i in range(30):
            await paid(journal, f"{i}")
        left = crashed_copy(path, tmp_path / "after")
        journal.close()
        return left

    left = asyncio.run(write())
    wal = left.with_name(f"{left.name}-wal")
    wal.write_bytes(tear(wal.read_bytes()))
    journal = Journal(left)
    assert len(journal.answers([f"{i}" for i in range(30)])) == 30 - may_lose
    journal.close()


def no_database(file: bytes) -> bytes:
    return b"not a database at all" * 500


def bad_page(file: bytes) -> bytes:
    return file[:4096] + b"\xa5" * 4096 + file[8192:]


@pytest.mark.parametrize("damage", [no_database, bad_page])
def test_a_damaged_file_is_refused_with_advice(path: Path, damage: Callable[[bytes], bytes]) -> None:
    async def write() -> None:
        journal = Journal(path)
        await asyncio.gather(*(paid(journal, f"{i}") for i in range(50)))
        journal.close()

    asyncio.run(write())
    Journal(path).close()
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(Refused, match=r"calls\.sqlite: the journal is damaged .*\.recover.*move it"):
        Journal(path)


def test_a_journal_that_cannot_be_opened(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(Refused, match="cannot be opened"):
        Journal(path)


def test_a_newer_journal_is_left_alone(path: Path) -> None:
    Journal(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(Refused, match="version 99"):
        Journal(path)
