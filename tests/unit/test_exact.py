"""Numbers kept exactly: their one form, and the bounds on the work."""

import math
import time
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.mathematics.exact import Exact, TooMuch

ONE, IMAGINARY, E, PI = Exact.of(1), Exact.constant("i"), Exact.constant("e"), Exact.constant("pi")


def root(number: int | Fraction, degree: int = 2) -> Exact:
    return Exact.of(number).root(degree)


SPELT = [
    (Exact.of(0), "0"),
    (Exact.of(Fraction(-3, 6)), "-1/2"),
    (root(18), "3*2^(1/2)"),
    (root(Fraction(1, 2)), "1/2*2^(1/2)"),
    (root(2) * root(3), "1*2^(1/2)*3^(1/2)"),
    (root(16, 3), "2*2^(1/3)"),
    (root(-8, 3), "-2"),
    (root(-4), "2*i"),
    (IMAGINARY * IMAGINARY, "-1"),
    ((ONE + root(2)).inverse(), "-1 + 1*2^(1/2)"),
    ((root(2) + root(3)).inverse(), "-1*2^(1/2) + 1*3^(1/2)"),
    ((ONE + IMAGINARY).inverse(), "1/2 + -1/2*i"),
    (ONE + -E.inverse(), "1 + -1*e^(-1)"),
    (PI * PI * Exact.of(4), "4*pi^(2)"),
    (PI * PI.inverse(), "1"),
    (Exact.of(8).power(Fraction(2, 3)), "4"),
    (Exact.of(2).power(Fraction(-1, 2)), "1/2*2^(1/2)"),
]


@pytest.mark.parametrize(("number", "text"), SPELT)
def test_one_form(number: Exact, text: str) -> None:
    assert str(number) == text


REFUSED = [
    lambda: Exact.of(0).inverse(),
    lambda: (ONE + PI).inverse(),
    lambda: (ONE + root(2)).root(2),
    lambda: Exact.of(-8).power(Fraction(1, 3)),  # -2, or the principal root?
    lambda: IMAGINARY.root(2),
    lambda: Exact.of(2).power(Fraction(10**6)),
    lambda: Exact.of(9).power(Fraction(99_999)),
    lambda: (ONE + root(2)).power(Fraction(99)),
    lambda: (ONE + root(2) + root(3) + root(5) + root(7)).power(Fraction(20)),
    lambda: Exact.of(10**40 + 1).root(2),  # its factors
    lambda: Exact.of(2**25_000),
]


@pytest.mark.parametrize("made", REFUSED)
def test_what_costs_too_much_is_refused_at_once(made: object) -> None:
    start = time.process_time()
    with pytest.raises(TooMuch):
        made()  # type: ignore[operator]
    assert time.process_time() - start < 0.2


small = st.integers(-30, 30)
surds = st.builds(lambda a, b, n: Exact.of(a) + Exact.of(b) * root(n), small, small, small)


@settings(max_examples=50, deadline=None)
@given(surds, surds, surds)
def test_it_is_arithmetic(a: Exact, b: Exact, c: Exact) -> None:
    assert (a + b) * c == a * c + b * c
    assert a * b == b * a
    assert a + -a == Exact.of(0)
    if b.terms:
        assert (a / b) * b == a


@settings(max_examples=50, deadline=None)
@given(surds, surds)
def test_digits_tell_different_numbers_apart_and_never_equal_ones(a: Exact, b: Exact) -> None:
    """Two forms, one number: then the enclosures meet. The control is that other numbers are found apart."""
    meet = all(x.a <= y.b and y.a <= x.b for x, y in zip(a.enclosure(), b.enclosure(), strict=True))
    assert meet == (a == b)


def test_the_enclosure_holds_the_number() -> None:
    found = (root(2) + PI * E.inverse()).enclosure().real
    assert abs(float(found.mid) - (math.sqrt(2) + math.pi / math.e)) < 1e-15
    assert found.delta < 1e-60
