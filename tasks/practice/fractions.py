"""fraction_simplification: a fraction in lowest terms, written as the question writes it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import gcd

from tasks.practice.divisors import DIVISIONS, euclid, powers
from tasks.practice.primes import factorise
from tasks.practice.worked import Pen, Worked, misreadings

_QUESTION = re.compile(
    r"[Ss]implify the fraction \$?(?:(?P<top>\d+)/(?P<bottom>\d+)|\\(?P<tex>d?frac)\{(?P<over>\d+)\}\{(?P<under>\d+)\})"
)

CANCEL, BY_GCD, BY_PRIMES, AT_SIGHT = range(4)

CANCELLING = (
    "[Both|Top and bottom] [are divisible|can be divided] by {d}:",
    "[Cancel|I cancel|Take out] {d}:",
    "{d} [divides|goes into] [both|{top} and {bottom}]:",
    "[Divide|Dividing] [both|numerator and denominator] by {d}:",
)
STUCK = (
    "[Nothing more|No further factor] [to cancel|in common].",
    "{top} and {bottom} [share no factor|have nothing in common][ any more|].",
    "[That is as far as it goes|Here it ends]: {top} over {bottom}.",
)
WANTED = (
    "[First|I need] [the gcd of {top} and {bottom}|their greatest common divisor]:",
    "[Euclid|Euclid's algorithm] on {bottom} and {top}:",
    "[What|Which number] [divides both|do they share]?",
)
SHARED = (
    "[So|Hence|Now] [both are divided|divide both|divide top and bottom] by {d}:",
    "[Cancel|Cancelling|Take out] {d}:",
    "[With {d} out of both|Divided by {d}]:",
)
COPRIME = (
    "[They|{top} and {bottom}] share nothing [but 1|to cancel][, so the fraction stays|].",
    "[Nothing|There is nothing] to cancel [then|here].",
)


@dataclass(frozen=True)
class Fraction(Worked):
    top: int
    bottom: int
    tex: str = ""
    """`frac` or `dfrac` where the question has TeX."""

    WAYS = 4
    FORMS = DIVISIONS
    OPENINGS = (
        "[Let me|I'll|Let's] [reduce|simplify|cancel] {fraction}.",
        "[Okay|Right|So|Alright][, the fraction is|:] {fraction}.",
        "[On top stands {top}, below it {bottom}|The numerator is {top}, the denominator {bottom}].",
        "[Which|What] factors do {top} and {bottom} [share|have in common]?",
        "{fraction}: [can it be reduced|what cancels]?",
        "[I need|We want|To find:] {fraction} in lowest terms.",
        "{top} over {bottom}[, to be reduced as far as possible|. It looks reducible|].",
    )
    RECHECKS = (
        "[Running through|Going over] [the steps|it] again: {steps}. [Same|Nothing new|All as before].",
        "[Can {answer} be reduced further|Is {answer} fully reduced]? [I see no common factor|It seems so|I think so].",
        "[Once more|Again]: {last_step}. [Good|Fine|Yes].",
        "[The value|{fraction}] is [about|roughly] {decimal}[, and {answer} looks like that|; the size fits].",
        "[Numerator and denominator|Top and bottom] were [divided|treated] alike[, and {last_step}|]. [Good|Fine].",
    )
    GISTS = (
        "{fraction} = {answer}",
        "[In lowest terms|Fully reduced|Simplified], {fraction} is {answer}.",
        "[Cancelling|Dividing out] [what {top} and {bottom} share|the common factor] [leaves|gives] {answer}.",
        "{fraction} [reduces|simplifies|cancels down] to {answer}.",
    )

    @property
    def difficulty(self) -> float:
        """Large numbers, and a large factor to be seen."""
        factors = factorise(gcd(self.top, self.bottom))
        return min(1.0, len(str(self.top * self.bottom)) / 20 + max(factors, default=0) / 200)

    @property
    def names(self) -> Mapping[str, object]:
        fraction = f"{self.top}/{self.bottom}"
        return {
            "fraction": fraction,
            "top": self.top,
            "bottom": self.bottom,
            "decimal": f"{self.top / self.bottom:.2g}",
        }

    def solve(self, way: int, pen: Pen) -> str:
        top, bottom = _cancelled(pen, self.top, self.bottom) if way == CANCEL else self._divided(way, pen)
        return f"\\{self.tex}{{{top}}}{{{bottom}}}" if self.tex else f"{top}/{bottom}"

    def _divided(self, way: int, pen: Pen) -> tuple[int, int]:
        """By the gcd, all at once."""
        shared = gcd(self.top, self.bottom)
        if way == BY_GCD:
            pen.remark(WANTED)
            shared = euclid(pen, self.bottom, self.top)
        else:
            if way == BY_PRIMES:
                for number in (self.top, self.bottom):
                    product = powers(factorise(number))
                    pen.remark(("{number} = {product}",), listed=True, number=number, product=product)
            mistakes = sorted({shared // prime for prime in factorise(shared)})
            shared = pen.compute(f"gcd({self.top}, {self.bottom})", shared, "gcd", mistakes)
        if shared == 1:
            pen.remark(COPRIME)
            return self.top, self.bottom
        pen.remark(SHARED, d=shared)
        return _over(pen, self.top, self.bottom, shared)


def _cancelled(pen: Pen, top: int, bottom: int) -> tuple[int, int]:
    """A prime at a time; the last one may be overlooked."""
    for d in factorise(gcd(top, bottom)):
        pen.remark(CANCELLING, d=d, top=top, bottom=bottom)
        top, bottom = _over(pen, top, bottom, d)
    if not pen.steps:
        euclid(pen, bottom, top)
    pen.remark(STUCK, top=top, bottom=bottom)
    return top, bottom


def _over(pen: Pen, top: int, bottom: int, d: int) -> tuple[int, int]:
    said = [(number, [near for near in misreadings(number // d) if near]) for number in (top, bottom)]
    above, below = (pen.compute(f"{number} / {d}", number // d, "", near) for number, near in said)
    return above, below


def read(question: str) -> Fraction | None:
    """None also where a part is 0."""
    found = _QUESTION.search(question)
    if not found:
        return None
    top, bottom = int(found["top"] or found["over"]), int(found["bottom"] or found["under"])
    return Fraction(top, bottom, found["tex"] or "") if top and bottom else None
