"""The catalog file: made once, and from then on given the files that the tables have."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from schemas.question import AnswerKind, Question
from warehouse import catalog
from warehouse.catalog import LISTING, write_catalog
from warehouse.catalog_paths import CATALOG
from warehouse.landing import Warehouse

VIEWS = "SELECT count(*) FROM questions UNION ALL SELECT count(*) FROM fates UNION ALL SELECT count(*) FROM spend"


def land(warehouse: Warehouse, n: int) -> None:
    asked = Question.of(text=f"{n} + 2?", gold="2", kind=AnswerKind.NUMBER, source="s")
    warehouse.land("questions", [asked], "run", f"unit {n}")


def seen(warehouse: Warehouse) -> list[list[tuple[object, ...]]]:
    """What a reader finds."""
    with duckdb.connect(str(warehouse.folder / CATALOG), read_only=True) as reader:
        reader.execute("SET TimeZone = 'UTC'")
        return [reader.execute(query).fetchall() for query in (LISTING, VIEWS)]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Drafts that were made anew."""
    drafts: list[Path] = []
    make = catalog._make_catalog

    def remembered(warehouse: Warehouse, draft: Path) -> None:
        drafts.append(draft)
        make(warehouse, draft)

    monkeypatch.setattr(catalog, "_make_catalog", remembered)
    return drafts


def test_the_next_one_shows_what_one_made_anew_does(warehouse: Warehouse, made: list[Path]) -> None:
    for n in range(3):
        land(warehouse, n)
        write_catalog(warehouse)
    assert len(made) == 1
    renewed = seen(warehouse)
    (warehouse.folder / CATALOG).unlink()
    write_catalog(warehouse)
    assert (len(made), seen(warehouse)) == (2, renewed)
    assert [path.name for path in warehouse.folder.glob("*.duckdb*")] == [CATALOG]
    assert not list(warehouse.folder.glob(f".{CATALOG}*"))


def other_view(file: Path) -> None:
    with duckdb.connect(str(file)) as writer:
        writer.execute("CREATE OR REPLACE VIEW fates AS SELECT 'lost' AS fate, 1 AS n")


def other_column(file: Path) -> None:
    with duckdb.connect(str(file)) as writer:
        writer.execute("CREATE OR REPLACE VIEW questions AS SELECT 1 AS question_id")


def more_views(file: Path) -> None:
    with duckdb.connect(str(file)) as writer:
        writer.execute("CREATE VIEW mine AS SELECT 1 AS one")


@pytest.mark.parametrize(
    "spoil", [other_view, other_column, more_views, lambda file: file.write_bytes(b"torn"), Path.unlink]
)
def test_one_that_is_not_as_we_made_it_is_made_anew(
    warehouse: Warehouse, made: list[Path], spoil: Callable[[Path], object]
) -> None:
    land(warehouse, 0)
    write_catalog(warehouse)
    before = seen(warehouse)
    spoil(warehouse.folder / CATALOG)
    write_catalog(warehouse)
    assert (len(made), seen(warehouse)) == (2, before)


def test_other_code_makes_it_anew(warehouse: Warehouse, made: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    write_catalog(warehouse)
    monkeypatch.setattr(catalog, "_definitions_hash", lambda: "0" * 32)
    write_catalog(warehouse)
    assert len(made) == 2
