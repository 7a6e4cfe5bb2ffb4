"""A warehouse on an object store: landing, leases and the journal's segments, and what a failing store does to them."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from pathlib import Path
from threading import Barrier, Event, Thread

import duckdb
import pyarrow as pa
import pytest

from schemas.attempt import Attempt
from schemas.errors import DiskTrouble, LeaseLost, Refused
from schemas.run import Ledger
from schemas.tables import TABLES
from tests.google_storage import TOKEN_PATH
from tests.object_store import BUCKET, LACKS, ObjectServer, Seen, object_server
from tests.paid import pay
from warehouse import journal_segments, object_store, store_lease
from warehouse.catalog import connect, write_catalog
from warehouse.catalog_paths import CATALOG
from warehouse.compaction import compact
from warehouse.defining import WHOLE
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.lease import myself
from warehouse.newest import known_whole
from warehouse.reading import Snapshot
from warehouse.untrusted import ask_untrusted

pytest.importorskip("obstore", reason="needs the extra `s3`")
pytestmark = pytest.mark.slow

ROW = {"plan_id": "p", "shard_id": "s", "question_id": "q", "sample_index": 0, "call_id": "c", "prompt_version": None}
TRACE = {"trace_id": "t", "attempt_id": "a", "plan_id": "p", "question_id": "q", "sample_index": 0}
PERIOD_S = 0.5


@pytest.fixture(scope="module", params=sorted(LACKS))
def server(request: pytest.FixtureRequest) -> Iterator[ObjectServer]:
    with object_server(request.param) as server:
        yield server


@pytest.fixture
def store(server: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a warehouse that is not there yet."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(object_store, "RETRIES_S", 3)
    server.heeds_conditions = True
    server.begin_again()
    object_store.bucket.cache_clear()
    yield f"{server.scheme}://{BUCKET}/{tmp_path.name}/w"
    server.begin_again()


@pytest.fixture
def other_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From now on this is another driver, with an empty disk."""
    return lambda: monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "other"))


def made(address: str) -> Warehouse:
    warehouse = Warehouse(address)
    warehouse.create()
    return warehouse


def land(warehouse: Warehouse, *attempt_ids: str) -> int:
    rows = [Attempt.model_validate(ROW | {"attempt_id": attempt_id}) for attempt_id in attempt_ids]
    return warehouse.land("attempts", rows, "run", " ".join(attempt_ids))


def landed(address: str) -> list[str]:
    with Snapshot(Warehouse(address)) as now:
        return [row for (row,) in now.ask("SELECT attempt_id FROM attempts ORDER BY ALL")[1]]


def journaled(warehouse: Warehouse, *call_ids: str) -> tuple[set[str], Ledger]:
    journal = Journal(warehouse.journal_path)
    found = set(journal.answers(call_ids)), journal.ledger(call_ids)
    journal.close()
    return found


def answered(n: int, sent: int | None = None) -> Ledger:
    return Ledger(sent=sent or n, answered=n, failed=0, unknown=(sent or n) - n)


def commits(seen: Seen) -> bool:
    return seen.method == "PUT" and "/_delta_log/" in seen.path


def test_what_lands_is_read_back(store: str) -> None:
    warehouse = made(store)
    with warehouse.sole_writer():
        assert (land(warehouse, "a", "b"), land(warehouse, "a", "b"), land(warehouse, "c")) == (2, 0, 1)
        write_catalog(warehouse)
    assert landed(store) == ["a", "b", "c"]
    assert connect(Warehouse(Path(store))).sql("SELECT count(*) FROM fates").fetchall() == [(3,)]
    with warehouse.sole_writer():
        [changed] = [row for row in compact(warehouse, keep=timedelta(days=1)) if row.files_before > 1]
    assert (changed.files_before, changed.files_after) == (2, 1)
    assert landed(store) == ["a", "b", "c"]
    with pytest.raises(Refused, match="--untrusted needs a warehouse in a folder"):
        ask_untrusted(warehouse, "SELECT 1")


