"""Answers that need algebra: what is left open, and what must not take the judge down. Pairs: `tests/golden`."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from schemas.verdict import Reason, Ruling
from tasks.judging.verify import Verifier
from tasks.mathematics.latex import refuses, to_latex


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    made = Verifier()
    made.judge("math", "x+1", "1+x")  # starts the process
    yield made
    made.close()


OPEN = [
    ("1,2,...,n", "1,3,5,...,2n-1", Reason.GOLD_REFUSED),
    ("|x|", "x", Reason.UNDECIDED),
    ("n", "C(n,2)", Reason.UNDECIDED),
    ("12", "3 x 4", Reason.ANSWER_REFUSED),
    ("12", "1 2", Reason.ANSWER_REFUSED),
    ("x+1", r"\foo{2}", Reason.ANSWER_REFUSED),
    ("x+1", "(x", Reason.ANSWER_UNPARSABLE),
    ("x+1", "no solution", Reason.ANSWER_REFUSED),
    ("even", "possibly even", Reason.UNDECIDED),
    (r"3\sqrt{2} apples", r"3\sqrt{2} pears", Reason.UNIT_UNKNOWN),
    ("1, 2, 2", "1, 2", Reason.UNDECIDED),  # roots with their multiplicity, or a list of things
    ("58_9", "58", Reason.UNDECIDED),  # in base nine, as nobody asks here
]


@pytest.mark.parametrize(("gold", "answer", "reason"), OPEN)
def test_not_decided(verifier: Verifier, gold: str, answer: str, reason: Reason) -> None:
    judgement = verifier.judge("math", gold, answer)
    assert (judgement.verdict, judgement.reason) == (Ruling.UNVERIFIED, reason)


HOSTILE = {
    "tower": "2^{2^{2^2}}",
    "long exponent": "2^{12345}",
    "nested factorials": "((3!)!)",
    "large factorial": "12345!",
    "parentheses": "(" * 2000 + "1" + ")" * 2000,
    "braces": "{" * 390,
    "commas": "," * 20_000,
    "list": "a," * 199 + "a",
    "spaces": "x" + " " * 10**6 + "y",
    "digits": "9" * 10**6,
    "bars": "|" * 300,
    "signs": "-" * 300 + "1",
    "code": "__import__('os').system('touch {}')",
    "code as text": r"\text{__import__('os').system('touch {}')}",
    "surrogate": "\ud800",
    "nothing": "\x00",
}
"""By shape. Each is harmless to the libraries as it is; larger ones of its shape may not be."""


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_ends_in_time_and_leaves_the_judge_alive(verifier: Verifier, name: str, tmp_path: Path) -> None:
    text = HOSTILE[name].replace("{}", str(tmp_path / "executed"))
    for gold, answer in (("x+1", text), (text, "x+1")):
        start = time.monotonic()
        judgement = verifier.judge("math", gold, answer)
        assert time.monotonic() - start < 2.5 * patience()
        assert judgement.verdict is not Ruling.CORRECT
    assert not list(tmp_path.iterdir())
    assert verifier.judge("math", "x+1", "1+x").reason is Reason.EQUAL


def patience() -> float:
    """1 on an idle machine; how much longer a processor second takes on this one, at worst."""
    return max(1.0, 2 * os.getloadavg()[0] / (os.cpu_count() or 1))


def test_a_busy_machine_changes_no_verdict(verifier: Verifier) -> None:
    """Four busy loops, on any number of cores. The control is `test_killable`: a limit of wall time would."""
    lines = Path(__file__).parents[1].joinpath("golden", "math_pairs.txt").read_text("utf-8").splitlines()
    pairs = [tuple(re.split(r" (?:==|!=) ", line)) for line in lines if re.search(r"x.* [=!]= .*x", line)]
    cases = [*pairs, *(("x+1", HOSTILE[name]) for name in HOSTILE)]
    assert len(cases) > 50
    idle = [verifier.judge("math", gold, answer) for gold, answer in cases]
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
    try:
        assert [verifier.judge("math", gold, answer) for gold, answer in cases] == idle
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


SHAPES = ["tower", "long exponent", "nested factorials", "large factorial", "digits", "parentheses", "commas"]


@pytest.mark.parametrize("name", SHAPES)
def test_what_may_cost_too_much_is_refused_by_its_shape(name: str) -> None:
    assert refuses(to_latex(HOSTILE[name]))
    assert not refuses(to_latex("2^{2^2}+4!"))


def loop(gold: str, answer: str) -> None:
    """Stand in for an algebra that does not return on some input."""
    while gold:
        pass


def sleep(gold: str, answer: str) -> None:
    """Stand in for one that waits."""
    time.sleep(60)


@pytest.mark.parametrize("stand_in", [loop, sleep])
def test_an_algebra_that_does_not_return_leaves_the_answer_unverified(
    monkeypatch: pytest.MonkeyPatch, stand_in: Callable[[str, str], None]
) -> None:
    monkeypatch.setattr("tasks.judging.verifiers.math.ALGEBRA", (__name__, stand_in.__name__))
    made = Verifier(math_timeout_s=0.3)
    assert made.judge("math", "x+1", "1+x").reason is Reason.VERIFIER_TIMEOUT
    assert made.judge("math", "18", "18").reason is Reason.EQUAL
    made.close()
