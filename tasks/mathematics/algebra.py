"""Whether two answers are the same mathematics, by math-verify. Imported only in a process that can be killed.

math-verify takes 1/2004! for 1/2006! (it compares to 15 places), 1.0000001x for 1.0000002x (it rounds decimals),
2(3) for 5 (a mixed number) and an error that it swallowed for a difference. Hence: only text made of what is listed
here is parsed; decimals become fractions first; its True counts only in both argument orders; and where both
sides have a value, 60 digits of it must not contradict, and alone decide that they differ.
"""

import re

import sympy
from latex2sympy2_extended.latex2sympy2 import (
    ConversionConfig,
    NormalizationConfig,
    latex2sympy,
    normalize_latex,
)
from latex2sympy2_extended.sets import FiniteSet
from math_verify.grader import verify

from schemas.verdict import Reason
from tasks.mathematics.closed_form import compare_closed_forms, read_closed_form
from tasks.mathematics.latex import refuses, split_unit, to_latex
from tasks.mathematics.number import unwrap
from tasks.mathematics.relation import MIRRORED, Chain, compare_relations, has_relation

DIGITS = 60
TOLERANCE = sympy.Float("1e-40", DIGITS)
POINTS = 3
_IMAGINARY = re.compile(r"(?<![A-Za-z\\])i(?![A-Za-z])")
_ENGINEERS = re.compile(r"(?<![A-Za-z\\])j(?![A-Za-z])")
_IN_DEGREES = re.compile(r"(?:sin|cos|tan|cot|sec|csc)\s*(?:\(|\{|\\left)*\s*\d+(?![\d.]*\s*(?:\\pi|\^|°|[A-Za-z/\\]))")
"""A function of a bare number, which may be degrees."""
_LONE_UNIT = re.compile(r"(?<=\s)[msghlLNJWVAKCFT](?:\^\{?[23]\}?)?\s*$")
_CONSTANT = re.compile(r"[+-]\s*[CcKk]\s*$")
_NORMALIZE = NormalizationConfig(
    basic_latex=True, units=False, malformed_operators=True, nits=True, boxed="none", equations=False
)
_CONVERT = ConversionConfig(lowercase_symbols=False)


def decide(gold: str, answer: str) -> Reason:
    """Return EQUAL or NOT_EQUAL where that was shown, else why it was not. On some inputs this never returns.

    Relations are compared by their sides: math-verify takes any two true statements, and any two false ones, for equal.
    """
    gold, answer = _one_imaginary(unwrap(gold.strip()), unwrap(answer.strip()))
    if has_relation(gold) or has_relation(answer):
        return compare_relations(gold, answer, _decide_sides, _equivalent)
    return _decide_sides(gold, answer)


def _one_imaginary(gold: str, answer: str) -> tuple[str, str]:
    """`1+2j` as `1+2i` where the other side has `i`."""
    for one, other in ((gold, answer), (answer, gold)):
        if _ENGINEERS.search(one) and not _IMAGINARY.search(one) and _IMAGINARY.search(other):
            plain = _ENGINEERS.sub("i", one)
            return (plain, other) if one is gold else (other, plain)
    return gold, answer


def _decide_sides(gold: str, answer: str) -> Reason:
    """As `decide`, of two expressions."""
    expected, stated = read_closed_form(gold), read_closed_form(answer)
    found = compare_closed_forms(expected, stated) if expected and stated else None
    return found or _decide_expressions(gold, answer)


