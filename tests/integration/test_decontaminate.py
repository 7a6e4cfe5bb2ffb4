"""`reflectory decontaminate` as a user starts it: the shipped model on real questions, and the practice judge."""

import json
import random
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flows.pair_judge import PairJudge
from schemas.contamination import Detector
from schemas.detection import Detection
from tasks.contamination.decontaminate_file import decontaminate_file
from tasks.contamination.detect import find_ngrams
from tests.conftest import Reflectory
from tests.meaning import WordCounts

ITEMS, COPIES, CLEAN = 120, 20, 120
"""The whole experiment (660 items, 60 copies of either kind, 1,880 others) is tests/benchmarks/contamination.py."""
LEAST_F1 = 0.95


def write(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def decontaminate(
    reflectory: Reflectory, folder: Path, *options: str, code: int = 0, **more: str
) -> list[dict[str, Any]]:
    started = reflectory(
        "decontaminate", "data.jsonl", "--against", "bench.jsonl", "--out", "out.jsonl", *options, cwd=folder, **more
    )
    _, said = started.communicate(timeout=240)
    assert started.returncode == code, said
    return [json.loads(line) for line in (folder / "out.jsonl").read_text("utf-8").splitlines()] if not code else []


@pytest.fixture
def hidden(shared_data: Path, tmp_path: Path) -> tuple[Path, list[str]]:
    """Copies of test questions among training questions, and what each row is."""

    def lines(name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (shared_data / f"gsm8k_{name}.jsonl").read_text("utf-8").splitlines()]

    draw = random.Random(7)
    test, train = lines("test"), lines("train")
    items = draw.sample(range(len(test)), ITEMS)
    rephrased = [lines("test_rephrased")[place]["text"] for place in items[:COPIES]]
    rows = [{"id": "rephrased", "text": text} for text in rephrased]
    rows += [{"id": "verbatim", "question": test[place]["question"]} for place in items[COPIES : 2 * COPIES]]
    rows += [{"id": "clean", "question": row["question"]} for row in draw.sample(train, CLEAN)]
    draw.shuffle(rows)
    write(tmp_path / "bench.jsonl", [{"id": place, "question": test[place]["question"]} for place in items])
    write(tmp_path / "data.jsonl", rows)
    return tmp_path, [row["id"] for row in rows]


def test_what_is_hidden_among_real_questions_is_found(reflectory: Reflectory, hidden: tuple[Path, list[str]]) -> None:
    folder, kinds = hidden
    union = decontaminate(reflectory, folder)
    ngram = decontaminate(reflectory, folder, "--detectors", "ngram")
    assert [row["id"] for row in union] == kinds
    found, copied = {row["id"]: 0 for row in union}, 2 * COPIES
    for row in union:
        found[row["id"]] += row["contaminated"]
    right = found["verbatim"] + found["rephrased"]
    assert found["verbatim"] == COPIES
    assert 2 * right / (copied + right + found["clean"]) >= LEAST_F1
    by_words = [row["id"] for row in ngram if row["contaminated"]]
    assert by_words.count("verbatim") == COPIES
    assert by_words.count("rephrased") == 0  # the control: without embeddings these are missed
    data = [json.loads(line) for line in (folder / "data.jsonl").read_text("utf-8").splitlines()]
    spans = [row["question"][slice(*it["span"])] for row, it in zip(data, ngram, strict=True) if it["id"] == "verbatim"]
    assert min(map(len, spans)) > 40


@pytest.mark.parametrize(
    ("data", "column", "expected"),
    [("gsm8k_test", "question", 660), ("alpaca_cherry", "output", 0), ("ifeval_prompts", "prompt", 0)],
)
def test_a_benchmark_against_itself_and_against_unrelated_text(
    shared_data: Path, data: str, column: str, expected: int
) -> None:
    items, texts = (
        [json.loads(line)[name] for line in (shared_data / f"{file}.jsonl").read_text("utf-8").splitlines()]
        for file, name in (("gsm8k_test", "question"), (data, column))
    )
    found = find_ngrams(dict(enumerate(texts)), items)
    assert sum(bool(hit.contaminated) for hit in found.values()) == expected


SUM = "State the final answer to the following arithmetic problem: {} ="


def test_the_judge_rules_on_neighbours_and_is_paid_once(tmp_path: Path) -> None:
    terms = ["859 + 467 - 914 + 807", "110 + 231 + 72", "18 - 7 + 1200 - 64", "4 + 55 - 21 + 9"]
    write(tmp_path / "bench.jsonl", [{"id": term, "text": SUM.format(term)} for term in terms])
    same = [{"id": "same", "text": f"What is {term}?"} for term in terms]
    other = [{"id": "other", "text": f"What is {term.replace('1', '3').replace('4', '6')}?"} for term in terms]
    unread = {"id": "unread", "text": f"State the answer to the following problem: roughly {terms[0]} squared"}
    write(tmp_path / "data.jsonl", [*same, *other, unread])
    settings = Detection(detectors=(Detector.JUDGE,), borderline=0.2)
    written, calls = [], []
    for _ in range(2):
        judge = PairJudge(settings.judge, tmp_path / "calls.sqlite")
        paths = tmp_path / "data.jsonl", [tmp_path / "bench.jsonl"], tmp_path / "out.jsonl"
        decontaminate_file(*paths, settings, WordCounts().embed, judge)
        written.append((tmp_path / "out.jsonl").read_bytes())
        calls.append([(call.call_id, call.tries) for call in judge.calls])
    assert written[0] == written[1]
    assert calls[0] == calls[1]
    with closing(sqlite3.connect(tmp_path / "calls.sqlite")) as journal:
        assert journal.execute("select count(*) from sends").fetchone()[0] == len(calls[0]) > 8
    rows = [json.loads(line) for line in written[0].splitlines()]
    ruled = {kind: [row["contaminated"] for row in rows if row["id"] == kind] for kind in ("same", "other", "unread")}
    assert ruled["same"].count(True) >= 3
    assert True not in ruled["other"]
    assert ruled["unread"] == [None]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--detectors", "ngrams"), "--detectors: got 'ngrams'; needs some of ngram,embedding,judge, each once"),
        (("--set", "contamination.alone=0.5"), "needs each at least as high"),
        (("--set", "contamination.modle=x"), "contamination.modle: unknown key; did you mean contamination.model?"),
        (("--set", "contamination.model=./none"), "no such folder"),
    ],
)
def test_what_cannot_be_started_is_refused(
    reflectory: Reflectory, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    for name in ("data", "bench"):
        write(tmp_path / f"{name}.jsonl", [{"text": "a b c"}])
    started = reflectory(
        "decontaminate", "data.jsonl", "--against", "bench.jsonl", "--out", "out.jsonl", *options, cwd=tmp_path
    )
    _, errors = started.communicate(timeout=120)
    assert (started.returncode, (tmp_path / "out.jsonl").exists()) == (2, False)
    assert said in errors
