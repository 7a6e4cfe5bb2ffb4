"""Whatever form the code came in, it ends as the function that was asked for, or as a reason."""

import pytest

from tasks.sandbox.program import NoEntryPoint, assemble, prelude

PROMPT = '''from typing import List

def double(x: int) -> int:
    return 2 * x

def f(numbers: List[int]) -> int:
    """The sum of the doubles.

    >>> f([1])
    2
    """
'''
BODY = "    total = 0\n    for n in numbers:\n        total += double(n)\n    return total\n"
FORMS = {
    "body": BODY,
    "body after a blank line": "\n" + BODY,
    "body without its first indentation": BODY.strip(),
    "body without any indentation": "total = 0\nfor n in numbers:\n    total += double(n)\nreturn total",
    "body with tabs": BODY.replace("    ", "\t"),
    "body that opens a block first, stripped": "for n in [0]:\n        pass\n    return sum(map(double, numbers))",
    "body and a helper after it": BODY + "\ndef helper():\n    return 1\n",
    "one line": "return sum(double(n) for n in numbers)",
    "function": "def f(numbers):\n" + BODY,
    "function, all indented": "    def f(numbers):\n        return sum(map(double, numbers))",
    "module": "import math\n\ndef g(x):\n    return double(x)\n\ndef f(numbers):\n    return sum(map(g, numbers))\n",
    "lambda": "f = lambda numbers: sum(map(double, numbers))",
    "under a condition": "if True:\n    def f(numbers): return sum(map(double, numbers))\nelse:\n    f = None",
    "imported": "from functools import partial\ndef g(numbers): return sum(map(double, numbers))\nf = partial(g)",
    "the prompt repeated": PROMPT + BODY,
    "with a future import": "from __future__ import annotations\ndef f(n: Nowhere): return sum(map(double, n))",
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_function(form: str) -> None:
    names: dict[str, object] = {}
    exec(prelude(PROMPT), names)
    exec(assemble(PROMPT, FORMS[form], "f").code, names)
    assert names["f"]([1, 2, 3]) == 12  # type: ignore[operator]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("def f(numbers) return 1", SyntaxError),
        ("The answer is 5.", SyntaxError),
        ("    return (", SyntaxError),
        ("return \x00", (SyntaxError, ValueError)),
        ("x = 5", NoEntryPoint),
        ("def g(numbers): return 1", NoEntryPoint),
    ],
)
def test_what_is_no_such_function_is_told_apart(answer: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        assemble("", answer, "f")


def test_a_body_without_a_prompt_is_no_function() -> None:
    with pytest.raises(SyntaxError):
        assemble("", BODY.strip(), "f")
    with pytest.raises((NoEntryPoint, SyntaxError)):
        assemble("", "return 1", "f")


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        (PROMPT, {"List", "double", "f"}),
        ("def f(x):\n", {"f"}),
        ("", set()),
        ("Write a function that doubles.", set()),
    ],
)
def test_the_prompt_s_own_code(prompt: str, names: set[str]) -> None:
    found: dict[str, object] = {}
    exec(prelude(prompt), found)
    assert found.keys() - {"__builtins__"} == names
