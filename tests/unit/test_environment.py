"""What a release holds for reinforcement learning."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from schemas.release_rows import AskedQuestion
from tasks.publishing.environment import write_environment, write_verl


@pytest.mark.parametrize(
    ("kind", "gold", "is_in"),
    [
        ("number", "7", True),
        ("number", None, False),  # what an unverified trace answers was in it, and no answer had a reward
        ("exact", " ", False),
        ("math", None, False),
        ("choice", None, False),
        ("code", None, True),
        ("constraints", None, True),
        ("reasoning_gym", None, True),
        ("judge", "7", False),
    ],
)
def test_only_questions_on_which_a_verdict_can_be_given_are_in(
    tmp_path: Path, kind: str, gold: str | None, is_in: bool
) -> None:
    asked = AskedQuestion(
        id="q", question="What?", gold=gold, kind=kind, spec="{}", source="s", licence=None, n_correct=0, n_verified=0
    )
    rows = write_environment(tmp_path / "environment", "one", None, [asked], None)
    file = tmp_path / "environment/reflectory_one/questions-train.jsonl"
    assert [json.loads(line)["id"] for line in file.read_text().splitlines()] == ["q"] * is_in
    assert rows == {"environment/reflectory_one/questions-train.jsonl": int(is_in)}
    assert write_verl(tmp_path / "verl", None, [asked], None) == {"verl/questions-train.parquet": int(is_in)}
    there = pq.read_table(tmp_path / "verl/questions-train.parquet").to_pylist()
    assert [row["extra_info"]["id"] for row in there] == ["q"] * is_in
