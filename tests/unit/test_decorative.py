"""Reflections that check nothing, each beside a control that does: a word, a number, a quotation or an answer more."""

import time

import pytest

from schemas.trace import Reflection, Structure, Trace
from schemas.verdict import ReflectionMark
from tasks.extraction.draft_answers import find_drafts
from tasks.judging.decorative import decorative
from tasks.parsing.grammar import parse

REPEATED, NOTHING = ReflectionMark.TEXT_REPEATED, ReflectionMark.NOTHING_RECHECKED
QUESTION = "Janet's ducks lay 16 eggs a day. She eats three. How many are left?"
WORK = "16 - 3 = 13. I think the ducks are healthy. The answer is 13."

MARKED = [
    ("Let me be careful here.", NOTHING),
    ("Is there a trick? I don't see one. That looks right to me.", NOTHING),
    ("I am 100 % sure of this.", NOTHING),
    ("What a lovely morning for a walk by the lake.", NOTHING),  # words, but none of the subject
    ('It feels like "destiny" to me.', NOTHING),
    ("I think the ducks are healthy.", REPEATED),
    ("16 - 3 = 13!", REPEATED),
    ("Everything is fine, the answer is 13.", NOTHING),  # stated again, and unchanged
]
CONTROLS = [
    "Let me be careful with the ducks here.",
    "Is there a trick? 16 less 3 is 13. That looks right to me.",
    "The sign is right.",
    "What a lovely number of eggs.",
    'Did she eat "three"?',
    "I think the ducks are well.",
    "16 - 4 = 13!",
    "Everything is fine, the answer is 12.",
]


def trace(work: str, *reflections: str, output: str = "13") -> Trace:
    inside = work + "".join(f"\n<reflection>{text}</reflection>" for text in reflections)
    text = f"<thinking>{inside}</thinking>\n<output>{output}</output>"
    parsed = parse(text)
    return Trace(
        trace_id="t",
        attempt_id="a",
        plan_id="p",
        question_id="q",
        sample_index=0,
        call_ids=("c",),
        grammar="test",
        text=text,
        structure=Structure.OK,
        thinking=inside,
        reflections=parsed.reflections,
        output=output,
        answer=output,
        draft_answers=find_drafts(text, parsed),
    )


@pytest.mark.parametrize(("reflection", "rule"), MARKED)
def test_a_rule_marks_it(reflection: str, rule: ReflectionMark) -> None:
    assert decorative(trace(WORK, reflection), QUESTION) == (rule,)


@pytest.mark.parametrize("reflection", CONTROLS)
def test_the_control_is_not_marked(reflection: str) -> None:
    assert decorative(trace(WORK, reflection), QUESTION) == (None,)


def test_one_mark_for_each_reflection() -> None:
    said = ["Let me be careful here.", "16 - 3 is 13, yes.", "16 - 3 is 13, yes.", "The answer is 14.", "So it is."]
    assert decorative(trace(WORK, *said), QUESTION) == (NOTHING, None, REPEATED, None, NOTHING)
    assert decorative(trace(WORK), QUESTION) == ()


def test_what_comes_after_a_reflection_is_not_before_it() -> None:
    assert decorative(trace("", "The ducks, the ducks."), "How many?") == (NOTHING,)
    assert decorative(trace("Some ducks.", "The ducks, the ducks."), "How many?") == (None,)


def test_a_trace_that_never_ends_takes_no_longer_than_its_length() -> None:
    text = "".join(f"<reflection>Checking the eggs of duck {i}.</reflection>" for i in range(2000))
    reflections = tuple(Reflection(start=i * 40, end=i * 40 + 30, text=text[i * 40 : i * 40 + 30]) for i in range(2000))
    long = trace(WORK).model_copy(
        update={"text": text, "reflections": reflections, "draft_answers": (None,) * len(reflections)}
    )
    start = time.process_time()
    decorative(long, QUESTION)
    assert time.process_time() - start < 1.0