def test_the_catalog_in_the_store_names_its_files(store: str, tmp_path: Path) -> None:
    warehouse = made(store)
    land(warehouse, "a")
    write_catalog(warehouse)
    copied = object_store.ObjectStore(store).read(CATALOG)
    assert copied
    (tmp_path / CATALOG).write_bytes(copied.body)
    with duckdb.connect(str(tmp_path / CATALOG), read_only=True) as reader:
        warehouse.place.let_read(reader)
        assert reader.sql("SELECT attempt_id FROM attempts").fetchall() == [("a",)]


def test_another_machine_believes_what_was_noted_of_the_same_files(
    store: str, other_machine: Callable[[], None]
) -> None:
    warehouse = made(store)
    with Snapshot(warehouse) as now:
        now.note_newest()
    other_machine()
    reader = Warehouse(store)
    assert known_whole(reader, reader.all_files(TABLES.keys())) == set(WHOLE)
    with connect(warehouse) as connection:
        columns = connection.sql("SELECT * EXCLUDE (landed_by, landed_at) FROM traces").to_arrow_table()
    row = dict.fromkeys(columns.column_names) | TRACE
    warehouse.land_columns("traces", pa.Table.from_pylist([row, row | {"trace_id": "u"}], columns.schema), "run", "u")
    assert known_whole(reader, reader.all_files(TABLES.keys())) == {"newest_verdicts"}
    with connect(reader) as connection:
        assert connection.sql("SELECT trace_id FROM newest_traces").fetchall() == [("t",)]


def test_one_of_two_is_the_writer(store: str, other_machine: Callable[[], None]) -> None:
    first = made(store)
    with first.sole_writer():
        with (
            pytest.raises(Refused, match=f"another run on this machine is writing {store}"),
            made(store).sole_writer(),
        ):
            pass
        other_machine()
        with (
            pytest.raises(Refused, match=rf"another run is writing {store}.*process \d+ on"),
            made(store).sole_writer(),
        ):
            pass
    second = made(store)
    with second.sole_writer():  # at once, since the first has said that it ended
        assert second.lease
        assert second.lease.number == 2


