"""Formulas that answer three families of reasoning-gym, before and after the library's scorers evaluate them."""

import ast
import re
from typing import Any

import sympy

_NAMES = "asin|acos|atan|sinh|cosh|tanh|sin|cos|tan|sec|csc|cot|exp|log|ln|sqrt|pi|Abs"
_ALLOWED = re.compile(
    rf"(?:(?<![A-Za-z])(?:{_NAMES})(?![A-Za-z])|(?<![A-Za-z])[A-Za-z](?![A-Za-z])|\d\.\d|[0-9+*/^() -])*"
)
"""Functions by name, variables of one letter, no attributes and no strings."""
_COSTLY = re.compile(r"(?:\*\*|\^)\s*\(*\s*(?:\d{3}|\d+\s*\)*\s*(?:\*\*|\^))")
"""A power of three digits or a tower, which they would work out."""
_POINTS = (sympy.Rational(37, 100), sympy.Rational(-61, 50), sympy.Rational(173, 100))
_NEAR = 1e-9
EVALUATING = frozenset({"intermediate_integration", "polynomial_multiplication", "simple_integration"})
"""The families whose scorer is asked and evaluates the answer."""


def allowed(formula: str) -> bool:
    """Whether it is made of nothing but what a right answer needs, and its powers are not costly."""
    return bool(_ALLOWED.fullmatch(formula)) and not _COSTLY.search(formula)


def read_formula(formula: str) -> str | None:
    """In Python's spelling; None for what that cannot say, such as `3x` or `2(x + 1)`, and for a number called `e`."""
    formula = formula.replace("^", "**")
    try:
        nodes = list(ast.walk(ast.parse(formula, mode="eval")))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    functions = all(isinstance(name, ast.Name) and len(name.id) > 1 for name in called)
    return formula if functions and not any(isinstance(node, ast.Name) and node.id == "e" for node in nodes) else None


def may_be_right(dataset: str, formula: str, entry: dict[str, Any]) -> bool:
    """Whether it agrees with what was asked at a few points, though the scorer found no proof of it."""
    if dataset == "polynomial_multiplication":
        difference = sympy.parse_expr(formula) - sympy.parse_expr(entry["answer"])
    else:
        variable = sympy.Symbol(entry["metadata"]["variable"])
        names = {str(variable): variable, "C": sympy.Symbol("C")}
        stated, integrand = (sympy.parse_expr(one, names) for one in (formula, entry["metadata"]["integrand"]))
        difference = sympy.diff(stated, variable) - integrand
    values = [difference.evalf(subs=dict.fromkeys(difference.free_symbols, point)) for point in _POINTS]
    return all(value.is_number and abs(complex(value)) < _NEAR for value in values)
