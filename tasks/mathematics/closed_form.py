"""The values of expressions without variables: exact where they can be, else enclosed to 50 digits, and compared.

A change here may change verdicts: raise the versions of the kinds that read it (`tasks.judging.verifiers`).
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import NamedTuple

from schemas.verdict import Reason
from tasks.mathematics.exact import MAX_BITS, Enclosure, Exact, TooMuch, intervals
from tasks.mathematics.expression import Node, Unread, read_expression
from tasks.mathematics.latex import split_unit
from tasks.mathematics.measure import units_agree

MAX_FACTORIAL = 2_500

_SETS = ("{}", ",")
_ROUND = ("()", ",")
_WITH_BRACKETS = frozenset(["()", "[]", "[)", "(]", "{}"])


_ZERO = Exact.of(0)


class RealNumber(NamedTuple):
    exact: Exact | None
    enclosure: Enclosure


class Infinite(NamedTuple):
    sign: int


class Several(NamedTuple):
    """Things in an order; of a set, a bare list or a union it does not matter."""

    brackets: str
    """As of `Node.text`."""
    parts: tuple["Value", ...]


Value = RealNumber | Infinite | Several


class ClosedForm(NamedTuple):
    name: str
    """The variable of `x = 3`; mostly empty."""
    value: Value
    unit: str

    def __str__(self) -> str:
        """One spelling for all texts with this value and unit, the name aside. Raises `TooMuch` for an inexact one."""
        return " ".join(filter(None, [_spelt(self.value), self.unit]))


def read_closed_form(text: str) -> ClosedForm | None:
    """Return what `text` is worth, with the unit after it; None where it has variables or is otherwise not read."""
    expression, unit = split_unit(text)
    try:
        name, node = read_expression(expression)
        return ClosedForm(name, evaluate(node), unit)
    except (Unread, TooMuch):
        return None


def compare_closed_forms(gold: ClosedForm, answer: ClosedForm) -> Reason | None:
    """Compare two closed forms. EQUAL and NOT_EQUAL are proofs; None leaves it to the algebra."""
    if gold.name and answer.name and gold.name != answer.name:
        return Reason.NOT_EQUAL
    if gold.unit and answer.unit and gold.unit != answer.unit:
        factor = units_agree(gold.unit, answer.unit)
        if isinstance(factor, Reason):
            return factor
        try:
            answer = answer._replace(value=_scaled(answer.value, factor))
        except TooMuch:
            return None
    found = compare(gold.value, answer.value)
    if found is Reason.NOT_EQUAL and {gold.unit, answer.unit} == {"", "degree"}:
        return compare(_in_radians(gold), _in_radians(answer))
    return found


def _in_radians(form: ClosedForm) -> Value:
    """The value of an angle in degrees by the measure that has no unit: 60 degrees are pi thirds."""
    if form.unit != "degree" or not isinstance(form.value, RealNumber) or form.value.exact is None:
        return form.value
    return _known(form.value.exact * Exact.constant("pi") * Exact.of(Fraction(1, 180)))


def evaluate(node: Node) -> Value:
    """Return the value of a closed form. Raises `TooMuch` where that is not worth the work, and `Unread` where there is
    none.
    """
    match node.operator:
        case "several":
            return Several(node.text, tuple(evaluate(part) for part in node.parts))
        case "base":
            return Several(node.text, (_known(Exact.of(node.number)),))
        case "constant" if node.text == "infty":
            return Infinite(1)
        case "-":
            value = evaluate(node.parts[0])
            if isinstance(value, Several):
                raise Unread("a sign before several things")
            return _scaled(value, Fraction(-1))
    values = [evaluate(part) for part in node.parts]
    numbers = [value for value in values if isinstance(value, RealNumber)]
    if len(numbers) < len(values):
        raise Unread(f"{node.operator} of something that is no number")
    exacts = [number.exact for number in numbers if number.exact is not None]
    try:
        if len(exacts) == len(numbers):
            return _known(_exactly(node, exacts))
    except TooMuch:
        if not numbers:
            raise
    return RealNumber(None, _enclosed(node, [number.enclosure for number in numbers]))


def _known(exact: Exact) -> RealNumber:
    return RealNumber(exact, exact.enclosure())


def _exactly(node: Node, parts: Sequence[Exact]) -> Exact:
    a, b, *_ = (*parts, _ZERO, _ZERO)
    match node.operator:
        case "number":
            return Exact.of(node.number)
        case "constant":
            return Exact.constant(node.text)
        case "+":
            return a + b
        case "*":
            return a * b
        case "/":
            return a / b
        case "%":
            return a / Exact.of(100)
        case "^" if b.rational is not None:
            return a.power(b.rational)
        case "root":
            return a.root(_natural(b, 64))
        case "!":
            return Exact.of(math.factorial(_natural(a, MAX_FACTORIAL)))
        case "binom":
            return Exact.of(math.comb(_natural(a, MAX_FACTORIAL), _natural(b, MAX_FACTORIAL)))
    raise TooMuch(node.operator)


def _natural(exact: Exact, limit: int) -> int:
    value = exact.rational
    if value is None or value.denominator != 1 or not 0 <= value <= limit:
        raise TooMuch(f"no whole number of at most {limit}")
    return int(value)


def _enclosed(node: Node, parts: Sequence[Enclosure]) -> Enclosure:
    """By interval arithmetic; real numbers only."""
    context = intervals()
    if any(part.imaginary != 0 for part in parts):
        raise TooMuch("digits of a complex number")
    reals = [part.real for part in parts]
    if node.operator in ("^", "root") and not (reals[0] > 0 and abs(reals[1]) < MAX_BITS):
        raise TooMuch("a root or power that may not be real")
    match node.operator, *reals:
        case "+", a, b:
            value = a + b
        case "*", a, b:
            value = a * b
        case "/", a, b if 0 not in b:
            value = a / b
        case "^", a, b:
            value = a**b
        case "root", a, b if 0 not in b:
            value = a ** (1 / b)
        case _:
            raise TooMuch(node.operator)
    return Enclosure(value, context.mpf(0))


def _scaled(value: Value, factor: Fraction) -> Value:
    match value:
        case RealNumber(exact=exact, enclosure=enclosure):
            if exact is not None:
                return _known(exact * Exact.of(factor))
            by = Exact.of(factor).enclosure().real
            return RealNumber(None, Enclosure(enclosure.real * by, enclosure.imaginary * by))
        case Infinite(sign=sign):
            return Infinite(sign if factor > 0 else -sign)
    return Several(value.brackets, tuple(_scaled(part, factor) for part in value.parts))


def compare(gold: Value, answer: Value) -> Reason | None:
    """Compare two values. EQUAL and NOT_EQUAL are proofs; None leaves it to the algebra."""
    match gold, answer:
        case RealNumber(), RealNumber():
            if gold.exact is not None and answer.exact is not None:
                if gold.exact == answer.exact:
                    return Reason.EQUAL
                if gold.exact.algebraic and answer.exact.algebraic:
                    return Reason.NOT_EQUAL
            apart = any(x.b < y.a or y.b < x.a for x, y in zip(gold.enclosure, answer.enclosure, strict=True))
            return Reason.NOT_EQUAL if apart else None
        case Infinite(), Infinite():
            return Reason.EQUAL if gold == answer else Reason.NOT_EQUAL
        case (RealNumber(), Infinite()) | (Infinite(), RealNumber()):
            return Reason.NOT_EQUAL
        case Several(), Several():
            return _compare_several(gold, answer)
        case (Several(), _) | (_, Several()):
            several = gold if isinstance(gold, Several) else answer
            assert isinstance(several, Several)
            # `{5}` may be meant as 5, and nobody knows what `1, 1` is
            if several.brackets not in ("{}", ",", "()"):
                return None
            if not several.parts or any(compare(x, y) is Reason.NOT_EQUAL for x, y in product(several.parts, repeat=2)):
                return Reason.NOT_EQUAL
            return Reason.UNDECIDED if several.brackets == "," else None
    return None


def _compare_several(a: Several, b: Several) -> Reason | None:
    kinds = {a.brackets, b.brackets}
    if kinds == {":"}:
        return _compare_ratios(a, b)
    if kinds <= set(_SETS):
        found = _in_any_order(a, b)
        listed_twice = "," in kinds and len(a.parts) != len(b.parts)
        return Reason.UNDECIDED if found is Reason.EQUAL and listed_twice else found
    if kinds == {"u"}:  # [0,1] and [1,2] together are [0,2]
        return Reason.EQUAL if _in_any_order(a, b) is Reason.EQUAL else None
    if kinds == set(_ROUND):
        reordered = _in_order(a, b) is Reason.NOT_EQUAL and _in_any_order(a, b) is Reason.EQUAL
        return None if reordered else _in_order(a, b)
    if len(kinds) == 1:
        return _in_order(a, b)
    if kinds == {"()", "{}"} and _in_order(a, b) is Reason.EQUAL:  # braces do not print
        return Reason.UNDECIDED
    return Reason.NOT_EQUAL if kinds <= _WITH_BRACKETS else None


def _compare_ratios(a: Several, b: Several) -> Reason | None:
    """3:2 and 6:4 may be the same or not; 12:30 and 12:31 are not."""
    if len(a.parts) != len(b.parts):
        return None
    if _in_order(a, b) is Reason.EQUAL:
        return Reason.EQUAL
    exacts = [part.exact for part in (*a.parts, *b.parts) if isinstance(part, RealNumber) and part.exact is not None]
    proportional = len(exacts) != 4 or (exacts[0] * exacts[3] == exacts[1] * exacts[2] and all(e.terms for e in exacts))
    return None if proportional else Reason.NOT_EQUAL


def _in_order(a: Several, b: Several) -> Reason | None:
    if len(a.parts) != len(b.parts):
        return Reason.NOT_EQUAL
    found = {compare(x, y) for x, y in zip(a.parts, b.parts, strict=True)}
    return Reason.NOT_EQUAL if Reason.NOT_EQUAL in found else None if found - {Reason.EQUAL} else Reason.EQUAL


def _in_any_order(a: Several, b: Several) -> Reason | None:
    """Each part has an equal one on the other side."""
    rows = [[compare(x, y) for y in b.parts] for x in a.parts]
    rows += [[compare(x, y) for x in a.parts] for y in b.parts]
    if any(set(row) <= {Reason.NOT_EQUAL} for row in rows):
        return Reason.NOT_EQUAL
    return Reason.EQUAL if all(Reason.EQUAL in row for row in rows) else None


def _spelt(value: Value) -> str:
    match value:
        case RealNumber(exact=None):
            raise TooMuch("no exact value")
        case RealNumber(exact=exact):
            return str(exact)
        case Infinite(sign=sign):
            return "infinity" if sign > 0 else "-infinity"
    parts = [_spelt(part) for part in value.parts]
    if value.brackets in _SETS:
        return f"{{{', '.join(sorted(set(parts)))}}}"
    if value.brackets == "u":
        return " u ".join(sorted(parts))
    return f"{value.brackets} {', '.join(parts)}"
