"""Which lines are prose and which Python, and what is left of a text when the prose is taken away."""

import ast

import pytest

from tasks.parsing.prose import in_string, is_prose, stretches

PROSE = [
    "This squares x.",
    "Here is the function:",
    "It's fast, and it doesn't fail.",
    "I'll explain it now",
    "1. First we sort the list.",
    "- Then, we return it",
    "**Explanation**",
    "**Note:** this runs in linear time",
    "Explanation:",
    "Done.",
    "For example, `f(3)` is 9.",
    "Use `f`",
    "---",
    "pip install numpy",
    "\u4ee5\u4e0b\u662f\u4ee3\u7801\uff1a",
    "That is all.",
    "Wait! Is it?",
    "The result — if any — follows",
]

PYTHON = [
    "",
    "    This is indented, so it is never looked at",
    "def f(x):",
    "return x",
    "x = y if z else w",
    "for i in range(3): print(i)",
    "import numpy as np",
    "from math import sqrt as root",
    "a, b = b, a",
    "assert f(1) == 2, 'it should be two'",
    "x: int = 3",
    "else:",
    "try: run()",
    "# a comment of many words",
    'print("some words here")',
    "X = f'some words here'",
    "raise ValueError from error",
    "global counter",
    "async def f(x): pass",
    "with open(name) as file: pass",
    "not x in y",
    "lambda x: x",
    "@decorator",
    "match command:",
    "print x",
    "x = 5.",
    "5.",
    "x not in y",
    "yield from items",
    "[x for x in y if x is not None]",
]


@pytest.mark.parametrize("line", PROSE)
def test_prose(line: str) -> None:
    assert is_prose(line)
    with pytest.raises(SyntaxError):  # the control: it is Python nowhere
        ast.parse(line if line != "---" else "---\n")


@pytest.mark.parametrize("line", PYTHON)
def test_python(line: str) -> None:
    assert not is_prose(line)


def test_a_string_of_several_lines() -> None:
    assert in_string('x = """some', "") == '"""'
    assert in_string("'''", '"""') == '"""'
    assert in_string('words"""', '"""') == ""
    assert in_string('"""doc"""', "") == ""


def test_stretches() -> None:
    text = 'Here it is:\n\nX = """\nsome words here\n"""\ndef f(x):\n    return x\n\nThat is all.\nBye now\n'
    assert [text[slice(*span)] for span in stretches(text, 0, len(text))] == [text[12 : text.index("That")]]
    assert stretches("There is no code here.", 0, 22) == []
