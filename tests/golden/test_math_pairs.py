"""Pairs of answers that are equal, and pairs that are not, whichever side is the gold: `math_pairs.txt`, and what is a
relation or no arithmetic in `relation_pairs.txt`.

Where they come from: the project's adversaries page; mistakes reported to Math-Verify
(github.com/huggingface/Math-Verify, the issues named in the file); the spellings that the equivalence check of the MATH
benchmark puts right (Hendrycks et al. 2021, arXiv 2103.03874; github.com/hendrycks/math, modeling/math_equivalence.py);
and what this project's own modules are meant to read. `pytest -s` prints what is left undecided.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from schemas.verdict import Judgement, Ruling
from tasks.judging.verify import Verifier

_PAIR = re.compile(r"(.+) (==|!=) (.+)")
LEAST_PAIRS = 120
LEAST_RECALL = 0.98


class Pair(NamedTuple):
    left: str
    right: str
    equal: bool
    rulings: tuple[Judgement, Judgement]
    """With the left side as the gold, and with the right one."""


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    verifier = Verifier()
    found = [
        Pair(left, right, equal, (verifier.judge("math", left, right), verifier.judge("math", right, left)))
        for left, right, equal in read_pairs()
    ]
    verifier.close()
    return found


def read_pairs() -> Iterator[tuple[str, str, bool]]:
    for name in ("math_pairs.txt", "relation_pairs.txt"):
        for line in Path(__file__).with_name(name).read_text("utf-8").splitlines():
            if line and not line.startswith("# "):
                left, sign, right = _PAIR.fullmatch(line).groups()  # type: ignore[union-attr]
                yield left, right, sign == "=="


def ruled(pairs: list[Pair], equal: bool, *rulings: Ruling) -> list[Pair]:
    """Those that got one of `rulings` either way round."""
    return [pair for pair in pairs if pair.equal == equal and any(j.verdict in rulings for j in pair.rulings)]


def test_no_unequal_pair_is_ever_correct(pairs: list[Pair]) -> None:
    assert len(pairs) >= LEAST_PAIRS
    assert not ruled(pairs, False, Ruling.CORRECT)
    for pair in ruled(pairs, False, Ruling.UNVERIFIED):
        print(f"left open: {pair.left}  !=  {pair.right}  ({', '.join(j.reason for j in pair.rulings)})")


def test_equal_pairs_are_correct_and_never_incorrect(pairs: list[Pair]) -> None:
    missed = ruled(pairs, True, Ruling.INCORRECT, Ruling.UNVERIFIED)
    equal = [pair for pair in pairs if pair.equal]
    for pair in missed:
        print(f"missed: {pair.left}  ==  {pair.right}  ({', '.join(j.reason for j in pair.rulings)})")
    print(f"{len(equal) - len(missed)} of {len(equal)} equal pairs are correct, of {len(pairs)} pairs in all")
    assert not ruled(pairs, True, Ruling.INCORRECT)
    assert len(missed) <= (1 - LEAST_RECALL) * len(equal)


def test_they_bite() -> None:
    """The control: math-verify alone, and comparing texts, get many of them wrong."""
    import math_verify

    def naive(gold: str, answer: str) -> bool:
        read = [math_verify.parse(f"${side}$", parsing_timeout=None) for side in (gold, answer)]
        return bool(math_verify.verify(*read, timeout_seconds=None))

    taken = {("1/2004!", "1/2006!"), ("1.0000001", "1.0000002"), ("50", "50%"), ("5", "2(3)"), ("58_9", "58")}
    assert taken <= {(left, right) for left, right, equal in read_pairs() if not equal}
    assert [pair for pair in taken if not naive(*pair)] == []
    assert sum(left != right for left, right, equal in read_pairs() if equal) > LEAST_PAIRS