@pytest.mark.parametrize("heeds", [True, False])
def test_of_racing_claims_one_succeeds(
    heeds: bool, store: str, server: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a store that does not heed conditions none does: it is found out before anything is written."""
    if server.scheme == "az" and not heeds:
        pytest.skip("a request to Azure is signed with its conditions: no proxy can take them off")
    warehouses = []
    for i in range(4):
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / str(i)))
        warehouses.append(made(store))
        assert warehouses[-1].folder.exists()
    server.heeds_conditions = heeds
    won, refused, go, over = [], [], Event(), Event()

    def all_heard() -> None:
        if len(refused) + len(won) == len(warehouses):
            over.set()

    def claim(warehouse: Warehouse) -> None:
        go.wait()
        try:
            with warehouse.sole_writer():
                won.append(warehouse)
                all_heard()
                over.wait()
        except Refused as error:
            refused.append(str(error))
            all_heard()

    threads = [Thread(target=claim, args=(warehouse,)) for warehouse in warehouses]
    for thread in threads:
        thread.start()
    go.set()
    over.wait(60)
    over.set()
    for thread in threads:
        thread.join()
    assert len(won) == int(heeds)
    assert len(refused) == len(warehouses) - len(won)
    assert all(("took an object twice" in said) == (not heeds) for said in refused)


@pytest.mark.parametrize("heeds", [True, False])
def test_of_two_commits_at_once_both_land(heeds: bool, store: str, server: ObjectServer) -> None:
    """Control: a store that does not heed conditions loses one, and both writers hear that it has landed."""
    if server.scheme == "az" and not heeds:
        pytest.skip("a request to Azure is signed with its conditions: no proxy can take them off")
    made(store)
    both, n_commits = Barrier(2), count()

    def fault(seen: Seen) -> None:
        if commits(seen) and next(n_commits) < 2:
            both.wait(30)

    server.heeds_conditions = heeds
    server.begin_again(fault)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda attempt_id: land(Warehouse(store), attempt_id), "ab")) == [1, 1]
    names = sorted(name for seen in server.seen if commits(seen) for name in [seen.path[-25:]])
    first, second = (f"{version:020d}.json" for version in (1, 2))
    assert names == [first, first, *([second] if heeds else [])]
    assert len(landed(store)) == 1 + heeds


def test_the_identity_of_a_machine_that_is_taken_back_and_given_again(
    store: str, server: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not server.google:
        pytest.skip("moto and Azurite give no identities")
    monkeypatch.delenv("GOOGLE_SERVICE_ACCOUNT_KEY")
    monkeypatch.setenv("HOME", str(tmp_path))  # without what gcloud has left there
    for name in ("GCE_METADATA_HOST", "GCE_METADATA_IP"):
        monkeypatch.setenv(name, server.url.removeprefix("http://"))
    monkeypatch.setattr(server.google, "asks_for_tokens", True)
    warehouse = made(store)
    land(warehouse, "a")
    server.google.tokens.clear()
    with pytest.raises(DiskTrouble, match="refuses access; look at GOOGLE_APPLICATION_CREDENTIALS"):
        object_store.ObjectStore(store).has("attempts")
    object_store.bucket.cache_clear()  # what another process has not
    server.begin_again(lambda seen: "404" if seen.path.startswith(TOKEN_PATH) else None)
    with pytest.raises(DiskTrouble, match="asks for credentials, and none were to be had; look at GOOGLE_"):
        landed(store)
    server.begin_again()
    assert land(Warehouse(store), "b") == 1
    assert landed(store) == ["a", "b"]


def test_a_silent_writer_is_replaced_and_lands_nothing(store: str, other_machine: Callable[[], None]) -> None:
    first, second, halt = made(store), Warehouse(store), Event()
    with pytest.raises(LeaseLost), first.sole_writer(PERIOD_S):  # noqa: PT012
        assert first.lease
        land(first, "before")
        first.lease._over.set()  # it gives no sign of life any more
        Event().wait(2 * PERIOD_S + 1.1)  # the store's clock has whole seconds
        other_machine()
        with second.sole_writer(PERIOD_S), first.lease.halting(halt):
            land(second, "mine")
            with pytest.raises(LeaseLost, match="was taken over by process"):
                land(first, "late")
            assert halt.is_set()
        pay(first.journal_path, "bought in vain")
    assert landed(store) == ["before", "mine"]


@pytest.mark.parametrize("shuts_out", [True, False])
def test_a_writer_that_sleeps_with_a_commit_under_way_wakes_too_late(
    shuts_out: bool,
    store: str,
    server: ObjectServer,
    other_machine: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Control: where its successor does not sign the tables, the commit lands behind the successor's back."""
    first, second = made(store), Warehouse(store)
    asleep, awake = Event(), Event()

    def fault(seen: Seen) -> None:
        if commits(seen) and not asleep.is_set():
            asleep.set()
            awake.wait(60)

    if not shuts_out:
        monkeypatch.setattr(Warehouse, "_shut_out", lambda self: None)
    with first.sole_writer(PERIOD_S), ThreadPoolExecutor(1) as pool:
        assert first.lease
        first.lease._over.set()
        server.begin_again(fault)
        late = pool.submit(land, first, "late")
        assert asleep.wait(30)
        Event().wait(2 * PERIOD_S + 1.1)
        other_machine()
        with second.sole_writer(PERIOD_S):
            assert landed(store) == []
            awake.set()
            if shuts_out:
                with pytest.raises(LeaseLost, match="was taken over by process"):
                    late.result()
            else:
                assert late.result() == 1
    assert landed(store) == ([] if shuts_out else ["late"])


def test_who_removes_the_lease_of_a_living_writer_ends_it(store: str, other_machine: Callable[[], None]) -> None:
    """Its successor has the number 1, too."""
    first, second = made(store), Warehouse(store)
    with first.sole_writer(PERIOD_S):
        object_store.ObjectStore(store).delete(["lease.json"])
        with pytest.raises(LeaseLost, match="taken over by somebody who has removed its lease"):
            land(first, "late")
        other_machine()
        with second.sole_writer():
            assert second.lease
            assert first.lease
            assert second.lease.number == first.lease.number == 1
            with pytest.raises(LeaseLost, match=r"taken over by process \d+ on"):
                land(first, "later")
            second.lease.check()
            land(second, "mine")
    assert landed(store) == ["mine"]


@pytest.mark.parametrize("elsewhere", [{"boot": "another"}, {}])
def test_a_copy_of_a_machine_is_another_machine(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: dict[str, str]
) -> None:
    """With the folder of the journal, which names its holder, on this host or another; so is a machine started anew,
    for two periods.
    """
    first, copy, period_s = made(store), Warehouse(store), 3.0  # a shorter one ends on a busy machine
    with first.sole_writer(period_s):
        shutil.copytree(tmp_path / "state", tmp_path / "other")
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
        monkeypatch.setattr(store_lease, "myself", lambda: myself() | elsewhere)
        with pytest.raises(Refused, match=f"another run is writing {store}"), copy.sole_writer(period_s):
            pass
        assert first.lease
        first.lease.check()
        first.lease._over.set()
        Event().wait(2 * period_s + 1.1)
        with copy.sole_writer(period_s), pytest.raises(LeaseLost):
            land(first, "late")


def test_a_new_driver_knows_what_was_paid_for(store: str, other_machine: Callable[[], None]) -> None:
    lost = made(store)
    with lost.sole_writer():
        pay(lost.journal_path, "a", "b", "c")
        journal = Journal(lost.journal_path)
        journal.forget(["c"])
        journal.close()
    other_machine()
    fresh = Warehouse(store)
    assert fresh.folder != lost.folder
    with fresh.sole_writer():
        assert journaled(fresh, "a", "b", "c") == ({"a", "b"}, answered(3))


def test_what_lands_is_in_the_journal_of_the_store_first(
    store: str, server: ObjectServer, other_machine: Callable[[], None]
) -> None:
    """A driver is lost with its disk right after a commit: its ledger knows of each call that landed."""
    lost = made(store)
    with pytest.raises(DiskTrouble), lost.sole_writer(PERIOD_S):  # noqa: PT012
        pay(lost.journal_path, "a")
        land(lost, "a")
        server.begin_again(lambda seen: "cut")
        pay(lost.journal_path, "b")
    server.begin_again()
    other_machine()
    fresh = Warehouse(store)
    Event().wait(3 * PERIOD_S + 1)
    with fresh.sole_writer():
        assert journaled(fresh, "a", "b") == ({"a"}, answered(1))
    assert landed(store) == ["a"]


def test_two_drivers_that_sent_the_same_call_both_count(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first came back after the second had bought what the store did not know of."""
    first = made(store)
    with first.sole_writer():
        pay(first.journal_path, "a")
    home = first.folder
    pay(first.journal_path, "b")  # not in the store: nobody holds the lease
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
    second = Warehouse(store)
    with second.sole_writer():
        assert journaled(second, "a", "b") == ({"a"}, answered(1))
        pay(second.journal_path, "b")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    again = Warehouse(store)
    assert again.folder == home
    with again.sole_writer():
        assert journaled(again, "a", "b") == ({"a", "b"}, answered(3))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "third"))
    third = Warehouse(store)
    with third.sole_writer():
        assert journaled(third, "a", "b") == ({"a", "b"}, answered(3))


def test_many_segments_become_one(
    store: str, other_machine: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_segments, "_MOST", 4)
    warehouse = made(store)
    ids = [f"c{i}" for i in range(6)]
    for call_id in ids:
        with warehouse.sole_writer():
            pay(warehouse.journal_path, call_id)
    objects = object_store.ObjectStore(store)
    assert len(objects.names("journal")) < 2 * len(ids)
    other_machine()
    fresh = Warehouse(store)
    with fresh.sole_writer():
        assert journaled(fresh, *ids) == (set(ids), answered(6))
    objects.delete([f"journal/{objects.names('journal')[0]}"])
    third = Warehouse(store)
    with third.sole_writer():
        assert journaled(third, *ids) == (set(ids), answered(6))


def test_a_segment_that_is_missing_is_refused(store: str, other_machine: Callable[[], None]) -> None:
    warehouse = made(store)
    with warehouse.sole_writer():
        pay(warehouse.journal_path, "a")
    objects = object_store.ObjectStore(store)
    objects.delete([f"journal/{objects.names('journal')[0]}"])
    other_machine()
    with pytest.raises(Refused, match="the segments 1 to 1 are missing"), Warehouse(store).sole_writer():
        pass


@pytest.mark.parametrize("fault", ["503", "429", "slow", "cut", "lost"])
def test_a_store_that_fails_now_and_then_changes_nothing(fault: str, store: str, server: ObjectServer) -> None:
    warehouse = made(store)
    server.begin_again(lambda seen: fault if seen.number % 4 == 0 else None)
    with warehouse.sole_writer():
        for i in range(3):
            pay(warehouse.journal_path, f"c{i}")
            assert land(warehouse, f"a{i}") == 1
    assert landed(store) == ["a0", "a1", "a2"]
    assert len(server.seen) > 30
    server.begin_again()
    with warehouse.sole_writer():
        assert journaled(warehouse, "c0", "c1", "c2") == ({"c0", "c1", "c2"}, answered(3))


def test_a_commit_whose_answer_is_lost_lands_once(store: str, server: ObjectServer) -> None:
    warehouse = made(store)
    lost: list[Seen] = []

    def fault(seen: Seen) -> str | None:
        if commits(seen) and not lost:
            lost.append(seen)
            return "lost"
        return None

    with warehouse.sole_writer():
        server.begin_again(fault)
        land(warehouse, "a", "b")
    assert lost
    assert landed(store) == ["a", "b"]


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("503", "the store answers 503; try again later"),
        ("cut", "the store cannot be reached"),
        ("401", "the store does not know these credentials; look at"),
        ("403", "the store refuses access; look at"),
    ],
)
def test_a_store_that_is_away_is_one_sentence(fault: str, says: str, store: str, server: ObjectServer) -> None:
    warehouse = made(store)
    with warehouse.sole_writer():
        server.begin_again(lambda seen: fault)
        with pytest.raises(DiskTrouble, match=f"{store}: {says}.*the same command continues"):
            land(warehouse, "a")
        server.begin_again()
        assert land(warehouse, "a") == 1
    for asked in ("", ".parquet"):  # DuckDB reads those
        server.begin_again(lambda seen, asked=asked: fault if asked in seen.path else None)  # type: ignore[misc]
        with pytest.raises(DiskTrouble, match=says) as told:
            landed(store)
        assert "\n" not in str(told.value)


@pytest.mark.parametrize("fault", ["503", "403"])
def test_a_store_that_stays_away_halts_the_run(
    fault: str, store: str, server: ObjectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the journal of a driver that is lost then would have no bound."""
    monkeypatch.setattr(journal_segments, "AWAY_S", 1.0)
    warehouse = made(store)
    halt = Event()
    with pytest.raises(DiskTrouble), warehouse.sole_writer(0.3):  # noqa: PT012
        assert warehouse.lease
        with warehouse.lease.halting(halt):
            pay(warehouse.journal_path, "a")
            server.begin_again(lambda seen: fault)
            assert halt.wait(30)
    server.begin_again()
    with warehouse.sole_writer():
        assert journaled(warehouse, "a") == ({"a"}, answered(1))