def _equivalent(gold: Chain, answer: Chain) -> Reason:
    """Whether one equation or inequality with variables is a multiple of the other."""
    read = [[to_latex(side) for side in chain.sides] for chain in (gold, answer)]
    if any(refuses(side) for sides in read for side in sides):
        return Reason.UNDECIDED
    (a, b), (c, d) = ([_parse(side, is_complex=False) for side in sides] for sides in read)
    if a is None or b is None or c is None or d is None:
        return Reason.UNDECIDED
    if not all(isinstance(side, sympy.Expr) for side in (a, b, c, d)):
        return Reason.UNDECIDED
    expected, stated = a - b, c - d
    variables = expected.free_symbols
    if not variables or variables != stated.free_symbols:
        return Reason.UNDECIDED
    ratio = _constant_ratio(expected, stated, sorted(variables, key=str))
    signs = gold.signs[0], answer.signs[0]
    if ratio is None or not ratio.is_real or ratio == 0:
        linear = all(side.is_polynomial() and sympy.Poly(side).total_degree() == 1 for side in (expected, stated))
        return Reason.NOT_EQUAL if linear and signs == ("=", "=") else Reason.UNDECIDED
    same = signs[1] if ratio > 0 else MIRRORED.get(signs[1], signs[1])
    return Reason.EQUAL if signs[0] == same else Reason.NOT_EQUAL


def _constant_ratio(a: sympy.Expr, b: sympy.Expr, variables: list[sympy.Symbol]) -> sympy.Expr | None:
    """The number that `a / b` is everywhere, shown by algebra; None where it is none, or was not shown to be."""
    points = [_at(variables, point) for point in range(POINTS)]
    sampled = [(a / b).xreplace(at).evalf(DIGITS) for at in points]
    if not all(value.is_number and value.is_finite and _close(value, sampled[0]) for value in sampled):
        return None
    exact = sympy.nsimplify((a / b).xreplace(points[0]))
    return exact if exact.is_number and sympy.simplify(a - exact * b) == 0 else None


def _decide_expressions(gold: str, answer: str) -> Reason:
    (gold, gold_unit), (answer, answer_unit) = split_unit(gold), split_unit(answer)
    if gold_unit and answer_unit and gold_unit != answer_unit:
        return Reason.UNIT_UNKNOWN
    gold, answer = to_latex(gold), to_latex(answer)
    if refuses(gold):
        return Reason.GOLD_REFUSED
    if refuses(answer):
        return Reason.ANSWER_REFUSED
    is_complex = any(_IMAGINARY.search(side) for side in (gold, answer))
    expected, stated = _parse(gold, is_complex), _parse(answer, is_complex)
    if expected is None:
        return Reason.GOLD_UNPARSABLE
    if stated is None:
        return Reason.ANSWER_UNPARSABLE
    agreement = agree(expected, stated)
    if agreement is False:
        return Reason.UNDECIDED if _may_be_meant(gold, answer) else Reason.NOT_EQUAL
    said = {
        verify(a, b, timeout_seconds=None, raise_on_error=True) for a, b in ((expected, stated), (stated, expected))
    }
    if said == {True}:
        return Reason.EQUAL
    plain = [side for side in (expected, stated) if not isinstance(side, sympy.MatrixBase)]
    if len(plain) == 1 and not isinstance(plain[0], sympy.Expr):
        return Reason.UNDECIDED  # a column and a list of its entries
    values = isinstance(expected, sympy.Expr) and isinstance(stated, sympy.Expr)
    return Reason.NOT_EQUAL if said == {False} and agreement is None and not values else Reason.UNDECIDED


def _may_be_meant(gold: str, answer: str) -> bool:
    """Decide whether a bare angle may be in degrees, a last letter may be a unit, or only the constant of integration
    differs, in letter or sign.
    """
    if _IN_DEGREES.search(gold) or _IN_DEGREES.search(answer):
        return True
    without = {_LONE_UNIT.sub("", side).replace(" ", "") for side in (gold, answer)}
    if len(without) == 1:
        return True
    left, right = (_CONSTANT.sub("", side) for side in (gold, answer))
    return left != gold and right != answer and left.replace(" ", "") == right.replace(" ", "")


def _parse(latex: str, is_complex: bool) -> sympy.Basic | sympy.MatrixBase | None:
    try:
        parsed = latex2sympy(
            normalize_latex(latex, _NORMALIZE),
            is_real=not is_complex,
            convert_degrees=True,
            normalization_config=None,
            conversion_config=_CONVERT,
        )
    except Exception:  # noqa: BLE001 - its parser raises bare Exception; the caller names what was not read
        return None
    if not isinstance(parsed, sympy.Basic | sympy.MatrixBase):
        return None
    imaginary = {symbol: sympy.I for symbol in parsed.free_symbols if symbol.name == "i"}
    return parsed.xreplace(imaginary) if is_complex else parsed


