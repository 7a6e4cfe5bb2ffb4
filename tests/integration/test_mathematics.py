"""Answers that need algebra: what is equal, what is not, and what must not take the judge down."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.verdict import Reason, Ruling
from tasks.latex import refuses, to_latex
from tasks.verify import Verifier


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    made = Verifier(math_timeout_s=2.0)
    made.judge("math", "x+1", "1+x")  # starts the process
    yield made
    made.close()


EQUAL = [
    ("1/2", "0.5"),
    (r"\frac{14}{3}", "14/3"),
    ("1,234", "1234"),
    ("$18", "18"),
    ("18.00", "18"),
    ("x=3", "3"),
    ("(1,2)", "(1, 2)"),
    ("{1,2}", "{2,1}"),
    (r"\{1,2\}", r"\{2,1\}"),
    (r"3\sqrt{2}", r"\sqrt{18}"),
    ("i", r"\sqrt{-1}"),
    ("2i", r"\sqrt{-4}"),
    (r"\sqrt{3+2\sqrt2}", r"1+\sqrt2"),
    ("x^2-1", "(x-1)(x+1)"),
    ("0.5x", r"\frac{x}{2}"),
    ("x+y=1", "2x+2y=2"),
    ("x>3", "3<x"),
    ("x=2 or x=3", "x=3 or x=2"),
    (r"(-\infty,3]", r"(-\infty, 3]"),
    (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", r"\begin{pmatrix}1 & 2\\ 3 & 4\end{pmatrix}"),
    ("6", "2(3)"),  # math-verify reads a mixed number, 5
    ("6", r"\frac{4}{2}(3)"),
    ("5/2", r"2\frac{1}{2}"),
    ("1.5x", r"1\frac{1}{2}x"),
    ("3x^2y", "3yx^2"),
    ("1", r"\tan(45^\circ)"),
    (r"3\sqrt{2}", r"3\sqrt{2}\text{ cm}"),
    ("2", "log_2 4"),
    ("even", r"\text{Even}."),
    ("no solution", "No solution"),
]
UNEQUAL = [
    ("1/2004!", "1/2006!"),
    ("2^-99", "2^-98"),
    ("1-1/e", "1+1/e"),
    ("1", "1e9"),
    ("3", "3e5"),
    ("1", "1 million"),
    ("12", "12:30"),
    ("5", "- 5"),
    ("1.0000001", "1.0000002"),
    ("1.0000001x", "1.0000002x"),
    ("(1.0000001,2)", "(1.0000002,2)"),
    ("50", "50%"),
    ("x+y=1", "x-y=1"),
    ("y=2x+1", "y=2x+2"),
    ("x=3", "y=3"),
    ("(1,2)", "(2,1)"),
    ("(1,2)", r"\{2,1\}"),
    ("[1,2]", "(1,2)"),
    (r"\infty", r"-\infty"),
    (r"\sqrt2", "1.414214"),
    ("5", "2(3)"),
    ("x", "X"),
    ("even", "odd"),
    ("Monday", "Tuesday"),
    (r"\begin{pmatrix}1\\2\end{pmatrix}", r"\begin{pmatrix}1\\3\end{pmatrix}"),
]
OPEN = [
    ("1,2,...,n", "1,3,5,...,2n-1", Reason.GOLD_REFUSED),
    (r"(3,\infty)", "x>3", Reason.UNDECIDED),  # math-verify: True one way round, False the other
    ("|x|", "x", Reason.UNDECIDED),
    ("n", "C(n,2)", Reason.UNDECIDED),
    ("12", "3 x 4", Reason.ANSWER_REFUSED),
    ("12", "1 2", Reason.ANSWER_REFUSED),
    ("x+1", r"\foo{2}", Reason.ANSWER_REFUSED),
    ("x+1", "(x", Reason.ANSWER_UNPARSABLE),
    ("x+1", "no solution", Reason.ANSWER_REFUSED),
    ("even", "it is even", Reason.UNDECIDED),
    (r"3\sqrt{2} cm", r"3\sqrt{2} km", Reason.UNIT_UNKNOWN),
]


@pytest.mark.parametrize(("gold", "answer"), EQUAL)
def test_equal(verifier: Verifier, gold: str, answer: str) -> None:
    assert verifier.judge("math", gold, answer).verdict is Ruling.CORRECT
    assert verifier.judge("math", answer, gold).verdict is Ruling.CORRECT


@pytest.mark.parametrize(("gold", "answer"), UNEQUAL)
def test_not_equal(verifier: Verifier, gold: str, answer: str) -> None:
    assert verifier.judge("math", gold, answer).verdict is Ruling.INCORRECT
    assert verifier.judge("math", answer, gold).verdict is not Ruling.CORRECT


@pytest.mark.parametrize(("gold", "answer", "reason"), OPEN)
def test_not_decided(verifier: Verifier, gold: str, answer: str, reason: Reason) -> None:
    judgement = verifier.judge("math", gold, answer)
    assert (judgement.verdict, judgement.reason) == (Ruling.UNVERIFIED, reason)


def test_math_verify_alone_takes_many_of_them_for_equal() -> None:
    """The control: these pairs bite."""
    import math_verify

    def naive(gold: str, answer: str) -> bool:
        read = [math_verify.parse(f"${side}$", parsing_timeout=None) for side in (gold, answer)]
        return math_verify.verify(*read, timeout_seconds=None)

    taken = [(gold, answer) for gold, answer in UNEQUAL if naive(gold, answer)]
    assert {("1/2004!", "1/2006!"), ("1.0000001", "1.0000002"), ("50", "50%"), ("5", "2(3)")} <= set(taken)


HOSTILE = {
    "tower": "9^{9^{9^9}}",
    "plain tower": "9^9^9^9",
    "tower of two": "2^{2^{60}}",
    "nested factorials": "(((9!)!)!)!",
    "factorial": "(10^{9})!",
    "tiny": "10^{-999999999}",
    "parentheses": "(" * 2000 + "1" + ")" * 2000,
    "braces": "{" * 390,
    "commas": "," * 20_000,
    "list": "a," * 199 + "a",
    "sum": r"\sum_{n=1}^{10^9} n",
    "integral": r"\int_0^1 \frac{\sin(x^x)}{\ln(1+x^5)} dx",
    "spaces": "x" + " " * 10**6 + "y",
    "digits": "9" * 10**6,
    "binomial": r"\binom{9999999}{999999}",
    "powers": "((x+1)^{99}(y+2)^{99}(z+3)^{99})^{99}",
    "bars": "|" * 300,
    "signs": "-" * 300 + "1",
    "code": "__import__('os').system('touch {}')",
    "code as text": r"\text{__import__('os').system('touch {}')}",
    "surrogate": "\ud800",
    "nothing": "\x00",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_ends_in_time_and_leaves_the_judge_alive(verifier: Verifier, name: str, tmp_path: Path) -> None:
    text = HOSTILE[name].replace("{}", str(tmp_path / "executed"))
    for gold, answer in (("x+1", text), (text, "x+1")):
        start = time.monotonic()
        judgement = verifier.judge("math", gold, answer)
        assert time.monotonic() - start < 2.5
        assert judgement.verdict is not Ruling.CORRECT
    assert not list(tmp_path.iterdir())
    assert verifier.judge("math", "x+1", "1+x").reason is Reason.EQUAL


def test_time_runs_out_in_the_process_not_in_the_filter(verifier: Verifier) -> None:
    """The control for the limit: the binomial passes the filter, and only its time stops it."""
    assert not refuses(to_latex(HOSTILE["binomial"]))
    assert verifier.judge("math", "x+1", HOSTILE["binomial"]).reason is Reason.VERIFIER_TIMEOUT
