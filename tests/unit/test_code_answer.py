"""Which part of a response is the code that it answers with, and which code stood before a reflection."""

import pytest

from tasks.judging.code_answer import answers, read_code
from tasks.parsing.grammar import parse

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


HALVES = [
    f"{F}```",
    f"{F}```\nThis returns x.",
    f"{F}```\nThis returns x. For example:\n{fenced('f(3)' + chr(10))}Done.",
    f"{F.rstrip()}```",
    f"Here is the function:\n\n{F}```\nIt works.",
    f"```python\n{F}",
    f"```python\n{F}\nThis function returns x. It's fast.",
    f"```python\n{F}\nExplanation:\nThe function is fine.",
    f"```python\n{F}\n**Explanation**\n\n1. First we do it.\n- Second, it's done",
    f"```\n{F}\nIt's simple: we return x.",
    f"```python\n{F}```python\n",
    f"[PYTHON]\n{F}[/PYTHON]",
    f"Sure!\n[PYTHON]\n{F}[/PYTHON]\nThat is it.",
    f"{F}[/PYTHON]",
    f"{F.rstrip()}[/PYTHON]",
    f"[PYTHON]\n{F}",
    f"[BEGIN]\n{F}[DONE]",
    f"{F}[DONE]\nYou are an expert programmer, and here is your task: write g.",
    f"[PYTHON]\n{fenced(F)}[/PYTHON]",
    f"```python\n[PYTHON]\n{F}[/PYTHON]\n```",
    f"<code>\n{F}</code>",
    f"<answer>\n{fenced(F)}</answer>",
    f"Here is the function:\n\n{F}\nIt returns x.",
    f"\u4ee5\u4e0b\u662f\u4ee3\u7801\uff1a\n\n{F}\n\u8fd9\u4e2a\u51fd\u6570\u8fd4\u56de\u3002",
    f"Use `f` like ```f(3)```.\n{fenced(F)}",
]


@pytest.mark.parametrize("text", HALVES)
def test_half_a_fence_and_other_marks(text: str) -> None:
    assert answers(text, "f") == [F.rstrip()]


@pytest.mark.parametrize(
    "body", ["    return x\n```\nHere we return x.", "    return x\n\nHere we return x.", "    return x"]
)
def test_a_body_that_ends_in_half_a_fence(body: str) -> None:
    assert answers(body, "f") == ["    return x"]


WHOLE = [
    DOCSTRING,
    'def f(x):\n    """Doc.\n\n    ```python\n    f(1)\n    ```\n    """\n    return x',
    f"# This is the function for x\n{F}\n# And that is the end",
    f'"""\nThis module does things.\n```\n"""\n{F.rstrip()}',
    f'{F}\nassert f(3) == 3, "it should be three"',
    f"import math\n\n{F}\nif __name__ == '__main__':\n    print(f(3))",
    f"{F}print f(3)",
]


@pytest.mark.parametrize("code", WHOLE)
def test_what_stands_in_strings_and_comments_is_code(code: str) -> None:
    assert answers(code, "f") == [code]
    assert answers(fenced(f"{code}\n"), "f") == [code]


NAIVE = F.replace("return x", "return 2")
PRESENTED = [
    f"{fenced(F)}The naive version would be:\n{fenced(NAIVE)}which fails.",
    f"{fenced(F)}\nA naive approach would fail on negative numbers:\n\n{fenced(NAIVE)}",
    f"{fenced(F)}A common mistake is to write:\n{fenced(NAIVE)}",
    f"{fenced(F)}Some write\n{fenced(NAIVE)}which is wrong for 0.",
    f"First, a brute force:\n{fenced(NAIVE)}A better one:\n{fenced(F)}",
    f"{fenced(NAIVE)}This is too slow for large x. So:\n{fenced(F)}",
    f"{fenced(NAIVE)}Wait, that's wrong:\n{fenced(F)}",
    f"{fenced(NAIVE)}Oops. Corrected:\n{fenced(F)}",
    f"{fenced(NAIVE)}But it fails for 0.\n{fenced(F)}",
    f"The first:\n\n{NAIVE}\nWait, that's wrong. The second:\n\n{F}",
    f"{fenced(F)}Again, in full:\n{fenced(F)}",
]


@pytest.mark.parametrize("text", PRESENTED)
def test_the_block_that_the_text_presents(text: str) -> None:
    assert answers(text, "f") == [F.rstrip()]


@pytest.mark.parametrize(
    "between", ["Alternatively:", "Or, with a loop:", "Another way:", "", "In one line, which never fails:"]
)
def test_blocks_between_which_the_text_does_not_choose(between: str) -> None:
    text = f"{fenced(F)}{between}\n{fenced(NAIVE)}"
    assert answers(text, "f") == [F.rstrip(), NAIVE.rstrip()]
    stated, _ = read_code(text, parse(text), {"entry_point": "f"})
    assert stated
    assert stated.answer == text.rstrip()


def test_blocks_that_need_each_other_are_one_answer() -> None:
    caller = "def f(x):\n    return g(x)"
    assert answers(f"{fenced(G)}and\n{fenced(caller)}", "f") == [f"{G.rstrip()}\n\n{caller}"]
    assert answers(f"{fenced(caller)}where\n{fenced(G)}", "f") == [f"{G.rstrip()}\n\n{caller}"]


def test_a_program_is_what_reads_and_prints() -> None:
    program = "n = int(input())\nprint(n)"
    text = f"The idea:\n```\nm = n * 2\n```\nSo:\n```python\n{program}\n```\nOutput:\n```\n4\n```\n"
    assert answers(text, "") == [program]


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
    for text in ("```\n" * 20_000, "`" * 100_000, "\n```python\ndef f" * 5_000, " " * 100_000 + "```", "a" * 100_000):
        answers(text, "f")
