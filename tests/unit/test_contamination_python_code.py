"""Code is compared by its structure: what changes it, what does not, and what cannot be read."""

import pytest

from tasks.contamination.python_code import CodeIndex, code_tokens

CODE = '''from typing import List


def has_close_elements(numbers: List[float], threshold: float) -> bool:
    """ Check if in given list of numbers, are any two numbers closer to each other than
    given threshold.
    """
    for idx, elem in enumerate(numbers):
        for idx2, elem2 in enumerate(numbers):
            if idx != idx2:
                distance = abs(elem - elem2)
                if distance < threshold:
                    return True

    return False
'''
RENAMED = """def near(xs, eps):
    # any two of them?
    for i, a in enumerate(xs):
        for j, b in enumerate(xs):
            if i != j:
                gap = abs(a - b)
                if gap < eps:
                    return False
    return 0
"""
SHORT = "def double(x):\n    return [2 * y for y in x if y > 3 and y < 40 or y == len(x)]\n"
OTHER = """def merge(left, right):
    made = []
    while left and right:
        made.append(left.pop(0) if left[0] <= right[0] else right.pop(0))
    return made + left + right
"""
INDEX = CodeIndex(["No code here.", CODE, SHORT])


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (CODE, 1),
        (RENAMED, 1),
        (RENAMED.replace("    ", "\t"), 1),
        (f"Here is my solution:\n\n```python\n{RENAMED}```\nIt takes O(n^2).", 1),
        (f"Here is my solution:\n{RENAMED}\nI hope it helps you.", 1),
        ("    " + RENAMED.replace("\n", "\n    "), 1),
        (f"{OTHER}\n\n{RENAMED}", 1),
        (f"{OTHER}\n\n{RENAMED}\n\n{OTHER * 5}", 1),
        (SHORT.replace("double", "f").replace("y", "k").replace("40", "7"), 2),
        (f"{SHORT}\n\n{OTHER * 3}", None),
        (OTHER, None),
        ("\n".join(RENAMED.splitlines()[:4]), None),
        ("def broken(:\n    for", None),
        ("import of goods from China rose\nclass struggle\nfrom here on", None),
        ("There is no code in this.", None),
        ("", None),
        ("def f(x):\n    return " + "(" * 5000, None),
        ("def f():\n    return '\\d'\n" * 2000, None),
    ],
)
def test_what_is_found(text: str, place: int | None) -> None:
    found = INDEX.find(text)
    assert (found.place if found else None) == place
    assert found is None or found.contaminated


def test_names_that_mean_something_outside_stay() -> None:
    assert "len" in code_tokens("def f(x):\n    return len(x)\n")
    assert ".sort" in code_tokens("def f(x):\n    x.sort()\n")
    assert "x" not in code_tokens("def f(x):\n    x.sort()\n")
