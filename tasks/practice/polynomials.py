"""polynomial_equations: the real solutions, to four decimals.

Linear, quadratic, and cubic where a power of the unknown can be factored out, where only the cube and a constant
remain, or where there is one real root to close in on.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import cbrt, sqrt
from random import Random

from tasks.practice import polynomial_wording as wording
from tasks.practice.problem import Slip
from tasks.practice.worked import SENTENCES, Pen, Worked, misreadings
from tasks.wording import say

_QUESTION = re.compile(
    r"(?:real value\(s\) of|for real) (?P<x>[a-z])\b[^:]{0,30}:\s*(?P<left>[-+*\d\sa-z]*[\da-z]) = 0\s*(?:\n|$)"
)
_TERM = re.compile(r"([+-]?)(?:(\d+)\*?)?(?:([a-z])(?:\*\*(\d+))?)?")
_NONE = '""'
"""What the question asks to be said when there is no real solution."""

DISCRIMINANT, REDUCED = range(2)


class Real(int):
    """A number of ten-thousandths, so that a decimal can come out of a step."""

    @classmethod
    def of(cls, value: float) -> "Real":
        return cls(round(round(value, 4) * 10_000))

    def __str__(self) -> str:
        return str(round(self / 10_000, 4))

    @property
    def mistakes(self) -> list["Real"]:
        """A sign lost, a digit one off."""
        return [Real(-self), *(Real(self + off) for off in (-10_000, -1000, -100, 100, 1000, 10_000))]


@dataclass(frozen=True)
class Polynomial(Worked):
    left: str
    unknown: str
    coefficients: tuple[int, ...]
    """Of the powers from 0 up; the last is not 0."""

    WAYS = 2
    LISTS = SENTENCES
    FORMS = wording.FORMS
    OPENINGS = wording.OPENINGS
    RECHECKS = wording.RECHECKS
    GISTS = wording.GISTS

    @property
    def difficulty(self) -> float:
        digits = sum(len(str(abs(factor))) for factor in self._core if factor)
        return min(1.0, 0.05 + 0.25 * (len(self._core) - 1) + 0.05 * digits)

    @property
    def names(self) -> Mapping[str, object]:
        kind = ("constant", "linear", "quadratic", "cubic")[len(self._core) - 1]
        degree = len(self.coefficients) - 1
        return {"x": self.unknown, "equation": f"{self._plain} = 0", "kind": kind, "degree": degree}

    def solve(self, way: int, pen: Pen) -> str:
        if self._zeros and len(self._core) > 1:
            pen.remark(wording.FACTORED, power=self._power, rest=_written(self._core, self.unknown))
        roots = [0.0] * (self._zeros > 0 and len(self._core) > 1) + self._roots(way, pen)
        return ", ".join(str(Real.of(root)) for root in sorted(roots)) or _NONE

    def recheck(self, rng: Random, slip: Slip, fell: bool) -> str:
        """Putting a solution in would show a mistake: after one the steps are only repeated."""
        roots = [] if fell or self.answer == _NONE else self.answer.split(", ")
        for root in rng.sample(roots, len(roots)):
            value = round(sum(factor * float(root) ** power for power, factor in enumerate(self.coefficients)), 2)
            if abs(value) < 0.1 and rng.random() < 0.8:
                return say(rng, wording.PUT_IN, **self.names, root=root, left=self._plain, value=f"{abs(value):g}")
        return super().recheck(rng, slip, fell)

    def gist(self, rng: Random, answer: str) -> str:
        if answer == _NONE:
            return say(rng, wording.GISTS_NONE, **self.names, answer=answer)
        return super().gist(rng, answer)

    @cached_property
    def _zeros(self) -> int:
        """How often the unknown can be factored out."""
        return next(power for power, factor in enumerate(self.coefficients) if factor)

    @cached_property
    def _core(self) -> tuple[int, ...]:
        return self.coefficients[self._zeros :]

    @property
    def _power(self) -> str:
        """What can be factored out."""
        return self.unknown if self._zeros == 1 else f"{self.unknown}^{self._zeros}"

    @property
    def _plain(self) -> str:
        return self.left.replace("**", "^").replace("*", "")

    def _roots(self, way: int, pen: Pen) -> list[float]:
        """Those of the core."""
        match self._core:
            case (a,):
                return self._power_alone(pen, a)
            case (b, a):
                near = [Real.of(-a / b)]
                return [self._real(pen, f"{-b} / {_put(a)}", -b / a, "linear", near)]
            case (c, 0, a):
                return self._square_alone(pen, a, c)
            case (c, b, a):
                return self._reduced(pen, a, b, c) if way == REDUCED else self._formula(pen, a, b, c)
            case (d, 0, 0, a):
                cube = self._real(pen, f"{-d} / {_put(a)}", -d / a, "cube", [])
                return [self._real(pen, f"cbrt({Real.of(cube)})", cbrt(cube), "root", [])]
            case _:
                return self._close_in(pen)

    def _real(self, pen: Pen, what: str, exact: float, kind: str, near: Sequence[Real], **names: object) -> float:
        """What comes out as a decimal; all its digits unless it is mistaken."""
        right = Real.of(exact)
        came = pen.compute(what, right, kind, [*right.mistakes, *near], x=self.unknown, **names)
        return exact if came == right else came / 10_000

    def _sqrt(self, pen: Pen, said: int, square: float, kind: str) -> float:
        """Never taken for a negative number, rather for half the square."""
        right = Real.of(sqrt(square))
        near = [near for near in right.mistakes if near > 0] + [Real.of(square / 2)]
        came = pen.compute(f"sqrt({said})", right, kind, near, x=self.unknown)
        return sqrt(square) if came == right else came / 10_000

    def _power_alone(self, pen: Pen, a: int) -> list[float]:
        """The root 0; a mistaken quotient is the root where the power is 1, and 1 is its own root."""
        near = [Real.of(a), Real.of(1 / a)] if self._zeros == 1 else [Real.of(1)]
        return [pen.compute(f"0 / {_put(a)}", Real(0), "zero", near, power=self._power) / 10_000]

    def _square_alone(self, pen: Pen, a: int, c: int) -> list[float]:
        square = self._real(pen, f"{-c} / {_put(a)}", -c / a, "square", [])
        if square <= 0:
            return self._none(pen, f"{self.unknown}^2 = {Real.of(square)}") if square else [0.0]
        root = self._sqrt(pen, Real.of(square), square, "both")
        return [-root, root]

    def _formula(self, pen: Pen, a: int, b: int, c: int) -> list[float]:
        inside, wrong_sign = b * b - 4 * a * c, b * b + 4 * a * c
        what = f"{_put(b)}^2 - 4 * {_put(a)} * {_put(c)}"
        inside = pen.compute(what, inside, "inside", [wrong_sign, wrong_sign, *misreadings(inside)], a=a, b=b, c=c)
        if inside < 0:
            return self._none(pen, str(inside))
        if inside == 0:
            return [self._real(pen, f"{-b} / {_put(2 * a)}", -b / (2 * a), "double", [])]
        root = self._sqrt(pen, inside, inside, "sqrt")
        found = []
        for sign, said in ((1, "+"), (-1, "-")):
            x = (-b + sign * root) / (2 * a)
            near = [Real.of((b + sign * root) / (2 * a)), Real.of((-b + sign * root) / a)]
            what = f"({-b} {said} {Real.of(root)}) / {_put(2 * a)}"
            found.append(self._real(pen, what, x, "solution", near))
        return found

    def _reduced(self, pen: Pen, a: int, b: int, c: int) -> list[float]:
        """Divided by the leading factor: x^2 + p x + q."""
        p = self._real(pen, f"{b} / {_put(a)}", b / a, "p", [])
        q = self._real(pen, f"{c} / {_put(a)}", c / a, "q", [])
        half, inside = -p / 2, p * p / 4 - q
        minus_q = f"{'+' if q < 0 else '-'} {Real.of(abs(q))}"
        what = f"{_put(Real.of(half))}^2 {minus_q}"
        inside = self._real(pen, what, inside, "under", [Real.of(p * p / 4 + q)])
        if inside < 0:
            return self._none(pen, str(Real.of(inside)))
        if inside == 0:
            return [half]
        root = self._sqrt(pen, Real.of(inside), inside, "sqrt")
        parts = ((half + root, "+"), (half - root, "-"))
        return [
            self._real(pen, f"{Real.of(half)} {said} {Real.of(root)}", x, "solution", [Real.of(x - 2 * half)])
            for x, said in parts
        ]

    def _close_in(self, pen: Pen) -> list[float]:
        """The only real root of a cubic, by changes of sign."""

        def f(x: float) -> float:
            return sum(factor * x**power for power, factor in enumerate(self._core))

        root = _bisected(f, 2 + max(abs(factor / self._core[-1]) for factor in self._core))
        low = int(root // 1)
        pen.remark(wording.SIGNS, low=low, high=low + 1, at_low=round(f(low)), at_high=round(f(low + 1)))
        what = f"the root between {low} and {low + 1}"
        middle = round(root, 1)
        return [self._real(pen, what, root, "narrow", [], middle=middle, at_middle=round(f(middle), 3))]

    def _none(self, pen: Pen, what: str) -> list[float]:
        pen.remark(wording.NONE, what=what)
        return []


def read(question: str) -> Polynomial | None:
    """None also for a degree above 3 after factoring, and for cubics with three real roots that do not factor."""
    found = _QUESTION.search(question)
    if not found:
        return None
    left, factors = found["left"].strip(), dict.fromkeys(range(10), 0)
    terms = re.sub(r"\s", "", left)
    if not re.fullmatch(rf"(?:{_PLAIN_TERM})+", terms):
        return None
    for sign, number, unknown, power in _TERM.findall(terms):
        if unknown not in ("", found["x"]) or len(power) > 1:
            return None
        if number or unknown:
            factors[int(power or 1) if unknown else 0] += int(sign + (number or "1"))
    degree = max((power for power, factor in factors.items() if factor), default=0)
    polynomial = Polynomial(left, found["x"], tuple(factors[power] for power in range(degree + 1)))
    return polynomial if degree and _can_solve(polynomial._core) else None


_PLAIN_TERM = r"[+-]?(?:\d+(?:\*?[a-z](?:\*\*\d+)?)?|[a-z](?:\*\*\d+)?)"


def _can_solve(core: tuple[int, ...]) -> bool:
    """A cubic has one real root if its discriminant is negative."""
    if len(core) < 4:
        return True
    if len(core) > 4:
        return False
    d, c, b, a = core
    return 18 * a * b * c * d - 4 * b**3 * d + b * b * c * c - 4 * a * c**3 - 27 * a * a * d * d < 0


def _bisected(f: Callable[[float], float], bound: float) -> float:
    low, high = -bound, bound
    rises = f(high) > 0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (low, middle) if (f(middle) > 0) == rises else (middle, high)
    return (low + high) / 2


def _written(core: Sequence[int], unknown: str) -> str:
    """The polynomial as one writes it, highest power first."""
    text = ""
    for power, factor in reversed(list(enumerate(core))):
        if factor:
            letters = "" if not power else unknown if power == 1 else f"{unknown}^{power}"
            number = str(abs(factor)) if abs(factor) > 1 or not power else ""
            text += f" {'-' if factor < 0 else '+'} {number}{letters}"
    return text.removeprefix(" + ").replace(" - ", "-", 1) if text.startswith(" - ") else text.removeprefix(" + ")


def _put(number: int) -> str:
    return f"({number})" if number < 0 else str(number)
