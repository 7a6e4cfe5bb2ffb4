"""The given cases for `decontaminate`: disguises of benchmark items, and small benchmarks after public bug reports."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from schemas.contamination import Detector
from schemas.detection import Detection
from tasks.contamination.cross_lingual import MultilingualEmbedder, near_across
from tasks.contamination.decontaminate_file import decontaminate_file
from tasks.contamination.detect import find_ngrams
from tasks.contamination.embedders import load_embedder
from tasks.contamination.embedding import Embedder
from tasks.contamination.neighbours import windows
from tests.benchmarks import disguises

WRITTEN = (
    "Which of the following best describes the role of the mitochondria in a eukaryotic cell?\nA) Protein synthesis\n"
    "B) ATP production through oxidative phosphorylation\nC) Storage of genetic information\nD) Lipid digestion",
    "A ball is thrown vertically upward with an initial speed of 20 m/s. Ignoring air resistance, what is the maximum "
    "height reached by the ball?\nA. 10 m\nB. 20 m\nC. 30 m\nD. 40 m",
    "Write a function to find the similar elements from the given two tuple lists.",
    "Compute 17 * 24.",
    "What is 2+2?",
    "What is 2+3?",
)
"""Items that cases without a benchmark were made of, after their text."""
ITEMS = 25
"""Of each benchmark, its first ones: to embed all of them takes a minute."""
LEFT: dict[str, str] = {}
"""What is found otherwise than a case says, and why."""


@pytest.fixture(scope="module")
def models() -> tuple[Embedder, MultilingualEmbedder]:
    return load_embedder(Detection()), MultilingualEmbedder()


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def found(
    folder: Path,
    models: tuple[Embedder, MultilingualEmbedder],
    data: Sequence[Mapping[str, Any]],
    against: Sequence[Mapping[str, Any]],
    detectors: tuple[Detector, ...] = (Detector.NGRAM, Detector.EMBEDDING),
) -> dict[str, dict[str, Any]]:
    for name, rows in (("data", data), ("against", against)):
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    settings, (model, across) = Detection(detectors=detectors), models
    paths = folder / "data", [folder / "against"], folder / "out"
    decontaminate_file(*paths, settings, model.embed, embed_across=across.embed)
    return {row["id"]: row for row in lines(folder / "out")}


def test_disguises(shared_data: Path, tmp_path: Path, models: tuple[Embedder, MultilingualEmbedder]) -> None:
    cases = [case for case in lines(shared_data / "verdict_cases.jsonl") if case["kind"] == "decontaminate"]
    against = [{"text": row["question"]} for row in lines(shared_data / "gsm8k_test.jsonl")[:ITEMS]]
    code = lines(shared_data / "humaneval.jsonl")[:ITEMS]
    against += [{"text": row["prompt"] + row["canonical_solution"]} for row in code]
    against += [{"text": text} for text in WRITTEN]
    rows = found(tmp_path, models, [{"id": case["id"], "text": case["response"]} for case in cases], against)
    wrong = {
        case["id"]: (case["note"], case["right"], rows[case["id"]])
        for case in cases
        if case["right"] is not None and rows[case["id"]]["contaminated"] is not case["right"]
    }
    assert wrong.keys() == LEFT.keys(), wrong


def test_small_benchmarks_of_reports(
    shared_data: Path, tmp_path: Path, models: tuple[Embedder, MultilingualEmbedder]
) -> None:
    cases = [case for case in lines(shared_data / "report_cases.jsonl") if case["station"] == "decontaminate"]
    for case in cases:
        detectors = tuple(map(Detector, case["detectors"].split(",")))
        rows = found(tmp_path, models, case["data"], case["against"], detectors)
        got = [rows[row["id"]]["contaminated"] for row in case["data"]]
        assert got == case["right"], (case["id"], rows)


LEAST_FOUND = {
    "verbatim": 1.0,
    "zero-width spaces between letters": 1.0,
    "Cyrillic lookalikes": 1.0,
    "among ten other questions": 1.0,
    "first half": 0.9,
    "numbers in words": 0.9,
    "other names": 0.9,
    "code without docstring, other names and numbers": 0.75,
    "the same inside a longer program": 0.4,
}
"""By n-grams alone, of the kinds of tests/benchmarks/disguises.py; the figures of all are in
docs/how-to/files.md."""


def test_disguises_by_their_words_and_structure(shared_data: Path) -> None:
    items, made = disguises.kinds(shared_data)
    looked_at = {name: texts for name, texts in made.items() if name in LEAST_FOUND or name.startswith("clean")}
    all_of_them = [(name, text) for name, texts in looked_at.items() for text in texts]
    found = find_ngrams({place: text for place, (_, text) in enumerate(all_of_them)}, items)
    hits = Counter(all_of_them[place][0] for place, hit in found.items() if hit.contaminated)
    shares = {name: hits[name] / len(texts) for name, texts in looked_at.items()}
    assert {name: shares[name] for name in LEAST_FOUND if shares[name] < LEAST_FOUND[name]} == {}
    assert {name: share for name, share in shares.items() if name not in LEAST_FOUND and share} == {}


def test_translations(shared_data: Path, models: tuple[Embedder, MultilingualEmbedder]) -> None:
    items = [row["question"] for row in lines(shared_data / "gsm8k_test.jsonl")[:ITEMS]]
    rows = lines(disguises.HERE / "disguises_translated.jsonl")
    cutting, _ = windows([row["text"] for row in rows])
    vectors, item_vectors = (models[1].embed(texts) for texts in ([window.text for window in cutting], items))
    pairs = [pair for pair, it in near_across(vectors, item_vectors, cutting, items) if it.contaminated]
    found = {cutting[pair.window].owner: pair.item for pair in pairs}
    assert {place: item for place, item in found.items() if rows[place]["item"] != item} == {}
    assert len(found) >= 0.85 * sum(row["item"] is not None and row["language"] != "hi" for row in rows)
