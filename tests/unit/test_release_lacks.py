"""A release says which of its files have no row, before somebody trains on them."""

import pytest

from flows.cli.release import _lacks
from schemas.release import Release, ReleaseFile


@pytest.mark.parametrize(
    ("kept", "rows", "says"),
    [
        (0, {"chat.jsonl": 0, "chat.parquet": 0}, "nothing was kept: r is empty, and its name is taken"),
        (3, {"chat.jsonl": 3, "dpo.jsonl": 0, "dpo.parquet": 0, "README.md": None}, "no row in dpo.jsonl: a pair"),
        (3, {"best_of_n-train.jsonl": 0, "best_of_n-test.jsonl": 0}, "no row in best_of_n-train.jsonl, best_of_n-test"),
        (3, {"dpo-train.jsonl": 2, "dpo-test.jsonl": 0}, "no row in dpo-test.jsonl: the questions of that split give"),
        (3, {"kto-train.jsonl": 2, "kto-test.jsonl": 0}, "no row in kto-test.jsonl: the questions of that split give"),
        (3, {"chat.jsonl": 3, "kto.jsonl": 0}, "no row in kto.jsonl"),
        (3, {"chat.jsonl": 3, "dpo.jsonl": 1, "README.md": None}, None),
    ],
)
def test_files_without_a_row_are_named(kept: int, rows: dict[str, int | None], says: str | None) -> None:
    files = [ReleaseFile(path=path, rows=n, size=0, sha256="") for path, n in rows.items()]
    said = _lacks(Release.model_construct(name="r", files=files), kept)
    assert (said or "").startswith(says or "")
    assert (said is None) == (says is None)
    assert ("needs several answers" in (said or "")) == any(
        path in rows and not rows[path] for path in ("dpo.jsonl", "best_of_n-train.jsonl")
    ) or not kept
