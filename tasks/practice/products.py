"""products: factors multiplied."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from tasks.practice.worked import Pen, Worked
from tasks.wording import in_words

_QUESTION = re.compile(r"multiplication:\s+(-?\d+(?:\s*[*\u00d7]\s*-?\d+)*)\s*(?:[.=?](?!\d)|$)", re.M)

WAYS = tuple((order, sign) for sign in ("*", "\u00d7", "*") for order in ("high", "low", "running", "left"))
"""Which digits of a factor come first, and the sign that is written. `running` adds each product to those before it,
`left` takes the left factor apart instead of the right one."""

SPLITS = (
    "[I split|Splitting|Take apart] {b} [into|as] {parts}:",
    "{b} [is|means] {parts}, so[:| piece by piece:]",
    "[First|Now] {a} {x} {b}, [digit by digit|place by place|with {b} taken apart]:",
    "[For|To get] {a} {x} {b}[, I use {parts}|, one digit after the other]:",
    "{a} [goes with|times] each [part|digit] of {b}:",
)


@dataclass(frozen=True)
class Product(Worked):
    expression: str
    factors: tuple[int, ...]

    WAYS = len(WAYS)
    OPENINGS = (
        "[Let me|I'll|Let's] [work out|multiply out|compute] {expression}.",
        "[The|This] product has {k} factors[, from {first} to {last}|, {first} first|].",
        "[We need|To compute:|Given:|So:] {expression}.",
        "[Okay|Right|Alright], {expression}[ it is|, by hand|].",
        "[Long multiplication|Multiplying by parts|Partial products] [should|will] do.",
        "[No shortcut here|I see no shortcut|Nothing cancels], so [by hand|step by step].",
        "{first} [comes|is] first[ in the product|].",
        "[Roughly|As a first guess] the result has about {size} digits. [Now exactly|Exactly now|In detail].",
    )
    RECHECKS = (
        "[Running through|Going over|Repeating] [it|the steps] [again|once more]: {steps}. [Same|No change|As before].",
        "[Roughly|As an estimate][,|:] about {size} digits [are to be expected|make sense], and {last_step}"
        " [holds|looks right|fits].",
        "{steps}: [I see no slip|every line looks right|nothing to change].",
        "[The zeros|The places] [line up|are where they belong|all match][, and|;] {last_step} [checks|is right].",
        "[Last line|The end] again: {last_step}. [Good|Fine|Yes].",
    )
    GISTS = (
        "{expression} = {answer}",
        "[Multiplying|Multiplied] out, {expression} [comes to|is|gives] {answer}.",
        "[The|This] product [comes to|works out to|is] {answer}.",
        "[By|With|From] partial products, {expression} [is|makes] {answer}.",
        "[Taking|Doing] the {k} factors [in order|one by one] [gives|yields] {answer}.",
    )

    @property
    def difficulty(self) -> float:
        digits = [len(str(abs(factor))) for factor in self.factors]
        return min(1.0, (sum(digits) - 1) * min(sorted(digits)[:2]) / 45)

    @property
    def names(self) -> Mapping[str, object]:
        size = max(1, len(str(prod(map(abs, self.factors)))))
        first, last = self.factors[0], self.factors[-1]
        return {"expression": self.expression, "k": len(self.factors), "first": first, "last": last, "size": size}

    def solve(self, way: int, pen: Pen) -> str:
        """Sizes first: the sign is settled in words."""
        order, sign = WAYS[way]
        total, *rest = map(abs, self.factors)
        if not rest:
            return str(pen.compute("the only factor", self.factors[0]))
        for factor in rest:
            total = _times(pen, total, factor, order, sign)
        minus = sum(factor < 0 for factor in self.factors)
        if minus and total:
            odd = "[With {n} minus sign{s}[ in all|]|Because of {n} minus sign{s}] it is negative[.|: -{total}.]"
            even = "[The {n} minus signs|In pairs, the {n} minus signs] cancel[.|, so it stays {total}.]"
            pen.remark((odd if minus % 2 else even,), n=in_words(minus), s="s" * (minus > 1), total=total)
        return str(-total if minus % 2 else total)


def _times(pen: Pen, a: int, b: int, order: str, x: str) -> int:
    """`a * b`, by the digits of one of them where both have several."""
    if order == "left":
        a, b = b, a
    parts = [int(digit) * 10**place for place, digit in enumerate(reversed(str(b))) if digit != "0"]
    if len(parts) < 2 or a < 10:
        return pen.compute(f"{a} {x} {b}", a * b)
    if order != "low":
        parts.reverse()
    pen.remark(SPLITS, a=a, b=b, x=x, parts=" + ".join(map(str, parts)))
    terms = [pen.compute(f"{a} {x} {part}", a * part) for part in parts]
    if order != "running":
        return pen.compute(" + ".join(map(str, terms)), sum(terms))
    total, *more = terms
    for term in more:
        total = pen.compute(f"{total} + {term}", total + term)
    return total


def read(question: str) -> Product | None:
    found = _QUESTION.search(question)
    return Product(found[1], tuple(map(int, re.findall(r"-?\d+", found[1])))) if found else None
