"""A file that is replaced is the old one or the new one, and what a kill left beside it does not stay."""

import os
from pathlib import Path

import pytest

from warehouse.disk import replacing


def test_a_reader_has_the_old_or_the_new(tmp_path: Path) -> None:
    """Nothing of the new one stands in its place before it is whole."""
    (tmp_path / "a").write_text("old")
    with replacing(tmp_path / "a") as draft:
        draft.write_text("new")
        assert (tmp_path / "a").read_text() == "old"
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a", "new")]


def test_a_failure_leaves_the_old(tmp_path: Path) -> None:
    """And nothing beside it."""
    (tmp_path / "a").write_text("old")

    def fails() -> None:
        with replacing(tmp_path / "a") as draft:
            draft.write_text("half")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fails()
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a", "old")]


@pytest.mark.parametrize(
    ("name", "age_s", "stays"),
    [
        (".a[1].17", 3700, False),
        (".a[1].17.wal", 3700, False),  # DuckDB's, of a catalog
        (".a[1].17", 60, True),  # it may be written now, by another machine
        (".a[1].txt", 3700, True),
        (".a[1].wal", 3700, True),
        (".a[1].17.txt", 3700, True),
        (".b.17", 3700, True),
        (".a1.17", 3700, True),
        ("a[1].17", 3700, True),
    ],
)
def test_what_a_killed_process_left(tmp_path: Path, name: str, age_s: float, stays: bool) -> None:
    """Only drafts of this file, once nobody can be writing them."""
    left = tmp_path / name
    left.write_text("half")
    then = left.stat().st_mtime - age_s
    os.utime(left, (then, then))
    with replacing(tmp_path / "a[1]") as draft:
        draft.write_text("new")
    assert left.exists() is stays
