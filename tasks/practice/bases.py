"""base_conversion: a number in one base, wanted in another; through decimal, as people do it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from types import MappingProxyType

from tasks.practice.worked import Pen, Worked

_NAME = r"(binary|octal|decimal|hexadecimal|base-\d+)"
_QUESTION = re.compile(rf"convert the {_NAME} number ([0-9a-z]+) to {_NAME}", re.I)
_NAMED = MappingProxyType({"binary": 2, "octal": 8, "decimal": 10, "hexadecimal": 16})
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

WAYS = tuple(product(("powers", "horner"), ("division", "greedy")))
"""How the number is read, how it is written in the other base."""

READING = (
    "[First|To begin with] [into decimal|the value]:",
    "[In decimal|The value of] {digits}:",
    "[Reading|I read] {digits} [in base {source_base}|as {source}]:",
    "[Base {source_base}|{digits} in base {source_base}], [from the left|most significant digit first]:",
)
READING_BINARY = ("[Add up|Adding] the powers of two:", "[The ones stand for|Each 1 counts]:", *READING)
WRITING = (
    "[Now|Next,|Then] {n} [into|in|to] {target}[, by repeated division|, dividing by {target_base} again and again|]:",
    "[Repeated division|Dividing] by {target_base}[ gives the digits|, starting from {n}|]:",
    "[The remainders of|Remainders for] {n} by {target_base}:",
)
FITTING = (
    "[Now|Next,|Then] {n} in powers of {target_base}[, largest first|]:",
    "How often do the powers of {target_base} [fit|go] into {n}?",
    "[Taking|Subtracting] powers of {target_base} from {n}[, highest first|]:",
)
COLLECTED = {
    "division": (
        "[Reading|Read] the remainders [from bottom to top|backwards|from last to first][: {written}|].",
        "[From the last remainder|Backwards]: {values}.",
        "[The last remainder|What comes out last] is the leading digit.",
    ),
    "greedy": (
        "[The digits are|Digits:|In order:] {values}.",
        "[Put together|Side by side]: {written}.",
        "[Those are the digits|These multiples are the digits][, left to right|].",
    ),
}
LETTERS = (
    "[Digits above 9|Large digits] [become|are] letters: {letters}.",
    "[With|Writing] {letters}.",
    "[Letters|As letters]: {letters}.",
)


@dataclass(frozen=True)
class Conversion(Worked):
    digits: str
    source: str
    """The names of the bases, as the question says them."""
    target: str

    WAYS = len(WAYS)
    FORMS = MappingProxyType(
        {
            "term": ("{what} = {value}", "{what} = {value}", "{what} gives {value}", "{digit} → {what} = {value}"),
            "horner": ("{what} = {value}", "{what} → {value}", "{what} = {value} ({digit} read)"),
            "remainder": (
                "{n} = {q} * {b} + {value}",
                "{n} / {b} = {q} remainder {value}",
                "{n} ÷ {b} = {q}, remainder {value}",
                "{n} mod {b} = {value}, {q} left",
                "{n} divided by {b} is {q} and leaves {value}",
                "{n} → {q}, remainder {value}",
            ),
            "multiple": (
                "{p} fits {value}\u00d7 into {n}, [leaving|rest] {rest}",
                "{n} / {p}: {value}, [with |]{rest} left",
                "{value} \u00d7 {p}, {rest} [left|remains]",
                "{n} = {value} * {p} + {rest}",
            ),
        }
    )
    OPENINGS = (
        "[I need|We want|The task is] {digits} [from {source} in {target}|rewritten in {target}].",
        "[Okay|Right|So|Alright], {digits} is [given in {source}|a {source} number][ and must become {target}|].",
        "[Let me|I'll|Let's] [convert|translate] {digits} [to {target}|step by step|from {source} to {target}].",
        "[From|Converting from] {source} to {target}: {digits}.",
        "{digits} has {k} digit{plural}[ in {source}|].",
        "[Source|From]: base {source_base}[,|;] [target|to]: base {target_base}.",
        "[Decimal is the way between|I go by way of decimal|Through decimal, as usual].",
    )
    RECHECKS = (
        "[Running through|Going over] [the steps|it] again: {steps}. [Same|Nothing new|All as before].",
        "[Once more|Again]: {last_step}. [Good|Fine|Yes].",
        "[No digit of|Nothing in] {answer} [reaches|is as large as] {target_base}[, as it must be|: allowed|].",
        "[The length|The size] of {answer} [is plausible|fits][, and {last_step}|; nothing looks off].",
        "[Converting back|Back again], {answer} [gives|becomes] {digits}[, as far as I can tell|, it seems|].",
    )
    GISTS = (
        "{digits} in {source} is {answer} in {target}.",
        "[Converted|Rewritten|Translated] to {target}, {digits} [becomes|reads|turns into] {answer}.",
        "The {source} number {digits} [equals|is the same as] {answer} in {target}.",
        "[Going|Passing] through decimal, {digits} [comes out as|becomes] {answer}.",
    )

    @property
    def difficulty(self) -> float:
        """Steps down and up again."""
        return min(1.0, (len(self.digits) + len(self.answer)) / 25 + 0.2 * (10 not in self._bases))

    @property
    def names(self) -> Mapping[str, object]:
        source_base, target_base = self._bases
        bases = {"source_base": source_base, "target_base": target_base, "source": self.source, "target": self.target}
        return {**bases, "digits": self.digits, "k": len(self.digits), "plural": "s" * (len(self.digits) > 1)}

    @property
    def _bases(self) -> tuple[int, int]:
        return _base(self.source), _base(self.target)

    def solve(self, way: int, pen: Pen) -> str:
        source, target = self._bases
        read_by, written_by = WAYS[way]
        value = int(self.digits, source)
        if source != 10:
            pen.remark(READING_BINARY if source == 2 and read_by == "powers" else READING)
            value = _powers(pen, self.digits, source) if read_by == "powers" else _horner(pen, self.digits, source)
        if target == 10:
            return str(value)
        pen.remark(WRITING if written_by == "division" else FITTING, n=value)
        digits = _divided(pen, value, target) if written_by == "division" else _fitted(pen, value, target)
        text = "".join(DIGITS[digit] for digit in digits)
        pen.remark(COLLECTED[written_by], written=text, values=", ".join(map(str, digits)))
        if large := sorted({digit for digit in digits if digit > 9}):
            pen.remark(LETTERS, letters=", ".join(f"{digit} = {DIGITS[digit]}" for digit in large))
        return text


def _base(name: str) -> int:
    return _NAMED.get(name) or int(name.removeprefix("base-"))


def _powers(pen: Pen, digits: str, base: int) -> int:
    """Each digit times its power, then the sum."""
    places = range(len(digits) - 1, -1, -1)
    pairs = [(digit, place) for digit, place in zip(digits, places, strict=True) if digit != "0"] or [("0", 0)]
    terms: list[int] = []
    for digit, place in pairs:
        value = int(digit, base)
        sure: list[int] | None = [] if not place and len(pairs) > 1 else None  # nobody errs on `5 * 1`
        terms.append(pen.compute(f"{value} * {base**place}", value * base**place, "term", sure, digit=digit))
    return pen.compute(" + ".join(map(str, terms)), sum(terms)) if len(terms) > 1 else terms[0]


def _horner(pen: Pen, digits: str, base: int) -> int:
    """Times the base, plus the next digit."""
    if len(digits) == 1:
        return _powers(pen, digits, base)

    def on(value: int, digit: str) -> int:
        added = int(digit, base)
        return pen.compute(f"{value} * {base} + {added}", value * base + added, "horner", digit=digit)

    return reduce(on, digits[1:], int(digits[0], base))


def _divided(pen: Pen, value: int, base: int) -> Sequence[int]:
    digits: list[int] = []
    while value or not digits:
        rest = value % base
        names = {"n": value, "b": base, "q": value // base}
        digits.append(pen.compute(f"{value} mod {base}", rest, "remainder", _near(rest, base), **names))
        value //= base
    return digits[::-1]


def _fitted(pen: Pen, value: int, base: int) -> Sequence[int]:
    power = 1
    while power * base <= value:
        power *= base
    digits: list[int] = []
    while power:
        digit, rest = divmod(value, power)
        near = [other for other in _near(digit, base) if other or digits]
        names = {"n": value, "p": power, "rest": rest}
        digits.append(pen.compute(f"{value} // {power}", digit, "multiple", near, **names))
        value, power = rest, power // base
    return digits


def _near(digit: int, base: int) -> Sequence[int]:
    """Digits that it may be mistaken for."""
    return [other for other in range(digit - 2, digit + 3) if 0 <= other < base and other != digit]


def read(question: str) -> Conversion | None:
    found = _QUESTION.search(question)
    if not found:
        return None
    source, digits, target = (part.lower() for part in found.groups())
    bases = (_base(source), _base(target))
    known = all(2 <= base <= 36 for base in bases) and all(DIGITS.index(digit) < bases[0] for digit in digits)
    return Conversion(digits, source, target) if known and bases[0] != bases[1] else None
