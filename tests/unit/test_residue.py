"""Residues, figures of another base, and values behind a label: as kinds `number` and `math` judge them."""

from collections.abc import Iterator

import pytest

from schemas.verdict import Reason, Ruling
from tasks.judging.verify import Verifier

CORRECT, INCORRECT, OPEN = Ruling.CORRECT, Ruling.INCORRECT, Ruling.UNVERIFIED
BOTH = [
    ("7", r"7 \pmod{10}", "", CORRECT),
    ("7", r"x \equiv 7 \pmod{10}", "", CORRECT),
    ("7", "7 (mod 10)", "", CORRECT),
    ("3", r"7 \pmod{10}", "", INCORRECT),
    ("10", r"7 \pmod{10}", "", INCORRECT),
    ("17", r"7 \pmod{10}", "", OPEN),
    ("-3", r"7 \pmod{10}", "", OPEN),
    ("101", "101_2", "Write 5 in base 2.", CORRECT),
    ("101", r"101_{\text{two}}", "Write 5 in base two.", CORRECT),
    ("101", "101_2", "How many are there?", OPEN),
    ("5", "101_2", "Write it in base ten.", OPEN),
    ("6", "101_2", "", INCORRECT),
    ("5", r"\textbf{(B) } 5", "", CORRECT),
    ("5", r"\textbf{(B)}\ 5", "", CORRECT),
    ("5", r"\textbf{(B)}~5", "", CORRECT),
    ("5", r"\mathrm{(B)}\ 5", "", CORRECT),
    ("5", "B. 5", "", CORRECT),
    ("6", r"\textbf{(B) } 5", "", INCORRECT),
    ("204", "m+n=204", "Find $m+n$.", CORRECT),
    ("204", "m + n = 204", "They are coprime; find $m + n$.", CORRECT),
    ("203", "m+n=204", "Find $m+n$.", INCORRECT),
    ("5/6", r"5/6 \approx 0.83", "", CORRECT),
    ("5/6", "5/6 \u2248 0.83", "", CORRECT),
    ("7/6", "5/6 \u2248 0.83", "", OPEN),
    ("0.83", "5/6 \u2248 0.83", "", OPEN),
    (r"\text{A}", "A", "", CORRECT),
    ("proof", "5", "", OPEN),
    ("notfound", "notfound", "", OPEN),
]
MATH = [
    ("2516_8", "2516_8", "", CORRECT),
    ("2516_8", r"2516_{\text{eight}}", "", CORRECT),
    ("2516_8", "(2516)_8", "", CORRECT),
    ("2516_8", "2516", "Express it in base $8$.", CORRECT),
    ("2516_8", "2516", "", OPEN),
    ("2516_8", "2517", "", INCORRECT),
    ("2516_8", "2516_7", "", INCORRECT),
    ("101_2", "5", "", OPEN),
    (r"7 \pmod{10}", "7", "", CORRECT),
    (r"7 \pmod{10}", "8", "", INCORRECT),
    (r"x\equiv 7\pmod{10}", r"x \equiv 7 \pmod{10}", "", CORRECT),
    (r"x\equiv 7\pmod{10}", r"x \equiv 17 \pmod{10}", "", CORRECT),
    (r"x\equiv 7\pmod{10}", r"x \equiv 7 \pmod{12}", "", OPEN),
    (r"\frac{1}{2}", r"\textbf{(B)}\ \dfrac12", "", CORRECT),
    (r"\frac{1}{3}", r"\textbf{(B)}\ \dfrac12", "", INCORRECT),
    (r"4\pi", r"4\pi \approx 12.57", "", CORRECT),
    (r"2\pi", r"4\pi \approx 12.57", "", OPEN),
    ("x", r"x \approx 1.2", "", OPEN),
    ("C", r"\textbf{(C) } 12", "", OPEN),
    ("C", r"\textbf{(D) } 12", "", INCORRECT),
    ("5B", "(B) 5", "", CORRECT),  # a product
]


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    verifier = Verifier(math_timeout_s=10)
    yield verifier
    verifier.close()


@pytest.mark.parametrize(
    ("kind", "gold", "answer", "question", "ruling"),
    [(kind, *case) for case in BOTH for kind in ("number", "math")] + [("math", *case) for case in MATH],
)
def test_verdicts(verifier: Verifier, kind: str, gold: str, answer: str, question: str, ruling: Ruling) -> None:
    assert verifier.judge(kind, gold, answer, question=question or None).verdict is ruling


def test_a_placeholder_is_no_gold(verifier: Verifier) -> None:
    """NuminaMath's; of kind `exact` it may be a word."""
    assert verifier.judge("math", "proof", "proof").reason is Reason.NO_GOLD
    assert verifier.judge("exact", "proof", "proof").verdict is CORRECT
