"""Mathematics put into the one spelling that the algebra reads, and what is not shown to it."""

import time

import pytest

from tasks.mathematics.latex import MAX_CHARACTERS, refuses, split_unit, to_latex

LATEX = [
    ("0.5x", r"\frac{5}{10}x"),
    ("2(3)", r"2\cdot (3)"),
    ("sin(x)", r"\sin(x)"),
    (r"\sin^2(x)", r"\sin^{2}(x)"),
    ("x**2", "x^{2}"),
    ("2^-99", "2^{-99}"),
    (r"1\frac{1}{2}", r"(1+\frac{1}{2})"),
    ("sqrt(2)", r"\sqrt{2}"),
    ("√2", r"\sqrt{2}"),
]


@pytest.mark.parametrize(("text", "latex"), LATEX)
def test_one_spelling(text: str, latex: str) -> None:
    assert to_latex(text) == latex


UNITS = [
    (r"3\sqrt{2} cm", r"3\sqrt{2}", "centimeter"),
    (r"3\sqrt{2}\text{ cm}^2", r"3\sqrt{2}", "centimeter ** 2"),
    (r"3\sqrt{2}\text{m}", r"3\sqrt{2}", "meter"),
    (r"x^{\circ}", "x", "degree"),
    (r"\frac{a}{b} cm", r"\frac{a}{b}", "centimeter"),
    (r"\frac{a}{b} xyz", r"\frac{a}{b} xyz", ""),  # a product
    ("6xyz", "6xyz", ""),
    ("2x + y", "2x + y", ""),
    (r"\sin x", r"\sin x", ""),
]


@pytest.mark.parametrize(("text", "expression", "unit"), UNITS)
def test_the_unit_after_an_expression(text: str, expression: str, unit: str) -> None:
    assert split_unit(text) == (expression, unit)


REFUSED = [
    "",
    "x" * (MAX_CHARACTERS + 1),
    "(" * 20 + "1" + ")" * 20,
    "2^{2^{2^2}}",
    "10^{-12345}",
    "100000!",
    "((3!)!)!",
    "1" * 100,
    "1 2",
    "3 x 4",
    "2{3}",
    "2e3x",
    "1,234x",
    "1,2,...,n",
    "12:30",
    "50%",
    "the answer",
    "x is 3",
    r"\sum_{n=1}^{9} n",
    r"\int_0^1 x dx",
    r"\operatorname{svd}(x)",
    r"\begin{verbatim}",
    "__import__('os')",
    "x' + 1",
    "x = \u2211",
]
READ = [
    "x+1",
    r"\frac{a}{b}",
    r"\{1,2\}",
    "(100,200)",
    "6xyz",
    r"\begin{pmatrix}1\\2\end{pmatrix}",
    "1/2004!",
    "[0,1)",
    "2^{99}",
]


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    assert refuses(to_latex(text))


@pytest.mark.parametrize("text", READ)
def test_not_refused(text: str) -> None:
    assert not refuses(to_latex(text))


@pytest.mark.parametrize("piece", ["(", "^", "9", " ", "^ ", r"\frac", "a,", "{", "!", "1 ", "e1", ".", "x^"])
def test_no_text_takes_long(piece: str) -> None:
    for times in (MAX_CHARACTERS // len(piece), 10**6):
        start = time.process_time()
        refuses(to_latex(split_unit(piece * times)[0]))
        assert time.process_time() - start < 0.5
