"""Golds and responses as people and models write them, judged by hand first: of GSM8K, MATH, MMLU and text.

A case that is not yet judged rightly says so in `left`, with the verdict that it gets: never a false `correct`.
"""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tasks.judging.reading import KillableReader
from tasks.judging.verify import Verifier
from tasks.judging.verify_file import verify_line
from tests.golden.verdict_cases import RIGHT

CASES = [json.loads(line) for line in Path(__file__).with_name("model_endings.jsonl").read_text("utf-8").splitlines()]
ACCEPTED = {**RIGHT, "unverified": {"unverified"}}


@pytest.fixture(scope="module")
def verdicts() -> list[str]:
    with closing(Verifier()) as verifier, closing(KillableReader()) as read:
        lines = [json.dumps({name: case.get(name) for name in _ASKED if name in case}).encode() for case in CASES]
        return [verify_line(line, verifier, read)["verdict"] for line in lines]


_ASKED = ("kind", "gold", "response", "spec", "question")


def test_every_case_is_judged_as_by_hand(verdicts: list[str]) -> None:
    told: list[tuple[str, dict[str, Any]]] = []
    for case, verdict in zip(CASES, verdicts, strict=True):
        wanted = {case["left"]} if "left" in case else ACCEPTED[case["right"]]
        told += [] if verdict in wanted else [(verdict, case)]
    assert not told


def test_what_is_left_is_no_false_correct() -> None:
    left = [case for case in CASES if "left" in case]
    assert not [case for case in left if case["left"] == "correct"]
    assert len(left) <= 0.05 * len(CASES)


def test_a_judge_that_says_one_thing_would_be_noticed() -> None:
    """The control."""
    for verdict in ("correct", "incorrect", "unverified"):
        assert sum(verdict not in ACCEPTED[case["right"]] for case in CASES) > 100
