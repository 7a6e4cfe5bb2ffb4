"""Code in fences: the answer, and the drafts, of a question that asks for a program."""

from time import process_time

import pytest

from schemas.trace import DraftAnswer
from tasks.extraction.answer import Stated
from tasks.judging.reading import read_answers
from tasks.parsing.grammar import parse

F = "def f(x):\n    return x"
G = "def f(x):\n    return -x"


def read(text: str, kind: str = "code", **spec: str) -> tuple[Stated | None, tuple[DraftAnswer | None, ...]]:
    return read_answers(text, parse(text), kind, {"entry_point": "f", **spec})


def fence(code: str, language: str = "python") -> str:
    return f"```{language}\n{code}\n```"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (fence(F), F),
        (f"Here:\n\n{fence(F)}\n\nIt returns x.", F),
        (fence(F, ""), F),
        (fence(F, "Python"), F),
        (f"So: {fence(F)}", F),
        (f"~~~py\n{F}\n~~~", F),
        (f"````python\n{F}\n````", F),
        (f"{fence(G)}\nBetter:\n{fence(F)}", F),
        # calls and results are no answer beside a definition
        (f"{fence(F)}\nFor example:\n{fence('f(1)')}\ngives\n{fence('1', 'text')}", F),
        (f"{fence('pip install x', 'bash')}\n{fence(F)}", F),
        (fence("return x"), "return x"),
        # a text that was cut
        (f"```python\n{F}", F),
        # without a fence it is judged as it is; a body keeps its indentation
        (F, F),
        ("\n\n    y = x\n    return y\n", "    y = x\n    return y"),
        ("I cannot say.", "I cannot say."),
        (f"<thinking>{fence(G)}</thinking>\n<output>\n{fence(F)}\n</output>", F),
        (f"<thinking>a</thinking><output>{fence(F)}</output>", F),
        (f"<think>{fence(G)}</think>\n{F}", F),
        # nothing there
        ("", None),
        (fence(""), fence("")),
        (f"<thinking>{fence(G)}</thinking><output></output>", None),
    ],
)
def test_the_answer_is_the_last_code(text: str, expected: str | None) -> None:
    stated, _ = read(text)
    assert (stated and stated.answer) == expected
    assert stated is None or stated.of(text) == expected


def test_other_kinds_and_patterns_read_as_before() -> None:
    text = f"{fence(F)}\nAnswer: 5"
    answers = [read(text, "number"), read(text, answer_pattern=r"Answer: (\d)"), read(text)]
    assert [stated and stated.answer for stated, _ in answers] == ["5", "5", F]


@pytest.mark.parametrize(
    "text", ["`" * 100_000, "```a" * 25_000, "```\n" * 25_000, "```\n" + " \t" * 50_000, "~`" * 50_000]
)
def test_time_is_linear(text: str) -> None:
    start = process_time()
    read(text)
    assert process_time() - start < 0.5


def test_drafts_are_code_before_a_reflection() -> None:
    text = (
        f"<thinking>The answer is 5.<reflection>a</reflection>{fence(G)}\n<reflection>No: `return x`.\n{fence(F)}"
        f"</reflection>\n<reflection>b</reflection></thinking><output>{fence(F)}</output>"
    )
    assert [draft and draft.answer for draft in read(text)[1]] == [None, G, F]
    assert [draft and draft.answer for draft in read(text, "number")[1]] == ["5", "5", "5"]  # control
