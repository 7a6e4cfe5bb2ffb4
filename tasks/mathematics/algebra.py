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
from tasks.mathematics.latex import refuses, split_unit, to_latex

DIGITS = 60
TOLERANCE = sympy.Float("1e-40", DIGITS)
POINTS = 3
_IMAGINARY = re.compile(r"(?<![A-Za-z\\])i(?![A-Za-z])")
_NORMALIZE = NormalizationConfig(
    basic_latex=True, units=False, malformed_operators=True, nits=True, boxed="none", equations=False
)
_CONVERT = ConversionConfig(lowercase_symbols=False)


def decide(gold: str, answer: str) -> Reason:
    """EQUAL or NOT_EQUAL where that was shown, else why it was not. On some inputs this never returns."""
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
        return Reason.NOT_EQUAL
    said = {
        verify(a, b, timeout_seconds=None, raise_on_error=True) for a, b in ((expected, stated), (stated, expected))
    }
    if said == {True}:
        return Reason.EQUAL
    values = isinstance(expected, sympy.Expr) and isinstance(stated, sympy.Expr)
    return Reason.NOT_EQUAL if said == {False} and agreement is None and not values else Reason.UNDECIDED


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
    """Whether both have the same values, to `DIGITS` digits at `POINTS` points; None where they have none to compare.

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
        at = {symbol: sympy.Rational(sympy.prime(i + 1) + point, 7) for i, symbol in enumerate(symbols)}
        x, y = (_value(side, at) for side in (a, b))
        if x is None or y is None:
            return None
        if not _close(x, y):
            return False
    return True


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
