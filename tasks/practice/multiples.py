"""lcm: the least common multiple of some numbers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd, lcm, prod
from types import MappingProxyType

from tasks.practice.divisors import euclid, powers
from tasks.practice.primes import factorise
from tasks.practice.worked import Pen, Worked, misreadings
from tasks.wording import in_words

_QUESTION = re.compile(r"(?:Least Common Multiple|LCM)\b[^:\n]*:\s*(\d+(?:,\s*\d+)+)(?!\d)", re.I)

BY_GCD, BY_PRIMES, BY_MULTIPLES = range(3)
MANY = 10
"""Multiples that nobody goes through one by one any more."""

PAIRS = (
    "[First|Take] {a} and {b}[:|, by way of their gcd:]",
    "[The gcd of|What divides both] {a} and {b} [comes first|first]:",
    "[For|With] {a} and {b}:",
)
NEXT_PAIRS = (
    "[Next|Now|Then] {a} [with|and] {b}:",
    "[On with|Carry on with|Continue with] {a} and {b}:",
    "[Bring|Bringing] in {b}:",
)
HIGHEST = (
    "[Highest powers|Each prime as often as it is needed|Taking the larger exponents]:",
    "[Now|Next] [every prime at its highest power|the largest power of each prime]:",
    "[All primes that occur|What any of them needs]:",
)
GOING_UP = (
    "[Multiples of|Going up by] {a}, [tested on|divided by] {b}:",
    "[When|Where|At which point] do the multiples of {a} [meet those of|hit a multiple of] {b}?",
    "[I go|Going] through {m}, {m2} and so on[, and divide by {b}|]:",
)


@dataclass(frozen=True)
class Multiple(Worked):
    numbers: tuple[int, ...]

    WAYS = 3
    FORMS = MappingProxyType(
        {
            "division": ("{what} = {value}", "{a} = {q} * {b} + {value}", "{a} / {b} leaves {value}"),
            "gcd": ("{what} = {value}", "{what} is {value}"),
            "test": ("{m} mod {b} = {value}", "{m}: remainder {value}", "{m} / {b} leaves {value}"),
        }
    )
    OPENINGS = (
        "[I need|We want|To find:] the least common multiple of {listed}.",
        "[Okay|Right|So|Alright], [the lcm of|a common multiple of] {listed}[.|, the smallest one.]",
        "[Let me|I'll|Let's] [find|work out] the smallest number that {listed} [divide|go into].",
        "{listed}: [where do their multiples meet|what is the first multiple they share]?",
        "[There are|We have|I see] {k} numbers[ to combine|]: {listed}.",
        "[The product|Multiplying them] would be {product}, [a common multiple but perhaps too large|at most that].",
        "[Certainly|At most] {product} would do[, maybe less|]; {largest} is the least it can be.",
    )
    RECHECKS = (
        "[Running through|Going over] [the steps|it] again: {steps}. [Same result|Nothing new|All as before].",
        "{answer} [is a multiple of|can be divided by] {listed}[, as far as I can see|, it seems|].",
        "[Is there a smaller one|Could a smaller one work]? {last_step}[, so no| says no].",
        "[Once more|Again]: {last_step}. [Good|Fine|Yes].",
        "{answer} is [not below|at least] {largest} and [not above|at most] {product}[, as it must be|: plausible].",
    )
    GISTS = (
        "[In short|Worked out|By hand]: lcm({listed}) = {answer}",
        "The least common multiple of {listed} [comes out as|comes to|works out to] {answer}.",
        "[The smallest|The first] number [that all of {listed} divide|divisible by {listed}] is {answer}.",
        "The multiples of {listed} [first meet|meet for the first time] at {answer}.",
    )

    @property
    def difficulty(self) -> float:
        return min(1.0, 0.1 + len(str(lcm(*self.numbers))) / 12 + 0.1 * (len(self.numbers) - 2))

    @property
    def names(self) -> Mapping[str, object]:
        listed = ", ".join(map(str, self.numbers))
        product, largest = prod(self.numbers), max(self.numbers)
        return {"listed": listed, "k": in_words(len(self.numbers)), "product": product, "largest": largest}

    def solve(self, way: int, pen: Pen) -> str:
        if way == BY_PRIMES:
            return str(_highest(pen, self.numbers))
        total, *rest = self.numbers
        for i, number in enumerate(rest):
            if way == BY_MULTIPLES and number and lcm(total, number) <= MANY * max(total, number):
                total = _going_up(pen, max(total, number), min(total, number))
            else:
                pen.remark(NEXT_PAIRS if i else PAIRS, a=total, b=number)
                total = _by_gcd(pen, total, number)
        return str(total)


def _by_gcd(pen: Pen, a: int, b: int) -> int:
    if max(a, b) > 200:
        shared = euclid(pen, a, b)
    else:
        shared = gcd(a, b)
        divisors = [d for d in range(1, a + 1) if d != shared and a % d == 0]
        shared = pen.compute(f"gcd({a}, {b})", shared, "gcd", divisors)
    if a % shared:
        a, b = b, a
    if shared == 1:
        return pen.compute(f"{a} * {b}", a * b)
    part = pen.compute(f"{a} / {shared}", a // shared)
    return pen.compute(f"{part} * {b}", part * b)


def _going_up(pen: Pen, a: int, b: int) -> int:
    """Multiples of `a` until `b` divides one; one that it does not divide may seem to fit, or the right one not."""
    pen.remark(GOING_UP, a=a, b=b, m=a, m2=2 * a)
    multiple = a
    while True:
        rest = multiple % b
        mistakes = [0] if rest else list(range(1, min(b, 10)))
        if pen.compute(f"{multiple} mod {b}", rest, "test", mistakes, m=multiple, b=b) == 0:
            return multiple
        multiple += a


def _highest(pen: Pen, numbers: Sequence[int]) -> int:
    """From the primes of each."""
    for number in dict.fromkeys(numbers):
        pen.remark(("{number} = {product}",), listed=True, number=number, product=powers(factorise(number)))
    pen.remark(HIGHEST)
    common = lcm(*numbers)
    lost = [common // prime for prime in set(factorise(common)) if common // prime > 1]
    return pen.compute(powers(factorise(common)), common, mistakes=[*sorted(lost), *misreadings(common)])


def read(question: str) -> Multiple | None:
    """None also where a number is 0."""
    found = _QUESTION.search(question)
    numbers = tuple(map(int, found[1].split(","))) if found else ()
    return Multiple(numbers) if numbers and all(numbers) else None
