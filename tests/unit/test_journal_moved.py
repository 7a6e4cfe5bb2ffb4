"""A journal that is moved or removed under a run: what was bought is kept where it went, and nothing more is."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree

import pytest

from schemas.call import SendEnd
from schemas.errors import PlaceGone
from schemas.run import Ledger
from tests.unit.test_journal import call
from warehouse.journal import Journal

WAYS: dict[str, Callable[[Path], object]] = {
    "the warehouse is moved": lambda warehouse: warehouse.rename(warehouse.with_name("moved")),
    "the warehouse is removed": rmtree,
    "the journal is removed": lambda warehouse: rmtree(warehouse / "journal"),
    "a file is in its place": lambda warehouse: (warehouse.rename(warehouse.with_name("moved")), warehouse.touch()),
}


@pytest.mark.parametrize("way", WAYS)
def test_nothing_more_is_bought_and_what_was_is_kept(way: str, tmp_path: Path) -> None:
    """It went on buying into a file that nobody would find again, until something was to land."""

    async def life() -> None:
        journal = Journal(tmp_path / "w" / "journal" / "calls.sqlite")
        assert await journal.reserve("bought") == 1
        WAYS[way](tmp_path / "w")
        with pytest.raises(PlaceGone, match=r"calls.sqlite is gone: it was moved or removed"):
            await journal.reserve("another")
        with pytest.raises(PlaceGone):
            await journal.settle("bought", 1, SendEnd.ANSWERED, call=call("bought"))
        journal.close()

    asyncio.run(life())
    if (tmp_path / "moved").exists():
        found = Journal(tmp_path / "moved" / "journal" / "calls.sqlite")
        assert found.answers(["bought", "another"]) == {"bought": call("bought")}
        assert found.ledger(["bought", "another"]) == Ledger(sent=1, answered=1, failed=0, unknown=0)
        found.close()
