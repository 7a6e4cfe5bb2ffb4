"""Real `datasets` loading of a local folder, offline."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.errors import Refused
from schemas.question_source import Questions
from tasks.questions import Loaded, load


@pytest.fixture(autouse=True)
def _offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import datasets
    import huggingface_hub

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "sums"
    path.mkdir()
    for split, n in (("train", 5), ("test", 2)):
        rows = [{"ask": f"{split} 1 + {i}?", "meta": {"gold": i + 1}, "tags": ["sum"]} for i in range(n)]
        (path / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


COLUMNS = {"question": "ask", "gold": "meta.gold"}


def read(path: Path | str, **settings: Any) -> Loaded:
    asked = {"source": "huggingface", "path": str(path), "columns": COLUMNS, **settings}
    return load(Questions.model_validate(asked), seed=0)


def test_a_local_folder(folder: Path):
    questions = [seed.question for seed in read(folder).seeds]
    assert [(q.text, q.gold, q.source, q.tags) for q in questions] == [
        (f"train 1 + {i}?", str(i + 1), "sums", ("sum",)) for i in range(5)
    ]


def test_split_and_limit(folder: Path):
    assert [seed.question.text for seed in read(folder, split="test", limit=1).seeds] == ["test 1 + 0?"]


def test_narrow_floats_keep_their_digits(tmp_path: Path):
    (tmp_path / "floats").mkdir()
    meta = pa.StructArray.from_arrays([pa.array([0.1, 1 / 3], pa.float32())], ["gold"])
    pq.write_table(pa.table({"ask": ["a", "b"], "meta": meta}), tmp_path / "floats" / "train.parquet")
    assert [seed.question.gold for seed in read(tmp_path / "floats").seeds] == ["0.1", "0.33333334"]


@pytest.mark.parametrize(
    ("path", "settings", "message"),
    [
        ("sums", {"split": "none"}, 'Unknown split "none"'),
        ("sums", {"subset": "other"}, "cannot load"),
        ("empty", {}, "cannot load"),
        ("missing", {}, "cannot load"),
        (
            "sums",
            {"columns": {"question": "prompt"}},
            "train.jsonl, line 1: got no 'prompt' but 'ask', 'meta', 'tags'",
        ),
        ("sums", {"columns": {**COLUMNS, "gold": "gold.x"}}, "questions.columns.gold: got 'gold.x'"),
    ],
)
def test_refusals(tmp_path: Path, folder: Path, path: str, settings: dict[str, Any], message: str):
    (tmp_path / "empty").mkdir()
    with pytest.raises(Refused) as refused:
        read(tmp_path / path, **settings)
    assert message in str(refused.value)


def test_a_data_set_of_the_hub_without_a_network():
    with pytest.raises(Refused, match="on a machine that reaches the hub"):
        read("reflectory-tests/no-such-data-set")
