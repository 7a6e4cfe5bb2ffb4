"""Detectors together: who speaks of what, who decides, and who is asked."""

from collections.abc import Sequence

import pytest

from schemas.contamination import Detection, Detector, Finding
from tasks.contamination.detect import decide, detect
from tasks.contamination.judge import Messages
from tasks.contamination.neighbours import MOST_WINDOWS, STRIDE
from tests.meaning import WordCounts

ITEM = "Anna has 12 red apples and 30 green pears in 4 baskets and she gives half of her pears to Tom today"
REPHRASED = "Today Anna gives half of 30 green pears to Tom; she has 12 red apples as well, and 4 baskets of her pears"
SIBLING = ITEM.replace("12", "15").replace("30", "44").replace("4 b", "6 b").replace("to Tom", "away")
OTHER = "Water boils at a lower temperature on mountains; explain why that is and what follows for cooking"
TEXTS = {0: ITEM, 1: REPHRASED, 2: SIBLING, 3: OTHER, 4: "..."}
SETTINGS = Detection(borderline=0.4, with_numbers=0.6, alone=0.95)
N, E, J = Detector.NGRAM, Detector.EMBEDDING, Detector.JUDGE


class Judge:
    """Says `word` of everything; remembers what it was asked."""

    def __init__(self, word: str | None) -> None:
        self.asked: list[Messages] = []
        self._reply = word and f"So it is.\nVerdict: {word}"

    def __call__(self, conversations: Sequence[Messages]) -> list[str | None]:
        self.asked += conversations
        return [self._reply] * len(conversations)


def verdicts(*detectors: Detector, word: str | None = "different") -> dict[int, bool | None]:
    settings = SETTINGS.model_copy(update={"detectors": detectors})
    found = detect(TEXTS, [ITEM], settings, WordCounts().embed, Judge(word))
    decisive = {place: decide([by[place] for by in found.values() if place in by], 0.4) for place in TEXTS}
    return {place: it.contaminated for place, it in decisive.items() if it}


@pytest.mark.parametrize(
    ("detectors", "word", "expected"),
    [
        ([N], None, {0: True}),
        ([E], None, {0: True, 1: True, 2: False}),
        ([N, E], None, {0: True, 1: True, 2: False}),
        ([N, J], "same", {0: True, 1: True, 2: True}),
        ([N, J], "different", {0: True, 1: False, 2: False}),
        ([N, J], None, {0: True, 1: None, 2: None}),
        ([N, E, J], "same", {0: True, 1: True, 2: True}),
        ([N, E, J], None, {0: True, 1: True, 2: None}),
        ([J], "different", {0: False, 1: False, 2: False}),
    ],
)
def test_what_detectors_come_to(detectors: list[Detector], word: str | None, expected: dict[int, bool | None]) -> None:
    assert verdicts(*detectors, word=word) == expected


def test_the_judge_is_asked_in_both_orders_and_only_of_what_is_open() -> None:
    judge = Judge("different")
    settings = SETTINGS.model_copy(update={"detectors": (N, E, J)})
    found = detect(TEXTS, [ITEM], settings, WordCounts().embed, judge)
    first, second = (user.content for _, user in judge.asked)
    assert first.index(SIBLING) < first.index(ITEM)
    assert second.index(ITEM) < second.index(SIBLING)
    assert found[J][2].evidence == "different: So it is. | So it is."
    assert found[J][3].evidence.startswith("not_asked")


def test_a_text_too_long_to_be_embedded_is_not_acquitted() -> None:
    text = " ".join(f"u{n}" for n in range(STRIDE * (MOST_WINDOWS + 2)))
    found = detect({7: text}, [ITEM], SETTINGS, WordCounts().embed)
    assert found[E][7].contaminated is None
    assert found[E][7].evidence.startswith("too_long")


def test_a_near_copy_that_the_judge_was_not_asked_about_stays_open() -> None:
    settings = SETTINGS.model_copy(update={"detectors": (J,), "k": 1})
    copies = {0: ITEM, 1: f"{ITEM} indeed"}
    found = detect(copies, [ITEM], settings, WordCounts().embed, Judge("same"))
    assert {place: it.contaminated for place, it in found[J].items()} == {0: True, 1: None}


def finding(detector: Detector, contaminated: bool | None, score: float) -> Finding:
    return Finding(place=0, detector=detector, contaminated=contaminated, score=score, evidence="")


@pytest.mark.parametrize(
    ("findings", "decisive"),
    [
        ([], None),
        ([finding(E, False, 0.3)], None),
        ([finding(E, False, 0.75), finding(N, False, 0.1)], 0),
        ([finding(E, True, 0.9), finding(N, True, 0.2)], 1),
        ([finding(J, None, 0.8), finding(E, False, 0.8)], 0),
        ([finding(J, None, 0.8), finding(E, True, 0.8)], 1),
        ([finding(E, False, 0.8), finding(J, False, 0.8)], 1),
    ],
)
def test_who_decides(findings: list[Finding], decisive: int | None) -> None:
    assert decide(findings, 0.7) is (None if decisive is None else findings[decisive])


def test_nothing_is_compared_with_no_items() -> None:
    assert detect(TEXTS, [], SETTINGS, WordCounts().embed) == {N: {}}
