"""Rows of a release as tokens and labels, once for all epochs. The release's own collator says which are learnt."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from schemas.proving import Mask
from tasks.publishing.collator import IGNORED, is_learnt, labelled

REJECTED = "rejected"
"""Of a row of preferences: the answer that its own is preferred to, as messages."""
_REFLECTION = "<reflection>"


def token_rows(
    rows: Iterable[Mapping[str, Any]], tokenizer: Any, max_length: int, mask: Mask
) -> tuple[list[dict[str, list[int]]], int]:
    """Return (`input_ids` and `labels` of each row, how many rows were left out because nothing of them is learnt)."""
    made = [labelled(spans_as(mask, row), tokenizer, max_length) for row in rows]
    kept = [{"input_ids": each["input_ids"], "labels": each["labels"]} for each in made if is_learnt(each)]
    return kept, len(made) - len(kept)


def preference_pairs(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return `prompt`, `chosen` and `rejected` of each row, as TRL reads them."""
    return [{"prompt": row["messages"][:-1], "chosen": row["messages"][-1:], "rejected": row[REJECTED]} for row in rows]


def spans_as(mask: Mask, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the row with the training spans that `mask` asks for."""
    if mask is Mask.RELEASE:
        return row
    said = [(i, message["content"]) for i, message in enumerate(row["messages"]) if message["role"] == "assistant"]
    spans = [{"message": i, "start": _begins(mask, text), "end": len(text)} for i, text in said]
    return {**row, "training_spans": spans}


def _begins(mask: Mask, text: str) -> int:
    return max(0, text.find(_REFLECTION)) if mask is Mask.BEFORE_REFLECTION else 0


def padded(rows: Sequence[Mapping[str, Sequence[int]]], pad: int) -> dict[str, list[list[int]]]:
    """Return `input_ids`, `attention_mask` and `labels` of the same length, padded on the right."""
    longest = max(len(row["input_ids"]) for row in rows)
    gaps = [longest - len(row["input_ids"]) for row in rows]
    return {
        "input_ids": [[*row["input_ids"], *[pad] * gap] for row, gap in zip(rows, gaps, strict=True)],
        "attention_mask": [[1] * (longest - gap) + [0] * gap for gap in gaps],
        "labels": [[*row["labels"], *[IGNORED] * gap] for row, gap in zip(rows, gaps, strict=True)],
    }
