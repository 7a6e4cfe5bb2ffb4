"""Detectors together: who speaks of what, who decides, and who is asked."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from schemas.contamination import Detector, Finding
from schemas.detection import Detection
from tasks.contamination.detect import decide, detect, version
from tasks.contamination.judge import Messages
from tasks.contamination.neighbours import MOST_WINDOWS, STRIDE, Vectors
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


GERMAN = (
    "Anna hat heute 12 rote \u00c4pfel und 30 Birnen in 4 K\u00f6rben, und sie gibt Tom die H\u00e4lfte der Birnen."
)
OTHER_GERMAN = GERMAN.replace("12", "15").replace("30", "44")


def all_alike(cosine: float) -> Callable[[Sequence[str]], Vectors]:
    """A model to which items are so near to all other texts."""

    def embed(texts: Sequence[str]) -> Vectors:
        far = [cosine, (1 - cosine**2) ** 0.5]
        return np.asarray([[1.0, 0.0] if text == ITEM else far for text in texts], np.float32)

    return embed


@pytest.mark.parametrize(("cosine", "convicted"), [(0.9, {0, 1}), (0.72, {0}), (0.6, {0}), (0.5, set())])
def test_a_translation_is_told_by_its_numbers_and_another_language(cosine: float, convicted: set[int]) -> None:
    texts = {0: GERMAN, 1: OTHER_GERMAN, 2: REPHRASED.replace("30", "31")}
    settings = Detection(detectors=(E,), borderline=0.98, with_numbers=0.99, alone=1)
    found = detect(texts, [ITEM], settings, WordCounts().embed, embed_across=all_alike(cosine))
    assert {place for place, it in found[E].items() if it.contaminated} == convicted
    assert not any(it.contaminated for it in detect(texts, [ITEM], settings, WordCounts().embed)[E].values())


def test_the_judge_is_asked_about_neighbours_in_another_language() -> None:
    judge = Judge("same")
    found = detect(
        {1: OTHER_GERMAN}, [ITEM], SETTINGS.model_copy(update={"detectors": (J,)}), WordCounts().embed, judge
    )
    assert not judge.asked
    settings = SETTINGS.model_copy(update={"detectors": (J,)})
    found = detect({1: OTHER_GERMAN}, [ITEM], settings, WordCounts().embed, judge, all_alike(0.6))
    assert len(judge.asked) == 2
    assert found[J][1].contaminated is True


def test_code_is_found_by_its_structure() -> None:
    code = "def f(xs, n):\n    for x in xs:\n        if x % n == 0 and x > 1:\n            return x * n + 1\n"
    renamed = code.replace("xs", "numbers").replace("x", "k").replace("n)", "d)").replace(" 1", " 5")
    found = detect({0: f"```python\n{renamed}```"}, [OTHER, code], Detection(detectors=(N,)))
    assert (found[N][0].place, found[N][0].contaminated) == (1, True)


def test_a_version_names_every_rule() -> None:
    assert {"ngram-4", "wordings-2", "code-1"} <= {
        part.partition("(")[0] for part in version(N, SETTINGS, "").split("+")
    }
    near = {part.partition("(")[0] for part in version(J, SETTINGS, "one+two").split("+")}
    assert {"judge-1", "one", "two", "numbers-2", "windows-2", "across-1"} <= near
