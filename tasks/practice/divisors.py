"""gcd: the greatest common divisor of some numbers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from math import gcd
from types import MappingProxyType

from tasks.practice.primes import factorise
from tasks.practice.worked import Pen, Worked, misreadings
from tasks.wording import in_words

_QUESTION = re.compile(r"(?:Greatest Common Divisor|GCD)\b[^:\n]*:\s*(\d+(?:,\s*\d+)+)(?!\d)", re.I)

EUCLID, EUCLID_LARGEST_FIRST, SHARED_PRIMES = range(3)

PAIRS = (
    "[Take|Now] {a} and {b}[:| first:]",
    "[The pair|For] {a} and {b}:",
    "[Euclid on|Dividing with remainder,] {a} and {b}:",
)
NEXT_PAIRS = (
    "[Next|Now|Then] {a} [with|and] {b}:",
    "[That leaves|Remaining:] {a} and {b}[.|:]",
    "[On with|Carry on with|Continue with] {a} and {b}:",
)
FACTORED = (
    "[What they share|The primes in all of them|Common to all]:",
    "[Now|Next] [the part that is common|what all of them contain]:",
    "[Keeping|Taking] each prime as often as [every number has it|it occurs everywhere]:",
)

DIVISIONS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "division": (
            "{what} = {value}",
            "{a} = {q} * {b} + {value}",
            "{a} = {q} \u00d7 {b} + {value}",
            "{a} / {b} leaves {value}",
            "{a} divided by {b} leaves a remainder of {value}",
            "{a} - {q} * {b} = {value}",
            "{a} ÷ {b} = {q}, remainder {value}",
        ),
        "gcd": ("[so |hence |]{what} = {value}", "{what} = {value}", "{what} is {value}"),
    }
)


@dataclass(frozen=True)
class Divisor(Worked):
    numbers: tuple[int, ...]

    WAYS = 3
    FORMS = DIVISIONS
    OPENINGS = (
        "[I need|We want|To find:] the greatest common divisor of {listed}.",
        "[Okay|Right|So|Alright], [the gcd of|what divides all of] {listed}[.|?]",
        "[Let me|I'll|Let's] [find|work out] the [largest|greatest] number that divides {listed}.",
        "{listed}: [which number divides each of them|what is the largest common factor]?",
        "[There are|We have|I see] {k} numbers[ to compare|]: {listed}.",
        "[Small numbers|Nothing huge], so [this|it] can be done by hand.",
        "[Which|What] divisors do {listed} [share|have in common]?",
    )
    RECHECKS = (
        "[Running through|Going over] [the steps|it] again: {steps}. [Same result|Nothing new|All as before].",
        "{answer} [divides|goes into] {listed}[, as far as I can see|, it seems|].",
        "[Is there a larger one|Could a larger one work]? {last_step}[, so no| says no].",
        "[Once more|Again]: {last_step}. [Good|Fine|Yes].",
        "[The order|The choice] of the numbers [makes no difference|does not matter][,| here,] and {last_step}"
        " [holds|is right].",
    )
    GISTS = (
        "[In short|Result of the divisions|By hand]: gcd({listed}) = {answer}",
        "The greatest common divisor of {listed} [comes out as|comes to|works out to] {answer}.",
        "[The largest|greatest] number [that divides|dividing] {listed} is {answer}.",
        "{listed} [share|have] {answer} as their greatest common [divisor|factor].",
    )

    @property
    def difficulty(self) -> float:
        return min(1.0, (len(self.numbers) - 1) * len(str(max(self.numbers))) / 10 + 0.05 * len(self.numbers))

    @property
    def names(self) -> Mapping[str, object]:
        return {"listed": _listed(self.numbers), "k": in_words(len(self.numbers))}

    def solve(self, way: int, pen: Pen) -> str:
        if way == SHARED_PRIMES:
            return str(_shared(pen, self.numbers))
        first, *rest = sorted(self.numbers, reverse=True) if way == EUCLID_LARGEST_FIRST else self.numbers
        for i, number in enumerate(rest):
            if len(rest) > 1:
                pen.remark(NEXT_PAIRS if i else PAIRS, a=first, b=number)
            first = euclid(pen, first, number)
        return str(first)


def euclid(pen: Pen, a: int, b: int) -> int:
    """The gcd of two numbers by division with remainder; what is left at the end may be mistaken for another one."""
    name, remainders = f"gcd({a}, {b})", [a, b]
    if a < b:
        a, b = b, a
    while b:
        mistakes = sorted(rest for rest in {*misreadings(a % b), 0, b - a % b} if a % b != rest < b)
        rest = pen.compute(f"{a} mod {b}", a % b, "division", mistakes, a=a, b=b, q=a // b)
        a, b = b, rest
        remainders.append(rest)
    last = remainders[-3:-1] if len(remainders) > 3 else remainders[:2]
    return pen.compute(name, a, "gcd", sorted({*last, 1} - {a, 0}) or [m for m in misreadings(a) if m])


def _shared(pen: Pen, numbers: Sequence[int]) -> int:
    """From the primes of each."""
    for number in dict.fromkeys(numbers):
        product = powers(factorise(number))
        pen.remark(("{number} = {product}",), listed=True, number=number, product=product)
    shared = reduce(gcd, numbers)
    primes = factorise(shared)
    others = {shared * prime for number in numbers for prime in factorise(number // shared)}
    mistakes = sorted({shared // prime for prime in primes} | {other for other in others if other <= min(numbers)})
    pen.remark(FACTORED)
    return pen.compute(f"gcd({_listed(numbers)})", shared, "gcd", mistakes or [shared + 1])


def powers(factors: Sequence[int]) -> str:
    """`2^3 * 5`; `1` of nothing."""
    counts = {factor: factors.count(factor) for factor in factors}
    return " * ".join(f"{factor}^{n}" if n > 1 else str(factor) for factor, n in counts.items()) or "1"


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def read(question: str) -> Divisor | None:
    """None also where a number is 0."""
    found = _QUESTION.search(question)
    numbers = tuple(map(int, found[1].split(","))) if found else ()
    return Divisor(numbers) if numbers and all(numbers) else None
