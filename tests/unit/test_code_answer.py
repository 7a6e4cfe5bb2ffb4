"""Which part of a response is the code that it answers with, and which code stood before a reflection."""

import pytest

from tasks.judging.code_answer import answers, read_code
from tasks.tracing.grammar import parse

F = "def f(x):\n    return x\n"
G = "def g(x):\n    return x\n"


def fenced(code: str, language: str = "python", fence: str = "```") -> str:
    return f"{fence}{language}\n{code}{fence}\n"


DOCSTRING = 'def f(x):\n    """\n    ```\n    f(1)\n    ```\n    """\n    return x'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (F, F.rstrip()),
        ("\n\n    return x\n", "    return x"),
        (fenced(F), F),
        (f"Here:\n{fenced(F)}Done.", F),
        (fenced(F, ""), F),
        (fenced(F, "py", "~~~"), F),
        (fenced(F, "python", "````"), F),
        (f"  - so\n\n  {fenced(F)}", F),
        (fenced(F) + "For example:\n" + fenced("print(f(1))\n"), F),
        (fenced(F) + "Better:\n" + fenced("def f(x):\n    return 2\n"), "def f(x):\n    return 2\n"),
        (fenced(F) + "A helper:\n" + fenced(G), F),
        (fenced(G) + fenced("class f:\n    pass\n"), "class f:\n    pass\n"),
        (fenced("    return x\n"), "    return x\n"),
        (f"Cut short:\n```python\n{F}", F),
        (DOCSTRING, DOCSTRING),
        (f"I think of def f(x) here.\n{fenced(F)}", F),
        ("", ""),
    ],
)
def test_the_code_of_a_text(text: str, code: str) -> None:
    assert answers(text, "f") == [code.rstrip()]


def test_the_answer_is_looked_for_in_the_output() -> None:
    text = f"<thinking>\n{fenced(G)}</thinking>\n<output>\n{fenced(F)}</output>"
    stated, drafts = read_code(text, parse(text), {"entry_point": "f"})
    assert stated is not None
    assert (stated.answer, text[stated.start : stated.end]) == (F.rstrip(), F.rstrip())
    assert drafts == ()


def test_the_draft_before_each_reflection() -> None:
    first, second = F.replace("return x", "return 1"), F.replace("return x", "return 2")
    text = (
        "<thinking>\n<reflection>\nNothing yet.\n</reflection>\n"
        f"{fenced(first)}\nand it is used so:\n{fenced('print(f(1))' + chr(10))}"
        f"<reflection>\nNo:\n{fenced(second)}</reflection>\n<reflection>\nYes.\n</reflection>\n</thinking>\n"
        f"<output>\n{fenced(second)}</output>"
    )
    _, drafts = read_code(text, parse(text), {"entry_point": "f"})
    assert [draft and draft.answer for draft in drafts] == [None, first.rstrip(), second.rstrip()]


@pytest.mark.parametrize("text", ["", "<thinking>\nx\n</thinking>\n<output>\n\n</output>"])
def test_no_code_is_no_answer(text: str) -> None:
    assert read_code(text, parse(text), {"entry_point": "f"})[0] is None


def test_a_long_text_without_an_end_takes_linear_time() -> None:
    for text in ("```\n" * 20_000, "`" * 100_000, "\n```python\ndef f" * 5_000, " " * 100_000 + "```"):
        answers(text, "f")
