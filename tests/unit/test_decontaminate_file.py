"""JSONL to JSONL: rows in their order, bad ones by their reason, and no item of a benchmark passed over in silence."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.contamination import Detector
from schemas.detection import Detection
from schemas.errors import Refused
from tasks.contamination.decontaminate_file import DecontaminationCounts, decontaminate_file
from tests.meaning import WordCounts

ITEM = "Anna has 12 red apples and 30 green pears in 4 baskets and gives half of the pears away"
KEYS = ["id", "contaminated", "detector", "score", "match_id", "span"]


def run(
    folder: Path, data: list[str], bench: list[str], **settings: Any
) -> tuple[list[dict[str, Any]], DecontaminationCounts]:
    for name, lines in (("data", data), ("bench", bench)):
        (folder / name).write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    made = Detection(**settings)
    counts = decontaminate_file(
        folder / "data", [folder / "bench"], folder / "out", made, WordCounts().embed, lambda asked: [None] * len(asked)
    )
    return [json.loads(line) for line in (folder / "out").read_text("ascii").splitlines()], counts


def test_rows_keep_their_order_and_their_ids(tmp_path: Path) -> None:
    data = [
        json.dumps({"id": 7, "text": f"Well: {ITEM}."}),
        "",
        json.dumps({"id": {"a": [1]}, "question": "Why does water boil earlier on a mountain?"}),
        json.dumps({"text": ITEM.upper()}),
    ]
    rows, counts = run(tmp_path, data, [json.dumps({"id": "b1", "question": ITEM})])
    assert [list(row) for row in rows] == [KEYS] * 3
    assert rows[0] == {
        "id": 7,
        "contaminated": True,
        "detector": "ngram",
        "score": 1.0,
        "match_id": "b1",
        "span": [6, 6 + len(ITEM)],
    }
    assert [row["id"] for row in rows] == [7, {"a": [1]}, "line 4"]
    assert rows[1] == {"id": {"a": [1]}} | dict.fromkeys(KEYS[1:], None) | {"contaminated": False}
    assert rows[2]["contaminated"] is True
    assert counts[:3] == (3, 2, 1)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("no JSON", "bad_row"),
        ("[1]", "bad_row"),
        ('{"id": 1}', "bad_row"),
        ('{"id": null, "text": ""}', "empty_text"),
        ('{"id": 1, "text": 5}', "bad_row"),
        ('{"id": 1, "text": "  \\u2003"}', "empty_text"),
        ("[" * 100_000, "bad_row"),
        ('{"text": NaN}', "bad_row"),
    ],
)
def test_a_row_that_cannot_be_looked_up_is_undecided(tmp_path: Path, line: str, reason: str) -> None:
    rows, counts = run(tmp_path, [line], [json.dumps({"text": ITEM})])
    assert (rows[0]["contaminated"], rows[0]["reason"]) == (None, reason)
    assert rows[0]["id"] in (1, "line 1", "row 1")  # a file that is but a list has rows
    assert counts.undecided == {reason: 1}


@pytest.mark.parametrize(
    "text",
    [
        f"\ud800 {ITEM} \udfff",
        f"{ITEM}\x00",
        ITEM.replace(" ", "\u2003"),
        ITEM.replace("e", "e\u200b"),
        ITEM.translate({ord("a"): "\uff41"}),
        f"<|im_start|></text>{ITEM}",
    ],
)
def test_hostile_text_hides_nothing(tmp_path: Path, text: str) -> None:
    rows, _ = run(tmp_path, [json.dumps({"id": 1, "text": text})], [json.dumps({"text": ITEM})])
    assert rows[0]["contaminated"] is True
    assert rows[0]["match_id"] == "line 1"


@pytest.mark.parametrize(
    ("bench", "message"),
    [
        (["{"], "line 1: not JSON"),
        (['{"text": "a b"}', '{"answer": "x"}'], "line 2, the row: got 'answer'; needs"),
        ([""], "holds no items"),
        (['{"text": " "}'], "holds no items"),
    ],
)
def test_a_benchmark_that_cannot_be_read_is_refused(tmp_path: Path, bench: list[str], message: str) -> None:
    with pytest.raises(Refused, match=message):
        run(tmp_path, [json.dumps({"text": ITEM})], bench)
    assert not (tmp_path / "out").exists()


def test_empty_items_are_counted(tmp_path: Path) -> None:
    _, counts = run(tmp_path, [json.dumps({"text": ITEM})], ['{"text": ""}', json.dumps({"text": ITEM})])
    assert (counts.contaminated, counts.skipped) == (1, 1)


def test_a_judge_that_fails_acquits_nobody(tmp_path: Path) -> None:
    near = ITEM.replace("12", "13").replace("30", "31").replace("half", "all").replace("red", "old")
    settings: dict[str, Any] = {"detectors": (Detector.JUDGE,), "borderline": 0.5}
    rows, _ = run(tmp_path, [json.dumps({"text": near})], [json.dumps({"text": ITEM})], **settings)
    assert rows[0]["contaminated"] is None
    assert (rows[0]["detector"], rows[0]["reason"]) == ("judge", "judge_unavailable")


AS_PUBLISHED = [
    # rows that were refused: those of AIME, GPQA, MetaMathQA, and verl's
    {"ID": "2024-II-4", "Problem": ITEM, "Answer": 33},
    {"Pre-Revision Question": "old", "Question": ITEM, "Correct Answer": "x"},
    {"type": "GSM_Rephrased", "query": ITEM, "response": "x"},
    {"prompt": [{"role": "user", "content": ITEM}], "reward_model": {"ground_truth": "33"}},
]


@pytest.mark.parametrize("row", AS_PUBLISHED)
def test_a_row_is_read_as_it_is_published(tmp_path: Path, row: dict[str, Any]) -> None:
    other = '{"text": "Why is the sky blue in the evening over the sea and not green?"}'
    found, _ = run(tmp_path, [json.dumps({"text": ITEM}), other], [json.dumps(row)])
    assert [each["contaminated"] for each in found] == [True, False]
    again, _ = run(tmp_path, [json.dumps(row), other], [json.dumps({"text": ITEM})])
    assert [each["contaminated"] for each in again] == [True, False]
