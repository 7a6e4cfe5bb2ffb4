"""Train, validation and test: by question, seeded, what is alike on one side, and named for the hub's loader."""

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from datasets import load_dataset

from flows.cli.main import app
from flows.release import ReleaseOrder, make_release, read_splits, releases_beside
from schemas.errors import Refused
from schemas.question import AnswerKind, Question
from schemas.release_format import ReleaseFormat, Split
from tasks.curation.curate import curate_warehouse
from tasks.curation.policy import Policy
from tasks.curation.shingles import jaccard, normalised, shingles
from tasks.publishing.difference import row_changes
from tasks.publishing.manifest import altered_files, read_manifest
from tasks.publishing.splits import NEAR, alike_texts, grouped
from tests.released_world import build, question
from warehouse.landing import Warehouse

SHARES = {Split.TRAIN: 0.6, Split.VALIDATION: 0.2, Split.TEST: 0.2}
LONG = (
    "A baker in the old town sells bread and rolls on each day of the week and on the fair days he sells pies as well,"
    " so tell in a whole number how many of them he bakes in {month} when he begins at four o'clock and ends at noon"
)
POLICY: dict[str, Any] = {"rules": ("verdict",), "seed": 3}


def asked(text: str, gold: str, source: str) -> Question:
    return Question.of(text=text, gold=gold, kind=AnswerKind.NUMBER, source=source, licence=None)


QUESTIONS = [
    *(question(n) for n in range(30)),
    *(asked(LONG.format(month=month), "7", "baker") for month in ("May", "June", "July", "March")),
    *(asked(f"{LONG.format(month='May')} {word}", "7", "chain") for word in ("", "please", "please, my friend")),
    *(asked(f"how much IS  1+{n}?", str(1 + n), "the same in capitals") for n in range(5)),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = Warehouse(tmp_path_factory.mktemp("world") / "warehouse")
    warehouse.create()
    build(warehouse, QUESTIONS)
    return warehouse


def released(
    warehouse: Warehouse,
    name: str,
    shares: dict[Split, float] | None = None,
    seed: int = 3,
    formats: tuple[ReleaseFormat, ...] = (ReleaseFormat.CHAT,),
) -> Path:
    order = ReleaseOrder(name, releases_beside(warehouse), formats, splits=shares or SHARES)
    curated = curate_warehouse(warehouse, Policy.model_validate(POLICY | {"seed": seed, "name": name}))
    make_release(warehouse, curated.curation, order, name)
    return order.folder


@pytest.fixture(scope="module")
def first(world: Warehouse) -> Path:
    """A release that tests only read."""
    return released(world, "one", formats=tuple(ReleaseFormat))


def questions(folder: Path, form: str = "chat") -> dict[str, set[str]]:
    """Texts by split."""
    found: dict[str, set[str]] = {}
    for split in SHARES:
        rows = [json.loads(line) for line in (folder / f"{form}-{split}.jsonl").read_text("ascii").splitlines()]
        found[split] = {
            m["content"] for row in rows for m in row.get("messages") or row["prompt"] if m["role"] == "user"
        }
    return found


def crossing(sides: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Texts on two sides that are near duplicates, by comparing each with each."""
    found = []
    for one, other in combinations(sides.values(), 2):
        found += [(a, b) for a in one for b in other if _likeness(a, b) >= NEAR]
    return found


def _likeness(*texts: str) -> float:
    import pyarrow as pa

    sets = shingles(normalised(pa.array(texts)))
    return jaccard(sets.of(0), sets.of(1))


def test_no_question_and_nothing_like_it_is_on_two_sides(first: Path) -> None:
    sides = questions(first)
    assert all(sides.values())
    assert sum(map(len, sides.values())) == len(QUESTIONS)
    assert crossing(sides) == []
    texts = sorted(set.union(*sides.values()))
    by_text = {split: set(texts[at::3]) for at, split in enumerate(sides)}
    assert len(crossing(by_text)) > 3, "the known bad: a split by text separates near duplicates"
    by_form = [questions(first, form) for form in ("dpo", "kto", "prompt_completion", "reasoning", "best_of_n")]
    assert all(found[split] <= sides[split] for found in by_form for split in SHARES)
    assert not altered_files(first)


def test_the_card_names_the_splits_and_the_hub_s_loader_reads_each(first: Path, tmp_path: Path) -> None:
    stated = read_manifest(first)["splits"]
    assert sum(split["questions"] for split in stated.values()) == len(QUESTIONS)
    cache = str(tmp_path / "cache")
    loaded = load_dataset(str(first), cache_dir=cache)
    assert {name: rows.num_rows for name, rows in loaded.items()} == {n: s["rows"] for n, s in stated.items()}
    for form in ("prompt_completion", "reasoning", "think", "dpo", "kto", "best_of_n"):
        assert set(load_dataset(str(first), form, cache_dir=cache)) == {*SHARES}
    card = (first / "README.md").read_text()
    assert "split: validation" in card
    assert "| test | 0.2 |" in card
    assert "language:\n- en" in card
    info = json.loads((first / "dataset_info.json").read_text())
    assert info["chat_validation"]["file_name"] == "chat-validation.jsonl"


def test_the_seed_draws_and_a_question_keeps_its_side_when_others_come(
    world: Warehouse, first: Path, tmp_path: Path
) -> None:
    same = released(world, "two")
    one, again, other = (questions(folder) for folder in (first, same, released(world, "other", seed=4)))
    assert one == again != other
    smaller = Warehouse(tmp_path / "warehouse")
    smaller.create()
    build(smaller, QUESTIONS[5:30])  # the others have a twin in the larger one
    kept = questions(released(smaller, "one"))
    assert all(kept[split] <= one[split] for split in SHARES)
    assert row_changes(first, same) == []


def test_an_empty_split_is_refused_and_nothing_is_left_there(world: Warehouse) -> None:
    with pytest.raises(Refused, match=r"no question of 42 fell into test, whose share is 1e-05"):
        released(world, "none", {Split.TRAIN: 0.99999, Split.TEST: 0.00001})
    assert not (releases_beside(world) / "none").exists()


@pytest.mark.parametrize(
    "given", ["train", "train=1,test=0", "train=0.5", "train=0.5,train=0.5", "dev=1", "train=x", "train=nan", "a=b=c"]
)
def test_shares_that_are_none_are_refused(given: str) -> None:
    with pytest.raises(Refused, match="--splits: got"):
        read_splits(given)


def test_shares_are_read_in_one_order() -> None:
    assert [*(read_splits("test=0.2, train=0.8") or {})] == [Split.TRAIN, Split.TEST]
    assert read_splits("") is None


def test_the_command_splits(world: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    given = ["release", "said", "--warehouse", str(world.folder), "--formats", "chat", "--best-of", "2"]
    app([*given, "--splits", "train=0.7,test=0.3", "--set", "rules=['verdict']"], standalone_mode=False)
    names = {file.name for file in (releases_beside(world) / "said").iterdir()}
    assert {"chat-train.parquet", "chat-test.jsonl"} <= names
    assert "chat.jsonl" not in names


def test_likeness_goes_through_others() -> None:
    assert grouped(["a", "b", "c", "d"], [("c", "b"), ("b", "a")]) == {"a": "a", "b": "a", "c": "a", "d": "d"}
    assert grouped([], []) == {}


@pytest.mark.parametrize("texts", [[], [""], ["", ""], ["a b c d e f"]])
def test_texts_without_likeness(texts: list[str]) -> None:
    import pyarrow as pa

    assert all(a != b for a, b in alike_texts(pa.array(texts, pa.string())))
