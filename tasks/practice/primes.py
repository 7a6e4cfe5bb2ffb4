"""prime_factorization: a number taken apart into primes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from random import Random
from types import MappingProxyType

from tasks.practice.worked import Pen, Worked, misreadings
from tasks.wording import say

_QUESTION = re.compile(r"prime factori[sz]ation of (\d{1,6})(?![\d,.]*\d)", re.I)

EVERY_TEST, ONLY_HITS = range(2)
LONG = 1000
"""From here on the divisions that do not go are never told one by one."""

REST = (
    "[Now|So] {n} is prime.",
    "{n} is prime[, so this is the end|: done|].",
    "[What remains|What is left|The rest], {n}, is prime.",
    "[Nothing|No smaller prime] divides {n}.",
)
REST_TESTED = (
    "{n} is not divisible by {missed}[, so it is prime|: prime|].",
    "None of {missed} divides {n}[, and larger ones need not be tried|].",
    "[Tried on|Tests on] {n}: {missed}[, all in vain| all fail][; so it is prime|].",
)
COLLECTED = (
    "",
    "",
    "[So|Hence|Altogether]: {number} = {product}.",
    "[Collected|Put together]: {product}.",
    "[No prime is left to try|That is all of it].",
)
GISTS_PRIME = (
    "{number} is [a prime number|prime][ itself|, so it stands alone|].",
    "No smaller prime divides {number}[, which is therefore prime|].",
    "{answer} [has no other factors|cannot be split further].",
)


@dataclass(frozen=True)
class Number(Worked):
    number: int

    WAYS = 2
    FORMS = MappingProxyType(
        {
            "hit": (
                "{n} = {p} \u00d7 {value}",
                "{n} / {p} = {value}",
                "{n} ÷ {p} = {value}",
                "{p} divides {n}: {value} [is left|remains]",
                "{p} goes into {n}, leaving {value}",
                "{n} is {p} times {value}",
            ),
            "miss": (
                "{p} does not divide {n}",
                "{n} / {p} [is not whole|does not go]",
                "{n} mod {p} = {value}",
                "{p}? [No, {value} is left|{n} leaves {value}]",
            ),
            "unsaid": ("",),
            "only": ("{n} is prime itself",),
        }
    )
    OPENINGS = (
        "[I need|We want|To find:] the primes [whose product is|that make up] {number}.",
        "[Let me|I'll|Let's] [factor|split up|take apart] {number}[, smallest primes first| step by step|].",
        "[Okay|Right|So|Alright], {number}[.| it is.| has to be factored.]",
        "[Try|I try|Trying] [the primes|2, 3, 5 and so on] [in turn|one after the other] on {number}.",
        "{number} is {parity}[, to start with|].",
        "[Divide out|Dividing out] small primes [until nothing is left|as long as it goes|will do].",
        "[Which|What] primes divide {number}?",
    )
    RECHECKS = (
        "[Multiplying|Multiplied] back, {answer} [gives|makes] {number}[ again|, as far as I can tell|].",
        "[Every|Each] factor of {answer} [looks|is] prime[, and nothing is missing|, I believe|].",
        "[Going over|Repeating] the divisions[ once more|] [changes nothing|brings nothing new].",
        "[Did I miss a factor|Is a factor missing] in {answer}? [I don't see one|None that I can see|Apparently not].",
        "[Once more from the start|A second pass] over {number}: {answer}[. Fine|. Good|, the same].",
        "{answer} [has|uses] only primes[, doesn't it? Yes|; I see none that splits further].",
    )
    GISTS = (
        "{number} = {answer}",
        "The [number|integer] {number} [splits into|is the product] {answer}.",
        "[Dividing|Divided] by small primes, {number} [becomes|turns into|gives] {answer}.",
        "[The primes in {number}|Factored completely]: {answer}",
    )

    @property
    def difficulty(self) -> float:
        """Divisions to be tried, against those of 10,000."""
        tests = sum(is_prime(p) for p in range(2, int(self.number**0.5) + 1))
        return min(1.0, tests / 25)

    @property
    def names(self) -> Mapping[str, object]:
        return {"number": self.number, "parity": "odd" if self.number % 2 else "even"}

    def solve(self, way: int, pen: Pen) -> str:
        """Primes in turn, on what is left. A mistaken quotient may have small primes again."""
        told = way == EVERY_TEST and self.number < LONG
        rest, p, factors, missed = self.number, 2, [], list[int]()
        while p * p <= rest:
            if self._left(pen, rest, p, told):
                missed.append(p)
                p = next(q for q in range(p + 1, p + 120) if is_prime(q))
                continue
            factors.append(p)
            rest = pen.compute(
                f"{rest} / {p}", rest // p, "hit", [q for q in misreadings(rest // p) if q > 1], n=rest, p=p
            )
            smallest = factorise(rest)[0]
            if smallest < p:
                p, missed = smallest, []
        if not pen.steps:
            return str(pen.compute("the only factor", rest, "only", n=self.number))
        if missed and not told:
            pen.remark(REST_TESTED if len(missed) > 1 else REST_TESTED[:1], n=rest, missed=_listed(missed))
        else:
            pen.remark(REST, n=rest)
        product = " \u00d7 ".join(map(str, sorted([*factors, rest])))
        if factors:
            pen.remark(COLLECTED, product=product)
        return product

    def gist(self, rng: Random, answer: str) -> str:
        return say(rng, self.GISTS if "\u00d7" in answer else GISTS_PRIME, **self.names, answer=answer)

    def _left(self, pen: Pen, n: int, p: int, told: bool) -> int:
        """The remainder of `n / p`: one that is 0 may be missed, another taken for 0; hardly so for 2 and 5."""
        mistakes = list(range(1, p)) if n % p == 0 else [0]
        if p in (2, 5) and self.number >= 49:
            mistakes = []
        return pen.compute(f"{n} mod {p}", n % p, partial(_kind, told), mistakes, n=n, p=p)


def _kind(told: bool, remainder: int) -> str:
    return "miss" if told and remainder else "unsaid"


def _listed(numbers: Sequence[int]) -> str:
    """`2, 3 or 5`; of many the first and the last."""
    if len(numbers) > 8:
        return f"{numbers[0]}, {numbers[1]}, {numbers[2]} and so on up to {numbers[-1]}"
    *most, last = map(str, numbers)
    return f"{', '.join(most)} or {last}" if most else last


def is_prime(number: int) -> bool:
    return number > 1 and all(number % p for p in range(2, int(number**0.5) + 1))


@lru_cache(maxsize=4096)
def factorise(number: int) -> tuple[int, ...]:
    """The primes of a positive number, in ascending order; none of 1."""
    factors, p = [], 2
    while p * p <= number:
        while number % p == 0:
            factors.append(p)
            number //= p
        p += 1
    return (*factors, number) if number > 1 else tuple(factors)


def read(question: str) -> Number | None:
    found = _QUESTION.search(question)
    return Number(int(found[1])) if found and int(found[1]) > 1 else None