def agree(a: sympy.Basic | sympy.MatrixBase, b: sympy.Basic | sympy.MatrixBase) -> bool | None:
    """Return whether both have the same values, to `DIGITS` digits at `POINTS` points; None where they have none to
    compare.

    False shows that they differ. True is no proof.
    """
    match (a, b):
        case (sympy.MatrixBase(), sympy.MatrixBase()):
            return a.shape == b.shape and _all_agree(a.flat(), b.flat())
        case (sympy.FiniteSet(), sympy.FiniteSet()):
            return _sets_agree(list(a.args), list(b.args))
        case (sympy.Interval(), sympy.Interval()):
            same_ends = (a.left_open, a.right_open) == (b.left_open, b.right_open)
            return same_ends and _all_agree(_ordered(a), _ordered(b))
        case (sympy.Tuple() | sympy.Interval() | FiniteSet(), sympy.Tuple() | sympy.Interval() | FiniteSet()):
            return _all_agree(_ordered(a), _ordered(b))
        case (sympy.Expr(), sympy.Expr()):
            return _values_agree(a, b)
    return None


def _ordered(several: sympy.Basic) -> list[sympy.Basic]:
    """The parts as written: `(1, 2)` is parsed as an open interval, `1, 2` as a set."""
    if isinstance(several, sympy.Interval):
        return [several.start, several.end]
    return list(getattr(several, "_unsorted_args", several.args))


def _all_agree(left: list[sympy.Basic], right: list[sympy.Basic]) -> bool | None:
    if len(left) != len(right):
        return False
    parts = {agree(a, b) for a, b in zip(left, right, strict=True)}
    return False if False in parts else None if None in parts else True


def _sets_agree(left: list[sympy.Basic], right: list[sympy.Basic]) -> bool | None:
    """Each element has one in the other set that it may be equal to."""
    found = [[agree(a, b) for b in right] for a in left]
    if any(set(row) <= {False} for row in [*found, *zip(*found, strict=True)]):
        return False
    return None if any(None in row for row in found) else len(left) == len(right)


def _values_agree(a: sympy.Expr, b: sympy.Expr) -> bool | None:
    symbols = sorted(a.free_symbols | b.free_symbols, key=str)
    for point in range(POINTS):
        at = _at(symbols, point)
        x, y = (_value(side, at) for side in (a, b))
        if x is None or y is None:
            return None
        if not _close(x, y):
            return False
    return True


def _at(symbols: list[sympy.Symbol], point: int) -> dict[sympy.Symbol, sympy.Rational]:
    return {symbol: sympy.Rational(sympy.prime(3 * i + 5) + 10 * point, 103) for i, symbol in enumerate(symbols)}


def _value(expression: sympy.Expr, at: dict[sympy.Symbol, sympy.Rational]) -> sympy.Expr | None:
    value = expression.xreplace(at).evalf(DIGITS)
    return value if value.is_number and not value.has(sympy.nan, sympy.zoo) else None


def _close(x: sympy.Expr, y: sympy.Expr) -> bool:
    """The same to all but the last digits, real and imaginary part each; relative, for 1/2004! is a number too."""
    for u, v in zip(x.as_real_imag(), y.as_real_imag(), strict=True):
        u, v = _rounded(u), _rounded(v)
        if u != v and not (u.is_finite and v.is_finite and abs(u - v) <= max(abs(u), abs(v)) * TOLERANCE):
            return False
    return True


def _rounded(value: sympy.Expr) -> sympy.Expr:
    """Zero for what sympy left of a difference of equal terms: a Float without a single sure digit."""
    return sympy.S.Zero if isinstance(value, sympy.Float) and value._prec < 10 else value


split_unit("1 egg per hour, 2 xyzzies")  # loads units and lexicon now, not in the time of a request
