"""Which boxes are one answer, and what it is."""

import pytest

from tasks.extraction.answer import find_answer
from tasks.mathematics.boxed import unbox


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"\(\boxed{1}\) and \(\boxed{-2}\).", "1, -2"),
        ("\\boxed{\n\\begin{pmatrix} 0 & 3 \\\\ 0 & -1 \\end{pmatrix}\n}.\n\\end{align*}", None),
        (r"$$\boxed{2}, \boxed{3}, \boxed{5}$$", "2, 3, 5"),
        (r"$x = \boxed{1}$ or $x = \boxed{2}$", "1, 2"),
        (r"x_1=\boxed{1}\quad\text{and}\quad x_2=\boxed{2}", "1, 2"),
        (r"\boxed{(1, 2)}, \boxed{(2, 1)}", "(1, 2), (2, 1)"),
        (r"$$\boxed{(3, 3)} \text{ for part (a) and } \boxed{(1, 1)}$$", "(3, 3), (1, 1)"),
        (r"\boxed{5} or \boxed{5}", "5"),
        (r"\boxed{5}. Hence \boxed{5}.", "5"),
        (r"So it is \boxed{\frac{1}{2}}.", r"\frac{1}{2}"),
        (r"x \\boxed{840}.", "840"),
        (r"\fbox{5}", "5"),
        (r"\boxed{5 = \boxed{7}}", "7"),
        (r"$\boxed{28}$ percent.", "28 percent"),
        (r"$\boxed{28}\%$", r"28 \%"),
        (r"\boxed{3} million dollars", "3 million"),
        (r"\boxed{3} apples", "3"),
        (r"$x = -\boxed{5}$", "-5"),
        (r"- \boxed{5}", "5"),
        (r"7 - \boxed{5} = 2", "5"),
        ("$1$ and $2$ and $3$", "1 and 2 and 3"),
        (r"-2 \\le x \\le 7", r"-2 \le x \le 7"),
    ],
)
def test_unbox(text: str, answer: str | None) -> None:
    expected = r"\begin{pmatrix} 0 & 3 \\ 0 & -1 \end{pmatrix}" if answer is None else answer
    assert unbox(text) == expected
    assert unbox(expected) == expected


@pytest.mark.parametrize(
    "text", ["12", r"\boxed{1} no no no \boxed{2}", r"\boxed{5", r"\boxed{}", "a box", r"\frac{1}{2}"]
)
def test_what_stays_as_it_is(text: str) -> None:
    assert unbox(text) == text


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"The answers are $\boxed{1}$ and $\boxed{2}$.", r"\boxed{1}$ and $\boxed{2}"),
        (r"\boxed{17} or \boxed{18}", r"\boxed{17} or \boxed{18}"),
        (r"First \boxed{1}. Then we go on to \boxed{2}.", "2"),
        (r"\boxed{5}, \boxed{5}", "5"),
        (r"\boxed{3}, no wait, that is wrong. \boxed{4}", "4"),
        ("(a) \\boxed{10}\n(b) \\boxed{12}", None),
        ("**Part (a)** gives \\boxed{10}.\n\n**Part (b)** gives \\boxed{12}.", None),
        (r"\boxed{4} is the answer to part (a). \boxed{5} is the answer to part (b).", None),
        ("a) The answer is 4. b) The answer is 5.", None),
        ("(a) The answer is 10. (b) The answer is 12.", None),
        ("(a) \\boxed{10}\n(b) \\boxed{12}\nFinal answer: 12", "12"),
        ("(a) \\boxed{10}\n(b) so also \\boxed{10}", "10"),
        ("1) Find x.\n2) Find y.\n\\boxed{12}", "12"),
        ("1. \\boxed{10}\n2. \\boxed{12}", None),
        (r"Case 1: \boxed{10}. Case 2: \boxed{12}.", None),
        (r"First: \boxed{10}. Second: \boxed{12}.", None),
        (r"For n=1: \boxed{10}; for n=2: \boxed{12}", None),
        (r"The smaller is \boxed{10} and the larger is \boxed{12}.", None),
        ("- $\\boxed{10}$\n- $\\boxed{12}$", "\\boxed{10}$\n- $\\boxed{12}"),
        (r"\boxed{\frac{2}{4}}, which simplifies to \boxed{\frac{1}{2}}", r"\frac{1}{2}"),
        (r"The answer is not \boxed{4}.", None),
        (r"It cannot be \boxed{4}.", None),
        (r"So it is $\boxed{28}$ percent.", r"\boxed{28}$ percent"),
        (r"$x = -\boxed{5}$", r"-\boxed{5}"),
        (r"$\sqrt{\boxed{5}}$", None),
        (r"$\boxed{5}\pi$", None),
        (r"$\boxed{60}^\circ$", "60"),
        (r"The answer is \boxed{5}!", "5"),
        (r"It is \boxed{5}, not \boxed{4}.", "5"),
        (r"\boxed{5} rather than \boxed{4}", "5"),
        (r"I would not say \boxed{5}.", None),
        (r"\boxed{4} is wrong.", None),
        (r"The answer is \(\boxed{5}\), not \(\boxed{4}\).", "5"),
    ],
)
def test_stated(text: str, answer: str | None) -> None:
    stated = find_answer(text)
    assert (stated and stated.answer) == answer
    assert stated is None or stated.of(text) == answer
