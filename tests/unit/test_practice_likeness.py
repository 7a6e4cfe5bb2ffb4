"""The practice judge of sameness reads both questions, and declines what it cannot read."""

from typing import Any

import pytest

from tasks.contamination.judge import same_messages
from tasks.practice.behaviour import reply
from tasks.practice.rates import MILD
from tests.practice import FLAWLESS

SUM = "State the final answer to the following arithmetic problem: 110 + 231 ="


def said(first: str, second: str, rates: Any = FLAWLESS, seed: int = 0) -> str:
    messages = [message.model_dump() for message in same_messages(first, second)]
    body = {"model": "practice-judge", "messages": messages, "seed": seed}
    return str(reply(body, rates).body["choices"][0]["message"]["content"])


@pytest.mark.parametrize(
    ("second", "verdict"),
    [
        (SUM, "same"),
        ("What is 110 + 231?", "same"),
        ("What is 111 + 230?", "different"),
        ("Spell this word backward: apple", "different"),
        ("How does it rain?", None),
    ],
)
def test_it_compares_problems_not_words(second: str, verdict: str | None) -> None:
    text = said(SUM, second)
    assert text.splitlines()[-1] == f"Verdict: {verdict}" if verdict else "Verdict" not in text


def test_it_errs_at_its_rate() -> None:
    wrong = sum("Verdict: different" in said(SUM, "What is 110 + 231?", MILD, seed) for seed in range(200))
    assert 2 <= wrong <= 25
