"""What is read from a reply that should hold questions: the asked-for form, its usual variants, and named faults."""

# ruff: noqa: RUF001  marks of other scripts are what is tested

import json

import pytest

from schemas.call import Call, CallEnd, Message, Sampling, Usage
from tasks.questions.replies import LONGEST, Fault, read_evolved, read_questions

A, B = "How many legs have two spiders?", "What is the third prime number?"


def call(content: str | None, ended: CallEnd = CallEnd.ANSWERED, finish_reason: str = "stop") -> Call:
    return Call(
        call_id="c",
        endpoint="practice",
        model_asked="m",
        model_answered="m",
        messages=(Message(role="user", content="?"),),
        sampling=Sampling(temperature=None, top_p=None, max_tokens=None, seed=None),
        sample_index=0,
        fresh="",
        ended=ended,
        error=None,
        raw_response=b"",
        content=content,
        reasoning=None,
        finish_reason=finish_reason,
        usage=Usage(),
        cost_usd=None,
        latency_s=0.0,
        tries=1,
    )


def tagged(*texts: str) -> str:
    return "\n".join(f"<question>\n{text}\n</question>" for text in texts)


@pytest.mark.parametrize(
    "content",
    [
        tagged(A, B),
        f"Here they are:\n{tagged(A, B)}\nGood luck!",
        f"<think>Perhaps <question>this?</question></think>{tagged(A, B)}",
        f"<QUESTION>{A}</ question >< question >{B}</question>",
        f"<question>{A}\n<question>{B}",  # closing tags forgotten
        tagged(f"Question: {A}", f"**New question:** {B}"),
        json.dumps([A, B]),
        json.dumps([{"question": A}, {"question": B, "level": 2}]),
        f"Sure:\n```json\n{json.dumps([A, B], indent=1)}\n```",
        f'{{"question": "{A}"}}\n{{"question": "{B}"}}',
        f"1. {A}\n2. {B}",
        f"Of course!\n\n1) {A}\n\n2) {B}",
        f"**Question 1:** {A}\n\n**Question 2:** {B}",
        f"### Question 1: {A}\n### Question 2: {B}",
        f"Q1. {A}\nQ2. {B}",
    ],
)
def test_two_questions(content: str) -> None:
    assert read_questions(call(content), 4) == [A, B]


def test_a_numbered_list_inside_a_question_is_part_of_it() -> None:
    puzzle = "Which of these is prime?\n1. nine\n2. eleven"
    assert read_questions(call(tagged(puzzle)), 4) == [puzzle]
    assert read_questions(call(f"1. {puzzle}"), 4) != [puzzle]  # the control: such a list cannot be told from ours


def test_more_than_asked_for_is_left() -> None:
    assert read_questions(call(tagged(A, B, A)), 2) == [A, B]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", [Fault.EMPTY_REPLY]),
        (None, [Fault.EMPTY_REPLY]),
        ("<think>What could I ask?</think>", [Fault.EMPTY_REPLY]),
        ("I'm sorry, I cannot help with that.", [Fault.NOTHING_MARKED]),
        (f"One could ask: {A}", [Fault.NOTHING_MARKED]),
        ('Well.\n"Sorry."\n7', [Fault.NOTHING_MARKED]),
        ("[[[[" * 2000, [Fault.NOTHING_MARKED]),
        (tagged(A, ""), [A, Fault.TOO_SHORT]),
        (tagged("...", "[ ]", "Why?"), [Fault.TOO_SHORT] * 3),
        (tagged("the text of the question"), [Fault.PLACEHOLDER]),
        (tagged("x" * (LONGEST + 1)), [Fault.TOO_LONG]),
        (tagged(f"<topic>spiders</topic> {A}"), [Fault.MARKED_INSIDE]),
        (tagged(f"{A}\nAnswer: 16"), [Fault.ANSWER_INSIDE]),
        (tagged(f"{A}\n**Solution:** 16"), [Fault.ANSWER_INSIDE]),
        (tagged("What is the answer: yes or no, to this riddle?"), ["What is the answer: yes or no, to this riddle?"]),
        (tagged("¿Cuántas patas tienen dos arañas?"), ["¿Cuántas patas tienen dos arañas?"]),
        (tagged("法国的首都是哪里？"), ["法国的首都是哪里？"]),
        (tagged(f"{A}\x00"), [f"{A}\ufffd"]),
    ],
)
def test_faults_have_names(content: str | None, expected: list[str | Fault]) -> None:
    assert read_questions(call(content), 4) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (f"{tagged(A)}\n<question>What is the th", [A, Fault.CUT_OFF]),
        (f"1. {A}\n2. What is the th", [A, Fault.CUT_OFF]),
        (tagged(A), [A]),
        ("<think>Let me see", [Fault.CUT_OFF]),
    ],
)
def test_a_question_that_is_cut_off_is_none(content: str, expected: list[str | Fault]) -> None:
    assert read_questions(call(content, finish_reason="length"), 4) == expected


def test_a_call_that_failed_gives_nothing() -> None:
    assert read_questions(call(None, CallEnd.REFUSED), 4) == [Fault.CALL_FAILED]


def test_of_an_evolved_one_there_is_one() -> None:
    assert read_evolved(call(tagged(A))) == A
    assert read_evolved(call(tagged(A, B))) is Fault.SEVERAL
    assert read_evolved(call("Sorry.")) is Fault.NOTHING_MARKED
