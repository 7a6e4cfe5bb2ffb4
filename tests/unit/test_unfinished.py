"""A run that is gone without a row is known by what it left when it began."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.unfinished import Started, crashed, forget
from tests.paid import pay
from warehouse.journal import Journal
from warehouse.landing import Warehouse

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def started(run_id: str, command: str = "plan", minutes: int = 0) -> Started:
    return Started(run_id, command, "{}", NOON + timedelta(minutes=minutes), None)


def test_the_runs_of_a_command_without_a_row_the_oldest_first(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    of_all = [started("b", minutes=1), started("a", minutes=2), started("c"), started("d", "another plan")]
    for each in of_all:
        each.remember(warehouse)
    assert crashed(warehouse, "plan") == [of_all[2], of_all[0], of_all[1]]
    forget(warehouse, "b")
    forget(warehouse, "b")
    assert [each.run_id for each in crashed(warehouse, "plan")] == ["c", "a"]


def test_nothing_has_crashed_where_nothing_has_begun(tmp_path: Path) -> None:
    assert crashed(Warehouse(tmp_path), "plan") == []


def test_what_a_power_cut_left_stops_no_run(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    started("a").remember(warehouse)
    (tmp_path / "unfinished" / "b.json").write_text("")
    assert [each.run_id for each in crashed(warehouse, "plan")] == ["a"]


def test_what_had_landed_when_a_run_was_killed_is_forgotten(tmp_path: Path) -> None:
    """Its answers stayed for good: the next run asks for none of what has landed."""
    pay(tmp_path / "j", "landed", "not landed")
    with closing(Journal(tmp_path / "j")) as journal:
        before = journal.ledger(["landed", "not landed"])
        journal.forget_landed({"landed", "of another journal"}.intersection)
        assert set(journal.answers(["landed", "not landed"])) == {"not landed"}
        assert journal.ledger(["landed", "not landed"]) == before
        journal.forget_landed({"not landed"}.intersection)
        journal.forget_landed(lambda here: pytest.fail(f"asked about {here}, with nothing here"))
