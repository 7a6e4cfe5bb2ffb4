"""Where a model that thinks looks back at its own work: by rule, and by the word of a model. Nothing is reworded."""
# ruff: noqa: RUF001

import random
import re

import pytest

from tasks.extraction.segments import SegmentKind, numbered, read_segments, segments, sentences

DRAFT, CHECK, CORRECTION = SegmentKind.DRAFT, SegmentKind.CHECK, SegmentKind.CORRECTION
PATCHES = (
    "So 17 + 25 is 41.",
    "Wait, 7 + 5 is 12, so the answer is 42.",
    "\n\n",
    "Let me double-check:\n\n25 from 42 leaves 17.",
    "等等，我算错了。",
    "```\nwait. no. wait\n```",
    "$$ a. Wait $$",
    "Mr. Wait has 3.5 apples.",
    "   ",
    "Actually,",
    "No.",
    "e.g. this",
    "\r\n",
    "💡 Hmm… wait!",
)


@pytest.mark.parametrize("seed", range(40))
def test_the_parts_are_the_text_character_for_character(seed: int) -> None:
    rng = random.Random(seed)
    text = "".join(rng.choice(PATCHES) + rng.choice(("", " ", "\n")) for _ in range(rng.randint(0, 25)))
    assert "".join(text[start:end] for start, end in sentences(text)) == text
    found = segments(text)
    assert "".join(part.of(text) for part in found) == text
    assert all(part.of(text) for part in found)
    assert all(part.of(text).strip() for part in found if part.part is not DRAFT)


@pytest.mark.parametrize(
    ("thinking", "parts"),
    [
        ("17 + 25. So the answer is 41.\n\nWait, 7 + 5 is 12. So the answer is 42.", [DRAFT, CORRECTION]),
        ("17 + 25. So the answer is 42.\n\nWait, 7 + 5 is 12. So the answer is 42.", [DRAFT, CHECK]),
        ("It is 41. No, that's not right: 7 + 5 is 12.\n\nSo 42.", [DRAFT, CORRECTION]),
        (
            "It is 42. Let me check that with subtraction: 42 - 25 is 17. That checks out. Next, c.",
            [DRAFT, CHECK, DRAFT],
        ),
        ("It is 42.\n\nLet me double-check.\n\n42 - 25 is 17.\n\nNow the rest.", [DRAFT, CHECK, DRAFT]),
        ("It is 42.\nBut hold on, is the question about apples? Yes, it is. So 42 stands.", [DRAFT, CHECK, DRAFT]),
        ("It is 42. Actually, I misread it: there are 26 of them.\n\nSo 43.", [DRAFT, CORRECTION]),
        ("Son 41. Entonces la respuesta es 41.\n\nEspera, 7 + 5 es 12. La respuesta es 42.", [DRAFT, CORRECTION]),
        ("C'est 42, donc la réponse est 42.\n\nVérifions : 42 - 25 donne bien 17, c'est juste.", [DRAFT, CHECK]),
        ("Das ist 41. Die Antwort ist 41.\n\nMoment, 7 + 5 ist 12. Die Antwort ist 42.", [DRAFT, CORRECTION]),
        ("所以答案是41。等等，7加5是12，答案是42。", [DRAFT, CORRECTION]),
        ("所以答案是42。让我再检查一下：42减25是17，没错。", [DRAFT, CHECK]),
        ("Значит, ответ: 41.\n\nПодожди, 7 + 5 это 12. Ответ: 42.", [DRAFT, CORRECTION]),
        # no second looks
        ("", []),
        ("   \n", [DRAFT]),
        ("Wait, what is asked? The sum. It is 42.", [DRAFT]),
        ("It is a sum. I have to wait for no one. The waiter checks the bill.", [DRAFT]),
        ("There are four. Let me check each option.\n\nA is 41, which is less.", [DRAFT]),
        ("Moment of inertia first. Halt the clock. Pardon the pun.", [DRAFT]),
        ("Code:\n```\nx = 1\nWait, let me check that again and again\n```\n", [DRAFT]),
    ],
)
def test_what_a_sentence_does(thinking: str, parts: list[SegmentKind]) -> None:
    assert [segment.part for segment in segments(thinking)] == parts, [s.of(thinking) for s in segments(thinking)]


def test_a_second_look_begins_with_its_sentence_and_ends_with_what_came_of_it() -> None:
    thinking = "I add. So the answer is 41. Wait, 7 + 5 is 12. So the answer is 42. Then I halve it."
    assert [segment.of(thinking) for segment in segments(thinking)] == [
        "I add. So the answer is 41. ",
        "Wait, 7 + 5 is 12. So the answer is 42. ",
        "Then I halve it.",
    ]


THINKING = "I add. It is 41. Hmm: 7 + 5 is 12. It is 42. Fine."


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("3-4 correction\n5 check", [(DRAFT, 2), (CORRECTION, 2), (CHECK, 1)]),
        ("- [3]–[4]: correction", None),
        ("Here they are:\n5: check", [(DRAFT, 4), (CHECK, 1)]),
        ("5 check\n3-4 correction", [(DRAFT, 2), (CORRECTION, 2), (CHECK, 1)]),
        ("none", None),
        ("", None),
        ("1-2 check", None),
        ("4-3 check", None),
        ("5-6 check", None),
        ("2-4 check\n4-5 check", None),
        ("Verdict: holds", None),
    ],
)
def test_the_word_of_a_model(reply: str, expected: list[tuple[SegmentKind, int]] | None) -> None:
    """Numbers that are not there, overlap or leave no draft before them are no use: the rule decides then."""
    found = read_segments(THINKING, reply)
    counted = found and [(part.part, len(sentences(part.of(THINKING)))) for part in found]
    assert counted == expected
    assert found is None or "".join(part.of(THINKING) for part in found) == THINKING


def test_sentences_are_numbered_for_it() -> None:
    assert numbered("I add.\n\nIt is\n41.").splitlines() == ["[1] I add.", "[2] It is", "[3] 41."]
    assert numbered("Mr. X adds.\n1. One.\n2. Two.").splitlines() == ["[1] Mr. X adds.", "[2] 1. One.", "[3] 2. Two."]
    assert re.findall(r"\[(\d+)\]", numbered(THINKING)) == ["1", "2", "3", "4", "5"]
