"""Numbers such as 2/3, 3√2, ∛5, 1 - 1/e, 2π and 3 + 4i, kept exactly. Pure; every step is bounded.

A number is a sum of rationals times products of powers of primes, of e, of pi and of -1. With the powers of
primes between 0 and 1 such products are linearly independent over the rationals (Besicovitch 1940, On the linear
independence of fractional powers of integers), so that two sums without e and pi are equal only if they are the same.
Of e and pi nobody has shown that: there equal sums are equal numbers, and the digits show which are not.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any, NamedTuple, Self

MAX_BITS = 24_000
"""Of a numerator or denominator: 2006! has 19,111."""
MAX_SPELT_BITS = 14_000
"""Python refuses to write integers of more than 4,300 digits."""
MAX_TERMS = 12
MAX_TERM_BITS = 2_000
"""Of each coefficient where there is more than one term."""
MAX_EXPONENT = 100_000
MAX_FACTOR = 10_000
"""Primes up to here are found; a remainder of less than its square is one."""
DIGITS = 50
_PRECISION_BITS = 250

Monomial = tuple[tuple[str, Fraction], ...]
"""Bases with their powers, by base: a prime in digits, `-1`, `e` or `pi`."""
_IMAGINARY = ("-1", Fraction(1, 2))


class TooMuch(ValueError):
    """The result would be too large, or is no number of this kind."""


class Enclosure(NamedTuple):
    """Two intervals of mpmath that hold the real and the imaginary part."""

    real: Any
    imaginary: Any


@dataclass(frozen=True)
class Exact:
    """Arithmetic raises `TooMuch` where it leaves its bounds, and never rounds."""

    terms: tuple[tuple[Monomial, Fraction], ...]
    """By monomial, none of them zero; none at all for 0."""

    @classmethod
    def of(cls, value: Fraction | int) -> Self:
        return cls._sum({(): Fraction(value)})

    @classmethod
    def constant(cls, name: str) -> Self:
        """Return `e`, `pi` or `i`."""
        return cls._sum({(_IMAGINARY if name == "i" else (name, Fraction(1)),): Fraction(1)})

    @classmethod
    def _sum(cls, terms: Mapping[Monomial, Fraction]) -> Self:
        kept = tuple(sorted((monomial, value) for monomial, value in terms.items() if value))
        limit = MAX_BITS if len(kept) < 2 else MAX_TERM_BITS
        if len(kept) > MAX_TERMS or any(_bits(value) > limit for _, value in kept):
            raise TooMuch(f"{len(kept)} terms; at most {MAX_TERMS}, of {limit} bits")
        return cls(kept)

    @property
    def rational(self) -> Fraction | None:
        """Its value where it has no other part."""
        if not self.terms:
            return Fraction(0)
        (monomial, value), *others = self.terms
        return None if monomial or others else value

    @property
    def algebraic(self) -> bool:
        """Without e and pi: then unequal forms are unequal numbers."""
        return all(base not in ("e", "pi") for monomial, _ in self.terms for base, _ in monomial)

    def __add__(self, other: Self) -> Self:
        total = dict(self.terms)
        for monomial, value in other.terms:
            total[monomial] = total.get(monomial, Fraction(0)) + value
        return self._sum(total)

    def __neg__(self) -> Self:
        return self._sum({monomial: -value for monomial, value in self.terms})

    def __mul__(self, other: Self) -> Self:
        total: dict[Monomial, Fraction] = {}
        for one, a in self.terms:
            for two, b in other.terms:
                powers = dict(one)
                for base, power in two:
                    powers[base] = powers.get(base, Fraction(0)) + power
                monomial, factor = _normal(powers)
                total[monomial] = total.get(monomial, Fraction(0)) + a * b * factor
        return self._sum(total)

    def __truediv__(self, other: Self) -> Self:
        return self * other.inverse()

    def inverse(self) -> Self:
        """Return one over it: of a sum by taking its square roots, one after another, out of the denominator."""
        if not self.terms:
            raise TooMuch("division by zero")
        if len(self.terms) == 1:
            ((monomial, value),) = self.terms
            powers, factor = _normal({base: -power for base, power in monomial})
            return self._sum({powers: factor / value})
        roots = {base for monomial, _ in self.terms for base, power in monomial if power == Fraction(1, 2)}
        if not roots:
            raise TooMuch("a sum without square roots in the denominator")
        root = max(roots)
        has_root = [(root, Fraction(1, 2)) in monomial for monomial, _ in self.terms]
        conjugate = self._sum(
            {m: -value if rooted else value for (m, value), rooted in zip(self.terms, has_root, strict=True)}
        )
        return conjugate * (self * conjugate).inverse()

    def power(self, exponent: Fraction) -> Self:
        """Return the value times itself `exponent` times, or the principal root where that is real and positive, or
        imaginary.
        """
        if _bits(exponent) > 64 or abs(exponent) > MAX_EXPONENT:
            raise TooMuch("a power beyond the limits")
        if exponent < 0:
            return self.inverse().power(-exponent)
        if exponent.denominator == 1:
            return self._times(int(exponent))
        if not self.terms:
            return self
        if len(self.terms) > 1:
            raise TooMuch("a root of a sum")
        ((monomial, value),) = self.terms
        if value < 0 and exponent.denominator != 2:
            raise TooMuch("a root of a negative number that may be real or complex")
        if any(base == "-1" for base, _ in monomial):
            raise TooMuch("a root of an imaginary number")
        sign = [("-1", exponent)] if value < 0 else []
        return self._powers([*monomial, *_factors(abs(value)).items()], exponent, sign)

    def root(self, degree: int) -> Self:
        """Return a root, as `√` and `∛` are written: of a negative number, where the degree is odd, the real one."""
        if degree < 1:
            raise TooMuch("a root that is none")
        negative = self.rational is not None and self.rational < 0 and degree % 2
        return -(-self).root(degree) if negative else self.power(Fraction(1, degree))

    @classmethod
    def _powers(cls, bases: list[tuple[str, Fraction]], by: Fraction, more: list[tuple[str, Fraction]]) -> Self:
        product = cls.of(1)
        for base, power in [*((base, power * by) for base, power in bases), *more]:
            if abs(power) * math.log2(int(base) if base.isdigit() else 2) > MAX_BITS:
                raise TooMuch(f"a power of {base} beyond the limits")
            monomial, factor = _normal({base: power})
            product = product * cls._sum({monomial: factor})
        return product

    def _times(self, exponent: int) -> Self:
        if len(self.terms) == 1:
            ((_, value),) = self.terms
            if _bits(value) * exponent > MAX_BITS and abs(value) != 1:
                raise TooMuch("a power beyond the limits")
        elif self.terms and exponent > 2 * MAX_TERMS:
            raise TooMuch("a power of a sum beyond the limits")
        product, square = self.of(1), self
        while exponent:
            if exponent % 2:
                product = product * square
            exponent //= 2
            square = square * square if exponent else square
        return product

    def enclosure(self) -> Enclosure:
        """Enclose the value to more than `DIGITS` digits; more of them cancel only where two different numbers agree in
        as many.
        """
        context = intervals()
        parts = [context.mpf(0), context.mpf(0)]
        for monomial, value in self.terms:
            product = context.mpf(value.numerator) / context.mpf(value.denominator)
            for base, power in monomial:
                if base != "-1":
                    product *= _interval(base) ** (context.mpf(power.numerator) / context.mpf(power.denominator))
            parts[_IMAGINARY in monomial] += product
        return Enclosure(*parts)

    def __str__(self) -> str:
        """Its one spelling, such as `3/2*2^(1/2)*pi + 1`. Raises `TooMuch` for more digits than Python spells."""
        if any(_bits(value) > MAX_SPELT_BITS for _, value in self.terms):
            raise TooMuch("digits beyond the limit")
        return " + ".join("*".join([str(value), *map(_spelt, monomial)]) for monomial, value in self.terms) or "0"


def _spelt(power: tuple[str, Fraction]) -> str:
    if power == _IMAGINARY:
        return "i"
    base, exponent = power
    return base if exponent == 1 else f"{base}^({exponent})"


def _normal(powers: Mapping[str, Fraction]) -> tuple[Monomial, Fraction]:
    """Powers of numbers between 0 and 1; what is over comes out as a factor."""
    factor, kept = Fraction(1), {}
    for base, power in powers.items():
        if base in ("e", "pi"):
            kept[base] = power
            continue
        whole = math.floor(power)
        if abs(whole) * int(base).bit_length() > MAX_BITS:
            raise TooMuch(f"a power of {base} beyond the limits")
        factor *= Fraction(int(base)) ** whole
        kept[base] = power - whole
    return tuple(sorted((base, power) for base, power in kept.items() if power)), factor


def _factors(value: Fraction) -> dict[str, Fraction]:
    found = {str(prime): Fraction(times) for prime, times in _primes(value.numerator).items()}
    return found | {str(prime): Fraction(-times) for prime, times in _primes(value.denominator).items()}


@lru_cache(10_000)
def _primes(number: int) -> Mapping[int, int]:
    """Its prime factors with how often each occurs."""
    found: dict[int, int] = {}
    rest, divisor = number, 2
    while divisor * divisor <= rest and divisor <= MAX_FACTOR:
        while rest % divisor == 0:
            found[divisor] = found.get(divisor, 0) + 1
            rest //= divisor
        divisor += 1 if divisor == 2 else 2
    if rest >= MAX_FACTOR**2:
        raise TooMuch(f"factors of {number.bit_length()} bits")
    return found | ({rest: found.get(rest, 0) + 1} if rest > 1 else {})


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


@cache
def intervals() -> Any:
    """Return mpmath's interval arithmetic, with guard digits."""
    from mpmath.ctx_iv import MPIntervalContext  # here and not above: few answers need it

    context = MPIntervalContext()
    context.prec = _PRECISION_BITS
    return context


def _interval(base: str) -> Any:
    context = intervals()
    return {"e": context.e, "pi": context.pi}.get(base) or context.mpf(int(base))
