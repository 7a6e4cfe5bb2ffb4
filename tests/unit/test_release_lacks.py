"""A release says which of its files have no row, before somebody trains on them."""

import pytest

from flows.cli.release import _lacks
from schemas.release import Release, ReleaseFile


@pytest.mark.parametrize(
    ("kept", "rows", "says"),
    [
        (0, {"chat.jsonl": 0, "chat.parquet": 0}, "nothing was kept: r is empty, and its name is taken"),
        (3, {"chat.jsonl": 3, "dpo.jsonl": 0, "dpo.parquet": 0, "README.md": None}, "no row in dpo.jsonl: a pair"),
        (3, {"chat.jsonl": 3, "dpo.jsonl": 1, "README.md": None}, None),
    ],
)
def test_files_without_a_row_are_named(kept: int, rows: dict[str, int | None], says: str | None) -> None:
    files = [ReleaseFile(path=path, rows=n, size=0, sha256="") for path, n in rows.items()]
    said = _lacks(Release.model_construct(name="r", files=files), kept)
    assert (said or "").startswith(says or "")
    assert (said is None) == (says is None)
